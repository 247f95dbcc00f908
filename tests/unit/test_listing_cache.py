"""Listing many files: once on all processors, later from the cache, or without one."""

import sys
from pathlib import Path

import pytest

from trainwreck.model import OperatorCode
from trainwreck.mutants.catalogue import FileListing, list_files
from trainwreck.mutants.files import SourceFile, application_files
from trainwreck.subject.interpreter import Interpreter, survey

pytestmark = pytest.mark.process

ALL = tuple(OperatorCode)


@pytest.fixture
def interpreter() -> Interpreter:
    return survey(sys.executable, ())


@pytest.fixture
def files(tmp_path: Path) -> list[SourceFile]:
    """Forty files, two of them with the same text, one that is no text at all."""
    folder = tmp_path / "program"
    folder.mkdir()
    for number in range(38):
        (folder / f"file{number:02}.py").write_text(f"a = {number} + 1\nb = a is None\n")
    (folder / "twin.py").write_text("a = 0 + 1\nb = a is None\n")
    (folder / "none.py").write_bytes(b"a = '\xe9' + 1\n")
    return application_files(folder)


def listed(
    files: list[SourceFile], interpreter: Interpreter, cache: Path, operators: tuple = ALL
) -> list[FileListing]:
    return list(list_files(files, interpreter, operators, cache))


def test_every_file_is_listed_in_order(
    files: list[SourceFile], interpreter: Interpreter, tmp_path: Path
) -> None:
    found = listed(files, interpreter, tmp_path / "cache")
    assert [listing.file for listing in found] == files
    for listing in found:
        if listing.file.file == "none.py":
            assert (listing.mutants, listing.problem != "") == ([], True)
        else:
            assert [mutant.file for mutant in listing.mutants] == [listing.file.file] * 4


def test_the_cache_gives_the_same_mutants(
    files: list[SourceFile], interpreter: Interpreter, tmp_path: Path
) -> None:
    cold = listed(files, interpreter, tmp_path / "cache")
    assert list((tmp_path / "cache").rglob("listings/*/*/*"))
    assert listed(files, interpreter, tmp_path / "cache") == cold


def test_a_cache_that_cannot_be_written_changes_nothing(
    files: list[SourceFile], interpreter: Interpreter, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    without = listed(files, interpreter, tmp_path / "file" / "cache")
    assert without == listed(files, interpreter, tmp_path / "cache")


def test_operators_are_chosen_after_the_cache(
    files: list[SourceFile], interpreter: Interpreter, tmp_path: Path
) -> None:
    few = listed(files, interpreter, tmp_path / "cache", (OperatorCode.ComOR,))
    assert {mutant.operator for listing in few for mutant in listing.mutants} == {"ComOR"}
    every = listed(files, interpreter, tmp_path / "cache")
    assert len({mutant.operator for listing in every for mutant in listing.mutants}) == 3
