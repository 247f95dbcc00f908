"""Verdicts to the study's tables."""

import pytest

from build import mutant, verdict
from trainwreck.findings import Judged, table_five, table_four, table_frame
from trainwreck.model import APP, FileFrame, OperatorCode, Rung, Share, Symptom, Table

FATES = {
    Rung.UNREACHED: Symptom.NORMAL,
    Rung.MASKED: Symptom.NORMAL,
    Rung.PROPAGATED: Symptom.NORMAL,
    Rung.CRASH: Symptom.CRASH,
    Rung.HANG: Symptom.HANG,
}


def judged(root: str, *rungs: Rung | None, code: OperatorCode = OperatorCode.ArOR) -> list[Judged]:
    return [
        Judged(mutant(root=root, operator=code), verdict(FATES.get(rung, Symptom.NORMAL), rung))
        for rung in rungs
    ]


def frame(root: str, file: str, problem: str = "") -> FileFrame:
    return FileFrame(root, file, 1, 20, 3, 1, 15, 1, 10, problem)


MIXED = [
    *judged("keras", Rung.CRASH, Rung.MASKED, Rung.MASKED),
    *judged(APP, Rung.HANG, Rung.PROPAGATED, Rung.UNREACHED, None),
    *judged("absl", Rung.CRASH, code=OperatorCode.NVR),
]


def row(table: Table, name: str) -> tuple[object, ...]:
    (found,) = [row for row in table.rows if row[0] == name]
    return found[1:]


def test_table_four_counts_symptoms_by_root_and_in_all() -> None:
    table = table_four(MIXED, "my-training", 20)
    assert table.columns == ("", "Normal", "Crash", "Hang", "Total")
    assert row(table, "app") == (Share(3, 4), Share(0, 4), Share(1, 4), 4)
    assert row(table, "keras") == (Share(2, 3), Share(1, 3), Share(0, 3), 3)
    assert table.rows[-1][1:] == (Share(5, 8), Share(2, 8), Share(1, 8), 8)
    assert "my-training" in f"{table.title} {table.rows[-1][0]}"


def test_table_four_says_how_much_is_left() -> None:
    assert table_four(MIXED, "s", 20).note == "20 mutants planned, 8 run, 12 left."


def test_the_program_comes_first_and_its_libraries_by_name() -> None:
    names = [each[0] for each in table_four(MIXED, "s", 8).rows]
    assert names[:3] == ["app", "absl", "keras"]


def test_table_five_has_a_row_for_every_operator() -> None:
    table = table_five(MIXED)
    assert [each[0] for each in table.rows] == list(OperatorCode)
    assert row(table, "NVR") == (Share(0, 1), Share(1, 1), Share(0, 1), 1)
    assert row(table, "MemOR") == (Share(0, 0), Share(0, 0), Share(0, 0), 0)


def test_rows_of_tables_four_and_five_add_up() -> None:
    four, five = table_four(MIXED, "s", 8), table_five(MIXED)
    assert sum(each[-1] for each in five.rows) == four.rows[-1][-1] == 8
    for each in (*four.rows, *five.rows):
        counts = [cell.count for cell in each[1:-1]]
        assert sum(counts) == each[-1]


def test_nothing_judged_gives_tables_of_nothing() -> None:
    assert table_four([], "s", 3).rows[-1][1:] == (Share(0, 0), Share(0, 0), Share(0, 0), 0)
    assert len(table_five([]).rows) == len(OperatorCode)


def test_the_selection_is_summed_by_root() -> None:
    table = table_frame([frame("keras", "a.py"), frame(APP, "b.py"), frame("keras", "c.py")])
    assert table.rows == (("app", 1, 20, 3, 15, 10), ("keras", 2, 40, 6, 30, 20))
    assert table.note == ""


@pytest.mark.parametrize(("number", "more"), [(10, ""), (13, ", and 3 more")])
def test_files_that_could_not_be_read_are_named(number: int, more: str) -> None:
    frames = [frame(APP, f"f{index}.py", "odd") for index in range(number)]
    note = table_frame(frames).note
    assert note.startswith("Not (wholly) readable: f0.py (odd), f1.py (odd)")
    assert note.endswith(f"f9.py (odd){more}.")
