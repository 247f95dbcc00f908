"""The view of `report --html` in Stryker's viewer: its data, its addresses, and its rights."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from browsing import PATIENCE, Page, browser, needs_chromium, written_campaign
from build import mutants_of
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, fill, foreign
from guest import ROOT
from hostile_campaigns import hostile_campaign
from trainwreck import Campaign
from trainwreck.model.json_values import change_texts
from trainwreck.report.printable import printable
from trainwreck.report.stryker import stryker
from trainwreck.store.campaign_file import CampaignFile

pytestmark = needs_chromium

SCHEMA = ROOT / "tests/schemas/stryker/mutation-testing-report-schema.json"
VALIDATOR = Draft7Validator(json.loads(SCHEMA.read_text()))
APP = "document.querySelector('mutation-test-report-app')"
DEEP = """
const found = [];
const walk = (node) => {
  if (node.matches?.(arguments[0])) found.push(node);
  for (const child of [...(node.shadowRoot?.children || []), ...(node.children || [])]) walk(child);
};
walk(document.documentElement);
return found;
"""
"""Finds elements, also those within elements of the viewer."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    written_campaign(folder)
    return report_of(folder)


def report_of(folder: Path) -> Path:
    Campaign.open(folder / "campaign").write_html(folder / "report.html")
    return folder / "report.html"


@contextmanager
def viewer(page: Page) -> Iterator[Page]:
    """The frame of the viewer, once it has its report."""
    page.driver.switch_to.frame(page.one("#\\/stryker iframe"))
    try:
        WebDriverWait(page.driver, PATIENCE).until(lambda _: page.ask(f"!!{APP}.rootModel"))
        yield page
    finally:
        page.driver.switch_to.default_content()


def deep(page: Page, selector: str) -> list[Any]:
    """Elements of the viewer that are shown."""
    found = page.driver.execute_script(DEEP, selector)
    return [element for element in found if element.is_displayed()]


def go_to(page: Page, name: str) -> None:
    """Click on a file of the viewer."""
    next(link for link in deep(page, "a") if link.text == name).click()
    WebDriverWait(page.driver, PATIENCE).until(lambda _: name in page.ask("document.title"))


CODE = """\
def rate(step, naïve="😀"):
    faces = "😀" if step > 3 else "é"
    return step * 2 if faces else (
        step + 1
    )


def train(steps):
    loss = 8.0
    for step in range(steps):
        loss = loss - rate(step) * 0.25
    return loss
"""


def many_kinds(folder: Path) -> None:
    """Letters beyond ASCII, a bug of several edits, and a file of which no bug is judged."""
    bugs = list(mutants_of(CODE))
    by_line = {bug.span.line: bug for bug in bugs}
    both = replace(by_line[2], edits=(*by_line[2].edits, *by_line[4].edits))
    chosen = [
        *bugs[:2],
        both,
        by_line[3],
        by_line[4],
        by_line[11],
        replace(bugs[0], file="unjudged.py"),
    ]
    written_campaign(folder, CODE, bugs=chosen)
    (folder / "program" / "unjudged.py").write_text(CODE)


def without_phases(folder: Path) -> None:
    written_campaign(folder, phases=())


def every_run(folder: Path) -> None:
    (folder / "campaign").mkdir()
    with CampaignFile.open(folder / "campaign", create=True) as file:
        fill(file)


def with_gaps(folder: Path) -> None:
    bare = {**CRASH_RECORD, "id": "bare", "line": 1, "symptom": None}
    names = {**CRASH_RECORD, "id": "named", "name": "a bug of somebody", "original": ""}
    source = foreign(folder, CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, bare, names)
    Campaign.import_records(source, folder / "campaign")


def keras(folder: Path) -> None:
    Campaign.import_records(ROOT / "results" / "keras.jsonl.xz", folder / "campaign")


@pytest.mark.parametrize("make", [many_kinds, without_phases, every_run, with_gaps, keras])
def test_the_stryker_view_has_what_report_format_stryker_writes(
    tmp_path: Path, driver: Any, make: Callable[[Path], None]
) -> None:
    make(tmp_path)
    exported = json.loads(stryker(Campaign.open(tmp_path / "campaign").reported_mutants()))
    page = Page(driver, report_of(tmp_path)).open("/stryker")
    with viewer(page):
        shown = json.loads(page.ask(f"JSON.stringify({APP}.report)"))
    assert [error.message for error in VALIDATOR.iter_errors(shown)] == []
    if unjudged := exported["files"].get("unjudged.py"):
        assert unjudged.pop("source") == CODE
        assert shown["files"]["unjudged.py"].pop("source").strip("\n") == ""
    # Half of a pair, which JSON cannot hold, is a question mark there.
    shown = json.loads(json.dumps(shown).replace(r"\\ud800", "?"))
    assert shown == change_texts(exported, printable)
    assert not page.complaints()


