"""Constants that other modules read, by their names."""

COPIED = 1  # fate: NVR propagated run
DIRECT = 2  # fate: NVR propagated run
COMPUTED = 3  # fate: NVR propagated run
OTHER = 4  # fate: NVR masked unread; exact: masked run
