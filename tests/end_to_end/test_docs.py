"""The programs that write the pages can still be started, and pages say what is so."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from build import failure
from exchanging import CRASHED, HUNG, Adding, fill
from guest import ROOT
from paper_bugs import PAPER_BUGS
from trainwreck.model import Draw, Ending, Exit, TrialKind
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.studies import studies

DOCS = ROOT / "docs"
PAGES = ROOT / "tools" / "pages"
PROGRAMS = sorted([*DOCS.glob("*.py"), *PAGES.glob("*.py")])
PROSE = sorted(PAGES.glob("*.txt"))
SLOT = re.compile(r"\[[\w.-]+\](?!\()|\{[\w-]+\}")
"""A name in brackets that a program replaces by a table: ``[MACHINE]``, ``{power}``; not a link."""


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_of_the_docs_finds_what_it_uses(path: Path) -> None:
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(path.parent)!r}); "
        f"runpy.run_path({str(path)!r}, run_name='looked at')"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def page(program: Path, *arguments: object) -> str:
    """Return what a program of the pages prints."""
    command = [sys.executable, str(program), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    """A folder with small campaigns, each with every kind of run, where pages expect them."""
    first, *others = ("keras-2.3-quick", "keras-2.3-tiny", "ledger-keras-2.3", "ledger-keras")
    with CampaignFile.open(make_folder(tmp_path / first), create=True) as file:
        fill(file)
        # The message of the crash in it has a character that cannot be printed.
        crash = Exit(Ending.EXITED, 1)
        add = Adding(file)
        add(TrialKind.MUTANT, Draw(0), bug=CRASHED, exit=crash, error=failure(), steps={})
    for name in others:
        shutil.copytree(tmp_path / first, tmp_path / name)
    for study in studies():
        (tmp_path / f"{study}-paper.txt").write_text("batch size=64\n")
    return tmp_path


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_page_studies_shows_a_study_that_has_run(campaigns: Path) -> None:
    text = page(PAGES / "studies.py", "page", campaigns)
    rows = [line.split() for line in text.splitlines() if "0.7005 ± 0.0007" in line]
    assert [row[0] for row in rows] == ["keras-2.3"]
    assert "[FOUR]" not in text


def test_page_ledger_shows_campaigns_and_audits(campaigns: Path) -> None:
    # The program draws into docs/pictures beside it, so a copy of it draws elsewhere.
    copy = shutil.copytree(PAGES, campaigns / "tools" / "pages")
    make_folder(campaigns / "docs")
    text = page(copy / "ledger.py", "page", campaigns)
    rows = [line.split() for line in text.splitlines() if "clean runs" in line and "min" in line]
    assert [row[:2] for row in rows] == [["keras-2.3", "5"], ["keras", "5"]]
    assert "Decisions made without a full run" in text
    assert (campaigns / "docs" / "pictures" / "ledger-keras-2.3.svg").is_file()


def test_page_paper_bugs_shows_the_story_of_a_bug(campaigns: Path) -> None:
    bug = PAPER_BUGS[0]
    assert (bug.study, bug.profile) == ("keras-2.3", "tiny")
    with CampaignFile.open(campaigns / "keras-2.3-tiny", create=True) as file:
        file.set_meta("paper bugs", {bug.title: CRASHED.id})
    text = page(PAGES / "paper_bugs_page.py", "page", campaigns)
    (row,) = [line for line in text.splitlines() if line.startswith("| 1 |")]
    assert "| **crash** |" in row
    assert "raised ValueError at layers.py:40" in text.partition("## 1.")[2].partition("## 2.")[0]
    assert text.count("No verdict: not planned yet.") >= 1


def test_page_first_light_shows_stories_by_symptom(campaigns: Path, tmp_path: Path) -> None:
    home = make_folder(tmp_path / "home")
    (home / "study.log").write_text("Table IV\n")
    (home / "proof.log").write_text("sha256sum\n")
    study = home / "trainwreck" / "studies" / "keras" / ".trainwreck"
    shutil.copytree(campaigns / "keras-2.3-quick", study)
    text = page(PAGES / "first_light.py", home)
    assert re.search(r"Machine: .* cores, \d+ GB, .*; Python 3.11.7; trainwreck ", text)
    assert all(f"## {symptom}\n" in text for symptom in ("Normal", "Crash", "Hang"))
    assert HUNG.id in text.partition("## Hang")[2]


def test_page_realbugs_is_that_of_the_committed_exports() -> None:
    assert page(PAGES / "realbugs.py") == (DOCS / "realbugs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_a_page_has_the_prose_of_its_template(path: Path) -> None:
    page = next(DOCS.glob(f"{path.stem.removesuffix('-notes')}.md")).read_text(encoding="utf-8")
    for part in SLOT.split(path.read_text(encoding="utf-8")):
        assert part.strip() in page


def test_every_page_that_is_linked_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
