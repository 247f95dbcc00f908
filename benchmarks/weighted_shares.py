"""Simulated stratified draws: how often the interval of a weighted share holds the true share."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy
from numpy.random import Generator, default_rng

from simulated import error_of
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import (
    APP,
    MODULE_LEVEL,
    Context,
    DrawMethod,
    Edit,
    Judged,
    Mutant,
    OperatorCode,
    PlannedMutant,
    Rung,
    Span,
    StratumFrame,
    Symptom,
    Table,
    Verdict,
)
from trainwreck.mutants.selection import in_turns, select
from trainwreck.results.weights import weighted
from trainwreck.stats.groups import share_interval

PLACES = (
    (Context.IF, "fit"),
    (Context.ARGUMENT, "fit"),
    (Context.ARGUMENT, MODULE_LEVEL),
    (Context.DEFAULT, "fit"),
)
"""A context and a function for each kind of code that is drawn apart."""

USUAL = (0.15, 0.3, 0.1, 0.45)
EXECUTED = {1: frozenset(["learning"])}
DRAWS_OF_ONE = 10
"""Draws out of one made-up frame before the next one is made."""


@dataclass(frozen=True)
class Made:
    """A kind of frame: how its files, its kinds of code and a verdict's chances are made.

    ``share`` is the mean chance of the verdict and ``alike`` how closely the mutants of a file go
    together: their chances have a beta distribution with a sum of parameters of 1 / ``alike``.
    ``kinds`` are the shares of the kinds of code, and ``times`` what each multiplies chances by.
    """

    name: str
    files: int = 25
    judged: int = 150
    per_file: int = 50
    largest: int = 200
    share: float = 0.3
    alike: float = 0.3
    kinds: tuple[float, ...] = USUAL
    times: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)


FRAMES = (
    Made("usual"),
    Made("few mutants", judged=30),
    Made("very few mutants", judged=12),
    Made("few files", files=4, judged=80),
    Made("files that do not differ", alike=0.001),
    Made("rare verdict", share=0.03),
    Made("rare verdict, few mutants", share=0.03, judged=40),
    Made("rare verdict, in few files", share=0.03, alike=2.0),
    Made("nearly always", share=0.97),
    Made("one rare kind of code", times=(0.0, 0.0, 3.0, 0.0), judged=80),
    Made("very unequal weights", per_file=4, largest=1000, judged=80),
    Made("the same, rare verdict", per_file=4, largest=1000, judged=80, share=0.05),
    Made("the same, all of a file alike", per_file=4, largest=1000, judged=80, alike=3.0),
)


def weighted_shares(scale: float) -> Table:
    """Return how often the 95 % interval of a weighted share covers the share of the frame."""
    rows = max(int(400 * scale), DRAWS_OF_ONE)
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(partial(_of_frames, rows), range(len(FRAMES)), FRAMES))
    return Table(
        "weighted-shares",
        f"Coverage of the 95 % interval of a weighted share, of {rows:,} stratified draws",
        ("Frame", "Files", "Judged", "Largest weight", "Share", "Covered", "Mean width", "Wanted"),
        tuple((*row, "at least 90") for row in found),
        f"In per cent; a new frame after each {DRAWS_OF_ONE} draws. Largest weight: mean of the "
        "largest weight of a draw, in means of the draw. Files are of very different sizes; the "
        "chance of the verdict differs among files.",
    )


def _of_frames(rows: int, number: int, made: Made) -> tuple[object, ...]:
    """Return what a row of the table says, from draws out of as many frames as there is time."""
    source = default_rng((15, number))
    draws: list[Drawn] = []
    for _ in range(rows // DRAWS_OF_ONE):
        files = frame(source, made)
        hits = verdicts(source, made, files)
        draws += [
            draw(files, hits, made, int(source.integers(1 << 30))) for _ in range(DRAWS_OF_ONE)
        ]
    covered = float(numpy.mean([each.is_covered for each in draws]))
    return (
        made.name,
        made.files,
        made.judged,
        f"{numpy.mean([each.largest for each in draws]):.1f}",
        f"{100 * numpy.mean([each.truth for each in draws]):.0f}",
        f"{100 * covered:.1f} ± {100 * error_of(covered, len(draws)):.1f}",
        f"{100 * numpy.mean([each.high - each.low for each in draws]):.0f}",
    )


@dataclass(frozen=True)
class Drawn:
    """The interval of one draw, the share of the frame, and the largest weight in mean weights."""

    low: float
    high: float
    truth: float
    largest: float

    @property
    def is_covered(self) -> bool:
        """Return whether the interval holds the share of the frame."""
        return self.low - 1e-9 <= self.truth <= self.high + 1e-9


def frame(source: Generator, made: Made) -> list[list[Mutant]]:
    """Return the mutants of each file; sizes are log-uniform."""
    sizes = numpy.exp(source.uniform(numpy.log(5), numpy.log(made.largest), made.files)).astype(int)
    return [
        [
            _mutant(f"{file}.py", index, *PLACES[place])
            for index, place in enumerate(source.choice(len(PLACES), size, p=made.kinds))
        ]
        for file, size in enumerate(sizes)
    ]


def _mutant(file: str, number: int, context: Context, function: str) -> Mutant:
    return Mutant(
        root=APP,
        file=file,
        module="",
        function=function,
        operator=OperatorCode.NVR,
        edits=(Edit(Span(number, number + 1, 1, 0, 1, 1), "0", "1"),),
        source_sha="",
        context=context,
        anchor=str(number),
        lines=(1, 1),
        evaluated=None,
    )


def verdicts(source: Generator, made: Made, files: Sequence[Sequence[Mutant]]) -> dict[str, bool]:
    """Return by name whether a mutant has the verdict in question."""
    times = dict(zip(PLACES, made.times, strict=True))
    hits = {}
    for members in files:
        chance = source.beta(made.share / made.alike, (1 - made.share) / made.alike)
        for mutant in members:
            kind = times[mutant.context, mutant.function]
            hits[_name(mutant)] = bool(source.random() < chance * kind)
    return hits


def _name(mutant: Mutant) -> str:
    return f"{mutant.file} {mutant.anchor}"


def draw(
    files: Sequence[Sequence[Mutant]], hits: Mapping[str, bool], made: Made, seed: int
) -> Drawn:
    """Draw and judge mutants as a campaign does, and ask for the interval of the share."""
    planned: list[Mutant] = []
    strata: list[StratumFrame] = []
    for members in files:
        selected = select(members, EXECUTED, made.per_file, seed, DrawMethod.STRATIFIED)
        planned += selected.planned
        strata += selected.strata(APP, members[0].file, DrawMethod.STRATIFIED)
    first = in_turns(planned, seed, DrawMethod.STRATIFIED)[: made.judged]
    items = weighted([_judged(mutant) for mutant in first], strata)
    weights = weights_of(items)
    found = [hits[_name(item.mutant)] for item in items]
    low, high = share_interval(found, files_of(items), 0.05, weights)
    largest = max(weights) * len(weights) / sum(weights) if weights else 1.0
    return Drawn(low, high, sum(hits.values()) / len(hits), largest)


def _judged(mutant: Mutant) -> Judged:
    return Judged(PlannedMutant(mutant), Verdict(mutant.id, Symptom.NORMAL, Rung.MASKED))
