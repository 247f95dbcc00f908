"""What a clean program compiles is found by all its later runs, and what a bug compiles by none."""

import shutil
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.model import TrialKind
from trainwreck.store.campaign_file import CampaignFile

SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]
env = { TOY_CACHE = "{cache}", TOY_SEED = "seed {seed}" }

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'
range = [0, 1]

[mutants]
operators = ["ArOR", "NVR"]

[trials]
clean = 2
repeats = 1
seeds = 1
clean_timeout = 30
containment = "none"
"""

TRAIN = """
import os

number = 1 + 1
cache = os.environ["TOY_CACHE"]
found = [f"{name}:{os.path.getsize(os.path.join(cache, name))}" for name in os.listdir(cache)]
with open(LOG, "a") as log:
    print(os.environ["TOY_SEED"], number, *found, sep=",", file=log)
with open(os.path.join(cache, f"compiled-{number}"), "a") as compiled:
    print("x", file=compiled)
print(f"accuracy: 0.{number}")
"""
COMPILED = "compiled-2:2"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_process_is_left: None) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(TRAIN.replace("LOG", repr(str(tmp_path / "log"))))
    monkeypatch.chdir(folder)
    return folder


def told(tiny: Path) -> list[list[str]]:
    """Of each run so far its seed, its number, and what it found in the cache."""
    return [line.split(",") for line in (tiny.parent / "log").read_text().splitlines()]


def warm(tiny: Path) -> list[str]:
    return [path.name for path in (tiny / ".trainwreck" / "warm").iterdir()]


def runs(tiny: Path, kind: TrialKind) -> int:
    with CampaignFile.open(tiny / ".trainwreck") as file:
        return len(list(file.outcomes(kind)))


def test_the_first_run_finds_nothing_and_all_others_what_it_left(tiny: Path) -> None:
    assert run(["baseline", "--jobs", "1"]) == 0
    first, *later = told(tiny)
    assert first == ["seed 0", "2"]
    assert len(later) == 5
    assert [found for _, _, *found in later] == [[COMPILED]] * 5
    assert warm(tiny) == ["compiled-2"]


def test_the_seed_is_filled_in_among_the_variables(tiny: Path) -> None:
    assert run(["baseline", "--jobs", "1"]) == 0
    # Warming, the first clean run, two measured runs, then the first seed again and the other.
    assert [seed for seed, *_ in told(tiny)] == [
        "seed 0", "seed 0", "seed 0", "seed 0", "seed 0", "seed 1",
    ]  # fmt: skip


def test_what_a_bug_compiles_is_found_by_no_later_run(tiny: Path) -> None:
    assert run(["run", "--jobs", "2"]) == 0
    _, *later = told(tiny)
    numbers = [number for _, number, *_ in later if number != "2"]
    assert len(numbers) == runs(tiny, TrialKind.MUTANT) == 3
    assert set(numbers) == {"0", "3"}
    assert [found for _, _, *found in later] == [[COMPILED]] * len(later)
    assert warm(tiny) == ["compiled-2"]


def test_a_program_is_warmed_once(tiny: Path) -> None:
    assert run(["baseline"]) == 0
    before = told(tiny)
    assert run(["baseline"]) == 0
    assert told(tiny) == before
    assert runs(tiny, TrialKind.WARMING) == 1


def test_a_folder_that_is_gone_is_made_again_by_a_run_of_its_own(tiny: Path) -> None:
    assert run(["baseline"]) == 0
    before = told(tiny)
    shutil.rmtree(tiny / ".trainwreck" / "warm")
    assert run(["baseline"]) == 0
    assert told(tiny) == [*before, ["seed 0", "2"]]
    assert runs(tiny, TrialKind.WARMING) == 1
    assert warm(tiny) == ["compiled-2"]
    assert run(["run", "--mutants", "1"]) == 0
    control_probe_mutant = told(tiny)[len(before) + 1 :]
    assert [found for _, _, *found in control_probe_mutant] == [[COMPILED]] * 3


@pytest.mark.parametrize("mistake", ["raise ValueError('no compiler')", "print('accuracy: 7')"])
def test_a_warming_run_that_does_not_work_is_made_again_from_nothing(
    tiny: Path, capsys: pytest.CaptureFixture[str], mistake: str
) -> None:
    train = (tiny / "train.py").read_text()
    (tiny / "train.py").write_text(f"{train}{mistake}\n")
    assert run(["baseline"]) == 2
    assert "the clean program does not work" in capsys.readouterr().err
    assert len(told(tiny)) == 1
    (tiny / "train.py").write_text(train)
    assert run(["baseline"]) == 0
    assert told(tiny)[1] == ["seed 0", "2"]
    assert {tuple(found) for _, _, *found in told(tiny)[2:]} == {(COMPILED,)}


def test_a_cache_named_in_the_command_is_kept_as_well(tiny: Path) -> None:
    settings = SETTINGS.replace('["train.py"]', '["train.py", "{cache}"]')
    settings = settings.replace('TOY_CACHE = "{cache}", ', "")
    (tiny / "trainwreck.toml").write_text(settings)
    train = (tiny / "train.py").read_text()
    (tiny / "train.py").write_text(
        train.replace('os.environ["TOY_CACHE"]', "sys.argv[1]").replace("os\n", "os, sys\n", 1)
    )
    assert run(["baseline", "--jobs", "1"]) == 0
    assert [found for _, _, *found in told(tiny)] == [[], *[[COMPILED]] * 5]


def test_a_program_that_keeps_nothing_is_not_warmed(tiny: Path) -> None:
    text = SETTINGS.replace("{cache}", str(tiny.parent / "own"))
    (tiny.parent / "own").mkdir()
    (tiny / "trainwreck.toml").write_text(text)
    assert run(["baseline"]) == 0
    assert not (tiny / ".trainwreck" / "warm").exists()
    assert runs(tiny, TrialKind.WARMING) == 0
    assert len(told(tiny)) == 5
