"""Containment: what the program of a trial can write and reach."""

from enum import StrEnum


class Level(StrEnum):
    """How far a trial is kept from everything else on the machine.

    ``STRICT`` lets it write only what is its own. ``COPY`` gives it copies of all that belongs to
    the program, and cannot stop it from writing elsewhere. ``NONE`` shares large files.
    """

    STRICT = "strict"
    COPY = "copy"
    NONE = "none"
