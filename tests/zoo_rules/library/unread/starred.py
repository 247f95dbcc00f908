"""A module that has what another one has, and more."""

from unread.stars import *  # noqa: F403

OWN = 4  # fate: NVR masked run (what the star brings is not known)


def total():
    return OFFSET + len(__name__)  # noqa: F405
