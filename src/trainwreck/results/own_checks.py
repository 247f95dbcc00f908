"""Reads what checks of the user's own have shown: their own runs, and watchers in trainings."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trainwreck.findings.own_checks import OwnCheck
from trainwreck.model import (
    CHECK,
    CIRCUMSTANCE,
    FIRED,
    FIRST,
    Outcome,
    Share,
    TrialKind,
    fired_in,
    has_noticed,
)
from trainwreck.store.campaign_file import CampaignFile

WATCHERS = "watchers"
"""The key of the names of checks that watch inside the training."""


LIMITS = "check_limits"
"""The key of the share of false alarms above which each check is refused."""
VERSIONS = "check_versions"
"""The key of the version that each check had when it was last asked for."""


@dataclass
class _Runs:
    """All runs of one version of a check."""

    version: str
    clean: list[Outcome] = field(default_factory=list)
    otherwise: dict[str, list[Outcome]] = field(default_factory=dict)
    buggy: dict[str, Outcome] = field(default_factory=dict)
    reached: dict[str, bool] = field(default_factory=dict)
    seeds: set[int] = field(default_factory=set)


def clean_alarms(name: str, clean: Iterable[Outcome]) -> Share:
    """Return how many clean runs of a check raise an alarm, of those that prove something."""
    alarms = [has_noticed(name, outcome) for outcome in clean]
    return Share(sum(alarm is True for alarm in alarms), sum(alarm is not None for alarm in alarms))


def read_own_checks(
    file: CampaignFile,
    mutants: Collection[str],
    masked: Collection[str],
    training: float,
    kind_of: Callable[[str], str],
) -> list[OwnCheck]:
    """Return the checks that have runs, and the watchers, in the order of their names.

    Of a check whose files or command have changed, only the runs of its last version count. One
    that has seen no bug and raised no alarm has nothing to say. A run with a bug proves nothing on
    a kind of machine where the check has not run on the clean program.

    Args:
        file: The campaign file.
        mutants: Ids of the mutants that change the result without an error.
        masked: Ids of the masked mutants.
        training: The mean processor seconds of a clean training.
        kind_of: Returns the kind of machine that a trial ran on.

    """
    limits = file.meta(LIMITS) or {}
    checks = [
        replace(
            _of_runs(name, runs, (mutants, masked), training, kind_of),
            limit=limits.get(name, 1.0),
        )
        for name, runs in _by_name(file).items()
        if runs.buggy or clean_alarms(name, runs.clean).count
    ]
    named = {check.name for check in checks}
    checks += [watch for watch in _watchers(file, mutants, masked) if watch.name not in named]
    return sorted(checks, key=lambda check: check.name)


def checks_of_mutants(file: CampaignFile) -> dict[str, list[dict[str, Any]]]:
    """Return by mutant id what each check answered, as the fields of an export."""
    answers: dict[str, list[dict[str, Any]]] = {}
    versions = file.meta(VERSIONS) or {}
    for _, mutant_id, run in file.outcomes(TrialKind.CHECK):
        named = run.observations.get(CHECK)
        if mutant_id is None or not isinstance(named, dict):
            continue
        name = str(named.get("name"))
        if versions.get(name, named.get("version")) == named.get("version"):
            answers.setdefault(mutant_id, []).append(_answer(name, has_noticed(name, run), run))
    fired = set(file.observations(FIRED))
    for _, mutant_id, run in file.outcomes(TrialKind.MUTANT, draw=FIRST) if fired else ():
        for name in fired_in(run) if run.trial_id in fired else ():
            answers.setdefault(mutant_id or "", []).append(_answer(name, True, run))
    return answers


def _answer(name: str, noticed: bool | None, run: Outcome) -> dict[str, Any]:
    step = fired_in(run).get(name)
    return {"name": name, "noticed": noticed, "step": step, "seconds": run.seconds}


def _by_name(file: CampaignFile) -> Mapping[str, _Runs]:
    """Return the runs of the last version of each check."""
    versions = file.meta(VERSIONS) or {}
    found: dict[str, _Runs] = {}
    for draw, mutant_id, outcome in file.outcomes(TrialKind.CHECK):
        named = outcome.observations.get(CHECK)
        if not isinstance(named, dict) or "version" not in named:
            continue
        name, version = str(named.get("name")), str(named["version"])
        if versions.get(name, version) != version:
            continue
        if name not in found or found[name].version != version:
            found[name] = _Runs(version)
        runs = found[name]
        if mutant_id is None and CIRCUMSTANCE in named:
            runs.otherwise.setdefault(str(named[CIRCUMSTANCE]), []).append(outcome)
        elif mutant_id is None:
            runs.clean.append(outcome)
            runs.seeds.add(draw.seed)
        else:
            runs.buggy[mutant_id] = outcome
            runs.reached[mutant_id] = bool(outcome.hits)
    return found


def _of_runs(
    name: str,
    runs: _Runs,
    members: tuple[Collection[str], Collection[str]],
    training: float,
    kind_of: Callable[[str], str],
) -> OwnCheck:
    mutants, masked = members
    kinds = {kind_of(outcome.trial_id) for outcome in runs.clean}
    noticed = {
        mutant: has_noticed(name, run) if kind_of(run.trial_id) in kinds else None
        for mutant, run in runs.buggy.items()
    }
    fine = [outcome for outcome in runs.clean if outcome.exit.proves]
    seconds = sum(outcome.cpu_seconds for outcome in fine) / len(fine) if fine else None
    ran = [mutant for mutant in mutants if mutant in runs.buggy]
    return OwnCheck(
        name=name,
        noticed=noticed,
        masked=_share(noticed, masked),
        of_masked=len(masked),
        alarms=clean_alarms(name, runs.clean),
        otherwise={how: clean_alarms(name, clean) for how, clean in runs.otherwise.items()},
        seeds=len(runs.seeds),
        cost=seconds / training if seconds is not None and training else None,
        seconds=seconds,
        reached=Share(sum(runs.reached[mutant] for mutant in ran), len(ran)),
    )


def _watchers(
    file: CampaignFile, mutants: Collection[str], masked: Collection[str]
) -> Iterable[OwnCheck]:
    """Yield the watchers that are named or that fired in some training; they run with each."""
    fired = {name for found in file.observations(FIRED).values() for name in found}
    names, limits = sorted(fired.union(file.meta(WATCHERS) or ())), file.meta(LIMITS) or {}
    if not names:
        return
    clean = [(draw, run) for draw, _, run in file.outcomes(TrialKind.CLEAN) if run.exit.fine]
    first = {
        mutant_id: run
        for _, mutant_id, run in file.outcomes(TrialKind.MUTANT, draw=FIRST)
        if mutant_id in mutants or mutant_id in masked
    }
    for name in names:
        noticed: dict[str, bool | None] = {
            mutant_id or "": name in fired_in(run) for mutant_id, run in first.items()
        }
        yield OwnCheck(
            name=name,
            noticed=noticed,
            masked=_share(noticed, masked),
            of_masked=len(masked),
            alarms=Share(sum(name in fired_in(run) for _, run in clean), len(clean)),
            seeds=len({draw.seed for draw, _ in clean}),
            cost=1.0,
            seconds=None,
            reached=None,
            limit=limits.get(name, 1.0),
        )


def _share(noticed: Mapping[str, bool | None], members: Collection[str]) -> Share:
    answers = [noticed[member] for member in members if noticed.get(member) is not None]
    return Share(sum(map(bool, answers)), len(answers))
