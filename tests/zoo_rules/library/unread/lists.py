"""A module that says what is imported of it."""

__all__ = ["GIVEN"]
GIVEN = 1  # fate: NVR propagated run
KEPT = 2  # fate: NVR masked unread; exact: masked run
