"""A module of the program that a hostile one rewrites."""

STEPS = 3
