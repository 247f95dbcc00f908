"""Verdicts to the study's tables."""

from dataclasses import replace

import pytest

from build import mutant, verdict
from trainwreck.findings import (
    JudgedCampaign,
    table_five,
    table_four,
    table_frame,
    table_six,
)
from trainwreck.model import (
    APP,
    FileFrame,
    Gap,
    Judged,
    Missing,
    OperatorCode,
    PlannedMutant,
    Rung,
    Share,
    Symptom,
    Table,
)

FATES = {
    Rung.UNREACHED: Symptom.NORMAL,
    Rung.MASKED: Symptom.NORMAL,
    Rung.PROPAGATED: Symptom.NORMAL,
    Rung.CRASH: Symptom.CRASH,
    Rung.HANG: Symptom.HANG,
}


def judged(root: str, *rungs: Rung | None, code: OperatorCode = OperatorCode.ArOR) -> list[Judged]:
    return [
        Judged(
            PlannedMutant(mutant(root=root, operator=code)),
            verdict(FATES.get(rung, Symptom.NORMAL), rung),
        )
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


def study(judged: list[Judged], planned: int = 8, name: str = "s") -> JudgedCampaign:
    return JudgedCampaign(name, judged, planned, (), (), {})


def test_table_four_counts_symptoms_by_root_and_in_all() -> None:
    table = table_four([study(MIXED, 20, "my-training")])
    assert table.columns == ("", "Normal", "Crash", "Hang", "Total")
    assert row(table, "app") == (Share(3, 4), Share(0, 4), Share(1, 4), 4)
    assert row(table, "keras") == (Share(2, 3), Share(1, 3), Share(0, 3), 3)
    assert table.rows[-1][1:] == (Share(5, 8), Share(2, 8), Share(1, 8), 8)
    assert "my-training" in f"{table.title} {table.rows[-1][0]}"


def test_table_four_says_how_much_is_left() -> None:
    assert table_four([study(MIXED, 20)]).note == "s: 20 mutants planned, 8 judged, 12 left."


def test_the_program_comes_first_and_its_libraries_by_name() -> None:
    names = [each[0] for each in table_four([study(MIXED)]).rows]
    assert names[:3] == ["app", "absl", "keras"]


def test_several_studies_stand_side_by_side() -> None:
    table = table_four([study(MIXED, name="a"), study([], name="b")])
    assert table.groups == (("", 1), ("a", 4), ("b", 4))
    assert [each[0] for each in table.rows] == ["program", "libraries", "in all"]
    assert table.rows[-1][1:5] == (Share(5, 8), Share(2, 8), Share(1, 8), 8)
    assert set(table.rows[-1][5:]) == {Missing(Gap.NO_MUTANT)}


def test_table_five_has_a_row_for_every_operator() -> None:
    table = table_five([study(MIXED)])
    assert [each[0] for each in table.rows] == [*OperatorCode, "in all"]
    assert row(table, "NVR") == (Share(0, 1), Share(1, 1), Share(0, 1), 1)
    assert set(row(table, "MemOR")) == {Missing(Gap.NO_MUTANT)}


def test_rows_of_tables_four_and_five_add_up() -> None:
    four, five = table_four([study(MIXED)]), table_five([study(MIXED)])
    assert five.rows[-1][-1] == four.rows[-1][-1] == 8
    for each in (*four.rows, *five.rows):
        counts = [cell.count for cell in each[1:-1] if isinstance(cell, Share)]
        assert not counts or sum(counts) == each[-1]


def test_table_six_counts_a_mutant_in_each_of_its_phases() -> None:
    planned = replace(MIXED[0].planned, phases=("constructing", "learning"))
    both = replace(MIXED[0], planned=planned)
    one = JudgedCampaign("s", [both, MIXED[1]], 2, (), (), {}, phases=("learning", "constructing"))
    table = table_six([one])
    assert [each[0] for each in table.rows] == ["learning", "constructing", "not in a clean run"]
    assert [each[-1] for each in table.rows] == [1, 1, 1]
    assert table.rows[0][1] == Missing(Gap.NOT_KNOWN)


def test_nothing_judged_says_so() -> None:
    assert set(table_four([study([], 3)]).rows[-1][1:]) == {Missing(Gap.NO_MUTANT)}
    assert len(table_five([study([])]).rows) == len(OperatorCode) + 1


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
