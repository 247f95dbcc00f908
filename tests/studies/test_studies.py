"""Every study, for real: environment, clean runs, listing, and bugs whose symptoms are known.

Slow (minutes each, and the environments the first time), so they run only when asked for:
``pytest -m study``.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from conftest import tree_hash
from paper_bugs import PAPER_BUGS, PaperBug
from planted import IN_LIBRARY, IN_READING, Planted
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.campaign import Campaign
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.session import Session
from trainwreck.cli.progress import LiveProgress
from trainwreck.model import APP, FIRST, Mutant, Rung, Symptom, Trial, TrialKind
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import phases_of
from trainwreck.results.report import report_tables
from trainwreck.results.source import results_of
from trainwreck.source import decode
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import studies

pytestmark = [pytest.mark.study, pytest.mark.timeout(1800)]

JOBS = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2
METRICS = ("accuracy",)
Bug = TypeVar("Bug", Planted, PaperBug)


def test_every_study_has_bugs_to_plant() -> None:
    assert set(studies()) == set(IN_LIBRARY)


@pytest.mark.parametrize("study", IN_LIBRARY)
def test_known_bugs_meet_their_fate(
    study: str, tmp_path: Path, user_cache: Path, no_process_is_left: None
) -> None:
    settings = settings_of(study)
    missing = obstacles(settings)
    if missing:
        pytest.skip(f"{study}: {'; '.join(missing)}")
    with smoke_of(settings, tmp_path, user_cache) as smoke:
        folder = smoke.subject.interpreter.libraries[study_root(study)]
        assert folder is not None
        before = tree_hash(folder)
        run_baseline(smoke)
        check_clean_runs(smoke)
        assert make_plan(smoke) > len(IN_READING)
        bugs = (*IN_READING, *IN_LIBRARY[study])
        found = fates(smoke, {mutant_of(smoke, bug): bug for bug in bugs})
        assert found == {bug: bug.symptom for bug in bugs}
        check_paper_bugs(smoke, study)
        check_tables(smoke)
        assert tree_hash(folder) == before, "the library was changed"


def settings_of(study: str) -> Settings:
    """The study's smallest profile, with every library of the planted bugs as a target."""
    settings = load_settings(studies()[study] / FILE_NAME, "tiny")
    roots = {bug.root for bug in IN_LIBRARY[study]} - {APP, study_root(study)}
    targets = (*settings.subject.targets, *(f"{root}.models.word2vec" for root in sorted(roots)))
    return replace(settings, subject=replace(settings.subject, targets=targets))


def study_root(study: str) -> str:
    """The library that the study is about."""
    return IN_LIBRARY[study][0].root


@contextmanager
def smoke_of(settings: Settings, campaign: Path, cache: Path) -> Iterator[Session]:
    progress = LiveProgress(METRICS)
    with Campaign(campaign, settings, None, JOBS, progress, cache).session() as session:
        yield session
        progress.close()


def check_clean_runs(smoke: Session) -> None:
    """Each has all phases, found the model, and ended in a state that another one ended in."""
    clean = [outcome for _, _, outcome in smoke.file.outcomes(TrialKind.CLEAN)]
    for outcome in clean:
        assert [phase.name for phase in outcome.phases] == PHASES
        assert outcome.parameters, "no model was found for the digest"
    assert smoke.evidence.clean[FIRST].determinism.runs == len(clean)


PHASES = ["preprocessing", "constructing", "learning"]


def check_paper_bugs(smoke: Session, study: str) -> None:
    """Those that the study names, where seconds show them: the same symptom, or why it is not."""
    known = smoke.file.finished_ids()
    bugs: dict[Mutant, PaperBug] = {}
    for bug in PAPER_BUGS:
        if (bug.study, bug.profile) == (study, "tiny"):
            mutant = listed(smoke, bug)
            if Trial(smoke.id, TrialKind.MUTANT, 0, mutant=mutant).id not in known:
                bugs[mutant] = bug
    for bug, symptom in fates(smoke, bugs).items():
        assert symptom is bug.symptom or bug.differs, bug.title


def listed(smoke: Session, bug: PaperBug) -> Mutant:
    """The one listed mutant that is a bug of the study."""
    (file,) = [
        each for each in smoke.subject.files if (each.root, each.file) == (bug.root, bug.file)
    ]
    operators = smoke.subject.settings.mutants.operators
    (listing,) = list_files([file], smoke.subject.interpreter, operators, smoke.subject.cache)
    text = decode(file.path.read_bytes()).text
    (mutant,) = [mutant for mutant in listing.mutants if bug.is_mutant(mutant, text)]
    return mutant


def mutant_of(smoke: Session, bug: Planted) -> Mutant:
    """The first listed mutant that is this bug, on a line that the clean run executes."""
    (file,) = [
        each for each in smoke.subject.files if (each.root, each.file) == (bug.root, bug.file)
    ]
    operators = smoke.subject.settings.mutants.operators
    (listing,) = list_files([file], smoke.subject.interpreter, operators, smoke.subject.cache)
    lines = file.path.read_text(encoding="utf-8").splitlines()
    executed = smoke.file.executed()[file.root, file.file]
    for mutant in listing.mutants:
        change = mutant.edits[0].original, mutant.edits[0].replacement
        at_line = bug.line in lines[mutant.span.line - 1]
        if at_line and change == (bug.original, bug.replacement) and phases_of(mutant, executed):
            return mutant
    raise AssertionError(f"{bug} is not listed on an executed line")


def fates(smoke: Session, bugs: Mapping[Mutant, Bug]) -> dict[Bug, Symptom]:
    """The symptoms, of runs that evaluated the bug or prove that it could not be."""
    trials = [Trial(smoke.id, TrialKind.MUTANT, 0, mutant=mutant) for mutant in bugs]
    found: dict[Bug, Symptom] = {}
    smoke.progress.begin("planted bugs", len(trials))
    for result in smoke.execute(trials):
        trial, evidence = result.trial, smoke.evidence
        assert trial.mutant is not None
        verdict = evidence.verdict(trial.mutant, FIRST, result.outcome)
        assert verdict is not None
        assert result.outcome.hits, f"{trial.mutant.name} was not evaluated"
        assert verdict.rung in set(Rung) or not evidence.clean[FIRST].determinism.repeats
        found[bugs[trial.mutant]] = verdict.symptom
    return found


def check_tables(smoke: Session) -> None:
    """Table I knows the sizes of program and library, Table III what the program reported."""
    tables = {table.name: table for table in report_tables(results_of(smoke.file))}
    sizes = {row[1]: row[2:] for row in tables["table-1"].rows}
    assert all(files and statements for files, statements, *_ in sizes.values()), sizes
    assert tables["table-3"].rows[0][0] == "loss function"
