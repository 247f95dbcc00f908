"""The bugs that the study names: each is exactly one of the mutants that are listed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from paper_bugs import PAPER_BUGS, PaperBug
from trainwreck.model import APP, Mutant, OperatorCode
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.files import SourceFile, application_files, library_files
from trainwreck.source import decode
from trainwreck.subject.interpreter import Interpreter, survey
from trainwreck.subject.preparation import has_environment, interpreter_of
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import studies

Find = Callable[[PaperBug], list[Mutant]]


def settings_of(study: str) -> Settings:
    return load_settings(studies()[study] / FILE_NAME)


def source_of(bug: PaperBug, user_cache: Path) -> tuple[SourceFile, Interpreter]:
    """The file of a bug, and what can say which of its mutants compile."""
    settings = settings_of(bug.study)
    if bug.root == APP:
        interpreter, files = survey("", []), application_files(settings.folder)
    else:
        if not has_environment(settings, user_cache):
            pytest.skip(f"the environment of {bug.study} is not made: trainwreck study {bug.study}")
        interpreter = survey(interpreter_of(settings, user_cache, print), [bug.root])
        origin = interpreter.libraries[bug.root]
        assert origin is not None
        files = library_files(bug.root, origin)
    (file,) = [file for file in files if file.file == bug.file]
    return file, interpreter


@pytest.fixture(scope="module")
def find(user_cache: Path, cache: Path) -> Find:
    """The listed mutants that are a bug."""

    def found(bug: PaperBug) -> list[Mutant]:
        file, interpreter = source_of(bug, user_cache)
        text = decode(file.path.read_bytes()).text
        (listing,) = list_files([file], interpreter, tuple(OperatorCode), cache)
        return [mutant for mutant in listing.mutants if bug.is_mutant(mutant, text)]

    return found


@pytest.mark.parametrize(
    "bug", PAPER_BUGS, ids=lambda bug: f"{bug.file}-{bug.function}-{bug.original}"
)
def test_a_bug_that_the_study_names_is_listed_once(bug: PaperBug, find: Find) -> None:
    (mutant,) = find(bug)
    assert (mutant.root, mutant.file) == (bug.root, bug.file)


def test_the_bugs_are_those_of_the_study() -> None:
    assert len(PAPER_BUGS) == 17
    assert len({(bug.study, bug.file, bug.title) for bug in PAPER_BUGS}) == 17


@pytest.mark.parametrize("study", sorted({bug.study for bug in PAPER_BUGS}))
def test_a_bug_can_be_run_as_its_row_says(study: str) -> None:
    targets = settings_of(study).subject.targets
    for bug in PAPER_BUGS:
        if bug.study == study:
            profile = None if bug.profile == "quick" else bug.profile
            load_settings(studies()[study] / FILE_NAME, profile)
            assert bug.root in targets
