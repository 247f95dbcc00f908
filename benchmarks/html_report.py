"""The HTML report of large campaigns: making it, its size, and Chromium that opens and filters."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from figures import Figure, figure
from trainwreck import Campaign
from trainwreck.model import OperatorCode

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "results" / "keras.jsonl.xz"
sys.path.insert(0, str(ROOT / "tests"))

SMALL, LARGE = 20_000, 100_000
SEEDS, CLEAN, PER_FILE = 5, 30, 50
OPEN_MS, FILTER_MS, SMALL_MB, COMMITTED_MB = 2000.0, 100.0, 20.0, 5.0
CODES = tuple(OperatorCode)
PHASES = ("import", "preprocessing", "learning")
RULES = ("same-code", "probe", "horizon", "run")
FILTERS = {
    "one rung": "rung=masked",
    "operator and phase": "operator=ComOR&phase=learning",
    "file": "file=part_7",
    "any text": "q=adjust_3",
    "fate": "fate=hurts",
    "order of places": "sort=place",
}
READY = "return document.documentElement.dataset.ready === 'true'"
OPENED = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
FILTERED = """
const done = arguments[1];
const began = performance.now();
location.hash = '#/bugs?' + arguments[0];
addEventListener('hashchange', () => {
  document.body.getBoundingClientRect();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
}, {once: true});
"""
"""Goes to a filter as a click does, and reports when the list has been painted."""


def measure(_python: str, rounds: int = 5) -> list[Figure]:
    """Measure reports of 20,000 and of 100,000 mutants, and the size of the committed one."""
    figures = [*_of_size(SMALL, rounds), *_of_size(LARGE, rounds)]
    with TemporaryDirectory() as name:
        Campaign.import_records(COMMITTED, Path(name) / "campaign")
        size = _write(Path(name))[1]
    return [*figures, figure("the committed campaign", "MB", [size], COMMITTED_MB)]


def _of_size(mutants: int, rounds: int) -> Iterator[Figure]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, mutants)
        seconds, size = _write(folder)
        limits = (SMALL_MB, OPEN_MS, FILTER_MS) if mutants == SMALL else (None, None, None)
        yield figure(f"{mutants:,} mutants: written, processor", "s", [seconds])
        yield figure(f"{mutants:,} mutants: file", "MB", [size], limits[0])
        for what, times in read(folder, rounds).items():
            limit = limits[1] if what.startswith("opened") else limits[2]
            yield figure(f"{mutants:,} mutants: {what}", "ms", times, limit)


def make(folder: Path, mutants: int) -> None:
    """Write a campaign of records."""
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records(mutants))
    Campaign.import_records(folder / "records.jsonl", folder / "campaign")


def records(mutants: int) -> Iterator[dict[str, Any]]:
    """Yield a campaign of records: a third propagates, a fifth crashes, the rest is masked."""
    chance = random.Random(1)

    def run(seed: int, change: float = 0.0) -> dict[str, Any]:
        value = round(chance.gauss(0.76, 0.012) - change, 4)
        return {"seed": seed, "metrics": {"accuracy": value}, "seconds": chance.gauss(13, 0.4)}

    metric = {"name": "accuracy", "better": "higher", "range": [0, 1], "margin": 0.02}
    yield {"kind": "subject", "name": "large", "metrics": [metric], "phases": list(PHASES)}
    for seed in range(CLEAN):
        yield {"kind": "clean", **run(seed)}
    for number in range(mutants):
        kind = number % 15
        rung = "propagated" if kind < 5 else "crash" if kind < 8 else "masked"
        seeds = range(SEEDS if rung == "propagated" else rung == "masked")
        shift = 0.1 * chance.random() if rung == "propagated" else 0.0
        yield {
            "kind": "mutant",
            "id": f"{number:016x}",
            "root": "library",
            "file": f"library/part_{number // PER_FILE}.py",
            "function": f"Layer_{number // 10}.adjust_{number % 7}",
            "operator": CODES[number % len(CODES)],
            "line": 1 + 7 * (number % PER_FILE),
            "original": "+",
            "replacement": "-",
            "phases": [PHASES[number % 3]],
            "symptom": "crash" if rung == "crash" else "normal",
            "rung": rung,
            "decided_by": RULES[number % 4] if rung == "masked" else "run",
            "runs": [run(seed, shift) for seed in seeds],
            "why": f"it ran {number % 90} times, and the result was as this shows",
        }


def _write(folder: Path) -> tuple[float, float]:
    """Write the report; return processor seconds, and the megabytes of the file."""
    began = time.process_time()
    Campaign.open(folder / "campaign").write_html(folder / "report.html")
    seconds = time.process_time() - began
    return seconds, (folder / "report.html").stat().st_size / 1e6


def read(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Open the report in Chromium and filter it; return times in milliseconds.

    Processor time is that of the page's main thread, which other work on the machine does not
    lengthen; the other time is what a reader waits.
    """
    times: dict[str, list[float]] = {}

    def measured(name: str, step: Callable[[], float]) -> None:
        before = _processor_ms(driver)
        times.setdefault(name, []).append(step())
        times.setdefault(f"{name}, processor", []).append(_processor_ms(driver) - before)

    def opened() -> float:
        driver.get(f"file://{folder}/report.html#/bugs")
        assert driver.execute_script(READY)
        return float(driver.execute_script(OPENED))

    with import_module("browsing").browser(folder / "profile") as driver:
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        for _ in range(rounds):
            driver.get("about:blank")
            measured("opened", opened)
            for name, query in FILTERS.items():
                measured(f"filtered by {name}", partial(_filtered, driver, query))
    return times


def _filtered(driver: Any, query: str) -> float:
    return float(driver.execute_async_script(FILTERED, query))


def _processor_ms(driver: Any) -> float:
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))
