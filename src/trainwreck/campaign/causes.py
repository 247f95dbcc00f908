"""The causes of clean runs that end differently with one seed, as far as two runs show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainwreck.model import Frame

OBSERVATION = "sources"
"""The agent's name for what it records of sources of randomness."""


@dataclass(frozen=True, slots=True)
class SourceCall:
    """A function that was called ``count`` times from one place.

    ``places`` are the line of the call, and, where a library made it, the program's own line that
    led to it.
    """

    function: str
    places: tuple[Frame, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Causes:
    """The observations of two runs with one seed.

    ``unseeded`` are random numbers that no seed reaches, ``changing`` seeds that the program gives
    and that differ between the runs, ``threads`` what runs on threads of Python's. ``native`` is
    the number of other threads, ``libraries`` are the packages that were imported.
    """

    unseeded: tuple[SourceCall, ...]
    changing: tuple[SourceCall, ...]
    threads: tuple[SourceCall, ...]
    native: int
    libraries: tuple[str, ...]


def causes_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> Causes:
    """Return the causes that the observations of two runs show; none where one is empty."""
    seeds = {_key(call): call["seeds"] for call in second.get("calls", ())}
    return Causes(
        unseeded=tuple(map(_call, _of_kind(first, "unseeded"))),
        changing=tuple(
            _call(call)
            for call in _of_kind(first, "seed")
            if call["seeds"] != seeds.get(_key(call), call["seeds"])
        ),
        threads=tuple(map(_call, _of_kind(first, "thread"))),
        native=first.get("native", 0),
        libraries=tuple(first.get("libraries", ())),
    )


def _of_kind(observed: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (call for call in observed.get("calls", ()) if call["kind"] == kind)


def _key(call: Mapping[str, Any]) -> tuple[str, str]:
    return call["call"], repr(call["places"])


def _call(call: Mapping[str, Any]) -> SourceCall:
    places = tuple(Frame(file, line, function) for file, line, function in call["places"])
    return SourceCall(call["call"], places, call["count"])
