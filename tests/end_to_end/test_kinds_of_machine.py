"""Campaigns on two kinds of machine, whose results differ in their last bits."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from build import ENVIRONMENT, outcome
from made_up import SETTINGS, MadeUp, campaign_in
from trainwreck import Campaign
from trainwreck.campaign import guard, origin, own_checks, package_versions, verify_power
from trainwreck.campaign.cluster import problem_of_control
from trainwreck.errors import ControlError, UsageError
from trainwreck.model import FIRST as FIRST_DRAW
from trainwreck.model import Judged, Machines, Outcome, Rung, Share, Trial, TrialKind
from trainwreck.model.shard import Shard
from trainwreck.report.remarks import note_of
from trainwreck.results.evidence import Evidence
from trainwreck.results.own_checks import read_own_checks
from trainwreck.run.launcher import TrialResult
from trainwreck.stats.groups import AtMost
from trainwreck.store.campaign_file import CampaignFile

FIRST, OTHER = "Fast 9000", "Small 7"
HALF = 30
"""Runs, those of the baseline included, after which the campaign on the first machine stops."""

Machine = Callable[[str], None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Work on another machine from now on, as far as its system says."""

    def on(model: str) -> None:
        file = tmp_path / f"{model} cpuinfo"
        file.write_text(f"processor\t: 0\nmodel name\t: {model}\nflags\t\t: fpu avx2 fma\n")
        monkeypatch.setattr(origin, "PROCESSORS", file)

    return on


def with_last_bits(bits: str) -> Callable[[Trial, Outcome], Outcome]:
    """Let every result be that of a machine which rounds in a way of its own."""

    def change(trial: Trial, outcome: Outcome) -> Outcome:
        steps = {name: tuple(v + bits for v in values) for name, values in outcome.steps.items()}
        parameters = outcome.parameters and outcome.parameters + bits
        return replace(outcome, steps=steps, parameters=parameters)

    return change


def begin(base: Path, name: str, launcher: MadeUp) -> Campaign:
    return campaign_in(base, name, launcher, SETTINGS)


def whole(base: Path, name: str, bits: str = "") -> dict[str, tuple[object, ...]]:
    with begin(base, name, MadeUp(with_last_bits(bits))) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run()
    return fates(campaign.folder)


def judged(folder: Path) -> list[Judged]:
    return Campaign(folder).judged()


def fates(folder: Path) -> dict[str, tuple[object, ...]]:
    return {
        item.mutant.id: (item.verdict.rung, sorted(item.verdict.impact)) for item in judged(folder)
    }


def begun(base: Path, machine: Machine, name: str = "half") -> Path:
    """A campaign that was stopped on the first machine."""
    machine(FIRST)
    campaign = begin(base, name, MadeUp(most=HALF))
    with campaign:
        campaign.baseline()
        campaign.plan()
        with pytest.raises(ControlError):
            campaign.run()
    return campaign.folder


def runs(folder: Path, kind: TrialKind) -> dict[str, str]:
    """The environment of each run of a kind, by trial."""
    with CampaignFile.open(folder) as file:
        ids = {outcome.trial_id for _, _, outcome in file.outcomes(kind)}
        return {trial: file.environment_of(trial) for trial in ids}


