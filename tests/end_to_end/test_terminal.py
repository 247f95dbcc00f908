"""What a terminal shows of long work: what is left, the ledger, and the newest finding."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from build import failure, mutant, outcome
from trainwreck.cli.printing import say_for_others
from trainwreck.cli.progress import LiveProgress
from trainwreck.model import Ending, Exit, Expected, Forecast, Trial, TrialKind

METRICS = ("accuracy",)
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
BUG = Trial("s", TrialKind.MUTANT, 0, mutant=mutant())
CLEAN_DIGEST = outcome().digest

SENTENCE = " ".join(f"word-{number}" for number in range(60))

SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_terminal import {act}
{act}()
"""


def act() -> None:
    """Show a piece of work with a crash, a hostile name, and a forecast."""
    progress = LiveProgress(METRICS, jobs=2)
    say_for_others(f"  {SENTENCE}", as_json=False)
    progress.say(SENTENCE)
    expected = Expected(2400.0, 1800.0, 3000.0)
    progress.expect(Forecast(30, 2, expected, expected, 0.25), {"uninfected": 2}, [CLEAN_DIGEST])
    progress.begin("mutants", 30)
    progress.finished(BUG, outcome())
    named = mutant(function="\x1b[31mvery_long_name" * 20)
    crash = outcome(exit=Exit(Ending.EXITED, 1), error=failure())
    progress.finished(Trial("s", TrialKind.MUTANT, 0, mutant=named), crash)
    progress._live.refresh()  # type: ignore[union-attr]
    progress.end()


LONG = {"masked (printed values)": 9, "propagated": 12, "crash": 3, "hang": 1, "no verdict": 2}


def act_with_a_long_ledger() -> None:
    """Show a piece of work whose ledger is longer than a line."""
    progress = LiveProgress(METRICS, jobs=2)
    progress.expect(None, LONG, [CLEAN_DIGEST])
    progress.begin("mutants", 30)
    progress.finished(BUG, outcome(steps={}))
    progress._live.refresh()  # type: ignore[union-attr]
    progress.end()


def on_terminal(columns: int, act: str = "act", **variables: str) -> str:
    """What a terminal of so many columns gets."""
    controller, terminal = pty.openpty()
    here = Path(__file__).parent
    script = SCRIPT.format(tests=str(here), act=act)
    environment = {**os.environ, "PYTHONPATH": f"{here.parent}", "TERM": "xterm"}
    environment |= {"COLUMNS": str(columns), **variables}
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=terminal, stdout=terminal, stderr=terminal,
        env=environment,
    )  # fmt: skip
    os.close(terminal)
    received = b""
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:  # The end of a terminal whose program has ended.
            break
        if not chunk:
            break
        received += chunk
    assert child.wait(60) == 0, received.decode()
    os.close(controller)
    return received.decode()


@pytest.mark.parametrize("columns", [80, 132])
def test_a_terminal_shows_what_is_left_the_ledger_and_the_newest_finding(columns: int) -> None:
    text = on_terminal(columns)
    assert "mutants 2/30 · about " in text
    assert " left" in text
    assert "2 at a time" in text
    assert "cost 4.5 s of processor · 2 uninfected, 1 masked, 1 crash" in text
    assert "newest: crash (ValueError): train.py:1: replace" in text
    assert "\x1b[31m" not in text
    last = text.split("\x1b[?25h")[-1]  # After the live lines, the cursor is shown again.
    assert "newest" not in last
    assert "mutants 2/30 · " in last


@pytest.mark.parametrize("columns", [80, 132])
def test_a_terminal_gets_long_lines_broken_between_words(columns: int) -> None:
    printed = on_terminal(columns).partition("\x1b")[0]
    answer, remark = printed.split("trainwreck: ")
    for text, indent in ((answer, "    "), (remark, "  ")):
        assert text.split() == SENTENCE.split()
        lines = text.rstrip().splitlines()
        assert max(map(len, lines)) <= min(columns, 120)
        assert all(line.startswith(f"{indent}word") for line in lines[1:])


@pytest.mark.parametrize("columns", [50, 80, 132])
def test_a_terminal_shows_every_rung_of_a_long_ledger(columns: int) -> None:
    text = CONTROLS.sub("", on_terminal(columns, "act_with_a_long_ledger"))
    lines = [line.rstrip() for line in text.replace("\r", "\n").split("\n")]
    assert not any("…" in line for line in lines if "newest" not in line)
    assert max(map(len, lines)) <= columns
    words = " ".join(text.split())
    ledger = "9 masked (printed values), 12 propagated, 4 crash, 1 hang, 2 no verdict"
    assert words.count(ledger) >= 2
    for part in ledger.split(", "):
        assert any(part in line for line in lines), part
