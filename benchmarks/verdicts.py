"""How often verdicts over runs are right: ``python benchmarks/verdicts.py [NAME …] [--out FILE]``.

Every population is simulated with a known difference, so that a verdict can be right or wrong.
Differences and margins are in standard deviations of the clean runs; rates are in per cent, with
their Monte-Carlo standard error. All of it takes about twenty minutes on two processors;
``--scale 0.1`` takes a tenth of the rows.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import product
from math import sqrt
from pathlib import Path

import numpy
from numpy.random import Generator, default_rng

import campaigns
import weighted_shares
from simulated import (
    COLLAPSE_RATE,
    CORRELATIONS,
    LOST,
    POPULATIONS,
    WON,
    Values,
    analyse,
    any_of,
    draw,
    error_of,
    sequence,
)
from subject import say
from trainwreck.judge.comparison import Decision
from trainwreck.model import Impact, Table
from trainwreck.report.text import render_tables
from trainwreck.stats.batched import Contrasts
from trainwreck.stats.describe import rate_not_excluded
from trainwreck.stats.sequential import nominal_levels

Cell = tuple[object, ...]
Question = Callable[[float], Table]

PLAN = Decision(analysis_points=(3, 5, 10))
ONCE = Decision()
CLEAN = 30
SHIFTS = ("normal", "tied", "heavy-tailed", "skewed up", "skewed down")


def percent(share: float, rows: int) -> str:
    """``2.31 ± 0.05``, in per cent."""
    return f"{100 * share:.2f} ± {100 * error_of(share, rows):.2f}"


def in_cells(cell: Callable[..., Cell], cells: Sequence[tuple[object, ...]]) -> list[Cell]:
    """Simulate every cell with a seed of its own, two at a time."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(cell, range(len(cells)), *zip(*cells, strict=True)))


def contradictions(scale: float) -> Table:
    """Return how often two judgements of one mutant contradict each other."""
    rows = int(20_000 * scale)
    cells = list(product(POPULATIONS, CORRELATIONS, (0.25, 0.5, 1.0, 2.0), (0.0, 0.5, 1.0, 1.5)))
    shares = in_cells(partial(_contradiction, rows), cells)
    table: dict[tuple[object, object], list[tuple[float, float]]] = {}
    for (name, _, _, times), (size, direction) in zip(cells, shares, strict=True):
        table.setdefault((name, times), []).append((float(str(size)), float(str(direction))))
    found = tuple(
        (
            name,
            f"{times:g} margins",
            *(percent(max(each), rows) for each in zip(*members, strict=True)),
            0.25 if times == 1 else 0.1,
            0.25 if times == 0 else 0.1,
        )
        for (name, times), members in table.items()
    )
    return Table(
        "contradictions",
        f"Contradictory pairs of verdicts by 20 runs and 20 clean ones, of {rows:,} in a cell",
        ("", "True difference", "Size", "Direction", "Wanted: size", "Wanted: direction"),
        found,
        "In per cent, the worst of twelve cells: margins of 0.25, 0.5, 1 and 2 deviations, "
        "correlations of draws 0, 0.6 and 0.95. Size: degraded or improved against equivalent or "
        "against each other. Direction: any of degraded and worse against any of improved and "
        "better.",
    )


def _contradiction(
    rows: int, seed: int, name: str, correlation: float, margin: float, times: float
) -> Cell:
    source = default_rng((1, seed))
    judged = []
    for _ in range(2):
        clean, values = draw(source, rows, 20, 20, correlation, POPULATIONS[name])
        judged.append(analyse(clean, values + times * margin, margin, ONCE).impacts)
    sized = (Impact.DEGRADED, Impact.IMPROVED)
    size = direction = 0
    for one, other in zip(*judged, strict=True):
        both = {one, other}
        with_size = not both.isdisjoint(sized)
        size += both == set(sized) or (with_size and Impact.EQUIVALENT in both)
        direction += not both.isdisjoint(LOST) and not both.isdisjoint(WON)
    return size / rows, direction / rows


def false_verdicts(scale: float) -> Table:
    """Return how often a mutant without effect is said to have one, at any analysis."""
    rows = int(20_000 * scale)
    cells = list(product(POPULATIONS, CORRELATIONS))
    shares = in_cells(partial(_false_verdict, rows), cells)
    return _by_correlation(
        "false-verdicts",
        f"Mutants without effect with a false verdict, of {rows:,}",
        cells,
        [(percent(float(str(share)), rows),) for (share,) in shares],
        "At most 5",
        "degraded, improved, worse or better at any of the analyses after 3, 5 and 10 runs, "
        "against 30 clean runs, with a margin of 1 deviation; no correction for many mutants.",
    )


