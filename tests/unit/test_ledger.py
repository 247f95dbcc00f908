"""Verdicts to the tables of the ledger."""

from typing import Any

import pytest

from build import mutant, verdict
from trainwreck.findings import (
    UNKNOWN_RUNG,
    ledger_tables,
    table_distance,
    table_divergence,
    table_effort,
    table_ledger,
    table_rules,
)
from trainwreck.model import (
    APP,
    RULES_IN_USE,
    RUN,
    Context,
    Controls,
    Distance,
    Divergence,
    Effort,
    Judged,
    OperatorCode,
    Pace,
    PlannedMutant,
    Rule,
    Rung,
    Share,
    Symptom,
    Table,
)

ORDER = ("import", "preprocessing", "constructing", "learning")


def judged(
    rung: Rung | None = Rung.MASKED,
    phases: tuple[str, ...] = (),
    code: OperatorCode = OperatorCode.ArOR,
    context: Context = Context.ASSIGNED,
    root: str = APP,
    **known: Any,
) -> Judged:
    """A mutant that got so far, with what else its verdict knows."""
    symptoms = {Rung.CRASH: Symptom.CRASH, Rung.HANG: Symptom.HANG}
    symptom = symptoms.get(rung, Symptom.NORMAL) if rung else Symptom.NORMAL
    bug = mutant(root=root, operator=code, context=context)
    return Judged(PlannedMutant(bug, phases), verdict(symptom, rung, **known))


def diverged(phase: str, step: int) -> Judged:
    return judged(Rung.PROPAGATED, divergence=Divergence("loss", step, phase, "2", ("1",)))


def crashed(calls: int | None, lines: int | None, seconds: float | None) -> Judged:
    return judged(Rung.CRASH, distance=Distance(calls, lines, seconds))


def paced(pace: Pace, ratio: float) -> Judged:
    return judged(effort=Effort(pace, {}, ratio))


def named(judged: list[Judged], name: str, order: tuple[str, ...] = ORDER) -> Table:
    (found,) = [table for table in ledger_tables(judged, (), order) if table.name == name]
    return found


def counts(table: Table) -> dict[object, list[int]]:
    """The numbers of each row of a table of rungs, without the total."""
    return {row[0]: [cell.count for cell in row[1:-1]] for row in table.rows}


def totals(table: Table) -> dict[object, object]:
    return {row[0]: row[-1] for row in table.rows}


def test_the_ledger_by_root_comes_first_and_carries_the_note() -> None:
    first, *others = ledger_tables([judged()], [Controls(3, 1)])
    assert (first.name, first.remarks) == ("ledger", (Controls(3, 1),))
    assert not any(table.remarks for table in others)


def test_every_table_of_the_ledger_has_a_name_of_its_own() -> None:
    assert [table.name for table in ledger_tables([])] == [
        "ledger", "ledger-operator", "ledger-phase", "ledger-context",
        "rules", "effort", "divergence", "distance",
    ]  # fmt: skip


def test_rungs_are_columns_in_the_order_in_which_bugs_climb_them() -> None:
    assert table_ledger([judged()]).columns == ("", *Rung, "Total")


def test_a_mutant_without_a_rung_brings_a_column_of_its_own() -> None:
    table = table_ledger([judged(None), judged(Rung.HANG), judged(None, root="keras")])
    assert table.columns == ("", *Rung, UNKNOWN_RUNG, "Total")
    assert counts(table) == {"app": [0, 0, 0, 0, 0, 1, 1], "keras": [0, 0, 0, 0, 0, 0, 1]}


@pytest.mark.parametrize("position", range(4))
def test_rows_of_rungs_add_up_to_their_totals(position: int) -> None:
    rungs = [None, *Rung, Rung.CRASH]
    table = ledger_tables([judged(rung, ("learning",)) for rung in rungs])[position]
    numbers = counts(table)
    assert {name: sum(row) for name, row in numbers.items()} == totals(table)
    assert sum(map(sum, numbers.values())) == len(rungs)


def test_shares_are_of_the_row() -> None:
    rows = table_ledger([judged(Rung.MASKED), judged(Rung.HANG), judged(root="keras")]).rows
    assert {cell.total for cell in rows[0][1:-1]} == {2}
    assert {cell.total for cell in rows[1][1:-1]} == {1}


def test_every_operator_has_a_row_even_without_a_mutant() -> None:
    table = named([judged(Rung.CRASH, code=OperatorCode.NVR)], "ledger-operator")
    assert list(totals(table)) == list(OperatorCode)
    assert counts(table)["NVR"] == [0, 0, 0, 0, 1, 0]
    assert totals(table)["BVR"] == 0


def test_a_mutant_counts_once_under_the_last_phase_of_its_line() -> None:
    items = [judged(phases=("constructing", "import", "preprocessing")), judged(phases=("import",))]
    table = named(items, "ledger-phase")
    assert totals(table) == {"import": 1, "constructing": 1}
    assert "once" in table.note
    assert "last phase" in table.note


def test_phases_follow_the_program_and_not_the_alphabet() -> None:
    items = [judged(phases=(phase,)) for phase in ("learning", "constructing", "preprocessing")]
    assert list(totals(named(items, "ledger-phase"))) == list(ORDER[1:])


