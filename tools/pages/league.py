"""Writes docs/league.md from the exports in results/league/.

python tools/pages/league.py > docs/league.md
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from realbugs import markdown, text
from trainwreck import Campaign
from trainwreck.findings.measured_checks import MeasuredCheck, Observations, measured_checks
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.findings.power import table_alone, table_power, table_unnoticed, tables_by_group
from trainwreck.model import (
    APP,
    CHECK,
    Draw,
    Outcome,
    Rung,
    Selection,
    Share,
    Table,
    TrialKind,
    fired_in,
)
from trainwreck.report.text import render_tables
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.results.own_checks import VERSIONS
from trainwreck.results.power import read_observations, trajectory_of
from trainwreck.results.source import ResultSource
from trainwreck.stats.describe import exact_interval
from trainwreck.temporary import temporary_folder

RESULTS = Path(__file__).resolve().parents[2] / "results" / "league"
MACHINE = RESULTS / "machine.txt"
PROSE = Path(__file__).with_name("league.txt")
WATCHED = "watched"
"""The check whose runs train with all detectors looking on."""
GOLDEN = "every report within 0.01"
"""The comparison that detectors are measured against."""
MOVED = "final value within 2 deviations"
"""The comparison that says whether a bug moves the final value."""
WIDTH = 118
LIST = "[]'\""
"""What stands around the reasons of a detector that gives several."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One detector; ``has_golden`` where it compares with a run of the first seed.

    ``needs_training`` is false where it inspects the model before the training begins.
    """

    name: str
    needs_training: bool = False
    has_golden: bool = False


DETECTORS = {
    "torch": (
        Detector("torchtest"),
        Detector("torchtest2"),
        Detector("pytest-torch"),
        Detector("torch-audit", needs_training=True),
        Detector("trainparity", needs_training=True),
        Detector("pytest-regressions", needs_training=True, has_golden=True),
        Detector("tensor-regression", needs_training=True, has_golden=True),
    ),
    "keras": (Detector("terminate-on-nan", needs_training=True), Detector("layer-test")),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the output of the watched runs says: seconds by detector, reasons by mutant."""

    seconds: Mapping[str, float]
    alarms: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class League:
    """What the detectors noticed in one study.

    ``judged`` and ``crashed`` count mutants that ran; ``training`` is the mean of processor
    seconds of a clean training. ``alike`` says how many bugs ended with the same printed values
    with detectors as without them.
    """

    study: str
    seen: Observations
    checks: Sequence[MeasuredCheck]
    judged: int
    crashed: int
    training: float
    alike: Share
    said: Said

    @property
    def detectors(self) -> Sequence[MeasuredCheck]:
        """Return the measured detectors, without the computed comparisons."""
        return self.checks[-len(self.seen.own) :]


def main() -> None:
    """Print the page."""
    print(page(RESULTS), end="")


def page(results: Path) -> str:
    """Return the prose with what the exports show in the places that it names."""
    leagues = {study: read_league(study, results) for study in DETECTORS}
    parts = {
        "MACHINE": MACHINE.read_text(encoding="utf-8").strip(),
        "TRAINCHECK": traincheck(results),
        "SUMMARY": "\n".join(line for league in leagues.values() for line in summary(league)),
    }
    for study, league in leagues.items():
        tables: Mapping[str, Table] = {
            "POWER": table_power(league.seen, league.checks),
            "PHASE": tables_by_group(league.seen, league.detectors)[1],
            "ALONE": table_alone(league.seen, league.checks),
            "UNNOTICED": table_unnoticed(league.seen, league.detectors),
        }
        for name, table in tables.items():
            parts[f"{study.upper()}-{name}"] = f"```\n{render_tables([table], WIDTH).strip()}\n```"
        parts[f"{study.upper()}-MUTANTS"] = mutants_of(league)
        parts[f"{study.upper()}-COSTS"] = markdown(
            ("detector", "seconds", "share of a training", "besides"), costs(league)
        )
        parts[f"{study.upper()}-NOTICED"] = noticed(league)
        parts[f"{study.upper()}-MASKED"] = of_masked(league)
        parts[f"{study.upper()}-MOVED"] = markdown(
            ("detector", "final value moved", "not moved"), moved_rows(league)
        )
    prose = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


def read_league(study: str, results: Path) -> League:
    """Return what the export of a study shows."""
    fields: dict[str, Any] = json.loads((results / f"{study}.json").read_text(encoding="utf-8"))
    said = Said(**fields)
    with temporary_folder() as folder:
        Campaign.import_records(results / f"{study}.jsonl.xz", folder / "campaign")
        with Campaign.open(folder / "campaign").source() as source:
            return league_of(study, source, said)