def _false_verdict(rows: int, seed: int, name: str, correlation: float) -> Cell:
    clean, values = draw(default_rng((2, seed)), rows, 10, CLEAN, correlation, POPULATIONS[name])
    return (any_of(sequence(clean, values, 1.0, PLAN), (*LOST, *WON)),)


def _by_correlation(
    name: str, title: str, cells: Sequence[Cell], shares: Sequence[Cell], wanted: str, note: str
) -> Table:
    rows: dict[object, list[object]] = {}
    for (population, _), (share,) in zip(cells, shares, strict=True):
        rows.setdefault(population, []).append(share)
    columns = ("", *(f"Correlation {each:g}" for each in CORRELATIONS), "Wanted")
    found = tuple((population, *found, wanted) for population, found in rows.items())
    return Table(name, title, columns, found, f"In per cent. {note}")


def equivalence(scale: float) -> Table:
    """Return how often a difference as large as the margin is called equivalent."""
    rows = int(40_000 * scale)
    margins = (0.5, 1.0, 1.5)
    cells = list(product(POPULATIONS, CORRELATIONS))
    shares = in_cells(partial(_equivalent, rows, margins), cells)
    return _by_correlation(
        "equivalence",
        f"Differences as large as the margin that are called equivalent, of {rows:,}",
        cells,
        [(percent(float(str(share)), rows),) for (share,) in shares],
        "At most 5 (skewed: 7.5)",
        "By 10 runs against 30 clean ones: the worst of margins of 0.5, 1 and 1.5 deviations, on "
        "either side.",
    )


def _equivalent(
    rows: int, margins: Sequence[float], seed: int, name: str, correlation: float
) -> Cell:
    source = default_rng((3, seed))
    shares = []
    for margin, side in product(margins, (1, -1)):
        clean, values = draw(source, rows, 10, CLEAN, correlation, POPULATIONS[name])
        analysis = analyse(clean, values + side * margin, margin, PLAN)
        shares.append(analysis.share(Impact.EQUIVALENT))
    return (max(shares),)


def collapses(scale: float) -> Table:
    """Return how often a mutant that collapses in one run of ten is called equivalent."""
    rows = int(40_000 * scale)
    cells = list(product((10, 20, 30), (0.25, 1.0, 2.0), CORRELATIONS))
    shares = in_cells(partial(_collapse, rows), cells)
    worst: dict[object, float] = {}
    for (runs, _, _), (share,) in zip(cells, shares, strict=True):
        worst[runs] = max(worst.get(runs, 0.0), float(str(share)))
    found = tuple(
        (
            runs,
            percent(share, rows),
            f"{100 * (1 - COLLAPSE_RATE) ** runs + 5:.1f}",
            f"{100 * rate_not_excluded(runs):.0f} %",
        )
        for runs, share in ((int(str(runs)), share) for runs, share in worst.items())
    )
    return Table(
        "collapses",
        f"Mutants that collapse in one run of ten and are called equivalent, of {rows:,}",
        ("Runs", "Called equivalent", "At most", "Rate that the verdict does not exclude"),
        found,
        "In per cent, the worst of margins of 0.25, 1 and 2 deviations and three correlations; the "
        "mean lies 2 % beyond the margin.",
    )


def _collapse(rows: int, seed: int, runs: int, margin: float, correlation: float) -> Cell:
    source = default_rng((4, seed))
    clean, values = draw(source, rows, runs, CLEAN, correlation, POPULATIONS["normal"])
    collapsed = source.random(values.shape) < COLLAPSE_RATE
    values = values - collapsed * (1.02 * margin / COLLAPSE_RATE)
    decision = Decision(analysis_points=(3, 5, runs))
    return (analyse(clean, values, margin, decision).share(Impact.EQUIVALENT),)


def coverage(scale: float) -> Table:
    """Return how often the interval of the difference of means covers the true difference."""
    rows = int(40_000 * scale)
    cells = list(product(POPULATIONS, (3, 5, 10, 30)))
    shares = in_cells(partial(_coverage, rows), cells)
    found: dict[object, list[object]] = {}
    for (name, _), (share,) in zip(cells, shares, strict=True):
        found.setdefault(name, []).append(percent(float(str(share)), rows))
    return Table(
        "coverage",
        f"Coverage of the 95 % interval against 30 clean runs, of {rows:,}",
        ("", "3 runs", "5 runs", "10 runs", "30 runs", "Wanted"),
        tuple((name, *shares, "at least 93") for name, shares in found.items()),
        "In per cent, without correlation of draws (with it intervals are too wide).",
    )


