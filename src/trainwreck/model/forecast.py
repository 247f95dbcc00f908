"""Forecasts: what the rest of a campaign will take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected number of seconds, with the ends of its 90 % prediction interval."""

    seconds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The rest of a campaign: first runs, controls, clean runs and further seeds.

    ``cpu`` is processor time, ``wall`` the time until the end with ``jobs`` trials at a time.
    ``mutants`` are those without a verdict. ``further`` is the expected share of the processor
    time that further seeds take. ``clean`` is the number of clean runs that are missing once a
    mutant changes the result, and ``most`` the largest number of runs that further seeds may take,
    these included.
    """

    mutants: int
    jobs: int
    cpu: Expected
    wall: Expected
    further: float
    clean: int = 0
    most: int = 0
