"""Whole simulated campaigns: what becomes of many mutants together, and of the findings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy
from numpy.random import Generator, default_rng

from simulated import LOST, WON, error_of
from trainwreck import Campaign
from trainwreck.findings import JudgedCampaign, table_findings
from trainwreck.judge.comparison import Decision
from trainwreck.judge.impact import Impacted, impacts_of
from trainwreck.model import (
    Better,
    Draw,
    Ending,
    Exit,
    Impact,
    Judged,
    Margin,
    Measurement,
    Metric,
    OperatorCode,
    PlannedMutant,
    Rung,
    Sample,
    Symptom,
    Table,
    Verdict,
)
from trainwreck.stats.groups import chance_model

EXPORT = Path(__file__).parent.parent / "results" / "keras.jsonl.xz"
PLAN = Decision(analysis_points=(3, 5, 10))
METRIC = Metric("accuracy", "", Better.HIGHER, None, Margin(1.0))
MUTANTS, CLEAN, RUNS = 38, 30, 10
FINE = Exit(Ending.EXITED, 0)
TIME_NOISE = 0.05


@dataclass(frozen=True)
class Result:
    """One simulated campaign: the impacts of its mutants, and how many further runs it took."""

    impacts: dict[str, tuple[Impact, ...]]
    further: int


def campaign(
    source: Generator,
    clean: Sequence[float],
    values: Mapping[str, Sequence[float]],
    metric: Metric = METRIC,
) -> Result:
    """Run a campaign as the tool does: all that is open goes on to the next planned analysis."""
    usual = [_run(source, None, seed, value) for seed, value in enumerate(clean)]
    runs = {
        name: [_run(source, name, seed, value) for seed, value in enumerate(own)]
        for name, own in values.items()
    }
    made = dict.fromkeys(values, 1)
    for look in PLAN.analysis_points:
        impacts = _judged(runs, made, usual, metric)
        made = {name: look if impacts[name].is_open else made[name] for name in made}
    impacts = _judged(runs, made, usual, metric)
    further = sum(made.values()) - len(made)
    return Result({name: each.impact for name, each in impacts.items()}, further)


def _judged(
    runs: Mapping[str, Sequence[Measurement]],
    made: Mapping[str, int],
    usual: Sequence[Measurement],
    metric: Metric,
) -> dict[str, Impacted]:
    samples = {name: Sample.of(own[: made[name]]) for name, own in runs.items()}
    return impacts_of(samples, usual, [metric], PLAN)


def _run(source: Generator, mutant: str | None, seed: int, value: float) -> Measurement:
    seconds = float(10 * (1 + TIME_NOISE * source.standard_normal()))
    metrics = {"accuracy": float(value)}
    digest = f"{mutant} {seed}"
    return Measurement(mutant, Draw(seed), FINE, metrics, seconds, seconds, True, digest)


def _drawn(
    source: Generator, differences: Sequence[float], correlation: float
) -> tuple[Sequence[float], dict[str, Sequence[float]]]:
    clean = source.standard_normal(CLEAN)
    own = sqrt(1 - correlation**2) * source.standard_normal((len(differences), RUNS))
    values = own + correlation * clean[:RUNS] + numpy.asarray(differences)[:, numpy.newaxis]
    return clean.tolist(), {str(index): row.tolist() for index, row in enumerate(values)}


def null_campaigns(scale: float) -> Table:
    """Return how often campaigns in which no mutant has an effect find one."""
    number = int(1_000 * scale)
    with ProcessPoolExecutor(2) as pool:
        both = list(pool.map(partial(_null_campaign, 0.0), range(number), chunksize=20))
        close = list(pool.map(partial(_null_campaign, 0.6), range(number), chunksize=20))
    rows = []
    for correlation, found in ((0, both), (0.6, close)):
        shares = [sum(each) / number for each in zip(*found, strict=True)]
        cells = (f"{100 * s:.1f} ± {100 * error_of(s, number):.1f}" for s in shares)
        rows.append((correlation, *cells, "at most 5"))
    return Table(
        "null-campaigns",
        f"Campaigns of {MUTANTS} mutants without effect, of {number:,}",
        ("Correlation of draws", "With a false verdict", "With a false finding", "Wanted"),
        tuple(rows),
        "In per cent, after the correction for many mutants. Verdict: degraded, improved, worse, "
        "better, slower or faster. Finding: any of the nine that says that mutants, operators or "
        "phases differ where none does, in its better form. Analyses after 3, 5 and 10 runs, "
        "margin of 1 deviation, times that vary by 5 %.",
    )


def _null_campaign(correlation: float, seed: int) -> tuple[bool, bool]:
    source = default_rng((11, seed, int(100 * correlation)))
    clean, values = _drawn(source, [0.0] * MUTANTS, correlation)
    result = campaign(source, clean, values)
    shown = {*LOST, *WON, Impact.SLOWER, Impact.FASTER}
    false = any(not shown.isdisjoint(impacts) for impacts in result.impacts.values())
    return false, _has_false_finding(source, result, clean)


def _has_false_finding(source: Generator, result: Result, clean: Sequence[float]) -> bool:
    judged = [_judged_mutant(source, name, each) for name, each in result.impacts.items()]
    usual = [_run(source, None, seed, value) for seed, value in enumerate(clean)]
    phases = ("preprocessing", "constructing", "learning")
    study = JudgedCampaign("null", judged, len(judged), (METRIC,), usual, {}, phases=phases)
    (table,) = table_findings([study])
    answers = {row[0]: row[4] for row in table.rows}
    claims = (2, 3, 6, 7, 8)
    denials = (1, 4, 9)
    return any(answers[number] != "undecided" for number in claims) or any(
        answers[number] == "does not hold" for number in denials
    )


def _judged_mutant(source: Generator, name: str, impacts: tuple[Impact, ...]) -> Judged:
    from trainwreck.model import Context, Edit, Mutant, Span

    code = list(OperatorCode)[int(source.integers(len(OperatorCode)))]
    phase = ("preprocessing", "constructing", "learning")[int(source.integers(3))]
    span = Span(int(name), int(name) + 1, 1, 0, 1, 1)
    mutant = Mutant(
        root="app",
        file=f"f{source.integers(20)}.py",
        module="",
        function="",
        operator=code,
        edits=(Edit(span, "0", "1"),),
        source_sha="",
        context=Context.UNKNOWN,
        anchor=name,
        lines=(1, 1),
        evaluated=None,
    )
    verdict = Verdict(mutant.id, Symptom.NORMAL, Rung.PROPAGATED, impact=impacts)
    return Judged(PlannedMutant(mutant, (phase,)), verdict)


def corrected_power(scale: float) -> Table:
    """Return how often a difference of one deviation is shown among many mutants."""
    number = int(400 * scale)
    cells = [(share, correlation) for correlation in (0.0, 0.6) for share in (1, 19)]
    with ProcessPoolExecutor(2) as pool:
        shares = list(
            pool.map(partial(_corrected, number), range(len(cells)), *zip(*cells, strict=True))
        )
    rows = tuple(
        (f"{correlation:g}", f"{affected} of {MUTANTS}", f"{100 * share:.0f}", f"{100 * false:.1f}")
        for (affected, correlation), (share, false) in zip(cells, shares, strict=True)
    )
    return Table(
        "corrected-power",
        f"Differences of one deviation among {MUTANTS} mutants, of {number:,} campaigns",
        ("Correlation of draws", "Mutants with the difference", "Shown", "Campaigns with an error"),
        rows,
        "In per cent, corrected over all mutants. An error: a mutant without difference said to "
        "have one, or a wrong direction.",
    )


def _corrected(number: int, seed: int, affected: int, correlation: float) -> tuple[float, float]:
    shown = errors = 0
    for index in range(number):
        source = default_rng((12, seed, index))
        differences = [-1.0] * affected + [0.0] * (MUTANTS - affected)
        clean, values = _drawn(source, differences, correlation)
        impacts = list(campaign(source, clean, values).impacts.values())
        lost = [not set(LOST).isdisjoint(each) for each in impacts]
        shown += sum(lost[:affected])
        errors += any(lost[affected:]) or any(not set(WON).isdisjoint(each) for each in impacts)
    return shown / (number * affected), errors / number


def committed(scale: float) -> Table:
    """Return what becomes of campaigns like the committed one, run on to ten seeds."""
    number = int(400 * scale)
    study = _committed_study()
    clean = study.clean_values()
    own = {name: list(sample.numbers("accuracy")) for name, sample in study.runs.items()}
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(partial(_like_committed, clean, own), range(number), chunksize=10))
    decided = [each[0] for each in results]
    further = [each[1] for each in results]
    wrong = sum(each[2] for each in results) / number
    counts: Counter[str] = sum((each[3] for each in results), Counter())
    rows = (
        ("decided mutants, mean", f"{numpy.mean(decided):.1f} of {len(own)}", "at least 32"),
        ("further runs, mean", f"{numpy.mean(further):.0f}", "at most 260"),
        (
            "campaigns with a verdict on the wrong side",
            f"{100 * wrong:.1f} ± {100 * error_of(wrong, number):.1f} %",
            "at most 5 %",
        ),
        *((impact, f"{count / number:.1f}", "") for impact, count in counts.most_common()),
    )
    return Table(
        "committed",
        f"Campaigns like the committed one, of {number:,}",
        ("", "Simulated", "Wanted"),
        rows,
        "Each mutant's difference, deviation and correlation with the clean runs of its draws are "
        "those of its five committed runs, taken for true; values are normal. Analyses after 3, 5 "
        "and 10 runs against 30 clean ones, margin 0.02.",
    )


def _committed_study() -> JudgedCampaign:
    with TemporaryDirectory() as folder:
        Campaign.import_records(EXPORT, folder)
        with Campaign.open(folder).source() as source:
            return source.judged_campaign("keras")


def _like_committed(
    clean: Sequence[float], own: Mapping[str, Sequence[float]], seed: int
) -> tuple[int, int, bool, Counter[str]]:
    source = default_rng((13, seed))
    middle, deviation = float(numpy.mean(clean)), float(numpy.std(clean, ddof=1))
    standard = source.standard_normal(CLEAN)
    usual = middle + deviation * standard
    values, truths = {}, {}
    for name, runs in own.items():
        paired = numpy.asarray(clean[: len(runs)])
        truths[name] = float(numpy.mean(runs) - paired.mean())
        spread = float(numpy.std(runs, ddof=1))
        together = float(numpy.corrcoef(runs, paired)[0, 1]) if spread else 0.0
        together = min(max(together, 0.0), 1.0)
        noise = sqrt(1 - together**2) * source.standard_normal(RUNS)
        values[name] = (
            middle + truths[name] + spread * (together * standard[:RUNS] + noise)
        ).tolist()
    metric = replace(METRIC, margin=Margin(0.02))
    result = campaign(source, usual.tolist(), values, metric)
    first = {name: impacts[0] for name, impacts in result.impacts.items()}
    wrong = any(_is_wrong(first[name], truths[name]) for name in first)
    decided = sum(impact is not Impact.UNDECIDED for impact in first.values())
    return decided, result.further, wrong, Counter(str(impact) for impact in first.values())


def _is_wrong(impact: Impact, truth: float, margin: float = 0.02) -> bool:
    match impact:
        case Impact.DEGRADED:
            return truth > -margin
        case Impact.IMPROVED:
            return truth < margin
        case Impact.WORSE:
            return truth > 0
        case Impact.BETTER:
            return truth < 0
        case Impact.EQUIVALENT:
            return abs(truth) > margin
    return False


def first_seeds(_: float) -> Table:
    """Return how many answers change with the clean seed that is the first."""
    study = _committed_study()
    usual = _answers(study)
    changed = {number: [0, 0] for number in usual}
    for first in range(1, len(study.clean)):
        turned = [*study.clean[first:], *study.clean[:first]]
        clean = [replace(run, draw=Draw(seed)) for seed, run in enumerate(turned)]
        # A settled mutant enters the paper's form with the value of the first clean run.
        for number, answers in _answers(replace(study, clean=clean, endings={})).items():
            for form in range(2):
                changed[number][form] += answers[form] != usual[number][form]
    rows = tuple(
        (number, *(f"{count} of {len(study.clean) - 1}" for count in counts))
        for number, counts in changed.items()
    )
    return Table(
        "first-seeds",
        "Answers of the committed campaign that change if another clean seed is the first",
        ("Finding", "Paper's form", "Better form"),
        rows,
        "Wanted: none in the better form.",
    )


def _answers(study: JudgedCampaign) -> dict[object, tuple[object, object]]:
    (table,) = table_findings([study])
    return {row[0]: (row[2], row[4]) for row in table.rows}


def groups(scale: float) -> Table:
    """Return how often groups that are alike are said to differ, where files are not."""
    number = int(2_000 * scale)
    cells = [(13, 160, 8), (13, 60, 2), (40, 200, 2), (60, 300, 7), (130, 320, 7)]
    with ProcessPoolExecutor(2) as pool:
        shares = list(
            pool.map(partial(_alike_groups, number), range(len(cells)), *zip(*cells, strict=True))
        )
    rows = tuple(
        (*cell, f"{100 * share:.1f} ± {100 * error_of(share, number):.1f}")
        for cell, share in zip(cells, shares, strict=True)
    )
    return Table(
        "groups",
        f"Groups that are alike and said to differ, of {number:,}",
        ("Files", "Mutants", "Groups", "Said to differ"),
        rows,
        "In per cent, at a level of 5: files differ in their chance (beta distribution with "
        "parameters 0.5 and 3), groups do not; files differ in size as well.",
    )


def _alike_groups(number: int, seed: int, files: int, mutants: int, kinds: int) -> float:
    source, said = default_rng((14, seed)), 0
    for _ in range(number):
        chances = source.beta(0.5, 3.0, files)
        places = (source.random(mutants) ** 2 * files).astype(int)
        hits = (source.random(mutants) < chances[places]).tolist()
        members = source.integers(kinds, size=mutants).astype(str).tolist()
        p = chance_model(hits, members, places.astype(str).tolist()).alike.p
        said += p is not None and p <= 0.05
    return said / number
