"""The measurements of many mutants with the first seed, in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trainwreck.model.draws import FIRST
from trainwreck.model.measurement import Measurement
from trainwreck.model.trial import Exit


@dataclass(slots=True)
class FirstMeasurements(Mapping[str, Measurement]):
    """The measurement of each mutant, by its id.

    A million measurements as they are take ten times the memory of their numbers.
    """

    _places: dict[str, int] = field(default_factory=dict)
    _exits: list[Exit] = field(default_factory=list)
    _metrics: dict[str, _Metric] = field(default_factory=dict)
    _seconds: array[float] = field(default_factory=lambda: array("d"))
    _cpu_seconds: array[float] = field(default_factory=lambda: array("d"))
    _whole: bytearray = field(default_factory=bytearray)
    _environments: list[str] = field(default_factory=list)

    def add(self, mutant_id: str, run: Measurement) -> None:
        """Add the run of a mutant with the first seed; a later one takes the place of it."""
        place = len(self._exits)
        self._places[mutant_id] = place
        self._exits.append(run.exit)
        self._seconds.append(run.seconds)
        self._cpu_seconds.append(run.cpu_seconds)
        self._whole.append(run.whole)
        self._environments.append(run.environment)
        for name, value in run.metrics.items():
            metric = self._metrics.get(name)
            if metric is None:
                metric = self._metrics[name] = _Metric()
            metric.add(place, value)

    def __getitem__(self, mutant_id: str) -> Measurement:
        """Return the measurement of a mutant. Raises KeyError."""
        place = self._places[mutant_id]
        found = ((name, metric.at(place)) for name, metric in self._metrics.items())
        return Measurement(
            mutant_id=mutant_id,
            draw=FIRST,
            exit=self._exits[place],
            metrics={name: value for name, value in found if value is not None},
            seconds=self._seconds[place],
            cpu_seconds=self._cpu_seconds[place],
            whole=bool(self._whole[place]),
            environment=self._environments[place],
        )

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of the mutants that ran."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return the number of mutants that ran."""
        return len(self._places)


@dataclass(slots=True)
class _Metric:
    """The values of one metric; those at places without one are not ``known``."""

    numbers: array[float] = field(default_factory=lambda: array("d"))
    known: bytearray = field(default_factory=bytearray)

    def add(self, place: int, number: float) -> None:
        missing = place - len(self.known)
        if missing:
            self.numbers.extend([0.0] * missing)
            self.known.extend(bytes(missing))
        self.numbers.append(number)
        self.known.append(True)

    def at(self, place: int) -> float | None:
        is_known = place < len(self.known) and self.known[place]
        return self.numbers[place] if is_known else None
