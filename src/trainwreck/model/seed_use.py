"""The use that a program makes of the seed, as its clean runs show it."""

from enum import StrEnum


class SeedUse(StrEnum):
    """The dependence of a program's results on the seed.

    It is unknown where only one seed has run, or where clean runs with one seed differ as well.
    """

    USED = "used"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
