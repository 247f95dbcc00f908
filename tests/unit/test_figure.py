"""Ledger tables as figures."""

import re
from pathlib import Path

import matplotlib
import pytest

from trainwreck.errors import UsageError
from trainwreck.findings import UNKNOWN_RUNG
from trainwreck.model import Context, Rung, Share, Table
from trainwreck.report.figures.ledger import draw_ledger

BEGINNINGS = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}


def table(*rows: tuple[str, tuple[int, ...]], title: str = "How far the bugs got") -> Table:
    """Rows of numbers, one for each rung; a seventh is of mutants without a known rung."""
    complete = all(len(numbers) == len(Rung) for _, numbers in rows)
    columns = ("", *Rung, *(() if complete else (UNKNOWN_RUNG,)), "Total")
    cells = tuple(
        (name, *(Share(number, sum(numbers)) for number in numbers), sum(numbers))
        for name, numbers in rows
    )
    return Table("ledger", title, columns, cells)


TWO = table(("app", (3, 2, 40, 21, 33, 4)), ("keras", (0, 0, 812, 0, 1203, 1)))


def drawn(tmp_path: Path, table: Table) -> str:
    path = tmp_path / "ledger.svg"
    draw_ledger(table, path)
    return path.read_text()


def words(svg: str) -> list[str]:
    """Every text in an SVG, in the order in which it is drawn."""
    return re.findall(r"<!-- (.+?) -->", svg)


def height(svg: str) -> float:
    return float(re.findall(r'<svg [^>]*?height="([\d.]+)pt"', svg)[0])


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_ending_of_the_path_gives_the_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"ledger{ending}"
    draw_ledger(TWO, path)
    assert path.read_bytes().startswith(BEGINNINGS[ending])


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{name}{ending}" for name in ("first", "second")]
    for path in paths:
        draw_ledger(TWO, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_figure_names_its_rows_its_rungs_and_its_totals(tmp_path: Path) -> None:
    found = words(drawn(tmp_path, TWO))
    assert {"How far the bugs got", "app", "keras", "103", "2,016", *Rung} <= set(found)


def test_the_legend_keeps_the_order_of_the_rungs(tmp_path: Path) -> None:
    assert [word for word in words(drawn(tmp_path, TWO)) if word in list(Rung)] == list(Rung)


def test_a_count_is_written_where_its_segment_has_room(tmp_path: Path) -> None:
    found = words(drawn(tmp_path, TWO))
    assert {"40", "21", "33", "812", "1,203"} <= set(found)
    assert "1" not in found


def test_mutants_with_a_rung_unknown_are_drawn_as_well(tmp_path: Path) -> None:
    assert UNKNOWN_RUNG not in words(drawn(tmp_path, TWO))
    found = words(drawn(tmp_path, table(("app", (1, 1, 1, 1, 1, 1, 57)))))
    assert {UNKNOWN_RUNG, "57"} <= set(found)


def test_each_row_makes_the_figure_as_much_higher(tmp_path: Path) -> None:
    rows = [(context, (1, 2, 3, 4, 5, 6)) for context in Context]
    one, two, all_ = (height(drawn(tmp_path, table(*rows[:n]))) for n in (1, 2, 25))
    assert all_ - one == pytest.approx(24 * (two - one), abs=0.1)


def test_a_row_without_mutants_stays_with_its_nothing(tmp_path: Path) -> None:
    found = words(drawn(tmp_path, table(("app", (0,) * 6), ("keras", (1,) * 6))))
    assert "app" in found
    assert found.count("0") == 2, "one on the scale, one as the total"


@pytest.mark.parametrize("rows", [[], [("ArOR", (0,) * 6), ("NVR", (0,) * 6)]])
def test_a_figure_of_no_mutants_says_so(
    tmp_path: Path, rows: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert words(drawn(tmp_path, table(*rows))) == ["How far the bugs got", "no mutants yet"]


def test_a_very_long_name_is_cut(tmp_path: Path) -> None:
    found = words(drawn(tmp_path, table(("x" * 200, (1,) * 6))))
    assert "x" * 39 + "…" in found


def test_text_is_drawn_as_it_is_and_not_as_mathematics(tmp_path: Path) -> None:
    found = words(drawn(tmp_path, table(("$a_b$", (1,) * 6), title="$x^2$")))
    assert {"$a_b$", "$x^2$"} <= set(found)


def test_settings_of_the_user_change_nothing_and_are_left_alone(tmp_path: Path) -> None:
    usual = drawn(tmp_path, TWO)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert drawn(tmp_path, TWO) == usual
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize("name", ["ledger.gif", "ledger", ".svg"])
def test_another_ending_is_a_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"`{name}`")) as raised:
        draw_ledger(TWO, tmp_path / name)
    assert ".svg, .pdf, .png" in raised.value.hint


def test_a_folder_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        draw_ledger(TWO, tmp_path / "nowhere" / "ledger.svg")


def test_a_file_that_cannot_be_written_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "ledger.svg").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        draw_ledger(TWO, tmp_path / "ledger.svg")
