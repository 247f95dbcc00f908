"""Programs that end in several ways with one seed: which bugs are said to change their result.

The file of letters says how each start ends, so that every campaign here is the same every time;
the last test leaves it to chance, and holds for every draw.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trainwreck.campaign import origin
from trainwreck.campaign.baseline import ENOUGH_WITHOUT_NEWS, MOST_FURTHER
from trainwreck.cli.main import run
from trainwreck.model import FIRST, RUN, Ending, Rung, Second, Symptom
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all
from trainwreck.results.source import results_of
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.connecting import opened

ZOO = Path(__file__).parents[1] / "zoo_endings"
TWO_ENDINGS = "ab" * 20
Capsys = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Steered:
    """A campaign, and the letters of the starts to come."""

    folder: Path
    program: Path
    letters: Path

    def command(self, *arguments: str) -> int:
        before = Path.cwd()
        os.chdir(self.program)
        try:
            return run(["--campaign", str(self.folder), *arguments])
        finally:
            os.chdir(before)

    def baseline(self, letters: str) -> None:
        self.letters.write_text(letters)
        assert self.command("baseline", "--jobs", "1") == 0

    def run(self, letters: str = "a", *arguments: str) -> None:
        self.letters.write_text(letters)
        assert self.command("run", "--jobs", "1", *arguments) == 0

    def ids(self) -> dict[str, str]:
        """The mutants by file and changed number, in the order in which they run."""
        with CampaignFile.open(self.folder) as file:
            planned = [planned.mutant for planned in file.mutants()]
        return {f"{m.file.removesuffix('.py')} {m.edits[0].original}": m.id for m in planned}

    def first_letters(self, usual: str = "a", **others: str) -> str:
        """One letter for the control, and one for the first run of each mutant."""
        wanted = {name.replace("_", " "): letter for name, letter in others.items()}
        assert wanted.keys() <= self.ids().keys()
        return usual + "".join(wanted.get(name, usual) for name in self.ids())

    def verdicts(self) -> dict[str, Any]:
        names = {mutant: name for name, mutant in self.ids().items()}
        with CampaignFile.open(self.folder) as file:
            judged = judge_all(Evidence(file))
        return {names[item.mutant.id]: item.verdict for item in judged}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        # As the store writes, which seals what it changes.
        with opened(self.folder / "campaign.sqlite", create=True) as connection, connection:
            return connection.execute(query).fetchall()

    def number(self, kind: str, repeat: str = "repeat >= 0") -> int:
        query = f"SELECT count(*) FROM run WHERE kind = '{kind}' AND {repeat}"
        return int(self.ask(query)[0][0])


def steered(
    folder: Path, program: str = "steered", rules: str = "[]", launcher: str = ""
) -> Steered:
    copy = folder / program
    shutil.copytree(ZOO / program, copy, ignore=shutil.ignore_patterns("__pycache__"))
    letters = folder / "letters"
    letters.write_text("a")
    paths = {"PYTHONPATH": ZOO / "library", "ZOO_ENDINGS": letters}
    env = "env = { " + ", ".join(f'{k} = "{v}"' for k, v in paths.items()) + " }\n"
    settings = copy / "trainwreck.toml"
    text = settings.read_text().replace("[subject]\n", "[subject]\n" + env)
    if launcher:
        text = text.replace('["train.py"]', f'["-m", "launching", "{launcher}", "train.py"]')
    settings.write_text(text + f"rules = {rules}\n")
    return Steered(folder / "campaign", copy, letters)


@pytest.fixture
def campaign(tmp_path: Path) -> Steered:
    return steered(tmp_path)


FIRST_ENDS = {
    "": "the program was ended by signal 6",
    "raises": "died with <Signals.SIGABRT: 6>.",
    "leaves": "the program raised SystemExit(1)",
}
"""How a run is said to have aborted, without a launcher and under two that say so in own ways."""


@pytest.mark.parametrize("launcher", FIRST_ENDS)
def test_a_crash_that_does_not_repeat_is_no_verdict(
    tmp_path: Path, capsys: Capsys, launcher: str
) -> None:
    campaign = steered(tmp_path, launcher=launcher)
    campaign.baseline("a")
    campaign.run(campaign.first_letters(train_30="A", left_31="A", train_40="A") + "aAa")
    found = campaign.verdicts()
    by_chance = [found[name] for name in ("train 30", "left 31", "train 40")]
    assert [v.second for v in by_chance if v.symptom is Symptom.CRASH] == [Second.SAME]
    assert [v.ending for v in by_chance if v.symptom is None] == [Ending.LOST] * 2
    assert campaign.number("mutant", "repeat = 1") == 3
    capsys.readouterr()
    unsaid = next(v for v in by_chance if v.symptom is None)
    assert campaign.command("show", unsaid.mutant_id) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Chance decided how it ended" in said
    assert FIRST_ENDS[launcher] in said
    # No run is made again.
    runs = campaign.number("mutant")
    campaign.run("a")
    assert campaign.number("mutant") == runs


@pytest.mark.parametrize("launcher", FIRST_ENDS)
def test_a_clean_run_that_crashes_by_chance_runs_once_more(
    tmp_path: Path, capsys: Capsys, launcher: str
) -> None:
    campaign = steered(tmp_path, launcher=launcher)
    # The first run works, and then one clean run and one control crash.
    campaign.baseline("aaAa")
    campaign.run("Aa")
    assert campaign.number("control") == 1
    assert campaign.ask("SELECT count(*) FROM run WHERE code <> 0 AND mutant_id IS NULL") == [(0,)]
    said = capsys.readouterr().err
    how = "exited 1" if launcher else "signal 6"
    assert said.count(f"a clean run crashed ({how}), and no exception says why") == 2


def test_a_clean_program_that_crashes_twice_does_not_work(
    campaign: Steered, capsys: Capsys
) -> None:
    campaign.baseline("a")
    campaign.letters.write_text("A")
    assert campaign.command("run", "--jobs", "1") == 3
    said = " ".join(capsys.readouterr().err.split())
    assert "does not work any more: it ended by signal 6" in said
    assert campaign.number("mutant") == 0


def test_a_program_whose_first_run_crashes_is_not_repeated(
    campaign: Steered, capsys: Capsys
) -> None:
    campaign.letters.write_text("Aa")
    assert campaign.command("baseline", "--jobs", "1") == 2
    assert "runs once more" not in capsys.readouterr().err


def test_a_mutant_is_run_once_more_before_it_is_said_to_have_changed_the_result(
    campaign: Steered, capsys: Capsys
) -> None:
    campaign.baseline(TWO_ENDINGS)
    first = campaign.first_letters(
        train_30="c", train_50="b", train_60="b", left_31="b", right_31="c"
    )
    # All second runs end in `a`.
    campaign.run(first + "a")
    found = campaign.verdicts()
    silent = [found[name] for name in ("train 30", "right 31", "train 50")]
    assert {(v.rung, v.second, len(v.unseen)) for v in silent} == {(Rung.MASKED, Second.CLEAN, 1)}
    assert (found["left 31"].rung, found["left 31"].second) == (Rung.MASKED, None)
    moved = found["train 40"]
    assert (moved.rung, moved.second, moved.shared) == (Rung.PROPAGATED, Second.SAME, None)
    hidden = found["train 60"]
    assert (hidden.rung, hidden.second) == (Rung.PROPAGATED, Second.UNREACHED)
    # One of the two silent ones that ended in `c` is in another file than the other.
    assert found["train 30"].shared == found["right 31"].shared
    assert found["train 30"].shared.files == 2
    seconds = campaign.number("mutant", "repeat = 1")
    assert seconds == len(found) - 1 == campaign.number("mutant", "repeat = 0") - 1
    capsys.readouterr()
    assert campaign.command("report") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "3 of the masked mutants ended as a clean run in one of two runs" in said
    assert "1 of the propagated mutants has no second run that reached the" in said
    assert campaign.command("show", hidden.mutant_id) == 0
    assert "not known to have run the mutated code" in capsys.readouterr().out
    assert campaign.command("show", silent[0].mutant_id) == 0
    said = capsys.readouterr().out
    assert "Doubt: The other run ended in a state that no clean run has shown." in said
    assert "Doubt: The final state is also that of " + silent[1].mutant_id in said


def test_a_mutant_that_moves_one_path_alone_propagates_if_both_runs_take_it(
    campaign: Steered,
) -> None:
    campaign.baseline(TWO_ENDINGS)
    campaign.run(campaign.first_letters(train_50="b", train_60="b") + "b")
    found = campaign.verdicts()
    for name in ("train 50", "train 60"):
        assert (found[name].rung, found[name].second) == (Rung.PROPAGATED, Second.SAME)
    moved = found["train 40"]
    assert (moved.rung, moved.second, len(moved.unseen)) == (Rung.PROPAGATED, Second.OTHER, 2)


def test_second_runs_are_no_values_and_are_resumed_exported_and_imported(
    campaign: Steered, capsys: Capsys, tmp_path: Path
) -> None:
    campaign.baseline(TWO_ENDINGS)
    campaign.run(campaign.first_letters(train_30="c") + "a")
    before = campaign.verdicts()
    made = campaign.number("mutant", "repeat = 1")
    with CampaignFile.open(campaign.folder) as file:
        study = results_of(file).judged_campaign("steered")
        assert {len(sample.numbers("loss")) for sample in study.runs.values()} == {1}
    # A campaign that was ended before its second runs, or made before there were any.
    campaign.ask("DELETE FROM run WHERE kind = 'mutant' AND repeat = 1")
    missing = {v.second for v in campaign.verdicts().values() if v.rung is Rung.PROPAGATED}
    assert missing == {Second.MISSING}
    capsys.readouterr()
    assert campaign.command("report") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{made} of the propagated mutants have no second run" in said
    campaign.run("a")
    assert campaign.verdicts() == before
    out = tmp_path / "out.jsonl"
    assert campaign.command("export", str(out)) == 0
    runs = [r for line in out.read_text().splitlines() for r in json.loads(line).get("runs", ())]
    assert sum(r.get("purpose") == "repeat" for r in runs) == made
    copy = Steered(tmp_path / "copy", campaign.program, campaign.letters)
    assert copy.command("import", str(out)) == 0
    assert "no doubts" in capsys.readouterr().out
    assert copy.verdicts() == before


def test_a_shared_ending_is_suspected_and_clean_runs_look_for_it_once(
    campaign: Steered, capsys: Capsys
) -> None:
    """Two bugs in two files switch the same thing off: truly propagated, and yet in doubt."""
    campaign.baseline("a")
    assert campaign.number("clean") == 4
    campaign.run("a")
    found = campaign.verdicts()
    left, right = found["left 0"], found["right 0"]
    assert left.rung is right.rung is Rung.PROPAGATED
    assert left.shared is not None
    assert set(left.shared.mutants) == {left.mutant_id, right.mutant_id}
    assert found["train 40"].shared is None
    # After the first clean run, 12 without news: two measured ones and a control among them.
    assert campaign.number("clean") == 1 + ENOUGH_WITHOUT_NEWS - 3
    assert campaign.number("mutant", "repeat = 1") == 0
    campaign.run("a")
    assert campaign.number("clean") == 1 + ENOUGH_WITHOUT_NEWS - 3
    capsys.readouterr()
    assert campaign.command("report") == 0
    assert "2 of the propagated mutants share" in " ".join(capsys.readouterr().out.split())


def test_a_shared_ending_on_another_kind_of_machine_asks_for_no_clean_run_here(
    campaign: Steered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.baseline("a")
    campaign.run("a")
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: Small 7\nflags\t\t: fpu\n")
    monkeypatch.setattr(origin, "PROCESSORS", file)
    campaign.baseline("a")
    both = campaign.number("clean")
    campaign.run("a")
    assert campaign.verdicts()["left 0"].shared is not None
    assert campaign.number("clean") == both


def test_two_silent_mutants_in_an_unseen_clean_ending_are_masked_once_a_clean_run_shows_it(
    campaign: Steered,
) -> None:
    campaign.baseline("a")
    first = campaign.first_letters(left_31="c", right_31="c")
    campaign.run(first + "aac" + "a")
    found = campaign.verdicts()
    for name in ("left 31", "right 31", "train 30"):
        assert (found[name].rung, found[name].unseen) == (Rung.MASKED, ())
    # There are two clean endings now, so that whatever still propagates was run once more.
    assert {v.second for v in found.values() if v.rung is Rung.PROPAGATED} == {Second.SAME}


def test_two_silent_mutants_stay_propagated_with_a_doubt_where_no_clean_run_shows_their_ending(
    campaign: Steered,
) -> None:
    campaign.baseline("a")
    campaign.run(campaign.first_letters(left_31="c", right_31="c") + "a")
    found = campaign.verdicts()
    for name in ("left 31", "right 31"):
        assert found[name].rung is Rung.PROPAGATED
        assert found[name].shared is not None


def test_exact_runs_again_what_a_new_clean_ending_leaves_unproven(tmp_path: Path) -> None:
    campaign = steered(tmp_path, rules='["probe"]')
    campaign.baseline("a")
    only_b = campaign.ids()["train 60"]
    # The probed run takes `a`, in which the line does not run. Then clean runs show `b`.
    campaign.run("a" * (2 + len(campaign.ids()) - 1) + "b" + "a", "--exact")
    found = campaign.verdicts()
    assert len(clean_digests(campaign)) == 2
    assert {verdict.decided_by for verdict in found.values()} == {RUN}
    assert campaign.ask(f"SELECT evaluations FROM probe WHERE mutant_id = '{only_b}'") == [(0,)]


def clean_digests(campaign: Steered) -> frozenset[str]:
    with CampaignFile.open(campaign.folder) as file:
        return Evidence(file).clean[FIRST].determinism.digests


def test_a_settled_mutant_has_the_value_of_the_ending_that_the_probed_run_saw(
    tmp_path: Path,
) -> None:
    campaign = steered(tmp_path, rules='["probe"]')
    campaign.baseline(TWO_ENDINGS)
    campaign.run("b" + campaign.first_letters())
    with CampaignFile.open(campaign.folder) as file:
        study = results_of(file).judged_campaign("steered")
        by_id = {item.mutant.id: study.value(item) for item in study.judged}
    ids = campaign.ids()
    assert campaign.verdicts()["train 70"].decided_by == "probe"
    assert by_id[ids["train 70"]] == 2.0
    assert study.clean[0].metrics["loss"] == by_id[ids["train 30"]] == 1.0


def test_an_audit_that_ends_in_an_unseen_clean_state_is_no_error_of_a_rule(
    tmp_path: Path, capsys: Capsys
) -> None:
    campaign = steered(tmp_path, rules='["probe"]')
    campaign.baseline("a")
    campaign.run("a")
    assert campaign.verdicts()["train 60"].decided_by == "probe"
    clean = campaign.number("clean")
    # One clean ending is known: the first audit ends elsewhere, and later a clean run does, too.
    campaign.letters.write_text("ca" + "aaac" + "a")
    campaign.ask("DELETE FROM run WHERE kind = 'clean' AND repeat > 3")
    capsys.readouterr()
    assert campaign.command("audit", "--jobs", "1") == 0
    assert campaign.number("clean") <= clean + ENOUGH_WITHOUT_NEWS
    assert len(clean_digests(campaign)) == 2
    # Now there are two: an audit that ends elsewhere again is repeated, and the repeat agrees.
    campaign.ask("DELETE FROM run WHERE kind = 'audit'")
    campaign.letters.write_text("ba" + "a")
    before = campaign.number("clean")
    assert campaign.command("audit", "--jobs", "1") == 0
    assert campaign.number("audit", "repeat = 1") == 1
    assert campaign.number("clean") <= before + MOST_FURTHER


def test_watched_runs_that_end_elsewhere_are_reported_and_ask_for_more_clean_runs(
    campaign: Steered, capsys: Capsys
) -> None:
    """The second and the third start are the measured ones."""
    campaign.baseline("abba")
    assert campaign.number("clean") == ENOUGH_WITHOUT_NEWS + 1
    said = " ".join(capsys.readouterr().out.split())
    assert "Warning: 2 of 2 runs that coverage.py measured" in said
    assert len(clean_digests(campaign)) == 1
    campaign.run("a")
    capsys.readouterr()
    assert campaign.command("report") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "0 of 2 runs under coverage.py or with probes reported" in said
    assert campaign.command("doctor", "--jobs", "1") == 0
    warned = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warn")]
    assert sum("may depend on time or on tracing" in line for line in warned) == 1
    assert campaign.number("clean") == ENOUGH_WITHOUT_NEWS + 1


def test_a_probed_run_that_ends_elsewhere_counts_once_a_clean_run_ends_there(
    tmp_path: Path, capsys: Capsys
) -> None:
    campaign = steered(tmp_path, rules='["probe"]')
    campaign.baseline("a")
    campaign.run("b" + "aab" + "a")
    assert len(clean_digests(campaign)) == 2
    assert campaign.verdicts()["train 70"].decided_by == "probe"
    campaign = steered(tmp_path / "other", rules='["probe"]')
    campaign.baseline("a")
    campaign.run("b" + "a")
    assert len(clean_digests(campaign)) == 1
    assert campaign.number("clean") == ENOUGH_WITHOUT_NEWS + 4
    assert {verdict.decided_by for verdict in campaign.verdicts().values()} == {RUN}
    capsys.readouterr()
    assert campaign.command("status") == 0
    said = capsys.readouterr().out
    ended = "the clean run with probes did not end as other clean runs"
    assert f"rule probe cannot decide early: {ended}" in said


def test_verdicts_of_a_program_that_ends_by_chance_say_no_more_than_its_runs_show(
    tmp_path: Path,
) -> None:
    campaign = steered(tmp_path, "random")
    assert campaign.command("run", "--jobs", "2") == 0
    clean = clean_digests(campaign)
    assert campaign.number("clean") <= 1 + 3 + MOST_FURTHER
    with CampaignFile.open(campaign.folder) as file:
        for runs in file.first_runs():
            assert runs.first is not None
            verdict = campaign.verdicts()[names(campaign)[runs.mutant.id]]
            if runs.first.hits == 0:
                assert verdict.rung in (Rung.UNREACHED, None)
            elif runs.first.digest in clean:
                assert (verdict.rung, verdict.unseen) == (Rung.MASKED, ())
            elif runs.second is None:
                assert (verdict.rung, len(clean)) == (Rung.PROPAGATED, 1)
            elif runs.second.hits and runs.second.digest in clean:
                assert (verdict.rung, verdict.second) == (Rung.MASKED, Second.CLEAN)
            else:
                assert verdict.rung is Rung.PROPAGATED
    # Whatever chance says, this one leaves every path.
    assert campaign.verdicts()["train 40"].rung is Rung.PROPAGATED
    before = campaign.ask("SELECT count(*) FROM run")
    assert campaign.command("run", "--jobs", "2") == 0
    assert campaign.ask("SELECT count(*) FROM run") == before


def names(campaign: Steered) -> dict[str, str]:
    return {mutant: name for name, mutant in campaign.ids().items()}
