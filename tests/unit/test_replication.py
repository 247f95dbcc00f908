"""The page of the replication, and the command that goes on with its campaigns."""

import re
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from guest import ROOT
from trainwreck.model import Share
from trainwreck.model.start import Start

sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "tools" / "pages"))

import replicate

import replication

STUDIES = tomllib.loads(replication.PUBLISHED.read_text(encoding="utf-8"))
WAITS = """
import signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import replicate
signal.signal(signal.SIGTERM, signal.default_int_handler)
with replicate.alone(Path(sys.argv[2])):
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(0.5)
        print("all written", flush=True)
"""


@pytest.mark.parametrize("study", STUDIES)
def test_published_operators_add_up_to_the_published_total(study: str) -> None:
    operators = STUDIES[study]["operators"].values()
    assert [sum(counts) for counts in zip(*operators, strict=True)] == STUDIES[study]["total"]


def test_the_paper_has_1832_mutants_of_which_each_is_wanted() -> None:
    wanted = {study: sum(published["total"]) for study, published in STUDIES.items()}
    assert wanted == replicate.WANTED
    assert sum(wanted.values()) == 1832


def test_crashes_are_compared_with_the_published_ones() -> None:
    table = replication.compared(
        "t",
        "T",
        [
            ("alike", (50, 50, 0), (30, 28, 0)),
            ("apart", (50, 50, 1), (95, 5, 0)),
            ("little", (90, 10, 0), (1, 1, 2)),
            ("none here", (9, 1, 0), (0, 0, 0)),
            ("none there", (0, 0, 0), (9, 1, 0)),
        ],
    )
    assert [(row[0], row[1], row[2], row[4:]) for row in table.rows] == [
        ("alike", Share(50, 100), Share(28, 58), (0, 0, "no difference shown")),
        ("apart", Share(50, 101), Share(5, 100), (1, 0, "differs")),
        ("little", Share(10, 100), Share(1, 4), (0, 2, "no difference shown")),
    ]
    low, high = table.rows[1][3][1:]  # type: ignore[index]
    assert low < 0.05 < high


def test_a_page_without_exports_says_so_in_every_part() -> None:
    text = replication.page([])
    assert not re.search(r"\[[A-Z]+\]", text)
    parts = re.findall(r"^\[[A-Z]+\]$", replication.PROSE.read_text(encoding="utf-8"), re.MULTILINE)
    assert text.count(replication.NOT_RUN) == len(parts) > 8


@pytest.mark.process
def test_a_campaign_is_stopped_once_it_has_written_all(tmp_path: Path) -> None:
    mark = tmp_path / "cache" / "pid"
    command = [sys.executable, "-c", WAITS, str(ROOT / "tools"), str(mark)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 30
        while not mark.is_file() or not mark.read_text():
            assert time.monotonic() < until
            time.sleep(0.01)
        replicate.stop(mark)
        assert running.communicate(timeout=30)[0] == "all written\n"
    replicate.stop(mark)


def test_first_runs_ask_for_no_further_seeds(tmp_path: Path) -> None:
    batches = replicate.Batches("keras-2.3", 60, 30, 1, 0.0, tmp_path)
    first, last = (batches.settings(is_first=is_first).trials for is_first in (True, False))
    assert (first.seeds, last.seeds, last.clean) == (1, 10, 30)
    assert (first.start, last.start) == (Start.COLD, Start.COLD)
    batches.run()
    assert not list(tmp_path.iterdir())


def test_quick_runs_of_the_papers_libraries_have_a_campaign_of_their_own(tmp_path: Path) -> None:
    paper = replicate.Batches("theano-1.0", 60, 30, 1, 0.0, tmp_path)
    quick = replace(paper, is_quick=True)
    assert (quick.folder.name, quick.export.name) == (
        "theano-1.0-quick",
        "theano-1.0-quick.jsonl.xz",
    )
    trials = quick.settings(is_first=False).trials
    assert (trials.seeds, trials.clean, trials.start) == (3, 10, Start.COLD)
    assert quick.settings(is_first=False).subject != paper.settings(is_first=False).subject


def test_successors_run_quick_and_warm(tmp_path: Path) -> None:
    batches = replicate.Batches("torch", 60, 30, 1, 0.0, tmp_path)
    trials = batches.settings(is_first=False).trials
    assert (trials.seeds, trials.clean, trials.start) == (3, 10, Start.WARM)
    assert replicate.SUCCESSORS.keys() <= {*replication.SUCCESSORS.values(), "torch"}