def test_a_campaign_that_goes_on_on_another_kind_of_machine_has_the_same_verdicts(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    expected = whole(tmp_path, "alone")
    assert {rung for rung, _ in expected.values()} == {Rung.CRASH, Rung.PROPAGATED, Rung.MASKED}
    folder = begun(tmp_path, machine)
    before, clean = runs(folder, TrialKind.MUTANT), runs(folder, TrialKind.CLEAN)
    machine(OTHER)
    with begin(tmp_path, folder.name, MadeUp(with_last_bits("001"))) as campaign:
        campaign.run()
    assert fates(folder) == expected
    after = runs(folder, TrialKind.MUTANT)
    assert set(before) < set(after)
    assert clean.items() < runs(folder, TrialKind.CLEAN).items()


def test_what_is_decided_is_not_run_again_on_another_kind_of_machine(
    tmp_path: Path, machine: Machine
) -> None:
    folder = begun(tmp_path, machine)
    decided = {
        item.mutant.id for item in judged(folder) if item.verdict.rung is not Rung.PROPAGATED
    }
    assert decided
    machine(OTHER)
    launcher = MadeUp(with_last_bits("001"))
    with begin(tmp_path, folder.name, launcher) as campaign:
        campaign.run()
    with CampaignFile.open(folder) as file:
        kinds = file.kinds()
        first = {
            runs.mutant.id: kinds[file.environment_of(runs.first.trial_id)]
            for runs in file.first_runs()
            if runs.first
        }
    assert len(set(first.values())) == 2
    assert len({first[mutant] for mutant in decided}) == 1
    made = launcher.made
    with begin(tmp_path, folder.name, launcher) as campaign:
        assert campaign.run() == 0
    assert launcher.made == made


def test_a_finished_campaign_makes_no_run_on_another_kind_of_machine(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    expected = whole(tmp_path, "alone")
    machine(OTHER)
    launcher = MadeUp(with_last_bits("001"))
    with begin(tmp_path, "alone", launcher) as campaign:
        assert campaign.run() == 0
    assert (launcher.made, fates(tmp_path / "alone")) == (0, expected)


def test_a_baseline_is_made_for_each_kind_of_machine_and_once(
    tmp_path: Path, machine: Machine
) -> None:
    folder = begun(tmp_path, machine)
    launcher = MadeUp(with_last_bits("001"))
    for model in (FIRST, OTHER, OTHER):
        machine(model)
        made = launcher.made
        with begin(tmp_path, folder.name, launcher) as campaign:
            campaign.baseline()
        assert (launcher.made > made) is (model == OTHER and made == 0)
    assert len(set(runs(folder, TrialKind.CLEAN).values())) == 2


def test_an_exported_campaign_goes_on_on_another_kind_of_machine(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    expected = whole(tmp_path, "alone")
    folder = begun(tmp_path, machine)
    Campaign(folder).export(tmp_path / "half.jsonl")
    Campaign.import_records(tmp_path / "half.jsonl", tmp_path / "there")
    machine(OTHER)
    with begin(tmp_path, "there", MadeUp(with_last_bits("001"))) as campaign:
        campaign.run()
    assert fates(tmp_path / "there") == expected


def test_shards_of_two_kinds_of_machine_are_merged_to_the_same_verdicts(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    expected = whole(tmp_path, "alone")
    with begin(tmp_path, "planned", MadeUp()) as campaign:
        campaign.baseline()
        campaign.plan()
    parts = []
    for number, model, bits in ((1, FIRST, ""), (2, OTHER, "001")):
        part = tmp_path / f"part-{number}"
        shutil.copytree(campaign.folder, part)
        machine(model)
        with begin(tmp_path, part.name, MadeUp(with_last_bits(bits))) as shard:
            shard.run(shard=Shard(number, 2))
        parts.append(part)
    for order in (parts, parts[::-1]):
        Campaign.merge(order, tmp_path / order[0].name / "all", complete=True)
        assert fates(tmp_path / order[0].name / "all") == expected


def test_one_package_of_another_version_is_another_kind_and_an_installer_is_not() -> None:
    newer = replace(ENVIRONMENT, packages={"numpy": "2.1.1"})
    assert newer.kind != ENVIRONMENT.kind
    assert replace(ENVIRONMENT, packages={"numpy": "2.1.0", "pip": "25"}).kind == ENVIRONMENT.kind
    flags = replace(ENVIRONMENT, origin={"processor": "P", "instructions": "avx2"})
    more = replace(ENVIRONMENT, origin={"processor": "P", "instructions": "avx2 avx512f"})
    kernel = replace(flags, origin={**flags.origin, "kernel": "Linux 7", "settings": "x"})
    assert flags.kind != more.kind
    assert flags.kind == kernel.kind


def test_the_report_names_the_kinds_of_machine_behind_it(tmp_path: Path, machine: Machine) -> None:
    folder = begun(tmp_path, machine)

    def notes() -> str:
        return " ".join(
            note_of(table)
            for table in Campaign(folder).tables()
            if any(isinstance(remark, Machines) for remark in table.remarks)
        )

    assert f"one kind of machine: {FIRST}" in notes()
    machine(OTHER)
    with begin(tmp_path, folder.name, MadeUp(with_last_bits("001"))) as campaign:
        campaign.run()
    assert "on 2 kinds of machine, and each is compared with clean runs of its own" in notes()
    assert FIRST in notes()
    assert OTHER in notes()


def move_mutants(campaign: Campaign, most: int = 1 << 30) -> None:
    """Let runs of mutants be those of a machine where the clean program has not run."""
    assert campaign.settings is not None
    subject = campaign.settings.subject.fingerprint
    with CampaignFile.open(campaign.folder, create=True) as file:
        for draw, mutant, outcome in list(file.outcomes(TrialKind.MUTANT))[:most]:
            bug = next(planned.mutant for planned in file.mutants() if planned.mutant.id == mutant)
            trial = Trial(subject, TrialKind.MUTANT, draw.seed, draw.fold, mutant=bug)
            assert trial.id == outcome.trial_id
            file.add_run(trial, with_last_bits("001")(trial, outcome), b"", ENVIRONMENT)


def test_runs_on_a_kind_without_clean_runs_prove_nothing_and_are_made_again(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    expected = whole(tmp_path, "alone")
    campaign = begin(tmp_path, "alone", MadeUp())
    folder = campaign.folder
    move_mutants(campaign)
    assert {rung for rung, _ in fates(folder).values()} <= {Rung.CRASH, None}
    with campaign:
        campaign.run()
    assert fates(folder) == expected


def on_both(base: Path, machine: Machine) -> Campaign:
    """A campaign of both machines, at work on the second."""
    folder = begun(base, machine)
    machine(OTHER)
    campaign = begin(base, folder.name, MadeUp(with_last_bits("001")))
    with campaign:
        campaign.run()
    return campaign


def rows_of(campaign: Campaign, name: str) -> dict[object, tuple[object, ...]]:
    (table,) = [table for table in campaign.power() if table.name == name]
    return {row[0]: row for row in table.rows}


def test_power_compares_within_a_kind_of_machine_and_names_the_kinds(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    whole(tmp_path, "alone")
    alone = Campaign(tmp_path / "alone")
    assert note_of(alone.power()[0]).startswith(
        f"All runs were made on one kind of machine: {FIRST}"
    )
    campaign = on_both(tmp_path, machine)
    before, after = rows_of(alone, "power"), rows_of(campaign, "power")
    equal = after["every report equal"]
    assert equal[5] == before["every report equal"][5]
    assert isinstance(equal[7], AtMost)
    # Each clean run of a kind, compared with the other's.
    assert isinstance(equal[9], Share)
    assert equal[9].count == equal[9].total > 2
    assert after["first report within 0.01"][9] == Share(0, equal[9].total)
    note = note_of(campaign.power()[0])
    assert "on 2 kinds of machine, and each is compared with clean runs of its own" in note
    assert FIRST in note
    assert OTHER in note


def test_a_node_is_compared_with_clean_runs_of_the_kind_of_machine_at_work(
    tmp_path: Path, machine: Machine
) -> None:
    campaign = on_both(tmp_path, machine)
    with CampaignFile.open(campaign.folder) as file:
        evidence = Evidence(file)
        outcomes = [outcome for *_, outcome in file.outcomes(TrialKind.CLEAN, draw=FIRST_DRAW)]
        by_kind = {evidence.kind_of(outcome.trial_id): outcome for outcome in outcomes}
        assert len(by_kind) == 2
        trial = Trial("s", TrialKind.CONTROL, 0)
        problems = {
            (kind, of): problem_of_control(file, kind, [TrialResult(trial, outcome)])
            for kind in (*by_kind, "neither")
            for of, outcome in by_kind.items()
        }
    for (kind, of), problem in problems.items():
        assert problem == (
            "" if kind in (of, "neither") else "the clean program ends otherwise there"
        )
    assert problem_of_control(file, "neither", []) == "the clean program had no result there"


def test_power_leaves_out_mutants_of_a_kind_of_machine_without_clean_runs(
    tmp_path: Path, machine: Machine
) -> None:
    machine(FIRST)
    whole(tmp_path, "alone")
    campaign = begin(tmp_path, "alone", MadeUp())
    before = rows_of(campaign, "power")["every report equal"][5]
    move_mutants(campaign, most=8)
    after = rows_of(campaign, "power")["every report equal"][5]
    assert isinstance(before, Share)
    assert isinstance(after, Share)
    assert after.count == after.total < before.total
    assert "ran on a kind of machine without a clean run, and are left" in note_of(
        campaign.power()[0]
    )
    move_mutants(campaign)
    with pytest.raises(UsageError, match=r"mutants ran on a kind of machine without") as refused:
        campaign.power()
    assert "`trainwreck baseline`" in refused.value.hint


def test_power_verify_compares_within_the_kind_of_machine_at_work(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(FIRST)
    whole(tmp_path, "alone")
    machine(OTHER)
    launcher = MadeUp(with_last_bits("001"))
    monkeypatch.setattr(verify_power, "ColdLauncher", lambda _: launcher)
    with begin(tmp_path, "alone", launcher) as campaign:
        campaign.verify_power(12)
    assert rows_of(campaign, "power-verified")["all"][2] == Share(12, 12)
    assert len(set(runs(campaign.folder, TrialKind.CLEAN).values())) == 2


def test_guard_is_of_the_kind_of_machine_at_work(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = on_both(tmp_path, machine)
    clean = outcome(steps={"accuracy": ("0.3001",)}, parameters="clean 0")
    monkeypatch.setattr(guard, "_bare_run", lambda _: clean)
    monkeypatch.setattr(guard, "_check_passes", lambda *_: None)
    written = campaign.guard(checks=["every report equal"]).guard
    assert written.golden == {"accuracy": ("0.3001",)}
    assert written.versions == {}
    assert written.noticed.count == written.noticed.total
    assert written.usual["accuracy"].mean * 1e4 % 10 == pytest.approx(1)
    (check,) = written.checks
    assert not check.alarms.count
    monkeypatch.setattr(package_versions, "_texts", lambda _: ["import pytest"])
    versions = campaign.guard(checks=["every report equal"]).guard.versions
    assert versions["pytest"] == pytest.__version__
    # It computes for others, and is there.
    assert "numpy" in versions
    machine("Slow 1")
    with pytest.raises(UsageError, match="no clean run was made on this kind of machine"):
        begin(tmp_path, campaign.folder.name, MadeUp()).guard()


class MadeUpChecks(MadeUp):
    """A launcher whose checks see what trainings of the same machine do."""

    copies = None


def test_run_check_runs_the_clean_program_on_each_kind_of_machine(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS + '\n[checks.tests]\ncommand = ["train.py"]\nclean = 3\nmasked = 2\n'
    launcher = MadeUpChecks()
    monkeypatch.setattr(own_checks, "ColdLauncher", lambda *_: launcher)
    machine(FIRST)
    with campaign_in(tmp_path, "checked", launcher, settings) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(4)
        assert campaign.run_checks(["tests"]) > 3
        before = rows_of(campaign, "power")["check tests"]
    machine(OTHER)
    with campaign_in(tmp_path, "checked", launcher, settings) as campaign:
        # The clean program, also with twice the threads and beside other work.
        assert campaign.run_checks(["tests"]) == 3 + 2 * own_checks.EACH
        assert campaign.run_checks(["tests"]) == 0
        after = rows_of(campaign, "power")["check tests"]
        assert (before[8], after[8]) == (3, 6)
        assert before[5] == after[5]
    with CampaignFile.open(campaign.folder) as file:
        one = read_own_checks(file, (), (), 1.0, lambda _: "one")
        each = read_own_checks(file, (), (), 1.0, lambda trial: trial)
    assert None not in one[0].noticed.values()
    assert set(each[0].noticed.values()) == {None}


def ended_early(trial: Trial, outcome: Outcome) -> Outcome:
    """Let a mutant's run that would end clean end at its first report."""
    if trial.kind is not TrialKind.MUTANT or outcome.parameters != f"clean {trial.seed}":
        return outcome
    return replace(outcome, settled="horizon", checkpoint="point", parameters=None)


def test_an_audit_on_another_machine_is_compared_with_clean_runs_there(
    tmp_path: Path, machine: Machine
) -> None:
    # So many clean runs agree that no disagreement asks for more of them.
    settings = SETTINGS.replace("repeats = 1", "repeats = 13")
    machine(FIRST)
    with campaign_in(tmp_path, "campaign", MadeUp(ended_early), settings) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run()
    machine(OTHER)
    with campaign_in(tmp_path, "campaign", MadeUp(with_last_bits("7")), settings) as campaign:
        audits = campaign.audit(3)
    assert len(audits) == 3
    assert not any(audited.disagreement for audited in audits)
    assert len(set(runs(campaign.folder, TrialKind.CLEAN).values())) == 2
