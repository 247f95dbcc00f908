"""Reads what detectors noticed from the exports in results/league/."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainwreck import Campaign
from trainwreck.findings.measured_checks import (
    CleanTrajectories,
    MeasuredCheck,
    Observations,
    Observed,
    measured_checks,
)
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.model import CHECK, Draw, Outcome, Rung, Selection, Share, TrialKind, fired_in
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.results.own_checks import VERSIONS
from trainwreck.results.power import read_observations, trajectory_of
from trainwreck.results.source import ResultSource
from trainwreck.temporary import temporary_folder

WATCHED = "watched"
"""The check whose runs train with all detectors looking on."""


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
    seconds of a clean training. ``repeats`` says that a clean run prints the same values with
    detectors as without them. ``alike`` says how many bugs do, of those that ran with detectors on
    the kind of machine of their first run; ``apart`` names the others. ``elsewhere`` is the number
    of bugs that ran with detectors on another kind.
    """

    study: str
    seen: Observations
    checks: Sequence[MeasuredCheck]
    judged: int
    crashed: int
    training: float
    alike: Share
    apart: Sequence[str]
    elsewhere: int
    repeats: bool
    said: Said

    @property
    def detectors(self) -> Sequence[MeasuredCheck]:
        """Return the measured detectors, without the computed comparisons."""
        return self.checks[-len(self.seen.own) :]


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
    seen = replace(seen, clean=with_watched(seen.clean, clean, source.evidence))
    # Detectors ran in trainings of their own, which are not what the kinds of machine are of.
    seen = replace(seen, own=own, name=study, masked=len(masked), machines=None)
    ended = [each for each in seen.mutants if ran_in(each, bugs)]
    here = [each for each in ended if ran_on(each, bugs, source.evidence) == each.kind]
    others = [name_of(each) for each in here if differs(each, bugs)]
    return League(
        study=study,
        seen=seen,
        checks=measured_checks(seen),
        judged=len(judged),
        crashed=sum(rung in (Rung.CRASH, Rung.HANG) for rung in rungs),
        training=seconds,
        alike=Share(len(here) - len(others), len(here)),
        apart=others,
        elsewhere=len(ended) - len(here),
        repeats=any(is_golden(run, seen, source.evidence) for _, run in clean),
        said=said,
    )


def with_watched(
    clean: Mapping[str, CleanTrajectories],
    watched: Sequence[tuple[Draw, Outcome]],
    evidence: Evidence,
) -> dict[str, CleanTrajectories]:
    """Return the clean runs with the seeds of those with detectors, on kinds where these are more.

    Detectors leave what a training prints as it is.
    """
    found = dict(clean)
    for kind, runs in clean.items():
        seeds = [
            trajectory_of(run)
            for draw, run in watched
            if run.exit.fine and draw.fold == 0 and evidence.kind_of(run.trial_id) == kind
        ]
        if len(seeds) > len(runs.seeds):
            found[kind] = replace(runs, seeds=seeds)
    return found


def is_golden(run: Outcome, seen: Observations, evidence: Evidence) -> bool:
    """Return whether a clean run with detectors prints what the golden run of its kind does."""
    reference = seen.references.get(evidence.kind_of(run.trial_id))
    return reference is not None and trajectory_of(run).values == reference.golden.values


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


def ran_in(each: Observed, bugs: Mapping[str, Outcome]) -> bool:
    """Return whether a bug ran to its end with detectors."""
    run = bugs.get(each.item.mutant.id)
    return run is not None and run.exit.fine


def ran_on(each: Observed, bugs: Mapping[str, Outcome], evidence: Evidence) -> str:
    """Return the kind of machine on which a bug ran with detectors."""
    return evidence.kind_of(bugs[each.item.mutant.id].trial_id)


def differs(each: Observed, bugs: Mapping[str, Outcome]) -> bool:
    """Return whether a bug prints other values with detectors than without."""
    return trajectory_of(bugs[each.item.mutant.id]).values != each.first.values


def name_of(each: Observed) -> str:
    """Return the description of a bug."""
    return each.item.mutant.name
