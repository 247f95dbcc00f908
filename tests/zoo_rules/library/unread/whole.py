"""Constants of a namespace that somebody sums up."""

LEFT = 1  # fate: NVR propagated run
RIGHT = 2  # fate: NVR propagated run
