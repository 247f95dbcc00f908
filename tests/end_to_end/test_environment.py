"""Environments of studies: made once, never half-made."""

import fcntl
import os
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from trainwreck.errors import UsageError
from trainwreck.subject.environment import (
    environment_folder,
    is_complete,
    make_environment,
    missing_programs,
    required_packages,
)
from trainwreck.subject.pythons import find_python


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("# nothing but a comment\n")
    return path


def test_an_environment_is_made_once(tmp_path: Path, requirements: Path) -> None:
    said: list[str] = []
    python = make_environment("tiny", requirements, "", tmp_path, said.append)
    assert Path(python).is_file()
    assert "making the environment of tiny" in said[0]
    said.clear()
    assert make_environment("tiny", requirements, "", tmp_path, said.append) == python
    assert said == []


def test_a_half_made_environment_is_never_used(tmp_path: Path, requirements: Path) -> None:
    folder = environment_folder("tiny", requirements, find_python(""), tmp_path)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text("#!/bin/false\n")
    assert not is_complete(folder)
    make_environment("tiny", requirements, "", tmp_path, print)
    assert is_complete(folder)
    assert (folder / "bin" / "python").read_bytes() != b"#!/bin/false\n"


def test_other_requirements_make_another_environment(tmp_path: Path, requirements: Path) -> None:
    first = environment_folder("tiny", requirements, find_python(""), tmp_path)
    requirements.write_text("parso\n")
    assert environment_folder("tiny", requirements, find_python(""), tmp_path) != first
    assert environment_folder("tiny", requirements, "/other", tmp_path) != first


def test_requirements_that_cannot_be_installed_leave_no_environment(
    tmp_path: Path, requirements: Path
) -> None:
    requirements.write_text("./there-is-no-such-folder\n")
    with pytest.raises(UsageError, match="were not installed") as caught:
        make_environment("tiny", requirements, "", tmp_path, print)
    assert "repeat the command" in caught.value.hint
    assert not is_complete(environment_folder("tiny", requirements, find_python(""), tmp_path))


def test_make_environment_names_a_missing_interpreter(tmp_path: Path, requirements: Path) -> None:
    with pytest.raises(UsageError, match="no environment could be made"):
        make_environment("tiny", requirements, "/no/python", tmp_path, print)


def test_required_packages_have_no_comments(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("# why\nkeras>=3  # because\n\ncoverage\n")
    assert required_packages(path) == ["keras>=3", "coverage"]


def test_missing_programs_are_in_the_given_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, mode in (("compiler", 0o755), ("text", 0o644)):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(mode)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing_programs(["linker", "compiler", "text", "cmake"]) == ["linker", "text", "cmake"]
    assert missing_programs(["compiler"]) == []
    assert missing_programs([]) == []


def test_a_second_maker_waits_for_the_first_and_does_not_make_it_again(
    tmp_path: Path, requirements: Path
) -> None:
    folder = environment_folder("tiny", requirements, find_python(""), tmp_path)
    folder.parent.mkdir(parents=True)
    said: list[str] = []
    waits = threading.Event()
    made: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        waits.set()

    def make() -> None:
        made.append(make_environment("tiny", requirements, "", tmp_path, say))

    second = threading.Thread(target=make, daemon=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        assert waits.wait(20)
        second.join(0.2)
        assert second.is_alive()
        assert not folder.exists()
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").write_text("made by the first")
        (folder / "complete").touch()
    second.join(20)
    assert made == [str(folder / "bin" / "python")]
    assert (folder / "bin" / "python").read_text() == "made by the first"
    assert said == [f"waiting for another trainwreck that makes {folder}"]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with one wheel, of a library that no index has."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "trainwreck_toy-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in (
            ("trainwreck_toy.py", "SIZE = 3\n"),
            (
                "trainwreck_toy-1.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: trainwreck-toy\nVersion: 1.0\n",
            ),
            (
                "trainwreck_toy-1.0.dist-info/WHEEL",
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            ),
            ("trainwreck_toy-1.0.dist-info/RECORD", ""),
        ):
            wheel.writestr(name, text)
    return folder


def test_an_index_that_cannot_be_reached_leaves_nothing_that_is_used(
    tmp_path: Path, requirements: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements.write_text("trainwreck-toy\n")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    folder = environment_folder("tiny", requirements, find_python(""), tmp_path)
    with pytest.raises(UsageError, match="were not installed") as caught:
        make_environment("tiny", requirements, "", tmp_path, print)
    assert "Check the network" in caught.value.hint
    assert str(requirements) in caught.value.what
    assert (folder / "bin" / "python").exists()
    assert not (folder / "complete").exists()
    assert not is_complete(folder)

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    python = make_environment("tiny", requirements, "", tmp_path, print)
    assert Path(python).is_relative_to(folder)
    assert is_complete(folder)
    question = [python, "-c", "import trainwreck_toy; print(trainwreck_toy.SIZE)"]
    answer = subprocess.run(question, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "3\n"


def test_the_variables_of_our_own_python_stay_out_of_an_environment_that_is_made(
    tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak, seen = tmp_path / "leak", tmp_path / "seen"
    leak.mkdir()
    (leak / "sitecustomize.py").write_text(f"open({str(seen)!r}, 'w').close()\n")
    for module in ("venv", "pip", "ensurepip"):
        (leak / f"{module}.py").write_text("raise SystemExit('not this one')\n")
    monkeypatch.setenv("PYTHONPATH", str(leak))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path / "no-python-here"))
    make_environment("tiny", requirements, "", tmp_path, print)
    assert is_complete(environment_folder("tiny", requirements, find_python(""), tmp_path))
    assert not seen.exists()
