"""A switch, and a number without a reader."""

OFF = 0  # switches off what the other file switches off as well
spare = 31  # silent
