"""Constants that are imported without being named."""

OFFSET = 1  # fate: NVR propagated run
SPARE = 2.5  # fate: NVR masked run
