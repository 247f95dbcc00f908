"""Programs that seed themselves, take the seed, seed nothing, or never repeat, end to end."""

import json
from pathlib import Path
from typing import Any

import pytest

from trainwreck.campaign.baseline import ENOUGH_WITHOUT_REPEATING, complete_seeds
from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.main import run
from trainwreck.judge.seed_use import FEW_SEEDS, MANY_SEEDS
from trainwreck.model import TrialKind
from trainwreck.store.campaign_file import CampaignFile

SETTINGS = """\
[subject]
name = "tiny"
command = ["train.py"]
env = {{ MY_SEED = "{seed}" }}

[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"

[mutants]
operators = ["ArOR"]

[trials]
clean = {clean}
{more}
clean_timeout = 30
rules = []
"""
TRAINING = """
weight = 0.0
for epoch in range({epochs}):
    weight = weight + random.random()
    print("loss:", round(10 - weight, {digits}))
"""
CONSTANT = "import random\nrandom.seed(7)\n"
GIVEN = "import os\nimport random\nrandom.seed(int(os.environ['MY_SEED']))\n"
NOTHING = "import random\n"
NEVER = "import random\nrandom = random.SystemRandom()\n"
RARE = """\
import os
print("loss:", 0.9667 if int(os.environ["MY_SEED"]) < 4 else 0.9333 * 1)
"""


def training(begin: str, epochs: int = 6, digits: int = 9) -> str:
    return begin + TRAINING.format(epochs=epochs, digits=digits)


class Program:
    """One program in a folder of its own, with its campaign."""

    def __init__(self, folder: Path, text: str, clean: int, more: str, seed: str) -> None:
        self.folder = folder / ".trainwreck"
        settings = SETTINGS.format(clean=clean, more=more, seed=seed)
        (folder / "trainwreck.toml").write_text(settings)
        (folder / "train.py").write_text(text)

    def runs(self, kind: TrialKind) -> list[tuple[int, int]]:
        """Return seed and fold of each run of a kind."""
        with CampaignFile.open(self.folder) as file:
            return [(draw.seed, draw.fold) for draw, _, _ in file.outcomes(kind)]

    def clean_seeds(self) -> set[int]:
        return {seed for seed, _ in self.runs(TrialKind.CLEAN)}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def write(text: str, clean: int = 12, more: str = "", seed: str = "{seed}") -> Program:
        return Program(tmp_path, text, clean, more, seed)

    return write


