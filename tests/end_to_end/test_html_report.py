"""`report --html` in a browser: clicks, addresses, hostile text, and what a reader needs."""

import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from browsing import Page, browser, needs_chromium, written_campaign
from hostile_campaigns import hostile_campaign
from trainwreck import Campaign
from trainwreck.cli.main import run
from trainwreck.model import Mutant

pytestmark = needs_chromium

KERAS = Path(__file__).parents[2] / "results" / "keras.jsonl.xz"
VIEWS = (
    *("/", "/silent", "/hurt", "/bugs", "/source", "/functions", "/tables"),
    *("/stryker", "/about"),
)
AXE = "TRAINWRECK_AXE"
"""The variable that names another axe.min.js than the one that is installed."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def keras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras")
    Campaign.import_records(KERAS, folder / "campaign")
    Campaign.open(folder / "campaign").write_html(folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Mutant]]:
    folder = tmp_path_factory.mktemp("written")
    bugs = written_campaign(folder)
    Campaign.open(folder / "campaign").write_html(folder / "report.html")
    return folder / "report.html", bugs


def test_a_reader_of_report_html_clicks_from_the_overview_to_a_bug_and_back(
    driver: Any, keras: Path
) -> None:
    page = Page(driver, keras).open()
    assert "320 judged bugs of 3,567 planned" in page.text("header")
    page.one(".legend a[href*='masked']").click()
    assert page.text(".found") == "220 of 320 bugs"
    boxes = page.all("input[name=operator]")
    next(box for box in boxes if box.get_attribute("value") == "ComOR").click()
    assert page.address == "/bugs?rung=masked&operator=ComOR"
    assert page.text(".found") == "13 of 320 bugs"
    first = page.one(".results tbody a")
    place = first.text
    first.click()
    assert page.text("h2").startswith(place)
    assert "The change" in page.text()
    page.link("Next").click()
    driver.back()
    driver.back()
    assert page.address == "/bugs?rung=masked&operator=ComOR"
    assert page.text(".found") == "13 of 320 bugs"
    driver.back()
    assert page.address == "/bugs?rung=masked"
    assert page.text(".found") == "220 of 320 bugs"
    assert not [box for box in page.all("input[name=operator]") if box.is_selected()]
    assert not page.complaints()


def test_the_address_of_a_list_in_report_html_restores_every_filter(
    driver: Any, keras: Path
) -> None:
    query = "fate=hurts,may%20hurt&impact=degraded&phase=learning&library=keras&file=adam"
    page = Page(driver, keras).open(f"/bugs?{query}&function=update_step&q=ArOR&sort=place")
    boxes = [box for box in page.all("fieldset input") if box.is_selected()]
    chosen = [box.get_attribute("value") for box in boxes]
    assert chosen == ["hurts", "may hurt", "degraded", "learning", "keras"]
    typed = {
        box.get_attribute("name"): box.get_attribute("value") for box in page.all(".typed input")
    }
    assert typed == {"file": "adam", "function": "update_step", "q": "ArOR"}
    rows = page.all(".results tbody tr")
    assert rows
    assert all("adam.py" in row.text and "ArOR" in row.text for row in rows)
    page.one("input[name=file]").send_keys("_no_such")
    assert page.text(".found") == "0 of 320 bugs"
    assert "file=adam_no_such" in page.address
    page.link("Clear all filters").click()
    assert page.text(".found") == "320 bugs"


def test_long_lists_in_report_html_come_in_pages(driver: Any, keras: Path) -> None:
    page = Page(driver, keras).open("/bugs")
    assert len(page.all(".results tbody tr")) == 100
    page.link("Last").click()
    assert page.address == "/bugs?page=4"
    assert len(page.all(".results tbody tr")) == 20
    driver.back()
    assert len(page.all(".results tbody tr")) == 100


def test_no_request_leaves_report_html(driver: Any, keras: Path) -> None:
    page = Page(driver, keras)
    page.requests()
    for address in VIEWS:
        page.open(address)
    sent = set(page.requests())
    assert {address.partition(":")[0] for address in sent} <= {"file", "data"}
    assert {a.partition("#")[0] for a in sent if a.startswith("file")} == {f"file://{keras}"}
    assert page.ask("performance.getEntriesByType('resource').length") == 0
    assert not page.complaints()


def test_the_page_of_a_bug_in_report_html_shows_change_values_and_curves(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    page = Page(driver, file).open(f"/bug/{bugs[1].id}")
    gone, new = page.text(".lines .gone"), page.text(".lines .new")
    assert gone.endswith("if step > 3:")
    assert new.endswith("if step > 4:")
    assert (page.text(".lines .gone del"), page.text(".lines .new ins")) == ("3", "4")
    rows = [row.text for row in page.all(".seeds tbody tr")]
    assert rows == ["0 20.5 2.5 +18", "1 20.51 2.51 +18", "2 20.52 2.52 +18"]
    assert page.ask("document.querySelectorAll('.chart canvas').length") == 1
    label = page.one(".chart").get_attribute("aria-label")
    assert label == "loss over 3 steps: ends at 20.5; clean runs end at 2.5 to 2.54"
    assert "normal (propagated)" in page.text(".fate")


WRITTEN = """
window.written = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.written.push(text);
  return write.call(this, text, ...rest);
};
"""


def test_curves_in_report_html_name_whole_steps_alone(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    add, remove = (f"Page.{verb}ScriptToEvaluateOnNewDocument" for verb in ("add", "remove"))
    script = driver.execute_cdp_cmd(add, {"source": WRITTEN})
    page = Page(driver, file).open(f"/bug/{bugs[1].id}")
    labels = page.ask("window.written")
    driver.execute_cdp_cmd(remove, script)
    assert {"step", "1", "2", "3"} <= set(labels)
    assert all(label == "step" or label.isdigit() for label in labels), labels


def test_one_huge_value_does_not_flatten_a_curve_in_report_html(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    page = Page(driver, file).open(f"/bug/{bugs[2].id}")
    assert "logarithmic axis" in page.text(".charts:has(.chart)")
    assert not page.complaints()


def test_the_source_in_report_html_has_the_bugs_of_each_line_in_its_margin(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    page = Page(driver, file).open("/source")
    page.link("train.py").click()
    assert page.address == "/source/app/train.py"
    lines = page.all(".source .line")
    assert lines[4].text.endswith("if step > 3:")
    lines[4].find_element("css selector", "button").click()
    listed = page.all(".here-bugs a")
    addresses = [link.get_attribute("href").partition("#")[2] for link in listed]
    assert f"/bug/{bugs[1].id}" in addresses
    listed[0].click()
    assert page.address.startswith("/bug/")


def test_imported_bugs_in_report_html_show_the_change_without_the_file(
    driver: Any, keras: Path
) -> None:
    page = Page(driver, keras).open("/bug/8c5c280f9b2b501f")
    assert page.text(".lines .gone").split() == ["125", "-", "-"]
    assert page.text(".lines .new").split() == ["+", "+"]
    assert "The text of this file is not part of the results." in page.text()
    assert page.open("/bug/none").text("#\\/bug .none") == "No judged bug has the id none."


def test_report_html_follows_the_theme_of_the_system_and_a_choice(driver: Any, keras: Path) -> None:
    page = Page(driver, keras).open()
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.ask(background)
    page.one(".theme").click()
    page.one(".theme").click()
    assert page.text(".theme") == "Theme: dark"
    assert page.ask(background) != light
    page.one(".theme").click()
    assert page.ask(background) == light


def test_report_html_fits_a_phone(driver: Any, keras: Path) -> None:
    device = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    try:
        for address in (*VIEWS, "/bug/8c5c280f9b2b501f"):
            page = Page(driver, keras).open(address)
            assert page.ask("document.documentElement.scrollWidth") <= 390, address
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_report_html_can_be_read_without_javascript(
    tmp_path: Path, keras: Path, driver: Any
) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get("about:blank")
        driver.get(f"file://{keras}")
        page = Page(driver, keras)
        text = page.text()
        assert "Ledger by operator" in text
        assert len(page.all("#\\/silent tbody tr")) == 200
        assert len(page.all("#\\/hurt tbody tr")) == 37
        assert "This view needs JavaScript, which is switched off here." in text
        assert "report --format stryker writes its data." in text
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<!--<script>]]>\u202egnp.exe\u2066\0\x1b[31m'\"&lt;b&gt;\ud800"
)


def test_text_of_others_in_report_html_cannot_act(tmp_path: Path, driver: Any) -> None:
    ids = hostile_campaign(tmp_path / "campaign", HOSTILE)
    Campaign.open(tmp_path / "campaign").write_html(tmp_path / "report.html")
    page = Page(driver, tmp_path / "report.html")
    page.requests()
    for address in (*VIEWS, *(f"/bug/{name}" for name in ids)):
        page.open(address)
        assert "owned" not in driver.title.replace(HOSTILE[:40], "").partition("owned'")[0]
        assert driver.title.endswith("trainwreck")
        assert page.ask("document.querySelectorAll('img[src=x]').length") == 0
        assert page.ask("document.querySelectorAll('script:not([type])').length") == 2
        shown = page.ask("document.body.textContent")
        assert "\u202e" not in shown
        assert "\x1b" not in shown
    assert "img src=x onerror" in page.text()
    assert not [address for address in page.requests() if not address.startswith(("file", "data"))]


@pytest.mark.parametrize(
    ("address", "theme"),
    [
        *((address, "light") for address in (*VIEWS, "/bug/8c5c280f9b2b501f")),
        *((address, "dark") for address in ("/", "/bugs", "/bug/8c5c280f9b2b501f")),
    ],
)
def test_axe_finds_nothing_serious_in_report_html(
    driver: Any, keras: Path, address: str, theme: str
) -> None:
    page = Page(driver, keras).open(address)
    page.ask(f"document.documentElement.dataset.theme = '{theme}'")
    assert serious_problems(driver) == []


def test_axe_finds_nothing_serious_in_the_source_of_report_html(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    for address in ("/source/app%2Ftrain.py", f"/bug/{bugs[1].id}"):
        Page(driver, file).open(address)
        assert serious_problems(driver) == []


def serious_problems(driver: Any) -> list[str]:
    """What axe-core finds that is serious or critical, with the first place of each."""
    # Views that are not shown have checks of their own; reading them again takes minutes.
    driver.execute_script(
        "for (const view of [...document.querySelectorAll('.view:not(.shown)')]) view.remove()"
    )
    driver.execute_script(axe())
    # Nothing can ask the frame of Stryker's viewer: its script is not ours.
    found = driver.execute_async_script(
        "const done = arguments[0];"
        "axe.run(document, {resultTypes: ['violations'], iframes: false})"
        ".then((results) => done(JSON.stringify(results.violations)))"
    )
    return [
        f"{item['id']} ({len(item['nodes'])}): {item['nodes'][0]['html'][:200]}"
        for item in json.loads(found)
        if item["impact"] in ("serious", "critical")
    ]


def axe() -> str:
    """The script of axe-core."""
    if AXE in os.environ:
        return Path(os.environ[AXE]).read_text(encoding="utf-8")
    spec = find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is missing: install axe-core-python")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def test_report_html_says_where_the_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written_campaign(tmp_path)
    out = tmp_path / "report.html"
    where = ["--campaign", str(tmp_path / "campaign")]
    assert run(["report", "--html", str(out), *where]) == 0
    assert capsys.readouterr().out == (
        f"report written to {out}: open it in a browser, or send it\n"
    )
    same = out.read_bytes()
    assert run(["report", "--format", "html", "--out", str(out), *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(out)}
    assert out.read_bytes() == same


@pytest.mark.parametrize("theme", ["light", "dark", "system dark"])
def test_report_html_prints_dark_letters_and_the_tables_without_folds(
    driver: Any, keras: Path, theme: str
) -> None:
    page = Page(driver, keras).open("/tables")
    if not theme.startswith("system"):
        page.ask(f"document.documentElement.dataset.theme = '{theme}'")
    dark = {"name": "prefers-color-scheme", "value": theme.split()[-1]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    try:
        style = "getComputedStyle(document.documentElement)"
        assert page.ask(f"{style}.color") == "rgb(0, 0, 0)"
        assert page.ask(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
        folded = "[...document.querySelectorAll('#\\\\/tables details:not([open]) table')]"
        assert page.ask(f"{folded}.length") > 10
        assert page.ask(f"{folded}.filter((table) => !table.checkVisibility()).length") == 0
        assert page.ask(f"{folded}.filter((one) => one.offsetHeight < 20).length") == 0
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_report_html_unfolds_for_a_printer_and_folds_again(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    page = Page(driver, file).open(f"/bug/{bugs[1].id}")
    page.ask("document.documentElement.dataset.theme = 'dark'")
    page.ask(
        "window.addEventListener('beforeprint', () => { window.seen = "
        "[document.querySelectorAll('#\\\\/tables details:not([open])').length, "
        "document.documentElement.dataset.theme]; })"
    )
    driver.execute_cdp_cmd("Page.printToPDF", {})
    assert page.ask("window.seen") == [0, "light"]
    assert page.ask("document.documentElement.dataset.theme") == "dark"
    assert page.ask("document.querySelectorAll('#\\\\/tables details:not([open])').length") > 10


def test_the_legend_of_a_curve_in_report_html_has_no_empty_values(
    driver: Any, written: tuple[Path, list[Mutant]]
) -> None:
    file, bugs = written
    page = Page(driver, file).open(f"/bug/{bugs[1].id}")
    assert [name.text for name in page.all(".u-legend .u-label")] == [
        "lowest clean", "highest clean", "clean, same seed", "this bug",
    ]  # fmt: skip
    heads = "[...document.querySelectorAll('.u-legend th')]"
    after = "(head) => getComputedStyle(head, '::after').content"
    assert set(page.ask(f"{heads}.map({after})")) == {"none"}


def test_report_html_of_a_program_without_phases_names_none(driver: Any, tmp_path: Path) -> None:
    bugs = written_campaign(tmp_path, phases=("import",))
    Campaign.open(tmp_path / "campaign").write_html(tmp_path / "report.html")
    page = Page(driver, tmp_path / "report.html")
    assert "phase" not in page.open("/").text().lower()
    assert "Runs in" not in page.open("/silent").text()
    assert "Phase" not in [legend.text for legend in page.open("/bugs").all("legend")]
    titles = " ".join(title.text for title in page.open("/tables").all("#\\/tables summary"))
    assert "Table IV" in titles
    assert "phase" not in titles.lower()
    for bug in bugs[:5]:
        text = page.open(f"/bug/{bug.id}").text()
        assert "Rung" in text
        assert "Runs in" not in text
        assert "import" not in text.partition("What came of it")[2].partition("What its run")[0]
