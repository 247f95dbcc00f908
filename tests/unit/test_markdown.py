"""Markdown of tables and summaries: src/trainwreck/report/markdown.py and summary_markdown.py."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from test_hostile_text import TEXTS, hostile_campaign

from exchanging import fill
from trainwreck.campaign.campaign import Campaign
from trainwreck.model import Table
from trainwreck.report.markdown import escaped, markdown_rows, markdown_tables
from trainwreck.report.printable import one_line
from trainwreck.report.summary_markdown import summary_markdown
from trainwreck.store.campaign_file import CampaignFile

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
STRUCTURE = {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td"}
TEXT = {"inline", "text", "text_special", "code_inline"}


def tokens(markdown: str) -> list[Token]:
    """Return all tokens of a text."""
    whole = READER.parse(markdown)
    return [*whole, *(child for token in whole for child in token.children or ())]


def kinds(markdown: str) -> set[str]:
    """Return the kinds of elements of a text."""
    return {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(markdown)}


def cells(markdown: str) -> list[str]:
    """Return what a reader sees of each cell of the body of a table."""
    whole = READER.parse(markdown)
    after = [token for before, token in pairwise(whole) if before.type == "td_open"]
    return ["".join(child.content for child in token.children or ()) for token in after]


@given(st.text() | st.text("`<>|\\[]()*_~$&#:@!a1 -+.\n\r\t", max_size=40))
@example("replace `<` with `<=` in a_b [ComOR]")
@example("replace `|` with `&`")
@example("0 `")
@example("`a``b` <img src=x onerror=alert(1)>")
@example("\\` <b>`")
@example("a `\\` b <b> `x`")
@example("http://example.org @somebody :smile: $x$ &lt;")
def test_any_text_is_only_text_in_a_cell(text: str) -> None:
    table = markdown_rows(("a", "b"), [(text, "end")])
    assert kinds(table) <= STRUCTURE | TEXT
    first, last = cells(table)
    shown = " ".join(one_line(text).split())
    seen = first.replace("`", "").strip()
    assert (seen, last) == (shown.replace("`", "").strip(), "end")


def test_code_stays_code_where_backticks_are_in_pairs() -> None:
    assert escaped("replace `<` with `<=` in a_b") == "replace `<` with `<=` in a\\_b"
    assert "code_inline" in kinds(escaped("`a`"))
    for text in ("`a", "`|`", "``a``", "`a\\`", "`a`` b`"):
        assert kinds(escaped(text)) <= {"paragraph", "inline", "text", "text_special"}, text


def test_addresses_mentions_and_emoji_are_broken_up_and_places_are_not() -> None:
    assert "://" not in escaped("http://example.org")
    assert "@s" not in escaped("@somebody")
    assert ":smile:" not in escaped(":smile:")
    assert escaped("a.py:12, fit") == "a.py:12, fit"


@pytest.mark.parametrize("name", TEXTS)
def test_tables_and_summaries_of_hostile_campaigns_have_no_element_of_theirs(
    tmp_path: Path, name: str
) -> None:
    text = TEXTS[name]
    hostile_campaign(tmp_path / "campaign", text)
    campaign = Campaign.open(tmp_path / "campaign")
    for markdown in (summary_markdown(campaign.summaries()), markdown_tables(campaign.tables())):
        assert kinds(markdown) <= STRUCTURE | TEXT
        assert "alert(1)</script>" not in markdown.replace("`", "")


def test_a_summary_lists_bugs_by_their_harm(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    with CampaignFile.open(tmp_path / "campaign", create=True) as file:
        fill(file)
    campaign = Campaign.open(tmp_path / "campaign")
    (summary,) = campaign.summaries()
    markdown = summary_markdown([summary, summary])
    assert markdown.count("## trainwreck: tiny") == 2
    assert {bug.item.mutant.id for bug in (*summary.silent, *summary.harmful)} <= set(
        cells(markdown)
    )


def test_an_empty_campaign_has_a_summary(tmp_path: Path) -> None:
    assert markdown_tables([Table("a", "nothing", ("x",), ())]) == "### nothing\n\n| x |\n|---|\n"
    assert summary_markdown([]) == ""
