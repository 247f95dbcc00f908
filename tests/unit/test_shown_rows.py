"""What people see of tables and figures: no empty groups, no lacking phases, no flattened boxes."""

import re
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest

from trainwreck.findings import BoxRow
from trainwreck.findings.boxes import COLUMNS
from trainwreck.model import Gap, Missing, Share, Table
from trainwreck.report.figures.boxes import BEYOND, draw_boxes, scale_of
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.formats import write_report
from trainwreck.report.shown_rows import shown_tables
from trainwreck.stats.boxes import box

NO_MUTANT = Missing(Gap.NO_MUTANT)


def box_row(group: str, *values: float, study: str = "s") -> BoxRow:
    made = box(values, None)
    return BoxRow(
        study, group, made.n, made.low, made.q1, made.median, made.q3, made.high,
        made.below, made.above, made.outside,
    )  # fmt: skip


def figure(*rows: BoxRow, name: str = "figure-1") -> Table:
    return Table(name, "Figure 1: loss", COLUMNS, rows)


def drawn(tmp_path: Path, table: Table) -> list[str]:
    """Every text in the figure."""
    path = tmp_path / "figure.svg"
    draw_figure(table, path)
    return re.findall(r"<!-- (.+?) -->", path.read_text())


def test_groups_without_a_mutant_are_no_rows() -> None:
    rows = (
        ("ArOR", Share(1, 2), 2),
        ("BitOR", NO_MUTANT, NO_MUTANT),
        ("MemOR", Share(0, 0), 0),
    )
    (five,) = shown_tables([Table("table-5", "V", ("", "Crash", "Total"), rows)])
    assert [row[0] for row in five.rows] == ["ArOR"]


def test_a_group_whose_mutants_all_end_alike_is_a_row() -> None:
    rows = (("ArOR", Share(0, 2), 2),)
    (five,) = shown_tables([Table("table-5", "V", ("", "Crash", "Total"), rows)])
    assert five.rows == rows


def test_tables_that_are_not_by_group_keep_every_row() -> None:
    table = Table("table-2", "II", ("", "Mutants"), (("BitOR", 0),))
    assert shown_tables([table]) == [table]


def test_other_formats_keep_empty_groups() -> None:
    rows = (("ArOR", Share(1, 2), 2), ("BitOR", NO_MUTANT, NO_MUTANT))
    table = Table("table-5", "V", ("", "Crash", "Total"), rows)
    assert "BitOR" not in (write_report([table], "text") or "")
    for format_ in ("csv", "json", "markdown", "latex"):
        assert "BitOR" in (write_report([table], format_) or "")


@pytest.mark.parametrize("phases", [("import",), ("not known",), ("import", "not in a clean run")])
def test_a_program_without_phases_has_no_table_by_phase(phases: tuple[str, ...]) -> None:
    rows = tuple((phase, Share(1, 2), 2) for phase in phases)
    table = Table("ledger-phase", "By phase", ("", "masked", "Total"), rows)
    assert shown_tables([table]) == []
    assert shown_tables([figure(box_row("clean", 1), box_row("import", 1), name="figure-6")]) == []


@pytest.mark.parametrize("format_", ["csv", "json", "latex", "markdown"])
def test_formats_for_readers_have_no_table_by_phase_without_phases(format_: str) -> None:
    table = Table("ledger-phase", "By phase", ("", "Total"), (("import", 2),))
    written = write_report([table], format_) or ""
    assert ("import" in written) == (format_ in ("csv", "json"))
    named = replace(table, rows=(*table.rows, ("learning", 1)))
    assert "learning" in (write_report([named], format_) or "")


def test_a_program_with_phases_has_tables_by_phase() -> None:
    rows = (("import", Share(1, 2), 2), ("learning", Share(1, 2), 2))
    table = Table("ledger-phase", "By phase", ("", "masked", "Total"), rows)
    assert shown_tables([table]) == [table]


def test_a_figure_draws_no_empty_group(tmp_path: Path) -> None:
    found = drawn(tmp_path, figure(box_row("clean", 1, 2), box_row("BitOR"), box_row("NVR", 1)))
    assert {"clean", "NVR"} <= set(found)
    assert "BitOR" not in found


def test_one_exploding_loss_does_not_flatten_the_boxes(tmp_path: Path) -> None:
    clean = box_row("clean", 0.5, 0.51, 0.52)
    buggy = box_row("NVR", *[0.5] * 9, 2.3, 1e64)
    scale = scale_of([clean, buggy])
    assert scale.beyond(buggy) == [1e64]
    low, high = scale.limits((0, 1e64), [clean, buggy])
    assert low < 0.5
    assert 2.3 < high < 10
    found = drawn(tmp_path, figure(clean, buggy))
    assert BEYOND in found
    assert "s, NVR: 1e+64" in found


def test_values_below_zero_are_clipped_as_well() -> None:
    clean, buggy = box_row("clean", -0.5, 0.5), box_row("NVR", *[0.1] * 9, -1e64, 1e64)
    scale = scale_of([clean, buggy])
    assert not scale.is_logarithmic
    assert scale.beyond(buggy) == [-1e64, 1e64]
    low, high = scale.limits((-1e64, 1e64), [clean, buggy])
    assert -1 < low < high < 1


def test_nothing_is_clipped_where_all_values_are_near() -> None:
    rows = [box_row("clean", 1, 2, 3), box_row("NVR", 2, 90)]
    scale = scale_of(rows)
    assert scale.is_logarithmic
    assert (scale.low, scale.high) == (-inf, inf)
    assert scale.limits((1, 90), rows) == (1, 90)


@pytest.mark.parametrize(
    "values", [(), (0.0,), (nan, inf), (0.0, 0.0), (5e-324, 1e150), (-1e150, 1e150)]
)
def test_every_figure_can_be_drawn(tmp_path: Path, values: tuple[float, ...]) -> None:
    path = tmp_path / "a.png"
    draw_boxes(figure(box_row("clean", 1.0), box_row("NVR", *values)), path)
    draw_boxes(figure(box_row("clean", *values)), path)
    assert path.stat().st_size > 1000
