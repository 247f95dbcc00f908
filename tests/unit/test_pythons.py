"""Which interpreter a name means: on the path, under pyenv, under uv, or this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainwreck.errors import ExitCode, UsageError
from trainwreck.subject import pythons
from trainwreck.subject.pythons import find_python, is_environment, version_of

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any interpreter: nothing on the path, under pyenv, under uv or at home."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


def program(path: Path, text: str) -> str:
    """A shell script that can be started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def answering(path: Path, version: str) -> str:
    """What answers our question as an interpreter of this version does."""
    return program(path, f"echo {version}")


def test_find_python_without_a_name_is_the_base_of_our_environment() -> None:
    python = find_python("")
    question = "import sys; print(sys.version_info[:2]); print(sys.prefix == sys.base_prefix)"
    asked = [python, "-c", question]
    answered = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    assert answered.stdout.splitlines() == [str(sys.version_info[:2]), "True"]
    assert python == os.path.realpath(python)
    assert not is_environment(python)


def test_find_python_returns_a_path_as_it_is(machine: Path) -> None:
    for path in ("/no/such/python3.6", "env/bin/python", str(machine / "python9")):
        assert find_python(path) == path


def test_an_interpreter_on_the_path_is_found(machine: Path) -> None:
    python = answering(machine / "path" / "python3.6", "3.6")
    answering(machine / "pyenv" / "versions" / "3.6.15" / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


def test_a_name_without_a_version_is_any_interpreter_of_that_name(machine: Path) -> None:
    python = answering(machine / "path" / "pypy3", "3.9")
    assert find_python("pypy3") == python


@pytest.mark.parametrize(
    "impostor",
    [
        "echo 3.7",
        "echo 3.60",
        "echo 'pyenv: python3.6: command not found' >&2; exit 127",
        "echo 3.6; exit 1",
        "exit 0",
    ],
)
def test_find_python_skips_an_interpreter_of_another_version(machine: Path, impostor: str) -> None:
    program(machine / "path" / "python3.6", impostor)
    with pytest.raises(UsageError, match=r"no python3\.6"):
        find_python("python3.6")
    python = answering(machine / "pyenv" / "versions" / "3.6.15" / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


def test_find_python_skips_an_interpreter_that_never_answers(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "ANSWER_SECONDS", 0.2)
    program(machine / "path" / "python3.6", "exec /bin/sleep 60")
    with pytest.raises(UsageError):
        find_python("python3.6")


def test_version_of_what_cannot_be_started_is_empty(machine: Path) -> None:
    (machine / "text").write_text("no program")
    assert version_of(str(machine / "text")) == ""
    assert version_of(str(machine / "nowhere")) == ""
    assert version_of(sys.executable) == f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.mark.parametrize(
    "place", ["pyenv/versions/3.6.15", "uv/cpython-3.6.15-linux-x86_64-gnu"], ids=["pyenv", "uv"]
)
def test_an_interpreter_under_pyenv_or_uv_is_found(machine: Path, place: str) -> None:
    python = answering(machine / place / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python
    with pytest.raises(UsageError):
        find_python("python3.1")


@pytest.mark.parametrize(
    "place",
    [".pyenv/versions/3.6.15", ".local/share/uv/python/cpython-3.6.15-linux-x86_64-gnu"],
    ids=["pyenv", "uv"],
)
def test_find_python_searches_pyenv_and_uv_at_home_without_variables(
    machine: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.delenv("PYENV_ROOT")
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR")
    (machine / "home" / ".pyenv").mkdir(parents=True)
    python = answering(machine / "home" / place / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


def test_versions_of_pyenv_are_found_around_our_own_interpreter(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYENV_ROOT")
    versions = machine / "opt" / "pyenv" / "versions"
    own = answering(versions / "3.11.7" / "bin" / "python3.11", "3.11")
    monkeypatch.setattr(sys, "_base_executable", own)
    python = answering(versions / "3.6.15" / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


def test_versions_of_pyenv_are_found_beside_its_command(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYENV_ROOT")
    command = program(machine / "opt" / "pyenv" / "bin" / "pyenv", "exit 1")
    (machine / "path").mkdir()
    (machine / "path" / "pyenv").symlink_to(command)
    python = answering(machine / "opt/pyenv/versions/3.6.15/bin/python3.6", "3.6")
    assert find_python("python3.6") == python


def test_pyenv_goes_before_uv(machine: Path) -> None:
    answering(machine / "uv" / "cpython-3.6.15-linux-x86_64-gnu" / "bin" / "python3.6", "3.6")
    python = answering(machine / "pyenv" / "versions" / "3.6.1" / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


@pytest.mark.parametrize("folder", ["pyenv/versions/{}", "uv/cpython-{}-linux-x86_64-gnu"])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("3.6.14", "3.6.15"),
        ("3.6.9", "3.6.15"),
    ],
)
def test_find_python_tries_the_newest_version_first(
    machine: Path, folder: str, older: str, newer: str
) -> None:
    for version in (older, newer):
        answering(machine / folder.format(version) / "bin" / "python3.6", "3.6")
    assert f"{newer}" in find_python("python3.6")


def test_a_newer_version_that_does_not_work_is_passed_over(machine: Path) -> None:
    versions = machine / "pyenv" / "versions"
    (versions / "3.6.15" / "bin").mkdir(parents=True)
    program(versions / "3.6.14" / "bin" / "python3.6", "exit 127")
    python = answering(versions / "3.6.13" / "bin" / "python3.6", "3.6")
    assert find_python("python3.6") == python


def test_find_python_names_every_way_to_get_a_missing_interpreter() -> None:
    with pytest.raises(UsageError, match=r"no python3\.6 on the path, under pyenv or") as caught:
        find_python("python3.6")
    for way in ("`pyenv install 3.6`", "`uv python install 3.6`", "--python PATH"):
        assert way in caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


def test_find_python_names_a_missing_interpreter_of_another_kind() -> None:
    with pytest.raises(UsageError, match="no interpreter `pypy3` on the path"):
        find_python("pypy3")


def test_an_interpreter_of_a_venv_or_of_conda_is_in_an_environment(machine: Path) -> None:
    for name in ("venv", "conda", "plain", "confused"):
        (machine / name / "bin").mkdir(parents=True)
    (machine / "venv" / "pyvenv.cfg").write_text("")
    (machine / "conda" / "conda-meta").mkdir()
    (machine / "confused" / "conda-meta").write_text("a file, and no folder")
    assert is_environment(str(machine / "venv" / "bin" / "python"))
    assert is_environment(str(machine / "conda" / "bin" / "python3.6"))
    assert not is_environment(str(machine / "plain" / "bin" / "python"))
    assert not is_environment(str(machine / "confused" / "bin" / "python"))


@pytest.mark.parametrize("name", ["", "python", "python3.6"])
def test_is_environment_is_false_for_a_bare_name_in_any_folder(
    machine: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (machine / "pyvenv.cfg").write_text("")
    monkeypatch.chdir(machine)
    assert not is_environment(name)
