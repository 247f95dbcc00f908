"""Colours of a story: only on a terminal, and never those of somebody else."""

import sys

import pytest

from trainwreck.cli.colours import BOLD, CYAN, GREEN, PLAIN, RED, painted_story
from trainwreck.cli.printing import say_painted

STORY = "a.py:1: replace\n  id 3f9a\n\n@@ -1 +1 @@\n-a\n+b\n c\n\ncrash\n  -why\n"


class Terminal:
    """A standard output that is a terminal, and keeps what it gets."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """Keep everything."""

    def isatty(self) -> bool:
        return True


def test_a_story_is_painted_by_the_beginnings_of_its_lines() -> None:
    lines = painted_story(STORY).split("\n")
    assert lines[0] == f"{BOLD}a.py:1: replace{PLAIN}"
    assert f"{RED}-a{PLAIN}" in lines
    assert f"{GREEN}+b{PLAIN}" in lines
    assert f"{RED}crash{PLAIN}" in lines
    assert {" c", "  -why", "  id 3f9a"} <= set(lines)


@pytest.mark.parametrize(("no_colour", "is_painted"), [("", True), ("1", False)])
def test_colours_are_for_terminals_without_no_color(
    monkeypatch: pytest.MonkeyPatch, no_colour: str, is_painted: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("NO_COLOR", no_colour)
    say_painted("-a \x1b[2J", painted_story)
    assert (BOLD in terminal.text) is is_painted
    assert "\x1b[2J" not in terminal.text
    assert "\\x1b[2J" in terminal.text


def test_no_colours_go_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    say_painted(STORY, painted_story)
    assert capsys.readouterr().out == STORY + "\n"


def test_a_curve_is_painted_and_a_line_of_the_program_is_not() -> None:
    painted = painted_story("x\n       20.5 ┤░░⣿⣿\n  printed ░")
    assert painted.split("\n")[1:] == [
        f"       20.5 ┤{CYAN}░░{PLAIN}{RED}⣿⣿{PLAIN}",
        "  printed ░",
    ]