def _coverage(rows: int, seed: int, name: str, runs: int) -> Cell:
    clean, values = draw(default_rng((5, seed)), rows, runs, CLEAN, 0.0, POPULATIONS[name])
    low, high = Contrasts(clean, values, 0).interval
    covered = (low <= 0) & (high >= 0)
    return (float(covered.mean()),)


def power(scale: float) -> Table:
    """Return how often a difference of one deviation is shown, against the best test there is."""
    rows = int(60_000 * scale)
    cells = [(correlation,) for correlation in CORRELATIONS]
    shares = in_cells(partial(_power, rows), cells)
    found = tuple(
        (
            f"{correlation:g}",
            percent(float(str(own)), rows),
            percent(float(str(best)), rows),
            f"{float(str(own)) / float(str(best)):.3f}",
            "at least 0.9",
        )
        for (correlation,), (own, best) in zip(cells, shares, strict=True)
    )
    return Table(
        "power",
        f"Differences of one deviation that are shown, of {rows:,}",
        ("Correlation of draws", "Shown", "Best", "Ratio", "Wanted"),
        found,
        "In per cent, after 3, 5 or 10 runs against 30 clean ones with a margin of 0.5, mutants "
        "that are given up included, no correction for many mutants. Best: the group-sequential "
        "test with the same spending that knows deviation and correlation.",
    )


def _power(rows: int, seed: int, correlation: float) -> Cell:
    source = default_rng((6, seed))
    clean, values = draw(source, rows, 10, CLEAN, correlation, POPULATIONS["normal"])
    seen = sequence(clean, values - 1.0, 0.5, PLAN, futility=True)
    return any_of(seen, LOST), _best_power(source, rows, correlation)


def _best_power(source: Generator, rows: int, correlation: float) -> float:
    """Return the power of the test by generalised least squares, all parameters known."""
    clean, values = draw(source, rows, 10, CLEAN, correlation, POPULATIONS["normal"])
    middle = clean.mean(axis=1)
    estimates: list[Values] = []
    for look in PLAN.analysis_points:
        adjusted = clean[:, :look].mean(axis=1) - middle
        estimates.append(values[:, :look].mean(axis=1) - middle - correlation * adjusted)
    deviations = [sqrt(float(numpy.var(estimate))) for estimate in estimates]
    shares = tuple(round(1e4 * deviations[-1] ** 2 / each**2) for each in deviations)
    levels = nominal_levels(shares, PLAN.alpha)
    from scipy.special import ndtri

    rejected = numpy.zeros(rows, bool)
    for estimate, deviation, level in zip(estimates, deviations, levels, strict=True):
        rejected |= (estimate - 1.0) / deviation < ndtri(level / 2)
    return float(rejected.mean())


def power_table(scale: float) -> Table:
    """Return how often a difference is shown, and how often none is called equivalent."""
    rows = int(4_000 * scale)
    plans = ((3,), (3, 5), (3, 5, 10), (3, 5, 10, 20), (3, 5, 10, 20, 30))
    differences = (0.5, 0.75, 1.0, 1.5, 2.0)
    cells = list(product(CORRELATIONS, plans))
    shares = in_cells(partial(_powers, rows, differences), cells)
    found = tuple(
        (f"{correlation:g}", plan[-1], *(f"{100 * float(str(share)):.0f}" for share in members))
        for (correlation, plan), members in zip(cells, shares, strict=True)
    )
    columns = ("Correlation of draws", "Runs", *(f"{each:g}" for each in differences))
    return Table(
        "power-table",
        "How many mutants of a hundred are shown to differ, or to be equivalent",
        (*columns, "Equivalent: 0.5", "1", "2"),
        found,
        "Columns of numbers: a true difference of so many deviations is shown. Equivalent: without "
        "any difference, a mutant is called equivalent with a margin of so many deviations. 30 "
        f"clean runs, planned analyses after 3, 5, 10, 20 and 30 runs up to the last; {rows:,} "
        "mutants in each cell, each judged alone.",
    )


