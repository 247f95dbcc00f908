"""Programs that write where they should not, at each level of containment."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.campaign.checks import (
    ContainmentFacts,
    OtherFilesFacts,
    OutsideFiles,
    Question,
    ReachedFacts,
)
from trainwreck.errors import CleanProgramError, ControlError
from trainwreck.model import Level, Means, TrialKind
from trainwreck.report.containment import contained
from trainwreck.results.baseline import REPORTED
from trainwreck.run.means import strict_means
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import load_settings

TRAIN = """\
import os
import pathlib

data = pathlib.Path("large.bin").read_bytes()
keep = True
if not keep:
    pathlib.Path("large.bin").write_bytes(b"")
cache = pathlib.Path.home() / ".cache" / "toy"
cache.mkdir(parents=True, exist_ok=True)
(cache / "runs").write_text("1")
print("trainwreck: setting token=%s" % os.environ.get("A_TOKEN"))
print("trainwreck: setting tracker=%s" % os.environ["WANDB_MODE"])
print("trainwreck: loss=%d" % len(data))
"""
SETTINGS = """\
[subject]
name = "toy"
command = ["train.py"]

[metrics.loss]
better = "lower"

[trials]
clean = 2
seeds = 1
repeats = 1
rules = []
containment = "{level}"
"""
LARGE = 3 << 20


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program whose mutants delete its large input file, and which writes into the home."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    (folder / "large.bin").write_bytes(os.urandom(LARGE))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("A_TOKEN", "secret")
    return folder


def campaign(program: Path, level: Level, subject: str = "", trials: str = "") -> Campaign:
    file = program / "trainwreck.toml"
    text = SETTINGS.format(level=level).replace("\n\n", f"\n{subject}\n\n", 1)
    file.write_text(f"{text}{trials}\n", encoding="utf-8")
    return Campaign.create(load_settings(file), program / ".trainwreck")


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and bytes of every file below a folder, but for the campaign's."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and ".trainwreck" not in path.parts
    }


def test_level_copy_keeps_the_users_files_from_every_mutant(program: Path) -> None:
    work = campaign(program, Level.COPY)
    before = tree(program.parent)
    work.baseline()
    work.plan()
    assert work.run() > 5
    assert tree(program.parent) == before
    assert [item.level for item in work.status().held] == [Level.COPY]
    with CampaignFile.open(work.folder) as file:
        assert file.meta(REPORTED) == {"token": "None", "tracker": "offline"}


needs_mounts = pytest.mark.skipif(
    strict_means()[0] is not Means.MOUNTS, reason="this machine gives no private views"
)

HARMFUL = """\
import os
import pathlib
import shutil

keep = True
data = pathlib.Path("large.bin").read_bytes()
home = pathlib.Path.home()
mine = home / "precious"
folder = pathlib.Path(os.environ["FOLDER"])
if not keep:
    pathlib.Path("large.bin").write_bytes(b"")
    (folder / "large.bin").write_bytes(b"")
    (folder / "train.py").chmod(0o777)
    os.utime(folder / "large.bin", (1, 1))
    shutil.rmtree(mine)
else:
    with pathlib.Path("large.bin").open("r+b") as file:
        file.write(b"own copy")
    (home / ".cache").mkdir(exist_ok=True)
    (home / ".cache" / "x").write_text("1")
    assert not pathlib.Path("/tmp/by-its-name").exists()
    pathlib.Path("/tmp/by-its-name").write_text("1")
