"""What a notebook shows of a campaign and its results: short names, and a summary."""

from pathlib import Path

import trainwreck
from exchanging import fill
from trainwreck.campaign.campaign import Campaign
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