def _powers(
    rows: int,
    differences: Sequence[float],
    seed: int,
    correlation: float,
    plan: tuple[int, ...],
) -> Cell:
    source, decision = default_rng((7, seed)), Decision(analysis_points=plan)
    found: list[float] = []
    for difference in differences:
        clean, values = draw(source, rows, plan[-1], CLEAN, correlation, POPULATIONS["normal"])
        found.append(any_of(sequence(clean, values - difference, None, decision), LOST))
    for margin in (0.5, 1.0, 2.0):
        clean, values = draw(source, rows, plan[-1], CLEAN, correlation, POPULATIONS["normal"])
        found.append(any_of(sequence(clean, values, margin, decision), (Impact.EQUIVALENT,)))
    return tuple(found)


def attacks(scale: float) -> Table:
    """Return what becomes of mutants whose runs are distributed otherwise than clean ones."""
    rows = int(20_000 * scale)
    cells = list(product(ATTACKS, CORRELATIONS))
    shares = in_cells(partial(_attack, rows), cells)
    found: dict[object, list[list[float]]] = {}
    for (name, _), members in zip(cells, shares, strict=True):
        found.setdefault(name, []).append([float(str(share)) for share in members])
    return Table(
        "attacks",
        f"Mutants whose mean differs by exactly the margin, of {rows:,}",
        ("", "Called equivalent", "Called degraded or improved", "Wrong direction"),
        tuple(
            (name, *(percent(max(each), rows) for each in zip(*members, strict=True)))
            for name, members in found.items()
        ),
        "In per cent, the worst of margins of 0.5 and 1.5 deviations, losses and gains, and three "
        "correlations, by 10 runs against 30 clean normal ones, single analysis. These hold no "
        "promise of 5 per cent: the tests compare whole distributions, and a skewed mutant's mean "
        "lies elsewhere than most of its runs.",
    )


def _noisy(_: Generator, values: Values) -> Values:
    return 2 * values


def _one_sided(source: Generator, values: Values) -> Values:
    return values - source.exponential(1.0, values.shape) + 1


def _one_sided_large(source: Generator, values: Values) -> Values:
    return values - source.exponential(2.0, values.shape) + 2


ATTACKS = {
    "twice the deviation": _noisy,
    "an exponential loss of 1 on every run": _one_sided,
    "an exponential loss of 2 on every run": _one_sided_large,
}


def _attack(rows: int, seed: int, name: str, correlation: float) -> Cell:
    source = default_rng((8, seed))
    worst = [0.0, 0.0, 0.0]
    for margin, side in product((0.5, 1.5), (1, -1)):
        clean, values = draw(source, rows, 10, CLEAN, correlation, POPULATIONS["normal"])
        values = ATTACKS[name](source, values) + side * margin
        analysis = analyse(clean, values, margin, ONCE)
        wrong = LOST if side > 0 else WON
        shares = (
            analysis.share(Impact.EQUIVALENT),
            analysis.share(Impact.DEGRADED, Impact.IMPROVED),
            analysis.share(*wrong),
        )
        worst = [max(pair) for pair in zip(worst, shares, strict=True)]
    return tuple(worst)


QUESTIONS: Mapping[str, Question] = {
    "contradictions": contradictions,
    "false_verdicts": false_verdicts,
    "equivalence": equivalence,
    "collapses": collapses,
    "coverage": coverage,
    "power": power,
    "power_table": power_table,
    "attacks": attacks,
    "null_campaigns": campaigns.null_campaigns,
    "corrected_power": campaigns.corrected_power,
    "committed": campaigns.committed,
    "first_seeds": campaigns.first_seeds,
    "groups": campaigns.groups,
    "weighted-shares": weighted_shares.weighted_shares,
}


def main(arguments: Sequence[str]) -> None:
    """Answer what is named, or all; print tables, and write JSON where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks/verdicts.py", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(QUESTIONS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the rows (default: 1)")
    parser.add_argument("--out", type=Path, help="write the tables to this JSON file")
    options = parser.parse_args(arguments)
    for name in options.names or QUESTIONS:
        began = time.perf_counter()
        table = QUESTIONS[name](options.scale)
        say(f"{name}: {time.perf_counter() - began:.0f} s")
        print(render_tables([table], 118), flush=True)
        if options.out:
            _keep(table, options.out)


def _keep(table: Table, out: Path) -> None:
    """Write a table into the file, in place of an earlier one of its name."""
    content = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    others = [each for each in content if each["name"] != table.name]
    text = json.dumps([*others, asdict(table)], indent=1, ensure_ascii=False)
    out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
