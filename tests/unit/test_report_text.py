"""Tables and numbers as people read them."""

import pytest

from trainwreck.model import Share, Table
from trainwreck.report.text import cell, render_tables
from trainwreck.report.words import amount, duration

TABLE = Table(
    "table-4",
    "Table IV: symptoms",
    ("", "Normal", "Crash", "Total"),
    (("app", Share(3, 4), Share(0, 4), 4), ("keras", Share(1, 3), Share(2, 3), 3)),
    "7 mutants planned.",
)


def test_a_table_has_title_columns_rows_and_note() -> None:
    assert render_tables([TABLE]) == (
        "Table IV: symptoms\n"
        "\n"
        "             Normal       Crash   Total\n"
        " ───────────────────────────────────────\n"
        "  app     3 (75.0%)           0       4\n"
        "  keras   1 (33.3%)   2 (66.7%)       3\n"
        "\n"
        "7 mutants planned.\n"
        "\n"
    )


def test_tables_follow_one_another_without_trailing_blanks() -> None:
    text = render_tables([TABLE, TABLE])
    assert text.count("Table IV") == 2
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def wide(columns: int) -> Table:
    """A table of shares that has so many columns."""
    names = ("", *(f"rung{index}" for index in range(columns)), "Total")
    row = ("condition of an if", *[Share(3, 4)] * columns, 4)
    return Table("ledger", "How far", names, (row,))


def test_a_table_that_is_too_wide_has_percentages_under_their_counts() -> None:
    lines = render_tables([wide(8)], width=90).splitlines()
    assert [line.split() for line in lines[-3:-1]] == [
        ["condition", "of", "an", "if", *["3"] * 8, "4"],
        ["(75.0%)"] * 8,
    ]
    assert max(map(len, lines)) <= 90


def test_a_table_that_fits_keeps_percentages_beside_their_counts() -> None:
    assert render_tables([wide(4)], width=90).count("3 (75.0%)") == 4


def test_no_name_of_a_column_of_shares_is_cut() -> None:
    text = render_tables([wide(9)], width=90)
    assert [f"rung{index}" in text for index in range(9)] == [True] * 9


def test_text_in_a_table_is_taken_as_it_is() -> None:
    odd = Table(
        "t", "train.py:100: [red]x", ("a[b]", "x" * 30), (("[bold]:100:", 1),), ":1234: [/x]"
    )
    text = render_tables([odd])
    for words in ("train.py:100: [red]x", "a[b]", "[bold]:100:", ":1234: [/x]"):
        assert words in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Share(0, 0), "-"),
        (Share(0, 7), "0"),
        (Share(1, 3), "1 (33.3%)"),
        (Share(7, 7), "7 (100.0%)"),
        (0.123456, "0.1235"),
        (884543.0, "8.845e+05"),
        (float("nan"), "nan"),
        (None, "-"),
        (0, "0"),
        ("crash", "crash"),
    ],
)
def test_a_cell_shows_its_value(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (42.4, "42 s"),
        (99.4, "99 s"),
        (100, "1 min 40 s"),
        (190, "3 min 10 s"),
        (5999.6, "1 h 40 min"),
        (7500, "2 h 5 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (5 << 20, "5 MB"), (7 << 30, "7 GB")],
)
def test_an_amount_has_the_largest_unit_that_fits(number: int, text: str) -> None:
    assert amount(number) == text