def test_the_script_of_the_stryker_view_does_nothing_before_it_is_opened(
    driver: Any, written: Path
) -> None:
    page = Page(driver, written).open("/bugs")
    page.requests()
    assert page.ask("document.querySelectorAll('iframe').length") == 0
    page.link("Stryker view").click()
    with viewer(page):
        assert [row.text for row in deep(page, "h1")] == ["All files"]
        assert page.ask("customElements.get('mutation-test-report-app') !== undefined")
    assert page.ask("customElements.get('mutation-test-report-app') === undefined")
    assert {address.partition(":")[0] for address in page.requests()} <= {"about", "data"}
    assert not page.complaints()


def test_the_addresses_of_report_html_and_those_of_stryker_keep_apart(
    tmp_path: Path, driver: Any
) -> None:
    many_kinds(tmp_path)
    page = Page(driver, report_of(tmp_path)).open("/bugs?rung=masked")
    page.link("Stryker view").click()
    with viewer(page):
        go_to(page, "train.py")
        assert page.ask("location.href") == "about:srcdoc#mutant/train.py"
    assert page.address == "/stryker"
    assert driver.title == "Stryker view - written - trainwreck"
    page.link("Functions").click()
    assert page.address == "/functions"
    driver.back()
    assert page.address == "/stryker"
    with viewer(page):
        assert page.ask("location.hash") == "#mutant/train.py"
    driver.back()
    assert page.address == "/stryker"
    with viewer(page):
        assert page.ask("location.hash") == "#mutant"
    driver.back()
    assert page.address == "/bugs?rung=masked"
    assert page.text(".found").endswith("bugs")
    driver.forward()
    assert page.address == "/stryker"
    with viewer(page):
        assert page.ask("location.hash") == "#mutant"


def test_the_stryker_view_follows_the_theme_of_report_html(driver: Any, written: Path) -> None:
    page = Page(driver, written).open("/stryker")
    for theme in ("light", "dark"):
        page.one(".theme").click()
        assert page.text(".theme") == f"Theme: {theme}"
        with viewer(page):
            wanted = f"{APP}.getAttribute('theme') === '{theme}'"
            WebDriverWait(driver, PATIENCE).until(lambda _, wanted=wanted: page.ask(wanted))
    page.one(".theme").click()


def test_the_stryker_view_is_reached_and_left_by_keyboard(driver: Any, written: Path) -> None:
    page = Page(driver, written).open("/stryker")
    with viewer(page):
        assert deep(page, "a")
    page.ask("document.querySelector('#\\\\/stryker h2').focus()")
    driver.switch_to.active_element.send_keys(Keys.TAB)
    assert page.ask("document.activeElement.title") == "Stryker's viewer"
    with viewer(page):
        assert page.ask(f"document.activeElement === {APP}")
        driver.switch_to.active_element.send_keys(Keys.SHIFT, Keys.TAB)
    assert page.ask("document.activeElement.tagName") != "IFRAME"


def test_printing_report_html_leaves_the_frame_of_stryker_out(driver: Any, written: Path) -> None:
    page = Page(driver, written).open("/stryker")
    assert page.all("iframe")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not page.all("iframe")
        assert page.all("#\\/stryker p")
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


HOSTILE = (
    "</script><script>top.document.title='owned'</script><img src=x onerror=\"alert(1)\">"
    "<!--<script>`${alert(1)}`<iframe src='//a.test'></iframe>%zz../"
    "\u202egnp.exe\0\x1b[31m'\"&lt;b>"
)


def test_text_of_others_in_the_stryker_view_cannot_act(tmp_path: Path, driver: Any) -> None:
    hostile_campaign(tmp_path / "campaign", HOSTILE)
    page = Page(driver, report_of(tmp_path)).open()
    page.requests()
    page.link("Stryker view").click()
    with viewer(page):
        report = json.loads(page.ask(f"JSON.stringify({APP}.report)"))
        assert [error.message for error in VALIDATOR.iter_errors(report)] == []
        assert "img src=x onerror" in json.dumps(report)
        assert not page.driver.execute_script(DEEP, "img, iframe, body script ~ script ~ script")
        with pytest.raises(Exception, match="cross-origin"):
            page.ask("parent.document.title")
    assert "owned" not in driver.title.replace(HOSTILE[:50], "").partition("owned'")[0]
    assert not [a for a in page.requests() if not a.startswith(("about", "data"))]
