"""Chromium on one HTML file, and campaigns whose report it opens."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from build import mutants_of
from exchanging import Adding
from trainwreck.model import APP, Draw, Ending, Exit, FileFrame, Mutant, PlannedMutant, TrialKind
from trainwreck.store.campaign_file import CampaignFile

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = 240
"""Seconds that one step may take where other work keeps the machine busy."""

MISSING = CHROMIUM is None or DRIVER is None or find_spec("selenium") is None

needs_chromium = pytest.mark.skipif(
    MISSING, reason="Chromium, its driver or selenium is missing: install chromium-driver"
)


@dataclass
class Page:
    """One open report; it opens views by their address, and asks for what they show."""

    driver: Any
    file: Path

    def open(self, address: str = "") -> "Page":
        """Open the file from nothing at an address within it."""
        self.driver.get("about:blank")
        self.driver.get(f"file://{quote(str(self.file))}#{address}")
        assert self.ask("document.documentElement.dataset.ready") == "true"
        return self

    def ask(self, expression: str) -> Any:
        """Evaluate an expression of JavaScript."""
        return self.driver.execute_script(f"return {expression}")

    def all(self, selector: str) -> list[Any]:
        """Find elements that are shown."""
        found = self.driver.find_elements("css selector", selector)
        return [element for element in found if element.is_displayed()]

    def one(self, selector: str) -> Any:
        """Find the first element that is shown."""
        found = self.all(selector)
        assert found, f"nothing is shown for {selector}"
        return found[0]

    def link(self, words: str) -> Any:
        """Find a shown link by its words."""
        links = [link for link in self.all("a") if link.text == words]
        assert links, f"there is no link `{words}`"
        return links[0]

    def text(self, selector: str = "main") -> str:
        """Return the text that is shown."""
        return str(self.one(selector).text)

    @property
    def address(self) -> str:
        """Return the address within the file."""
        return str(self.ask("decodeURIComponent(location.hash.slice(1))"))

    def complaints(self) -> list[str]:
        """Return what the browser complains of since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses that the browser asked for since the last call."""
        events = [json.loads(entry["message"]) for entry in self.driver.get_log("performance")]
        sent = (event["message"] for event in events)
        return [
            event["params"]["request"]["url"]
            for event in sent
            if event["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def browser(profile: Path, *flags: str) -> Iterator[Any]:
    """Start Chromium with an empty profile, and end it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,1000", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    os.environ["SE_OFFLINE"] = "true"
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(PATIENCE)
    driver.set_page_load_timeout(PATIENCE)
    try:
        yield driver
    finally:
        driver.quit()


SOURCE = """\
import os


def rate(step):
    if step > 3:
        return 0.5
    return 1.5


def train(steps):
    loss = 8.0
    for step in range(steps):
        loss = loss - rate(step) * 0.25
        print("loss:", loss)
    return loss
"""

CURVES = {
    "clean": ("4.0", "3.0", "2.5"),
    "hurt": ("4.0", "9.5", "20.5"),
    "huge": ("4.0", "1e64", "1e300"),
}


def written_campaign(
    folder: Path,
    text: str = SOURCE,
    printed: bytes = b"loss: 1",
    judged: bool = True,
    phases: tuple[str, ...] = ("learning",),
    bugs: Sequence[Mutant] = (),
) -> list[Mutant]:
    """Write a campaign of a program that is there: masked, harmful, huge, crashed and hung bugs."""
    program = folder / "program"
    program.mkdir(parents=True)
    (folder / "campaign").mkdir()
    (program / "train.py").write_bytes(text.encode())
    bugs = list(bugs or mutants_of(text)[:6])
    with CampaignFile.open(folder / "campaign", create=True) as file:
        file.set_meta("subject", "written")
        file.set_meta("metrics", ["loss"])
        measure = {"name": "loss", "pattern": "x", "better": "lower", "margin": 0.1}
        file.set_meta("measures", [measure])
        file.set_meta("looks", [3, 5])
        file.set_meta("bases", {APP: str(program)})
        planned = [PlannedMutant(bug, phases) for bug in bugs]
        file.set_plan(planned, [FileFrame(APP, "train.py", 7, 7, 0, 7, 7, 7, 7, "")])
        add = Adding(file)
        named: dict[str, Any] = {} if phases == ("learning",) else {"phases": ()}
        for seed in (0, 0, 0, 1, 2, 3, 4):
            repeat = add.number if seed == 0 else 0
            add(TrialKind.CLEAN, Draw(seed), repeat, log=printed, **_steps("clean", seed), **named)
        if not judged:
            return bugs
        add(TrialKind.MUTANT, Draw(0), bug=bugs[0], log=printed, **_steps("clean", 0), **named)
        for bug, kind in ((bugs[1], "hurt"), (bugs[2], "huge")):
            for seed in range(3):
                add(
                    TrialKind.MUTANT,
                    Draw(seed),
                    bug=bug,
                    log=printed,
                    **_steps(kind, seed),
                    **named,
                )
        failed: dict[str, Any] = {"exit": Exit(Ending.EXITED, 1), "steps": {}, **named}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[3], log=printed, **failed)
        hung: dict[str, Any] = {"exit": Exit(Ending.TIME, 9), "steps": {}, **named}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[4], log=printed, **hung)
    return bugs


def _steps(kind: str, seed: int) -> dict[str, Any]:
    values = [f"{float(value) + seed / 100:g}" for value in CURVES[kind]]
    return {"steps": {"loss": tuple(values)}, "parameters": f"{kind} {seed}"}
