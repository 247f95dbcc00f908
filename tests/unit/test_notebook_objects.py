"""What a notebook shows of a campaign and its results: short names, and a summary."""

from pathlib import Path

import trainwreck
from exchanging import fill
from trainwreck.campaign.campaign import Campaign
from trainwreck.model.shown import ShownList, ShownTuple
from trainwreck.report.summary_html import summary_html
from trainwreck.store.campaign_file import CampaignFile
from user_bugs import bug, summed

SHORT = 200


def campaign(folder: Path) -> Path:
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        fill(file)
    return folder


def test_every_object_of_a_notebook_has_a_short_repr(tmp_path: Path) -> None:
    results = trainwreck.open(campaign(tmp_path / "c"))
    shown = [results, results.study, results.summary, Campaign.open(tmp_path / "c")]
    shown += [*results.tables.values(), *results.figures.values()]
    texts = [repr(item) for item in shown]
    assert max(map(len, texts)) < SHORT
    assert "ShownTable('table-5', 9 rows)" in texts
    assert "ShownFigure('figure-1')" in texts
    assert f"Campaign('{tmp_path / 'c'}')" in texts


READING = (
    *("status", "read_baseline", "read_audits", "tables", "summaries", "judged", "results"),
    *("reported_mutants", "verify", "forecast", "ahead"),
)
"""The public methods of a campaign that need no argument and run nothing."""
OTHERS = {
    *("answers", "audit", "baseline", "choose", "create", "doctor", "export", "guard"),
    *("import_records", "merge", "mutants", "open", "own_bugs", "plan", "power"),
    *("probe", "replay", "run", "run_checks", "salvage", "session", "source", "story"),
    *("verdicts", "verify_power", "write_html", "write_power_html", "write_verdicts"),
}
"""Those that run something, write a file, or need an argument."""


def test_whatever_a_campaign_returns_has_a_short_repr(tmp_path: Path) -> None:
    campaign_ = Campaign.open(campaign(tmp_path / "c"))
    methods = {name for name in dir(Campaign) if not name.startswith("_")}
    fields = {name for name in methods if not callable(getattr(Campaign, name))}
    assert methods - fields == {*READING, *OTHERS}
    (item, *_) = campaign_.judged()
    shown = {name: repr(getattr(campaign_, name)()) for name in READING}
    shown["story"] = repr(campaign_.story(item.mutant.id))
    shown["verdicts"] = repr(campaign_.verdicts([item.planned]))
    shown["answers"] = repr(campaign_.answers("masked>20%"))
    results = trainwreck.open(tmp_path / "c")
    for name in ("measurements", "report", "study", "summary"):
        shown[name] = repr(getattr(results, name))
    assert {name: len(text) for name, text in shown.items() if len(text) > 600} == {}
    assert shown["judged"].startswith("<5 of Judged, the first: Judged('train.py:1: replace ")
    assert shown["report"].startswith("<29 of Table, the first: Table(")


def test_lists_with_a_short_repr_are_lists() -> None:
    items = ShownList([1, 2])
    assert (items, len(items), items[1:]) == ([1, 2], 2, [2])
    assert (repr(items), repr(ShownTuple())) == ("<2 of int, the first: 1>", "<none>")
    assert repr(ShownTuple(["x" * 500])).endswith("xxx…>")


def test_a_campaign_and_its_results_show_the_summary_as_html(tmp_path: Path) -> None:
    folder = campaign(tmp_path / "c")
    results = trainwreck.open(folder)
    html = results._repr_html_()
    assert html == Campaign.open(folder)._repr_html_()
    assert "<th>" in html
    assert results.summary.silent[0].item.mutant.id in html


def test_a_campaign_without_clean_runs_has_no_html(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    with CampaignFile.open(tmp_path / "c", create=True):
        pass
    assert Campaign.open(tmp_path / "c")._repr_html_() is None


def test_html_of_hostile_text_is_text() -> None:
    html = summary_html(summed(bug("<script>alert(1)</script>")))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
