"""Curves of what checks notice, as figures."""

import re
from pathlib import Path

import pytest

from trainwreck.model import Gap, Missing, Share, Table
from trainwreck.report.figures.curves import curves_of
from trainwreck.report.figures.draw import draw_figure

TOLERANCES = Table(
    "power-tolerance",
    "A golden run, against its tolerance",
    ("Tolerance", "Noticed", "False alarms", "Noticed", "False alarms"),
    (
        ("0", Share(9, 10), "at most 15 %", Share(10, 10), "at most 15 %"),
        ("1e-06", Share(5, 10), "at most 15 %", Missing(Gap.NO_MUTANT), "at most 15 %"),
        ("0.1", Share(1, 10), "at most 15 %", Share(2, 10), "at most 15 %"),
    ),
    groups=(("", 1), ("First report", 2), ("Every report", 2)),
)


def words(path: Path) -> list[str]:
    return re.findall(r"<!-- (.+?) -->", path.read_text())


def test_each_column_of_shares_is_a_curve_with_its_known_points() -> None:
    first, every = curves_of(TOLERANCES)
    assert first == ("First report", [(0.0, 90.0), (1e-6, 50.0), (0.1, 10.0)])
    assert every == ("Every report", [(0.0, 100.0), (0.1, 20.0)])


def test_curves_are_named_and_zero_has_a_place_on_a_logarithmic_scale(tmp_path: Path) -> None:
    draw_figure(TOLERANCES, tmp_path / "curves.svg")
    drawn = words(tmp_path / "curves.svg")
    assert {"First report", "Every report", "Tolerance", "Noticed, %", "0", "0.1"} <= set(drawn)
    assert "A golden run, against its tolerance" in drawn


@pytest.mark.parametrize("rows", [(), ((1, Missing(Gap.NO_MUTANT)),)])
def test_a_table_without_a_share_is_a_figure_without_curves(
    tmp_path: Path, rows: tuple[tuple[object, ...], ...]
) -> None:
    draw_figure(Table("power-seeds", "Seeds", ("Seeds", "Noticed"), rows), tmp_path / "none.svg")
    assert "Seeds" in words(tmp_path / "none.svg")


def test_a_few_numbers_of_one_size_are_all_on_the_scale(tmp_path: Path) -> None:
    rows = tuple((number, Share(1, 4)) for number in (1, 2, 3, 5))
    draw_figure(Table("power-seeds", "Seeds", ("Seeds", "Noticed"), rows), tmp_path / "few.svg")
    assert {"1", "2", "3", "5"} <= set(words(tmp_path / "few.svg"))
