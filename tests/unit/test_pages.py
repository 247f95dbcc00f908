"""The site of the documentation: its generated pages, its links, and the code that pages show."""

import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from build import listing_of
from guest import ROOT
from trainwreck.cli.commands import COMMANDS, SHARED
from trainwreck.operators import Operator, all_operators

sys.path.insert(0, str(ROOT / "tools" / "pages"))

import five_minutes
import reference

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def hooks() -> SimpleNamespace:
    """Return the hooks of mkdocs."""
    return SimpleNamespace(**runpy.run_path(str(ROOT / "tools" / "pages" / "site_hooks.py")))


def test_reference_of_commands_names_every_command_and_argument() -> None:
    text = reference.commands_page()
    for command in COMMANDS:
        assert f"## `trainwreck {command.name}`" in text
        assert command.example in text
        for argument in (*command.arguments, *SHARED):
            assert f"`{argument.usage}`" in text


def test_reference_of_operators_has_every_example() -> None:
    text = reference.operators_page()
    for operator in all_operators():
        section = text.partition(f"## `{operator.name}`")[2].partition("\n## ")[0]
        for source, mutants in operator.examples:
            for shown in (source, *mutants):
                first_line = shown.strip("\n").split("\n")[0].replace("|", "\\|")
                assert f"`` {first_line} ``" in section


def test_reference_of_formats_has_every_field_and_every_table() -> None:
    text = reference.formats_page()
    for name in ("kind", "operator", "symptom", "metrics", "cpu_seconds", "weight", "class"):
        assert f"`{name}`" in text or f'"{name}"' in text
    tables = re.findall(r"^CREATE TABLE (\w+) \(", reference.SCHEMA.read_text(), re.MULTILINE)
    assert len(tables) > 8
    for table in tables:
        assert f"### `{table}`" in text


def test_reference_of_python_has_the_steps_of_a_campaign_and_no_code_by_accident() -> None:
    text = reference.api_page()
    for name in ("create", "open", "baseline", "plan", "run", "audit", "verdicts"):
        assert re.search(rf"^### `{name}`", text, re.MULTILINE)
    outside = BLOCK.sub("", text)
    assert not re.search(r"^\n {4}\S", outside, re.MULTILINE)


@pytest.mark.parametrize("name", reference.PAGES)
def test_reference_has_tables_whose_rows_have_one_length(name: str) -> None:
    for block in reference.PAGES[name]().split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("| ")]
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert len(cells) <= 1, block


def test_hooks_name_files_of_the_repository_and_leave_pages() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="trust.md"))
    text = "[CONTRIBUTING.md](../CONTRIBUTING.md), [how](../Makefile), [page](seeds.md#a)"
    changed = hooks().on_page_markdown(text, page)
    assert changed == "`CONTRIBUTING.md`, how (`Makefile`), [page](seeds.md#a)"


def test_hooks_refuse_a_link_to_a_file_that_is_gone() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="trust.md"))
    with pytest.raises(FileNotFoundError, match=r"trust\.md links to \.\./gone\.py"):
        hooks().on_page_markdown("[x](../gone.py)", page)


def test_site_fetches_nothing_from_elsewhere() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    theme = yaml.safe_load(text)["theme"]
    assert theme["font"] is False
    assert not re.search(r"https?://", text)


def test_operator_of_the_page_makes_what_its_examples_say() -> None:
    (code,) = BLOCK.findall((DOCS / "own-operator.md").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    exec(compile(code, "own-operator.md", "exec"), names)
    (operator,) = names["OPERATORS"]  # type: ignore[misc]
    assert isinstance(operator, Operator)
    for text, expected in operator.examples:
        made = [change.replacement for change in listing_of(text, [operator]).mutants]
        whole = [text.replace("range(n", f"range({new}") for new in made]
        assert tuple(whole) == expected


@pytest.mark.parametrize("path", sorted(DOCS.glob("pictures/concept-*.svg")), ids=lambda p: p.stem)
def test_pictures_of_concepts_have_a_title_their_own_ground_and_words_beside_them(
    path: Path,
) -> None:
    picture = path.read_text(encoding="utf-8")
    assert "<title>" in picture
    assert picture.count("<rect width=") == 1  # An opaque ground: legible on light and dark.
    page = (DOCS / "concepts.md").read_text(encoding="utf-8")
    (words,) = re.findall(rf"!\[([^\]]+)\]\(pictures/{path.name}\)", page)
    assert len(words) > 100


def test_hooks_link_the_report_that_only_the_site_has() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="html-report.md"))
    changed = hooks().on_page_markdown("the report: `keras-report.html`.", page)
    assert changed == "the report: [`keras-report.html`](keras-report.html)."
    assert "`keras-report.html`" in (DOCS / "html-report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(DOCS.glob("pictures/*.png")), ids=lambda path: path.stem)
def test_screenshots_are_small_and_have_words(path: Path) -> None:
    assert path.stat().st_size < 100_000
    page = (DOCS / "html-report.md").read_text(encoding="utf-8")
    assert re.search(rf"!\[[^\]]{{20,}}\]\(pictures/{path.name}\)", page)


def test_page_of_five_minutes_shows_every_command_and_time_of_each_program() -> None:
    text = (DOCS / "five-minutes.md").read_text(encoding="utf-8")
    for program in five_minutes.PROGRAMS:
        section = text.partition(f": `{program.name}`\n")[2].partition("\n## ")[0]
        commands = program.commands("trainwreck-0.1.0-py3-none-any.whl").values()
        assert re.findall(r"^\$ (.*)$", section, re.MULTILINE) == list(commands)
        assert len(re.findall(r"^[^|\n]+: (?:\d+ min )?\d+ s\.$", section, re.MULTILINE)) == 6
    assert not re.search(r"\[[A-Z-]+\]", text)