def test_without_an_order_phases_are_taken_as_they_come() -> None:
    items = [judged(phases=("import", "b", "a")), judged(phases=("b",))]
    assert totals(named(items, "ledger-phase", order=())) == {"b": 1, "a": 1}


def test_a_line_that_no_clean_run_executes_has_no_phase() -> None:
    items = [judged(phases=()), judged(phases=("learning",))]
    assert totals(named(items, "ledger-phase")) == {"learning": 1, "not in a clean run": 1}


def test_contexts_that_occur_come_with_the_most_frequent_first() -> None:
    contexts = [Context.IF, Context.DEFAULT, Context.RETURN, Context.DEFAULT]
    table = named([judged(context=context) for context in contexts], "ledger-context")
    assert list(totals(table).items()) == [(Context.DEFAULT, 2), (Context.IF, 1),
                                           (Context.RETURN, 1)]  # fmt: skip


def test_every_rule_is_counted_with_its_class() -> None:
    table = table_rules([judged(decided_by=Rule.HORIZON), judged(decided_by=Rule.CUT), judged()])
    assert [row[0] for row in table.rows] == [*Rule, RUN]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows[Rule.HORIZON] == ("assumed", Share(1, 3))
    assert rows[Rule.CUT] == ("proven", Share(1, 3))
    assert [row[0] for row in table_rules([judged()]).rows] == [*RULES_IN_USE, RUN]
    assert rows[Rule.PROBE] == ("proven", Share(0, 3))
    assert rows[RUN] == ("run", Share(1, 3))


def test_effort_has_the_median_of_each_pace() -> None:
    ratios = [paced(Pace.SLOWER, ratio) for ratio in (9.0, 1.5, 2.0)]
    table = table_effort([*ratios, paced(Pace.ALIKE, 1.0)])
    rows = {row[0]: row[1:] for row in table.rows}
    assert list(rows) == list(Pace)
    assert rows[Pace.SLOWER] == (Share(3, 4), 2.0)
    assert rows[Pace.FASTER] == (Share(0, 4), None)


def test_a_verdict_without_effort_is_not_among_those_compared() -> None:
    table = table_effort([judged(), judged(Rung.HANG), paced(Pace.MORE_WORK, 3.0)])
    assert table.rows[0] == (Pace.MORE_WORK, Share(1, 1), 3.0)


def test_divergence_is_counted_by_phase_in_order_and_by_step() -> None:
    items = [diverged("learning", 2), diverged("learning", 1), diverged("import", 3),
             diverged("learning", 2)]  # fmt: skip
    assert table_divergence(items, ORDER).rows == (
        ("import", "3", Share(1, 4)),
        ("learning", "1", Share(1, 4)),
        ("learning", "2", Share(2, 4)),
    )


def test_a_phase_that_only_the_run_knows_still_has_its_row() -> None:
    assert table_divergence([diverged("elsewhere", 1)]).rows == (("elsewhere", "1", Share(1, 1)),)


def test_late_steps_share_a_row_that_grows_by_tens() -> None:
    steps = (10, 11, 100, 101, 1000, 1001)
    rows = table_divergence([diverged("learning", step) for step in steps]).rows
    assert [(row[1], row[2].count) for row in rows] == [
        ("10", 1), ("11 to 100", 2), ("101 to 1000", 2), ("1001 to 10000", 1),
    ]  # fmt: skip


def test_a_mutant_that_differs_in_its_parameters_only_comes_last() -> None:
    table = table_divergence([judged(Rung.PROPAGATED), diverged("learning", 1)])
    assert table.rows[-1] == ("parameters only", None, Share(1, 2))


def test_mutants_that_did_not_propagate_do_not_diverge() -> None:
    assert table_divergence([judged(Rung.MASKED), judged(Rung.CRASH)]).rows == ()


def test_distances_have_median_and_maximum_where_they_are_known() -> None:
    items = [crashed(0, 12, 0.5), crashed(4, None, 1.5), crashed(None, None, None)]
    rows = [row[1:] for row in table_distance(items).rows]
    assert rows == [(2, 4, Share(2, 3)), (12, 12, Share(1, 3)), (1.0, 1.5, Share(2, 3))]


def test_the_distance_says_how_many_tracebacks_show_the_changed_function() -> None:
    items = [crashed(3, 1, None), crashed(None, 1, 0.1), judged(Rung.CRASH), judged(Rung.HANG)]
    note = table_distance(items).note
    assert note == "1 of 3 crashes have the changed function in the traceback."


def test_nothing_known_of_crashes_is_shown_as_nothing() -> None:
    rows = table_distance([judged(Rung.CRASH)]).rows
    assert [row[1:] for row in rows] == [(None, None, Share(0, 1))] * 3


def test_nothing_judged_gives_a_ledger_of_nothing() -> None:
    tables = {table.name: table for table in ledger_tables([])}
    for name in ("ledger", "ledger-phase", "ledger-context", "divergence"):
        assert tables[name].rows == ()
    assert set(totals(tables["ledger-operator"]).values()) == {0}
    assert {row[-1] for row in tables["rules"].rows} == {Share(0, 0)}


def test_divergence_of_a_program_without_phases_names_none() -> None:
    table = table_divergence([diverged("import", 1), diverged("import", 2)], ("import",))
    assert [row[:2] for row in table.rows] == [("a reported value", "1"), ("a reported value", "2")]
    assert "phase" not in table.note
    assert "phase" in table_divergence([diverged("learning", 1)]).note
