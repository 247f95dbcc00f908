"""`report --html` without a browser: what is in the file, and campaigns with gaps."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from browsing import written_campaign
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, fill, foreign
from hostile_campaigns import hostile_campaign
from trainwreck import Campaign
from trainwreck.cli.main import run
from trainwreck.report.html.frame import static_text
from trainwreck.report.html.numbers import MOST_POINTS, drawn_steps
from trainwreck.report.html.source_lines import shown_column, source_lines
from trainwreck.report.printable import OBEYED
from trainwreck.store.campaign_file import CampaignFile

DATA = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.DOTALL)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
HELD = re.compile(r'<script type="text/plain" id="[^"]+">(.*?)</script>', re.DOTALL)
"""Scripts that do nothing before the view in Stryker's viewer is opened."""

VIEWER = "751fb010242b0b44e32d84fe7fe0b9ff1da182823b94f59f5c52b001fcfc163b"
"""The SHA-256 of dist/mutation-test-elements.js in mutation-testing-elements 3.9.0."""


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pictures of figures: drawing them takes most of a test."""
    monkeypatch.setattr("trainwreck.report.html.tables.find_spec", lambda _: None)


def page_of(campaign: Path) -> str:
    out = campaign.parent / "report.html"
    Campaign.open(campaign).write_html(out)
    return out.read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, object]:
    return {name: json.loads(text) for name, text in DATA.findall(page)}


@pytest.fixture
def page(tmp_path: Path) -> str:
    written_campaign(tmp_path)
    return page_of(tmp_path / "campaign")


def test_report_html_lets_only_its_own_scripts_run(page: str) -> None:
    scripts, held = SCRIPT.findall(page), HELD.findall(page)
    digests = [hashlib.sha256(script.encode()).digest() for script in (*scripts, *held)]
    hashes = " ".join(f"&#x27;sha256-{base64.b64encode(d).decode()}&#x27;" for d in digests)
    assert (len(scripts), len(held)) == (2, 2)
    assert f"default-src &#x27;none&#x27;; script-src {hashes};" in page


def test_report_html_names_no_other_file(page: str) -> None:
    static = HELD.sub("", SCRIPT.sub("", DATA.sub("", page)))
    assert not re.findall(r'(?:src|href|action)="(?!#|data:)[^"]*"', static)
    assert not re.findall(r"@import|url\(", static)


def test_report_html_has_the_licences_of_its_parts(page: str) -> None:
    assert "Copyright (c) 2022 Leon Sorokin" in page
    assert "The MIT License (MIT)" in page
    assert "Apache License" in page
    assert "Copyright (c) 2017 Google LLC" in page


def test_report_html_of_more_mutants_has_no_stryker_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_campaign(tmp_path)
    monkeypatch.setattr("trainwreck.report.html.page.MOST_MUTANTS", 6)
    most = page_of(tmp_path / "campaign")
    monkeypatch.setattr("trainwreck.report.html.page.MOST_MUTANTS", 5)
    more = page_of(tmp_path / "campaign")
    assert len(HELD.findall(most)) == 2
    assert 'href="#/stryker"' in most
    assert 'href="#/stryker"' not in more
    assert not HELD.findall(more)
    assert "stryker" not in data_of(more)
    assert "Apache License" not in more
    assert len(re.findall("&#x27;sha256-", more)) == 2


def test_the_viewer_of_stryker_is_the_released_file_and_cannot_end_its_element() -> None:
    text = static_text("stryker-viewer.js")
    assert hashlib.sha256(text.encode()).hexdigest() == VIEWER
    assert not re.search(r"</?script|\r|\0", text, re.IGNORECASE)


def test_report_html_has_details_of_every_mutant_and_the_source(page: str) -> None:
    data = data_of(page)
    index, details = data["index"], data["details-0"]
    assert isinstance(index, dict)
    assert isinstance(details, dict)
    assert len(index["columns"]["id"]) == len(details["mutants"]) == 5
    assert data["source-0"][4] == "    if step > 3:"  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "\u202e\0\x1b[31m\ud800", "&lt;"]
)
def test_report_html_holds_hostile_text_as_data(tmp_path: Path, text: str) -> None:
    hostile_campaign(tmp_path / "campaign", text)
    page = page_of(tmp_path / "campaign")
    elements = DATA.findall(page)
    assert all("<" not in element for _, element in elements)
    assert [name for name, _ in elements] == ["index", "details-0", "stryker"]
    assert len(SCRIPT.findall(page)) == 2
    assert not OBEYED.findall(HELD.sub("", page))


def test_report_html_takes_secrets_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "s3cr3t&<value>")
    printed = b"the token is s3cr3t&<value>, and ghp_0123456789abcdefghijklmnopqrstuvwxyz"
    written_campaign(tmp_path, printed=printed)
    page = page_of(tmp_path / "campaign")
    assert "s3cr3t" not in page
    assert "ghp_0123" not in page
    assert r"\u003cSERVICE_TOKEN>" in page


def test_report_html_of_a_campaign_without_clean_runs_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with CampaignFile.open(tmp_path, create=True):
        pass
    out = tmp_path / "report.html"
    assert run(["report", "--html", str(out), "--campaign", str(tmp_path)]) == 1
    assert f"Run `trainwreck --campaign {tmp_path} baseline` first." in capsys.readouterr().err
    assert not out.exists()


def test_report_html_of_a_campaign_before_its_first_mutant_is_a_page(tmp_path: Path) -> None:
    written_campaign(tmp_path, judged=False)
    page = page_of(tmp_path / "campaign")
    assert "No bug is judged yet." in page
    assert "0 judged bugs of 6 planned" in page


def test_report_html_is_made_while_another_process_writes(tmp_path: Path) -> None:
    written_campaign(tmp_path)
    with CampaignFile.open(tmp_path / "campaign", create=True):
        assert "5 judged bugs" in page_of(tmp_path / "campaign")


def test_report_html_of_every_kind_of_run(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    with CampaignFile.open(tmp_path / "campaign", create=True) as file:
        fill(file)
    assert "judged bugs" in page_of(tmp_path / "campaign")


def test_report_html_of_records_with_gaps(tmp_path: Path) -> None:
    records = foreign(tmp_path, CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD)
    Campaign.import_records(records, tmp_path / "campaign")
    page = page_of(tmp_path / "campaign")
    index = data_of(page)["index"]
    assert isinstance(index, dict)
    assert len(index["columns"]["id"]) == 2
    assert not any(index["sources"])


def test_report_html_leaves_out_a_file_that_has_changed(tmp_path: Path) -> None:
    written_campaign(tmp_path)
    with (tmp_path / "program" / "train.py").open("a") as file:
        file.write("\n# later\n")
    assert "source-0" not in data_of(page_of(tmp_path / "campaign"))


def test_report_html_refuses_several_campaigns_and_other_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written_campaign(tmp_path)
    campaign, out = str(tmp_path / "campaign"), str(tmp_path / "report.html")
    for words, said in (
        ([campaign, campaign, "--html", out], "an HTML report is of one campaign"),
        ([campaign, "--html", out, "--format", "csv"], "`--html` names the format and the file"),
        ([campaign, "--html", out, "--since", "main"], "an HTML report is of the whole campaign"),
        ([campaign, "--format", "html"], "HTML is written to a file"),
        ([campaign, "--html", f"{tmp_path}/no/report.html"], "cannot be written"),
    ):
        assert run(["report", *words]) == 1
        assert said in capsys.readouterr().err


def test_long_curves_in_report_html_keep_their_extremes() -> None:
    values: list[float | None] = [float(step % 7) for step in range(10_000)]
    values[1234], values[8765], values[5000] = 99.0, -99.0, None
    steps = drawn_steps(values)
    assert len(steps) <= MOST_POINTS + 2
    assert {0, 1234, 8765, 9999} <= set(steps)


def test_columns_in_report_html_count_as_a_browser_does() -> None:
    lines = source_lines("x = 1\r\ny = '\U0001f600' + 2\rz = '\u202e' + 3\n")
    assert len(lines) == 4
    assert [shown_column(lines, line, 8) for line in (1, 2, 3)] == [8, 9, 13]
    assert shown_column((), 7, 5) == 5


def test_report_html_names_commands_that_read_this_campaign(page: str, tmp_path: Path) -> None:
    index = data_of(page)["index"]
    assert isinstance(index, dict)
    command = f"trainwreck --campaign {tmp_path / 'campaign'}"
    assert index["commands"] == [f"{command} show", f"{command} replay"]
    assert f"<code>{command} list</code> prints the same." in page


def test_report_html_of_an_import_offers_no_run_again(tmp_path: Path) -> None:
    records = foreign(tmp_path, CLEAN_RECORD, NORMAL_RECORD, CRASH_RECORD)
    Campaign.import_records(records, tmp_path / "campaign")
    index = data_of(page_of(tmp_path / "campaign"))["index"]
    assert isinstance(index, dict)
    assert [command.split()[-1] for command in index["commands"]] == ["show"]


def test_report_html_without_the_extra_for_figures_says_so(page: str) -> None:
    assert "The figures are not drawn, as this page was made without the extra" in page
    assert "pip install &#x27;trainwreck[report]&#x27;" in page
