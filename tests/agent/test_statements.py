"""Statements as the subject's own coverage.py counts them, and whose version a library has."""

import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import coverage
import pytest

from trainwreck.errors import TrainwreckError
from trainwreck.subject.interpreter import Interpreter, count_statements, survey

OURS = Interpreter(sys.executable, sys.version_info[:3], {}, {}, {}, {})


def counted(path: Path, text: str, *lines: int) -> tuple[int | None, int | None]:
    """Statements of a text, and those of them on the lines that ran."""
    path.write_text(text)
    ((statements, executed),) = count_statements(OURS, [(path, lines)])
    return statements, executed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.py"


def test_statements_that_ran_are_counted_among_all(file: Path) -> None:
    text = "a = 1\nif a:\n    b = 2\nelse:\n    c = 3\n"
    assert counted(file, text, 1, 2, 3) == (4, 3)
    assert counted(file, text) == (4, 0)
    assert counted(file, text, 5, 3, 2, 1) == (4, 4)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_statement_over_many_lines_counts_once(file: Path, line: int) -> None:
    assert counted(file, "a = (1,\n    2,\n    3)\nb = 4\n", line) == (2, 1)
    assert counted(file, "a = (1,\n    2,\n    3)\nb = 4\n", 1, 2, 3) == (2, 1)


def test_comments_and_empty_lines_are_no_statements(file: Path) -> None:
    assert counted(file, "# why\n\na = 1  # because\n\n", 3) == (1, 1)


def test_what_is_not_to_be_covered_does_not_count(file: Path) -> None:
    text = "a = 1\nif a:  # pragma: no cover\n    b = 2\n    c = 3\nd = 4\n"
    assert counted(file, text, 1, 2, 3, 4, 5) == (2, 2)


def test_lines_without_a_statement_make_nothing_executed(file: Path) -> None:
    assert counted(file, "a = 1\n\n# why\n", 2, 3, 99) == (1, 0)


def test_an_empty_file_has_no_statements(file: Path) -> None:
    assert counted(file, "") == (0, 0)


@pytest.mark.parametrize("text", ["def f(:\n", "print 'two'\n", "# coding: klingon\na = 1\n"])
def test_a_file_that_does_not_compile_has_no_numbers(file: Path, text: str) -> None:
    assert counted(file, text, 1) == (None, None)


def test_a_file_in_an_old_encoding_is_counted(file: Path) -> None:
    file.write_bytes(b"# coding: latin-1\nname = '\xe9'\n")
    assert count_statements(OURS, [(file, [2])]) == [(1, 1)]


def test_a_linked_file_counts_like_its_target(file: Path) -> None:
    assert counted(file, "a = 1\nb = 2\n", 2) == (2, 1)
    link = file.with_name("link.py")
    link.symlink_to(file)
    assert count_statements(OURS, [(link, [2])]) == [(2, 1)]


def test_answers_come_in_the_order_of_the_files_whatever_is_among_them(tmp_path: Path) -> None:
    texts = ["a = 1\n", "def f(:\n", "a = 1\nb = 2\n", None, "a = 1\nb = 2\nc = 3\n"]
    paths = [tmp_path / f"é{len(texts) - index}.py" for index in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        if text is not None:
            path.write_text(text)
    assert count_statements(OURS, [(path, {1, 3}) for path in paths]) == [
        (1, 1), (None, None), (2, 1), (None, None), (3, 2),
    ]  # fmt: skip


def test_no_files_have_no_answers() -> None:
    assert count_statements(OURS, []) == []


def test_settings_of_coverage_that_lie_around_change_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    Path(".coveragerc").write_text("[report]\nexclude_lines =\n    b = 2\n[run]\nomit = *\n")
    assert counted(file, "a = 1\nb = 2\n", 1, 2) == (2, 2)
    assert not Path(".coverage").exists()


def test_a_warning_of_a_file_does_not_get_between_the_answers(file: Path) -> None:
    assert counted(file, "a = '\\d'\nassert (a, 'always')\n", 1, 2) == (2, 2)


def test_an_interpreter_that_ends_early_is_told(file: Path) -> None:
    file.write_text("a = 1\n")
    with pytest.raises(TrainwreckError, match="`/bin/false` ended while counting statements"):
        count_statements(replace(OURS, executable="/bin/false"), [(file, [])])


def test_coverage_is_found_by_the_variables_of_the_subject(tmp_path: Path, file: Path) -> None:
    """Only `[subject] env` leads to the folder with coverage.py, as in an environment by hand."""
    file.write_text("a = 1\n")
    (tmp_path / "packages").mkdir()
    found = Path(coverage.__file__).parent
    (tmp_path / "packages" / "coverage").symlink_to(found)
    bare = {"PYTHONNOUSERSITE": "1", "PYTHONPATH": str(tmp_path / "packages")}
    interpreter = survey(sys.base_prefix + "/bin/python3", [], bare)
    assert count_statements(interpreter, [(file, [1])]) == [(1, 1)]
    without = replace(interpreter, variables={"PYTHONPATH": str(tmp_path)})
    with pytest.raises(TrainwreckError, match="No module named 'coverage'"):
        count_statements(without, [(file, [1])])


def library(folder: Path, name: str = "toylib") -> dict[str, str]:
    """A package of that name, and the environment in which it is found."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    return {"PYTHONPATH": str(folder)}


def test_the_version_of_an_installed_library_is_known() -> None:
    interpreter = survey(sys.executable, ["parso", "typing_extensions"])
    assert interpreter.versions["parso"] == version("parso")
    assert interpreter.owners["parso"] == "parso"


def test_a_library_without_a_distribution_has_no_version(tmp_path: Path) -> None:
    interpreter = survey(sys.executable, ["toylib", "nowhere"], library(tmp_path))
    assert interpreter.libraries == {"toylib": tmp_path / "toylib", "nowhere": None}
    assert (interpreter.owners, interpreter.versions) == ({}, {})


@pytest.mark.parametrize(
    ("information", "listing", "text"),
    [
        ("Py_Toy-1.2.dist-info", "RECORD", "other.py,,\ntoylib/__init__.py,sha256=abc,0\n"),
        ("Py_Toy-1.2.dist-info", "RECORD", "toylib.py,sha256=abc,0\n"),
        ("Py_Toy-1.2-py3.6.egg-info", "top_level.txt", "other\ntoylib\n"),
    ],
)
def test_a_library_has_the_version_of_the_distribution_that_brought_it(
    tmp_path: Path, information: str, listing: str, text: str
) -> None:
    environment = library(tmp_path)
    (tmp_path / information).mkdir()
    (tmp_path / information / listing).write_text(text)
    interpreter = survey(sys.executable, ["toylib"], environment)
    assert interpreter.owners == {"toylib": "Py_Toy"}
    assert interpreter.versions == {"toylib": "1.2"}


def test_a_distribution_does_not_own_what_is_only_named_alike(tmp_path: Path) -> None:
    environment = library(tmp_path, "toy")
    information = tmp_path / "toylib-1.2.dist-info"
    information.mkdir()
    (information / "RECORD").write_text("toylib/__init__.py,,\nnested/toy/__init__.py,,\n")
    (information / "top_level.txt").write_text("toylib\n")
    assert survey(sys.executable, ["toy"], environment).versions == {}