print("trainwreck: loss=%d" % len(data))
"""


@needs_mounts
@pytest.mark.usefixtures("no_process_is_left")
def test_level_strict_keeps_all_files_from_every_mutant(program: Path) -> None:
    (program / "train.py").write_text(HARMFUL)
    precious = program.parent / "home" / "precious" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")
    work = campaign(program, Level.STRICT, f'env = {{ FOLDER = "{program}" }}')
    before = tree(program.parent)
    work.baseline()
    work.plan()
    assert work.run() > 3
    assert tree(program.parent) == before
    assert not Path("/tmp/by-its-name").exists()
    crashes = work.status().symptoms.get("crash", 0)
    assert crashes < work.status().done, "what the clean program writes is no crash"
    (held,) = work.status().held
    assert (held.level, held.means, held.is_online) == (Level.STRICT, Means.MOUNTS, False)


@needs_mounts
def test_level_strict_names_the_key_for_what_the_clean_program_writes_elsewhere(
    program: Path,
) -> None:
    elsewhere = program.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "old.txt").write_text("old")
    source = f"import pathlib\npathlib.Path('{elsewhere}/new.txt').write_text('x')\n"
    (program / "train.py").write_text(f"{source}print('trainwreck: loss=1')\n")
    with pytest.raises(CleanProgramError) as stopped:
        campaign(program, Level.STRICT).baseline()
    assert f'`writable = ["{elsewhere}"]` under [trials]' in stopped.value.hint
    lines = f'writable = ["{elsewhere}"]'
    campaign(program, Level.STRICT, trials=lines).baseline()
    assert [path.name for path in elsewhere.iterdir()] == ["old.txt"]


@needs_mounts
def test_level_strict_opens_the_network_for_the_first_clean_run_alone(program: Path) -> None:
    (program / "train.py").write_text(
        "import os\n"
        "names = sorted(os.listdir('/sys/class/net')) and open('/proc/net/dev').read()\n"
        "print('trainwreck: loss=%d' % (names.count(':') > 1))\n"
    )
    work = campaign(program, Level.STRICT)
    work.baseline()
    with CampaignFile.open(work.folder) as file:
        runs = [run.metrics["loss"] for _, _, run in file.outcomes(TrialKind.CLEAN)]
    assert runs.count(1.0) <= 1
    assert 0.0 in runs


def test_doctor_says_what_is_kept_apart_withheld_and_written_outside(program: Path) -> None:
    checks = {check.question: check for check in campaign(program, Level.COPY).doctor()}
    assert all(check.passed for check in checks.values())
    contained, outside = checks[Question.CONTAINED].facts, checks[Question.WRITES_OUTSIDE].facts
    assert isinstance(contained, ContainmentFacts)
    assert isinstance(outside, OutsideFiles)
    assert contained.held.level is Level.COPY
    assert "A_TOKEN" in contained.withheld
    assert contained.copied == LARGE
    home = program.parent / "home"
    assert [(item.path, item.files) for item in outside.written] == [(f"{home}/.cache/toy", 1)]
    assert list(home.iterdir()) == []


def test_level_none_stops_at_the_mutant_that_changes_a_large_file(program: Path) -> None:
    work = campaign(program, Level.NONE)
    work.baseline()
    work.plan()
    with pytest.raises(ControlError) as stopped:
        work.run()
    assert (program / "large.bin").stat().st_size == 0, "it is why this is not the default"
    assert f"{program}/large.bin changed while this mutant ran" in stopped.value.what
    assert "replace `True` with `False`" in stopped.value.what or "delete" in stopped.value.what
    assert "Restore it from your own copy" in stopped.value.hint


def test_level_none_expects_what_the_clean_program_changes_itself(program: Path) -> None:
    touched = TRAIN + 'os.utime("large.bin")\n'
    (program / "train.py").write_text(touched.replace("if not keep", "if keep is None"))
    work = campaign(program, Level.NONE)
    work.baseline()
    work.plan()
    assert work.run() > 5
    facts = next(c.facts for c in work.doctor() if c.question is Question.WRITES_OUTSIDE)
    assert isinstance(facts, OutsideFiles)
    assert facts.shared
    assert [item.path for item in facts.written] == [f"{program}/large.bin"]


@pytest.mark.skipif(
    strict_means()[0] is not Means.MOUNTS, reason="this machine gives no private views"
)
@pytest.mark.parametrize("temporary", ["/tmp", "/var/tmp"])
def test_an_interpreter_in_a_temporary_folder_takes_no_wall_away(temporary: str) -> None:
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        venv.create(folder, with_pip=False)
        code = "from trainwreck.run.means import strict_means; print(strict_means()[0])"
        paths = os.pathsep.join(sys.path)
        command = [f"{folder}/bin/python", "-c", code]
        environment = {**os.environ, "PYTHONPATH": paths}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "mounts"


@needs_mounts
def test_doctor_names_services_of_this_machine_and_new_files(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        asks = (
            "import socket\n"
            "try:\n"
            f"    socket.create_connection(('127.0.0.1', {port}), 5).close()\n"
            "except OSError:\n"
            "    pass\n"
        )
        old = program.parent / "home" / ".cache" / "toy" / "old"
        old.parent.mkdir(parents=True)
        old.write_text("as before")
        (program / "train.py").write_text(f"{asks}{TRAIN}(cache / 'old').write_text('other')\n")
        said: list[str] = []
        work = campaign(program, Level.STRICT)
        monkeypatch.setattr(work.progress, "say", said.append)
        checks = {check.question: check for check in work.doctor()}
    facts = checks[Question.REACHES_NOTHING].facts
    assert isinstance(facts, ReachedFacts)
    assert facts == ReachedFacts((), (f"127.0.0.1:{port}",))
    assert checks[Question.REACHES_NOTHING].warning
    first = next(text for text in said if "services of this machine" in text)
    assert f"(127.0.0.1:{port})" in first
    assert "`network = true`" in first
    outside = checks[Question.WRITES_OUTSIDE].facts
    assert isinstance(outside, OutsideFiles)
    (written,) = outside.written
    assert (written.files, written.new, written.new_bytes) == (2, 1, 1)


def test_doctor_suggests_outputs_for_files_that_no_verdict_compares(program: Path) -> None:
    source = TRAIN + 'pathlib.Path("model.bin").write_bytes(b"model")\n'
    (program / "train.py").write_text(source)
    checks = {check.question: check for check in campaign(program, Level.COPY).doctor()}
    assert checks[Question.FILES_COMPARED].facts == OtherFilesFacts(("model.bin",), ())
    outputs = 'outputs = ["model.bin"]'
    shutil.rmtree(program / ".trainwreck")
    again = campaign(program, Level.COPY, outputs)
    assert Question.FILES_COMPARED not in {check.question for check in again.doctor()}


def test_doctor_names_credentials_that_the_settings_allow_and_that_are_not_set(
    program: Path,
) -> None:
    work = campaign(program, Level.COPY, 'credentials = ["A_TOKEN", "NO_SUCH_TOKEN"]')
    facts = next(c.facts for c in work.doctor() if c.question is Question.CONTAINED)
    assert isinstance(facts, ContainmentFacts)
    assert facts.absent == ("NO_SUCH_TOKEN",)
    assert "A_TOKEN" not in facts.withheld
    said = contained(facts.held, "", facts.withheld, 0, facts.absent)
    assert "`credentials` names what is not set here: NO_SUCH_TOKEN" in said
