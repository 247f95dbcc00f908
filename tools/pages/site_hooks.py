"""The hooks of mkdocs: add what is made from the code and the results, and mend links."""

import re
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from reference import PAGES

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[([^\]]*)\]\((\.\./[^)#\s]+)(#[^)\s]*)?\)")
"""A link out of `docs/`, to a file of the repository."""
RECORDS = ROOT / "results" / "keras.jsonl.xz"
REPORT = "keras-report.html"
"""The report of these records, which only the site has."""


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages of the reference, and the HTML report of the committed campaign."""
    from mkdocs.structure.files import File

    for name, write in PAGES.items():
        files.append(File.generated(config, f"reference/{name}.md", content=write()))
    files.append(File.generated(config, REPORT, content=report()))
    return files


@cache
def report() -> str:
    """Return the HTML report of the committed campaign."""
    from trainwreck import Campaign

    with TemporaryDirectory() as name:
        folder = Path(name)
        Campaign.import_records(RECORDS, folder / "campaign")
        Campaign.open(folder / "campaign").write_html(folder / REPORT)
        return (folder / REPORT).read_text(encoding="utf-8")


def on_page_markdown(markdown: str, page: "Page", **_: object) -> str:
    """Name the files of the repository that a page links to, and link the report that is made.

    A file that is gone is an error.
    """
    folder = (ROOT / "docs" / page.file.src_uri).parent

    def named(match: re.Match[str]) -> str:
        path = (folder / match[2]).resolve()
        if path.is_relative_to(ROOT / "docs"):
            return match[0]
        if not path.exists():
            raise FileNotFoundError(f"{page.file.src_uri} links to {match[2]}, which is not there")
        inside = path.relative_to(ROOT).as_posix()
        text = match[1].strip("`")
        return f"`{inside}`" if text in (inside, path.name) else f"{match[1]} (`{inside}`)"

    return LINK.sub(named, markdown).replace(f"`{REPORT}`", f"[`{REPORT}`]({REPORT})")
