"""Environments of studies: made once, never half-made."""

from pathlib import Path

import pytest

from trainwreck.errors import UsageError
from trainwreck.run import (
    environment_folder,
    find_python,
    is_complete,
    make_environment,
    required_packages,
)


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
    assert "goes on where this one stopped" in caught.value.hint
    assert not is_complete(environment_folder("tiny", requirements, find_python(""), tmp_path))


def test_an_interpreter_that_is_missing_is_told(tmp_path: Path, requirements: Path) -> None:
    with pytest.raises(UsageError, match="no environment could be made"):
        make_environment("tiny", requirements, "/no/python", tmp_path, print)


def test_comments_are_no_packages(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("# why\nkeras>=3  # because\n\ncoverage\n")
    assert required_packages(path) == ["keras>=3", "coverage"]