def read(
    capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0
) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_baseline_sees_a_program_that_seeds_itself_and_run_asks_for_nothing_more(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = program(training(CONSTANT))
    (baseline,) = read(capsys, "baseline")
    assert baseline["comparison"]["seed_use"] == "ignored"
    assert baseline["comparison"]["comparing"] == "seed-ignored"
    assert tiny.clean_seeds() == set(range(FEW_SEEDS))
    before = len(tiny.runs(TrialKind.CLEAN))
    (status,) = read(capsys, "run")
    assert status["rungs"]["propagated"] > 0
    assert len(tiny.runs(TrialKind.CLEAN)) == before
    mutants = tiny.runs(TrialKind.MUTANT)
    assert {seed for seed, _ in mutants} == {0}
    assert len(mutants) == status["planned"]
    impacts = [record["impact"] for record in exported(capsys, str(tiny.folder))]
    assert ["changed"] in impacts
    assert all(impact in ([], ["changed"]) for impact in impacts)
    assert "does not use the seed: 3 seeds give one result" in printed(capsys, "status")
    text = " ".join(printed(capsys, "report").split())
    assert "does not use the seed: 3 seeds give one result" in text


def test_a_result_of_few_values_is_no_proof_that_the_seed_is_ignored(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first four seeds give one value, as coarse accuracies often do."""
    tiny = program(RARE)
    (baseline,) = read(capsys, "baseline")
    assert baseline["comparison"]["seed_use"] == "used"
    assert 4 in tiny.clean_seeds()


def test_a_program_without_any_randomness_is_asked_with_many_seeds(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = program("print('loss:', 1 + 1)\n")
    (baseline,) = read(capsys, "baseline")
    assert baseline["comparison"]["seed_use"] == "ignored"
    assert tiny.clean_seeds() == set(range(MANY_SEEDS))


@pytest.mark.parametrize("begin", [GIVEN, NOTHING])
def test_a_program_that_uses_the_seed_needs_few_clean_runs_before_mutants_run(
    program: Any, capsys: pytest.CaptureFixture[str], begin: str
) -> None:
    tiny = program(training(begin))
    (baseline,) = read(capsys, "baseline")
    assert baseline["comparison"]["seed_use"] == "used"
    assert baseline["comparison"]["seeds"] == 2
    assert baseline["comparison"]["planned"] == 12
    assert sorted(tiny.runs(TrialKind.CLEAN)) == [(0, 0), (0, 0), (0, 0), (1, 0)]
    assert run(["run"]) == 0
    assert tiny.clean_seeds() == set(range(12))
    assert {seed for seed, _ in tiny.runs(TrialKind.MUTANT)} >= {0, 1, 2}


def test_run_makes_no_clean_run_with_other_seeds_where_nothing_propagates(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = program(GIVEN + "unused = 1 + 1\nprint('loss:', random.random())\n")
    (status,) = read(capsys, "run")
    assert "propagated" not in status["rungs"]
    assert tiny.clean_seeds() == {0, 1}
    text = " ".join(printed(capsys, "report").split())
    assert "`run` makes clean runs with 10 further seeds once" in text


def test_run_makes_no_clean_run_with_other_seeds_where_seeds_is_1(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = program(training(GIVEN), clean=5, more="seeds = 1")
    assert run(["baseline"]) == 0
    assert "with other seeds" not in capsys.readouterr().err
    (status,) = read(capsys, "run")
    assert status["rungs"]["propagated"] > 0
    assert tiny.clean_seeds() == {0, 1}
    assert {seed for seed, _ in tiny.runs(TrialKind.MUTANT)} == {0}
    (again,) = read(capsys, "status")
    assert again["comparison"]["comparing"] == "not-wanted"
    text = " ".join(printed(capsys, "report").split())
    assert "impacts stay undecided" in text
    assert "further seed" not in text


def test_baseline_of_a_program_that_never_repeats_ends(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = program(training(NEVER))
    (baseline,) = read(capsys, "baseline")
    assert baseline["comparison"]["comparing"] == "never-repeats"
    first = [seed for seed, _ in tiny.runs(TrialKind.CLEAN) if seed == 0]
    assert len(first) == ENOUGH_WITHOUT_REPEATING
    (status,) = read(capsys, "run")
    assert tiny.clean_seeds() == {0, 1}
    able = {rule["rule"]: rule["obstacles"] for rule in status["rules"]}
    assert "never-repeats" in able["probe"]


def test_verdicts_do_not_depend_on_when_the_clean_seeds_run(
    program: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    program(training(GIVEN))
    assert run(["--campaign", "late", "run"]) == 0
    with Campaign.create("trainwreck.toml", "early") as campaign:
        campaign.baseline()
        with campaign.session() as session:
            complete_seeds(session)
        campaign.plan()
        campaign.run()
    late, early = (
        {record["id"]: fields(record) for record in exported(capsys, name)}
        for name in ("late", "early")
    )
    assert late == early
    assert any(record["impact"] for record in late.values())


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command prints, in one line."""
    capsys.readouterr()
    assert run([*arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def exported(capsys: pytest.CaptureFixture[str], campaign: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["--campaign", campaign, "export", "-"]) == 0
    records = map(json.loads, capsys.readouterr().out.splitlines())
    return [record for record in records if record["kind"] == "mutant"]


TIMES = {"slower", "faster"}


def fields(record: dict[str, Any]) -> dict[str, Any]:
    """Return what does not depend on the load of the machine."""
    impact = [name for name in record["impact"] if name not in TIMES]
    runs = [(made["seed"], made["metrics"], made["digest"]) for made in record["runs"]]
    return {"rung": record["rung"], "impact": impact, "runs": sorted(map(str, runs))}


def checks_of(capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, dict[str, Any]]:
    return {check["check"] + check["root"]: check for check in read(capsys, "doctor", code=code)}


def test_doctor_notes_that_the_agent_seeds_a_program_that_seeds_nothing(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program(training(NOTHING), clean=5)
    check = checks_of(capsys)["agent-neutral"]
    assert (check["passed"], check["note"], check["warning"]) == (True, True, False)
    assert check["facts"]["different"] == 2


def test_doctor_fails_where_the_agent_changes_a_program_that_repeats_without_it(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program repeats in both ways; a program may notice the agent, which nothing hides."""
    text = "import sys\nprint('loss:', 1 + ('trainwreck_agent' in sys.modules))\n"
    program(text, clean=5)
    check = checks_of(capsys, code=3)["agent-neutral"]
    assert not check["passed"]
    assert check["facts"]["runs"] > 1


def test_doctor_warns_of_a_seed_that_is_handed_over_and_ignored(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program(training(CONSTANT), clean=5)
    check = checks_of(capsys)["seed-used"]
    assert check["facts"] == {"use": "ignored", "seeds": 3, "is_handed": True}
    assert check["warning"]
    program(training(CONSTANT), clean=5, seed="0")
    assert run(["--campaign", "other", "doctor"]) == 0
    assert "note  the use of the seed: 3 seeds give one result." in capsys.readouterr().out


def test_doctor_and_status_name_what_keeps_rules_from_deciding(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program(training(GIVEN, epochs=1), clean=5, more="repeats = 0")
    found = checks_of(capsys, code=3)
    assert found["rule-decidesprobe"]["facts"]["obstacles"] == ["not-chosen", "one-clean-run"]
    assert "one-report" in found["rule-decidestogether"]["facts"]["limits"]
    assert run(["status"]) == 0
    said = capsys.readouterr().out
    assert "rules probe, unused-default, same-call, unread and together cannot decide early" in said
    assert "there is only one clean run with the first seed (raise `repeats`)" in said


def test_the_cost_of_clean_runs_is_announced_before_they_are_made(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    program(training(GIVEN))
    assert run(["run", "--jobs", "1", "--mutants", "2"]) == 0
    said = capsys.readouterr().err
    announced = said.index("one after the other: 5 clean runs, 2 mutants, up to 28 more")
    assert "(10 clean runs with other seeds, and up to 9 further runs of each such mutant)" in said
    assert announced < said.index("clean runs 5/5")
    (text,) = (line for line in said.splitlines() if "up to" in line and "forecasts" in line)
    assert "2 mutants, up to 28 more where mutants change the result" in text
