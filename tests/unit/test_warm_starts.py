"""Who may start warm, where it forks, and what happens where a warm run was wrong."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from build import ENVIRONMENT, many_mutants, outcome
from trainwreck.campaign.progress import NoProgress
from trainwreck.campaign.session import Session
from trainwreck.campaign.warm_checks import check_warm_starts
from trainwreck.campaign.warm_starts import (
    WarmStarts,
    keep_first_evaluations,
    may_start_warm,
    training_record,
)
from trainwreck.engine.local import LocalEngine
from trainwreck.errors import AuditError, ExitCode
from trainwreck.model import (
    Draw,
    Ending,
    Exit,
    Level,
    Mutant,
    Outcome,
    Probe,
    ProbeKind,
    Trial,
    TrialKind,
)
from trainwreck.model.probe import DoubtOfValues
from trainwreck.model.slot import MustStop, Slot
from trainwreck.model.start import COLD_FOR_GOOD, STARTED, ColdReason, Start
from trainwreck.model.trials import clean_trials, mutant_trials, probe_trial
from trainwreck.run.instructions import Instructions, WarmStart
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.store.campaign_file import CampaignFile

MUTANTS = many_mutants(8)
FIRSTS = [(0, 1, 0.1), (1, 1, 0.2), (2, 1, 0.3), (3, 4, 0.4), (4, 1, 0.5), (5, 4, 0.6)]
"""Six expressions in the order of their evaluations; from the fourth one there were threads."""
WARM = {STARTED: {"how": "warm", "prefix_seconds": 2.0, "prefix_cpu": 1.5}}


@dataclass
class OneLauncher:
    """A launcher whose runs have the outcomes that a test gives them."""

    outcomes: dict[TrialKind, dict[str, Any]] = field(default_factory=dict)

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for request in requests:
            changes = self.outcomes.get(request.trial.kind, {})
            yield TrialResult(request.trial, outcome(trial_id=request.trial.id, **changes))


def session_of(file: CampaignFile, launcher: OneLauncher, level: Level = Level.STRICT) -> Session:
    trials: Any = SimpleNamespace(start=Start.WARM, disk=1 << 30, timeout_factor=10, memory=1 << 30)
    described = SimpleNamespace(fingerprint="s", metrics=())
    subject: Any = SimpleNamespace(
        environment=ENVIRONMENT,
        settings=SimpleNamespace(subject=described, trials=trials),
        context=SimpleNamespace(policy=SimpleNamespace(level=level)),
    )
    engine = LocalEngine([Slot(0, Path("/slots/0"))])
    return Session(subject, file, NoProgress(), engine, launcher)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[CampaignFile]:
    """A campaign whose clean runs repeat, with a probed run of six of eight mutants."""
    with CampaignFile.open(tmp_path, create=True) as opened:
        opened.set_meta("metrics", ["accuracy"])
        for trial in clean_trials("s", 2, 2, 1):
            opened.add_run(trial, outcome(trial_id=trial.id, hits=None), b"", ENVIRONMENT)
        probed = probe_trial("s", 0)
        opened.add_run(probed, outcome(trial_id=probed.id, hits=None), b"", ENVIRONMENT)
        opened.set_probes(probe_of(mutant, probed) for mutant in MUTANTS[:7])
        groups = {mutant.id: index for index, mutant in enumerate(MUTANTS[:7])}
        keep_first_evaluations(opened, probed.id, groups, FIRSTS)
        yield opened


def probe_of(mutant: Mutant, trial: Trial, evaluations: int = 3, doubt: str = "") -> Probe:
    return Probe(mutant.id, trial.id, ProbeKind.VALUE, evaluations, 1, "", (), 0, doubt)


def starts_of(file: CampaignFile, draw: Draw | None = None) -> list[WarmStart | str]:
    session = session_of(file, OneLauncher())
    starts = WarmStarts(training_record(session.evidence), MUTANTS)
    trials = [t for t in mutant_trials("s", MUTANTS) if t.mutant]
    if draw is not None:
        trials = [replace(trial, seed=draw.seed, fold=draw.fold) for trial in trials]
    found = [starts.applied(trial, Instructions()) for trial in trials]
    return [each.start or each.cold for each in found]


def test_a_mutant_forks_where_it_is_evaluated_or_at_the_last_point_with_one_thread(
    file: CampaignFile,
) -> None:
    starts = starts_of(file)
    points = [start.point if isinstance(start, WarmStart) else start for start in starts]
    own = None
    # The fifth was alone again: the last one forks there, if that is still so.
    assert points[:6] == [own, own, own, MUTANTS[2], own, MUTANTS[4]]
    assert points[6:] == [ColdReason.OTHER_PROCESS, ColdReason.NOT_PROBED]
    assert all(start.clean for start in starts if isinstance(start, WarmStart))
    seconds = [start.prefix for start in starts if isinstance(start, WarmStart)]
    assert seconds == [0.1, 0.2, 0.3, 0.3, 0.5, 0.5]


def test_campaigns_without_the_times_of_first_evaluations_start_warm_as_well(
    file: CampaignFile,
) -> None:
    kept = file.meta("first evaluations")
    older = {run: {id_: first[:2] for id_, first in each.items()} for run, each in kept.items()}
    file.set_meta("first evaluations", older)
    starts = [start for start in starts_of(file) if isinstance(start, WarmStart)]
    assert [start.prefix for start in starts] == [None] * 6


def test_a_hot_or_doubtful_expression_starts_cold(file: CampaignFile) -> None:
    trial = probe_trial("s", 0)
    file.set_probes([probe_of(MUTANTS[0], trial, 10**9), probe_of(MUTANTS[1], trial, 3, "read")])
    assert starts_of(file)[:2] == [ColdReason.HOT, ColdReason.NOT_PROBED]
    # A point would be asked as often.
    file.set_probes([probe_of(MUTANTS[2], trial, 10**9)])
    assert starts_of(file)[3] == ColdReason.THREADS


@pytest.mark.parametrize("doubt", list(DoubtOfValues))
def test_a_doubt_about_values_alone_keeps_no_mutant_from_starting_warm(
    file: CampaignFile, doubt: str
) -> None:
    file.set_probes([probe_of(MUTANTS[2], probe_trial("s", 0), 3, doubt)])
    starts = starts_of(file)
    assert isinstance(starts[2], WarmStart)
    assert isinstance(starts[3], WarmStart)
    assert starts[3].point == MUTANTS[2]


def test_a_draw_without_a_clean_run_and_clean_runs_that_differ_start_cold(
    file: CampaignFile, tmp_path: Path
) -> None:
    assert isinstance(starts_of(file, Draw(1))[0], WarmStart)
    assert starts_of(file, Draw(7))[0] == ColdReason.NEVER_REPEATS
    (tmp_path / "other").mkdir()
    with CampaignFile.open(tmp_path / "other", create=True) as other:
        for number, trial in enumerate(clean_trials("s", 1, 2, 1)):
            result = outcome(trial_id=trial.id, parameters=str(number))
            other.add_run(trial, result, b"", ENVIRONMENT)
        assert set(starts_of(other)) == {ColdReason.NEVER_REPEATS}


def run_all(session: Session, file: CampaignFile) -> None:
    list(session.execute(mutant_trials("s", MUTANTS)))


@pytest.mark.parametrize(
    "cold",
    [
        {"parameters": "other"},
        {"hits": 2},
        {"steps": {"accuracy": ("0.5", "0.8")}},
        {"steps": {}},
    ],
)
def test_a_warm_run_that_a_cold_one_refutes_takes_all_warm_runs_back(
    file: CampaignFile, cold: dict[str, Any]
) -> None:
    launcher = OneLauncher({TrialKind.MUTANT: {"observations": WARM}, TrialKind.AUDIT: cold})
    session = session_of(file, launcher)
    assert may_start_warm(session)
    run_all(session, file)
    assert len(outcomes(file)) == len(MUTANTS)
    with pytest.raises(AuditError, match="ended otherwise after a warm start") as raised:
        check_warm_starts(session, MUTANTS)
    assert raised.value.exit_code is ExitCode.AUDIT
    assert f"the {len(MUTANTS)} runs" in raised.value.what
    assert outcomes(file) == []
    assert file.meta(COLD_FOR_GOOD)
    assert not may_start_warm(session)


def test_warm_runs_that_cold_ones_repeat_stay(file: CampaignFile) -> None:
    session = session_of(file, OneLauncher({TrialKind.MUTANT: {"observations": WARM}}))
    run_all(session, file)
    assert check_warm_starts(session, MUTANTS) == 1, "two per cent, and at least one"
    assert check_warm_starts(session, MUTANTS) == 0, "once only"
    assert len(outcomes(file)) == len(MUTANTS)
    costs = [cost for cost in file.costs() if cost.kind is TrialKind.MUTANT]
    assert sum(cost.cpu_seconds for cost in costs) == pytest.approx(len(MUTANTS) * (2.25 - 1.5))
    assert sum(cost.shared for cost in costs) == pytest.approx(len(MUTANTS) * 1.5)
    times = [run.cpu_seconds for run in file.measurements(TrialKind.MUTANT)]
    assert all(time != time for time in times), "a warm run measures no time"


SECOND = [replace(t, seed=1) for t in mutant_trials("s", MUTANTS) if t.mutant]


def test_warm_runs_with_further_seeds_are_checked_as_well(file: CampaignFile) -> None:
    launcher = OneLauncher({TrialKind.MUTANT: {"observations": WARM}})
    session = session_of(file, launcher)
    run_all(session, file)
    check_warm_starts(session, MUTANTS)
    list(session.execute(SECOND))
    assert check_warm_starts(session, MUTANTS) == 1
    audited = [draw for draw, _, _ in file.outcomes(TrialKind.AUDIT)]
    assert audited == [Draw(0), Draw(1)]
    assert check_warm_starts(session, MUTANTS) == 0, "once only"


def test_a_warm_run_with_a_further_seed_that_a_cold_one_refutes_takes_all_back(
    file: CampaignFile,
) -> None:
    launcher = OneLauncher({TrialKind.MUTANT: {"observations": WARM}})
    session = session_of(file, launcher)
    run_all(session, file)
    check_warm_starts(session, MUTANTS)
    list(session.execute(SECOND))
    launcher.outcomes[TrialKind.AUDIT] = {"parameters": "other"}
    with pytest.raises(AuditError, match=f"the {2 * len(MUTANTS)} runs"):
        check_warm_starts(session, MUTANTS)
    assert outcomes(file) == []


class NeverRepeating(OneLauncher):
    """A launcher whose cold runs end each in another state."""

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for result in super().launch(requests, slot, must_stop):
            state = f"cold {result.trial.repeat}"
            is_cold = result.trial.kind is TrialKind.AUDIT
            ended = replace(result.outcome, parameters=state) if is_cold else result.outcome
            yield replace(result, outcome=ended)


@pytest.mark.parametrize("agrees", [True, False])
def test_a_mutant_that_does_not_repeat_refutes_no_warm_run_but_by_its_symptom(
    file: CampaignFile, agrees: bool
) -> None:
    cold = {} if agrees else {"exit": Exit(Ending.SIGNAL, 11)}
    launcher = NeverRepeating({TrialKind.MUTANT: {"observations": WARM}, TrialKind.AUDIT: cold})
    session = session_of(file, launcher)
    run_all(session, file)
    if agrees:
        assert check_warm_starts(session, MUTANTS) == 2
        assert check_warm_starts(session, MUTANTS) == 0
        assert len(outcomes(file)) == len(MUTANTS)
    else:
        with pytest.raises(AuditError):
            check_warm_starts(session, MUTANTS)


STUCK_AWAKE = {
    "exit": Exit(Ending.STUCK, 9),
    "settled": "stuck",
    "observations": {**WARM, "stuck": {"why": "unchanging", "seconds": 3.0, "clean": 1.0}},
}


@pytest.mark.parametrize(("ending", "agrees"), [(Ending.TIME, True), (Ending.EXITED, False)])
def test_a_cold_run_confirms_a_warm_hang_if_it_hangs(
    file: CampaignFile, ending: Ending, agrees: bool
) -> None:
    cold = {"exit": Exit(ending, 9 if ending is Ending.TIME else 0)}
    session = session_of(file, OneLauncher({TrialKind.MUTANT: STUCK_AWAKE, TrialKind.AUDIT: cold}))
    run_all(session, file)
    if agrees:
        assert check_warm_starts(session, MUTANTS) == 1
    else:
        with pytest.raises(AuditError):
            check_warm_starts(session, MUTANTS)


def test_cold_runs_need_no_check(file: CampaignFile) -> None:
    session = session_of(file, OneLauncher())
    run_all(session, file)
    assert check_warm_starts(session, MUTANTS) == 0


def test_nothing_starts_warm_where_runs_share_files_with_the_user(file: CampaignFile) -> None:
    assert not may_start_warm(session_of(file, OneLauncher(), Level.NONE))


def outcomes(file: CampaignFile) -> list[Outcome]:
    return [outcome for _, _, outcome in file.outcomes(TrialKind.MUTANT)]


def test_a_failed_control_takes_joint_runs_back_as_well(file: CampaignFile) -> None:
    joint = Trial("s", TrialKind.TOGETHER, 0)
    file.add_run(joint, outcome(trial_id=joint.id), b"", ENVIRONMENT)
    assert file.withdraw_since_clean() == 1
    assert list(file.outcomes(TrialKind.TOGETHER)) == []
    assert len(list(file.outcomes(TrialKind.PROBE))) == 1