def league_of(study: str, source: ResultSource, said: Said) -> League:
    """Return what one campaign shows."""
    judged = {
        item.mutant.id: item
        for selection in Selection
        for item in judge_mutants(source.evidence, selection).judged
        if item.verdict.rung is not None
    }
    rungs = [item.verdict.rung for item in judged.values()]
    seen = observations_of(source)
    clean, bugs = watched_runs(source)
    training = [run.cpu_seconds for _, _, run in source.file.outcomes(TrialKind.CLEAN)]
    seconds = sum(training) / len(training)
    masked = [mutant for mutant, item in judged.items() if item.verdict.rung is Rung.MASKED]
    own = [own_check(each, clean, bugs, masked, said, seconds) for each in DETECTORS[study]]
    seeds = [trajectory_of(run) for draw, run in clean if run.exit.fine and draw.fold == 0]
    if len(seen.seeds) < len(seeds):
        seen = replace(seen, seeds=seeds)
    seen = replace(seen, own=own, name=study, masked=len(masked))
    return League(
        study=study,
        seen=seen,
        checks=measured_checks(seen),
        judged=len(judged),
        crashed=sum(rung in (Rung.CRASH, Rung.HANG) for rung in rungs),
        training=seconds,
        alike=alike(seen, bugs),
        said=said,
    )


def observations_of(source: ResultSource) -> Observations:
    """Return the clean runs, and the bugs that change the result: drawn ones, then chosen ones."""
    drawn = read_observations(source)
    ids = {mutant.item.mutant.id for mutant in drawn.mutants}
    chosen = judge_mutants(source.evidence, Selection.CHOSEN).judged
    if not any(item.verdict.rung is Rung.PROPAGATED for item in chosen):
        return drawn
    further = read_observations(source, Selection.CHOSEN).mutants
    new = [mutant for mutant in further if mutant.item.mutant.id not in ids]
    return replace(drawn, mutants=[*drawn.mutants, *new])


def watched_runs(source: ResultSource) -> tuple[list[tuple[Draw, Outcome]], dict[str, Outcome]]:
    """Return the clean runs with detectors, each with its seed, and those of bugs."""
    version = (source.file.meta(VERSIONS) or {}).get(WATCHED)
    clean: list[tuple[Draw, Outcome]] = []
    bugs: dict[str, Outcome] = {}
    for draw, mutant, run in source.file.outcomes(TrialKind.CHECK):
        if (run.observations.get(CHECK) or {}).get("version") != version:
            continue
        if mutant is None:
            clean.append((draw, run))
        else:
            bugs[mutant] = run
    return clean, bugs


def own_check(
    detector: Detector,
    clean: Sequence[tuple[Draw, Outcome]],
    bugs: Mapping[str, Outcome],
    masked: Iterable[str],
    said: Said,
    training: float,
) -> OwnCheck:
    """Return one detector as a check.

    A run that ended with an error or at a limit says nothing of the detectors that had not fired.
    """
    answers = {mutant: answer(detector.name, run) for mutant, run in bugs.items()}
    alarms = [
        answer(detector.name, run)
        for draw, run in clean
        if not detector.has_golden or draw.seed == 0
    ]
    of_masked = [answers[mutant] for mutant in masked if answers.get(mutant) is not None]
    seconds = said.seconds.get(detector.name)
    share = None if seconds is None else round(seconds / training + detector.needs_training, 3)
    return OwnCheck(
        name=detector.name,
        noticed=answers,
        masked=Share(sum(map(bool, of_masked)), len(of_masked)),
        of_masked=len(of_masked),
        alarms=Share(alarms.count(True), len(alarms) - alarms.count(None)),
        seeds=len({draw.seed for draw, _ in clean}),
        cost=share,
        seconds=seconds,
        reached=None,
    )


def answer(name: str, run: Outcome) -> bool | None:
    """Return whether a detector fired in a run; None where the run ended before it could."""
    if name in fired_in(run):
        return True
    return False if run.exit.fine else None


def alike(seen: Observations, bugs: Mapping[str, Outcome]) -> Share:
    """Return how many bugs print the same values with detectors as without."""
    ran = [(each.first, bugs[each.item.mutant.id]) for each in seen.mutants if ran_in(each, bugs)]
    return Share(sum(trajectory_of(run).values == first.values for first, run in ran), len(ran))


def ran_in(each: Any, bugs: Mapping[str, Outcome]) -> bool:
    """Return whether a bug ran to its end with detectors."""
    run = bugs.get(each.item.mutant.id)
    return run is not None and run.exit.fine


def rate(share: Share) -> str:
    """Return a share with its exact interval."""
    if not share.total:
        return "0 of 0"
    low, high = exact_interval(share.count, share.total)
    ends = (
        f"{100 * low:.0f} to {100 * high:.0f} %" if share.count else f"at most {100 * high:.0f} %"
    )
    return f"{share.count} of {share.total} ({ends})"


def share_of(found: Iterable[bool | None]) -> Share:
    """Return how many bugs were noticed, of those with an answer."""
    known = [hit for hit in found if hit is not None]
    return Share(sum(known), len(known))


