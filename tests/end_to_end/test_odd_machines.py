"""Streams that are closed or full, no home, no current folder: a message and a remedy each."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trainwreck.cli.machine import give_home, refusal
from trainwreck.errors import UsageError

TRAINWRECK = f"{sys.executable} -m trainwreck"
FULL = "standard output cannot be written: No space left on device"
CLOSED = "standard output is closed"
TABLE = [
    ("status > /dev/full", 1, FULL),
    ("report --format csv > /dev/full", 1, FULL),
    ("list --json > /dev/full", 1, FULL),
    ("export - > /dev/full", 1, FULL),
    ("--help > /dev/full", 1, FULL),
    ("status >&-", 1, CLOSED),
    ("export - >&-", 1, CLOSED),
    ("report --out report.txt >&-", 0, ""),
    ("report --out /dev/full", 1, "/dev/full` cannot be written: No space left on device"),
    ("export /dev/full", 1, "/dev/full cannot be written: No space left on device"),
    ("import - --campaign other <&-", 1, "standard input is closed"),
    ("status <&-", 0, ""),
    ("status 2>&-", 0, ""),
    ("nonsense 2>&-", 1, ""),
    ("nonsense 2> /dev/full", 1, ""),
    ("list | true", 0, ""),
    ("status", 0, ""),
]


def ended(line: str, folder: Path, **variables: str) -> tuple[int, str]:
    """Run a line of bash; the status is that of trainwreck, also where it is in a pipe."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def folder(campaign: Path, tmp_path: Path) -> Path:
    shutil.copytree(campaign, tmp_path / ".trainwreck")
    return tmp_path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(("line", "code", "message"), TABLE, ids=[row[0] for row in TABLE])
def test_streams_that_are_closed_or_full(folder: Path, line: str, code: int, message: str) -> None:
    status, said = ended(f"{TRAINWRECK} {line}", folder)
    assert status == code
    assert message in said
    # With --json the message and its hint are one object.
    has_hint = '"hint"' in said if "--json" in line else bool(said.splitlines()[1:])
    assert has_hint == bool(message)


@pytest.mark.parametrize("command", ["status", "run", "doctor", "list", "import a.jsonl"])
def test_a_current_folder_that_is_gone(tmp_path: Path, command: str) -> None:
    (tmp_path / "gone").mkdir()
    line = f"cd gone && rmdir ../gone && {TRAINWRECK} {command}"
    status, said = ended(line, tmp_path)
    assert status == 1
    assert said.splitlines()[-2:] == [
        "trainwreck: the current folder has been removed",
        "  Change to another with `cd`.",
    ]


def test_a_locale_without_utf_8(folder: Path) -> None:
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert ended(f"{TRAINWRECK} report", folder, **plain) == (0, "")


def test_a_user_without_a_home_gets_a_private_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_number: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remark = give_home()
    home = Path(os.environ["HOME"])
    assert str(home) in remark
    assert home.stat().st_mode & 0o777 == 0o700
    assert give_home() == ""
    home.chmod(0o755)
    monkeypatch.delenv("HOME")
    with pytest.raises(UsageError, match="belongs to somebody else"):
        give_home()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (PermissionError(13, "Permission denied", "/data/a"), "/data/a: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(30, "Read-only file system", "a", None, "b"), "a and b: Read-only file system"),
        (MemoryError(), "no memory is left"),
        (RuntimeError("Symlink loop from 'a'"), "Symlink loop from 'a'"),
        (FileNotFoundError(2, "No such file or directory"), "the current folder has been removed"),
    ],
)
def test_what_the_machine_refuses_has_a_remedy(error: Exception, what: str) -> None:
    refused = refusal(error)
    assert refused is not None
    assert refused.what == what
    assert refused.hint.endswith(".")


@pytest.mark.parametrize("error", [OSError(9, "Bad file descriptor"), ValueError("x"), OSError()])
def test_what_must_be_our_fault_has_none(error: Exception) -> None:
    assert refusal(error) is None


TOY = """
[subject]
name = "toy"
command = ["train.py"]
[metrics.loss]
[trials]
clean = 2
seeds = 1
repeats = 1
"""


@pytest.mark.parametrize("name", ["[a-z] {x}", "**?", "!'"])
def test_a_program_in_a_folder_whose_name_looks_like_a_pattern(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "train.py").write_text("print('trainwreck: loss=%d' % (1 + 2))\n")
    (folder / "trainwreck.toml").write_text(TOY)
    status, said = ended(f"{TRAINWRECK} run --mutants 2", folder)
    assert (status, "measured" in said) == (0, False), said


def test_a_campaign_in_a_folder_that_is_no_utf_8_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print('trainwreck: loss=1')\n")
    (tmp_path / "trainwreck.toml").write_text(TOY)
    status, said = ended(f"{TRAINWRECK} --campaign $'no\\xff' baseline", tmp_path)
    assert status == 1
    assert "whose name is no UTF-8" in said
    assert said.splitlines()[1].strip().startswith("Give a folder")
