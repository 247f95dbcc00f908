"""What a terminal would obey is shown instead, wherever text of others is printed."""

import json
import unicodedata

import pytest

from trainwreck.report.printable import LONGEST, json_text, one_line, printable, short_lines

KEPT = "tab\there, 名前 café e\u0301 👩\u200d🔬 ∑ نص \u00a0|\n"
HARMFUL = {"Cc", "Cs", "Zl", "Zp"}
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("100 %\rall fine", r"100 %\rall fine"),
        ("a\0b\x7f\x08", r"a\x00b\x7f\x08"),
        ("half \ud83d of a pair", r"half \ud83d of a pair"),
        ("caf\udce9", r"caf\udce9"),
        ("evil\u202egpj.py", r"evil\u202egpj.py"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028end\u2029", r"line\u2028end\u2029"),
        ("tag \U000e0041", r"tag \U000e0041"),
        (KEPT, KEPT),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_no_character_that_acts_on_a_terminal_is_left() -> None:
    letters = map(chr, range(0x110000))
    left = {letter for letter in letters if unicodedata.category(letter) in HARMFUL}
    left = {letter for letter in left if printable(letter) == letter} - {"\n", "\t"}
    assert left == set()
    assert not set(TURNING) & set(printable(TURNING))


def test_a_name_cannot_look_like_a_line_of_ours() -> None:
    assert one_line("train.py\n  normal (masked)\tx") == r"train.py\n  normal (masked)\tx"


def test_a_line_without_end_is_shortened() -> None:
    assert one_line("x" * (LONGEST + 1500)) == "x" * LONGEST + "… (1,500 more characters)"
    text = short_lines("short\n" + "y" * (LONGEST + 1) + "\n" + "z" * LONGEST)
    assert list(map(len, text.split("\n"))) == [5, LONGEST + len("… (1 more characters)"), LONGEST]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("half \ud83d", "half ?"),
        ("\\ud83d is text", "\\ud83d is text"),
        ("👩\u202e\x1b\x9b\x7f é\u2028", "👩\u202e\x1b\x9b\x7f é\u2028"),
        ({"caf\udce9": ["\udce9"]}, {"caf?": ["?"]}),
        ({"loss": float("nan"), "a": (float("inf"), 0.5)}, {"loss": "nan", "a": ["inf", 0.5]}),
    ],
)
def test_json_is_ascii_that_strict_readers_take(value: object, read: object) -> None:
    text = json_text(value)
    assert text.isascii()
    assert printable(text) == text
    assert json.loads(text, parse_constant=pytest.fail) == read
