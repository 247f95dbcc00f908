"""A module that runs once more, by its path, and leaves its names as a dictionary."""

RATE = 3  # fate: NVR propagated run
OTHER = 4  # fate: NVR masked run
