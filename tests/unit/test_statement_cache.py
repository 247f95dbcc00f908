"""`StatementCache`: numbers of statements of texts that another campaign has counted."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.errors import TrainwreckError
from trainwreck.model import SourceSize
from trainwreck.mutants.catalogue import measure_sources
from trainwreck.mutants.files import SourceFile, application_files
from trainwreck.store.statement_cache import StatementCache
from trainwreck.subject.interpreter import Interpreter, survey


def test_the_statement_cache_returns_what_was_added(tmp_path: Path) -> None:
    cache = StatementCache(tmp_path, "one")
    cache.add({"a": (3, 2)})
    cache.add({"b": (1, 0)})
    assert StatementCache(tmp_path, "one").counts() == {"a": (3, 2), "b": (1, 0)}
    assert StatementCache(tmp_path, "two").counts() == {}


DAMAGES = [b'["c", 1', b"\xff\xfe", b'{"c": 1}', b'["c", "x", 2]', b"[[]]"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_statement_cache_ignores_damaged_lines(tmp_path: Path, damage: bytes) -> None:
    cache = StatementCache(tmp_path, "one")
    cache.add({"a": (3, 2)})
    (file,) = tmp_path.rglob("*.jsonl")
    with file.open("ab") as broken:
        broken.write(damage)
    cache.add({"b": (1, 0)})
    assert cache.counts() == {"a": (3, 2), "b": (1, 0)}


def test_a_statement_cache_that_cannot_be_written_is_empty(tmp_path: Path) -> None:
    (tmp_path / "statements").write_text("")
    cache = StatementCache(tmp_path, "one")
    cache.add({"a": (3, 2)})
    assert cache.counts() == {}


@pytest.fixture
def files(tmp_path: Path) -> list[SourceFile]:
    folder = tmp_path / "program"
    folder.mkdir()
    for number in range(70):
        (folder / f"file{number:02}.py").write_text(f"a = {number}\nif a:\n    b = 1\n")
    (folder / "none.py").write_text("a = = 1\n")
    return application_files(folder)


def sizes(
    files: list[SourceFile], interpreter: Interpreter, cache: Path, ran: int
) -> list[SourceSize]:
    executed = {(file.root, file.file): range(1, ran + 1) for file in files}
    return measure_sources(files, interpreter, executed, cache)


@pytest.mark.process
def test_measure_sources_counts_a_text_once_for_the_same_lines(
    files: list[SourceFile], tmp_path: Path
) -> None:
    interpreter = survey(sys.executable, ())
    cache = tmp_path / "cache"
    counted = sizes(files, interpreter, cache, 2)
    assert {(each.statements, each.executed) for each in counted[:-1]} == {(3, 2)}
    assert counted[-1] == SourceSize("app", "none.py", None, None)
    read = [file for file in files if file.file != "none.py"]
    ended = replace(interpreter, executable="/bin/false")
    assert sizes(read, ended, cache, 2) == counted[:-1]
    with pytest.raises(TrainwreckError):
        sizes(read, ended, cache, 1)
    (files[0].path).write_text("a = 1\n")
    assert sizes(files, interpreter, cache, 2)[0] == SourceSize("app", "file00.py", 1, 1)
