"""A module that imports what another one lists."""

from unread.lists import *  # noqa: F403


def given():
    return GIVEN  # noqa: F405