def summary(league: League) -> Iterable[str]:
    """Yield the sentences that a maintainer can quote."""
    by_name = {check.name: check for check in league.checks}
    golden = by_name[GOLDEN]
    plain = [check for check in league.detectors if not is_golden(league, check)]
    together = [any_of(hits) for hits in zip(*(check.found for check in plain), strict=True)]
    best = max(plain, key=lambda check: share_of(check.found).count)
    name = best.name.removeprefix("check ")
    yield (
        f"* `{league.study}`: a golden run with tolerance 0.01 notices "
        f"{rate(share_of(golden.found))} of the bugs that change the result without an error."
    )
    if share_of(best.found).count:
        hits = rate(share_of(best.found))
        yield f"  The best detector without golden values, {name}, notices {hits}."
    yield f"  All detectors without golden values together notice {rate(share_of(together))}."
    for check in (each for each in league.detectors if is_golden(league, each)):
        name, hits = check.name.removeprefix("check "), rate(share_of(check.found))
        yield f"  With golden values, {name} notices {hits}."


def traincheck(results: Path) -> str:
    """Return what a try with TrainCheck took, in a sentence."""
    seen = json.loads((results / "traincheck.json").read_text(encoding="utf-8"))
    return (
        f"{seen['training']} for the training, {seen['reference']} to collect a reference trace, "
        f"{seen['infer']} to infer {seen['invariants']} invariants, {seen['check']} to collect and "
        f"check one more run. On the clean program with the same seed, {seen['violated']} of the "
        f"{seen['invariants']} are violated"
    )


def moved_rows(league: League) -> Iterable[tuple[str, str, str]]:
    """Yield for each detector the bugs that it notices, by whether they move the final value."""
    moved = next(check for check in league.checks if check.name == MOVED).found
    for check in league.detectors:
        hits = list(zip(check.found, moved, strict=True))
        yield (
            check.name.removeprefix("check "),
            rate(share_of(hit for hit, has_moved in hits if has_moved)),
            rate(share_of(hit for hit, has_moved in hits if not has_moved)),
        )


def is_golden(league: League, check: MeasuredCheck) -> bool:
    """Return whether a detector compares with a golden run."""
    return any(
        each.has_golden and check.name == f"check {each.name}" for each in DETECTORS[league.study]
    )


def any_of(hits: Sequence[bool | None]) -> bool | None:
    """Return whether one detector noticed; None where none did and one has no answer."""
    return True if any(hits) else None if None in hits else False


def mutants_of(league: League) -> str:
    """Return what ran, in a sentence."""
    own = sum(each.item.mutant.root == APP for each in league.seen.mutants)
    ran = sum(hit is not None for hit in league.detectors[0].found)
    return (
        f"{league.judged} bugs were judged: {league.crashed} crash or hang, and "
        f"{len(league.seen.mutants)} change the result without an error,\n{own} of these in the "
        f"program and {len(league.seen.mutants) - own} in its library. Detectors ran with {ran} of "
        f"the {len(league.seen.mutants)}.\nWith them, {league.alike.count} of "
        f"{league.alike.total} bugs ended with exactly the values that were printed without."
    )


def of_masked(league: League) -> str:
    """Return in how many masked bugs detectors fired, in a sentence."""
    most = max(check.of_masked for check in league.seen.own)
    fired = [f"{each.name} in {each.masked.count}" for each in league.seen.own if each.masked.count]
    words = ", ".join(fired) or "none fired"
    return f"Of masked bugs, which end as a clean run does, {most} ran with detectors: {words}."


def costs(league: League) -> Iterable[tuple[str, str, str, str]]:
    """Yield what each detector takes."""
    for detector in DETECTORS[league.study]:
        seconds = league.said.seconds.get(detector.name)
        if seconds is not None:
            besides = "the training" if detector.needs_training else "the model and one batch"
            share = f"{100 * seconds / league.training:.1f} %"
            yield detector.name, f"{seconds:.2f}", share, besides


def noticed(league: League) -> str:
    """Return a table of the bugs that a detector without golden values noticed, with its reason."""
    return markdown(("bug", "noticed by", GOLDEN), list(noticed_rows(league)))


def noticed_rows(league: League) -> Iterable[tuple[str, str, str]]:
    """Yield a row for each bug that a detector without golden values noticed."""
    golden: Callable[[int], bool | None] = next(
        check for check in league.checks if check.name == GOLDEN
    ).found.__getitem__
    for index, mutant in enumerate(league.seen.mutants):
        names = [
            check.name.removeprefix("check ")
            for check in league.detectors
            if check.found[index] and not is_golden(league, check)
        ]
        if names:
            reasons = league.said.alarms.get(mutant.item.mutant.id, {})
            words = [f"{name}: {text(reasons.get(name, '').strip(LIST)[:140])}" for name in names]
            hit = "notices it" if golden(index) else "does not"
            yield text(mutant.item.mutant.name), "<br>".join(words), hit


if __name__ == "__main__":
    main()
