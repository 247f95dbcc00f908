"""Every attack on the files by which a run is judged ends as a fact about its mutant."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from guest import TESTS
from trainwreck.cli.main import run as command
from trainwreck.model import NO_VERDICT, Ending, TrialKind
from trainwreck.run.means import strict_means
from trainwreck.store.campaign_file import CampaignFile

ZOO = TESTS / "zoo_broken"
ATTACK = re.compile(r"^def (\w+)\(\) -> None:  # ending: (broken|verdict|either)$", re.MULTILINE)
ENDINGS = dict(ATTACK.findall((ZOO / "attacks.py").read_text()))


@pytest.fixture(scope="module", params=["copy", "strict"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The folder of a finished campaign on a program with every attack as a bug."""
    if request.param == "strict" and strict_means()[0] is None:
        pytest.skip("this machine gives no strict level")
    folder = tmp_path_factory.mktemp("broken")
    program = Path(shutil.copytree(ZOO, folder / "program"))
    with (program / "trainwreck.toml").open("a") as settings:
        settings.write(f'containment = "{request.param}"\n')
        for attack in ENDINGS:
            settings.write(
                f'\n[[bugs]]\nname = "{attack}"\nfile = "train.py"\n'
                f"before = 'attack = \"none\"'\nafter = 'attack = \"{attack}\"'\n"
            )
    (folder / "campaign").mkdir()
    (folder / "campaign" / "victim").mkdir()
    (folder / "campaign" / "victim" / "data").write_text("mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(program)
        words = ["--campaign", str(folder / "campaign"), "run", "--bugs", "--jobs", "2"]
        assert command(words) == 0
        yield folder


@pytest.fixture
def ids(world: Path) -> dict[str, str]:
    """Map the name of each bug to its id."""
    with CampaignFile.open(world / "campaign") as file:
        return {
            getattr(planned.mutant, "label", ""): planned.mutant.id for planned in file.chosen()
        }


def broken_of(world: Path) -> int:
    """Count the runs that their attacks broke."""
    with CampaignFile.open(world / "campaign") as file:
        outcomes = [outcome for _, _, outcome in file.outcomes(TrialKind.MUTANT)]
    number = sum(outcome.exit.ending is Ending.BROKEN for outcome in outcomes)
    assert number >= list(ENDINGS.values()).count("broken")
    return number


@pytest.mark.parametrize("attack", ENDINGS)
def test_an_attack_ends_as_its_comment_says(world: Path, ids: dict[str, str], attack: str) -> None:
    with CampaignFile.open(world / "campaign") as file:
        ((_, outcome),) = file.outcomes_of(ids[attack])
    is_broken = outcome.exit.ending is Ending.BROKEN
    assert ENDINGS[attack] in ("either", "broken" if is_broken else "verdict"), outcome.exit
    assert bool(outcome.reason) == is_broken
    assert str(world) not in outcome.reason


def test_every_broken_run_was_followed_by_a_control_that_worked(world: Path) -> None:
    with CampaignFile.open(world / "campaign") as file:
        controls = [outcome for _, _, outcome in file.outcomes(TrialKind.CONTROL)]
    assert len(controls) >= broken_of(world)
    assert all(outcome.exit.fine for outcome in controls)


def test_no_attack_reached_beyond_its_folder(world: Path) -> None:
    assert (world / "campaign" / "victim" / "data").read_text() == "mine"
    assert [path.name for path in (world / "campaign" / "victim").iterdir()] == ["data"]


@pytest.mark.parametrize("attack", ENDINGS)
def test_show_explains_an_attack(
    world: Path, ids: dict[str, str], attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["--campaign", str(world / "campaign"), "show", ids[attack]]) == 0
    text = capsys.readouterr().out
    assert ENDINGS[attack] in ("either", "broken" if NO_VERDICT in text else "verdict")


@pytest.mark.parametrize("words", [["status"], ["report"], ["list"], ["status", "--json"]])
def test_commands_work_after_all_attacks(world: Path, words: list[str]) -> None:
    assert command(["--campaign", str(world / "campaign"), *words]) == 0


def test_an_export_with_broken_runs_comes_back(world: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert command(["--campaign", str(world / "campaign"), "export", str(first)]) == 0
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    mutants = [line for line in lines if line["kind"] == "mutant"]
    broken = [mutant for mutant in mutants if mutant.get("ending") == "broken"]
    assert len(broken) == broken_of(world)
    assert {mutant["symptom"] for mutant in broken} == {None}
    copy = ["--campaign", str(tmp_path / "copy")]
    assert command([*copy, "import", str(first)]) == 0
    assert command([*copy, "report"]) == 0
    assert command([*copy, "status"]) == 0
    assert command([*copy, "export", str(second)]) == 0
    assert second.read_bytes() == first.read_bytes()


def test_records_with_broken_mutants_are_judged_without_a_verdict(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported, records = tmp_path / "export.jsonl", tmp_path / "records.jsonl"
    assert command(["--campaign", str(world / "campaign"), "export", str(exported)]) == 0
    kept = []
    for line in map(json.loads, exported.read_text().splitlines()):
        if line["kind"] in ("subject", "clean", "mutant"):
            line.pop("facts", None)
            line.pop("chosen", None)
            kept.append(json.dumps(line))
    records.write_text("\n".join(kept) + "\n")
    copy = ["--campaign", str(tmp_path / "copy")]
    assert command([*copy, "import", str(records)]) == 0
    capsys.readouterr()
    assert command([*copy, "report"]) == 0
    text = capsys.readouterr().out
    assert f"{broken_of(world)} of {len(ENDINGS)} mutants" in " ".join(text.split())
    assert "No verdict" in text
