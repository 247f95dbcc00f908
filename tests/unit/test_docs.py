"""The programs that write the pages can still be started, and pages say what is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from guest import ROOT

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


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_a_page_has_the_prose_of_its_template(path: Path) -> None:
    page = next(DOCS.glob(f"{path.stem.removesuffix('-notes')}.md")).read_text(encoding="utf-8")
    for part in SLOT.split(path.read_text(encoding="utf-8")):
        assert part.strip() in page


def test_every_page_that_is_linked_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
