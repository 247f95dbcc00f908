"""Why runs crash: every rule, and how well all of them agree with a reader."""

import sys

import pytest

from build import failure
from guest import ROOT
from trainwreck.findings import JudgedCampaign, table_causes
from trainwreck.judge.crash_causes import cause_of, raised_of, read_tracebacks
from trainwreck.model import (
    Cause,
    Context,
    CrashRule,
    Edit,
    Frame,
    Gap,
    Judged,
    Missing,
    Mutant,
    OperatorCode,
    PlannedMutant,
    Rung,
    Share,
    Span,
    Symptom,
    Verdict,
)

FILE = "lib/net.py"


def mutant(
    context: Context, operator: OperatorCode = OperatorCode.ComOR, lines: tuple[int, int] = (10, 10)
) -> Mutant:
    edit = Edit(Span(0, 1, lines[0], 0, lines[0], 1), "a", "b")
    return Mutant(
        "lib", FILE, "lib.net", "Net.build", operator, (edit,), "", context, "", lines, None
    )


def traceback(error: str, *frames: tuple[int, str], function: str = "build", head: str = "") -> str:
    lines = [
        f'  File "/somewhere/{FILE}", line {line}, in {function}\n    {text}'
        for line, text in frames
    ]
    return "\n".join([f"{head}Traceback (most recent call last):", *lines, error, ""])


CASES = [
    (Context.IF, "ComOR", "ValueError: no", (11, "raise ValueError('no')"), "raise"),
    (Context.IF, "ComOR", "ValueError: no", (13, "'no', name))"), "raise"),
    (Context.ASSERT, "ComOR", "AssertionError", (10, "assert a"), "raise"),
    (Context.ELEMENT, "NVR", "ValueError: no", (11, "raise ValueError("), "raise"),
    (Context.RETURN, "ArOR", "TypeError: unsupported operand", (10, "return a - b"), "type"),
    (Context.ASSIGNED, "ArOR", "TypeError: must be int", (30, "rows[:half]"), "type"),
    (Context.IF, "NVR", "IndexError: list index out of range", (10, "if a[1]:"), "dimension"),
    (Context.SUBSCRIPT, "NVR", "IndexError: list index out of range", (10, "a[1]"), "dimension"),
    (Context.ASSIGNED, "NVR", "ValueError: shapes do not match", (30, "f(x)"), "dimension"),
    (Context.IF, "ComOR", "UnboundLocalError: x", (20, "return x"), "assignment"),
    (Context.IF, "ComOR", "AttributeError: x", (11, "kind = x.kind"), "assignment"),
    (Context.IF, "ComOR", "AttributeError: x", (90, "x.kind"), "assignment"),
    (Context.IF, "ComOR", "AttributeError: x", (11, "x.close()"), "other"),
    (Context.IF, "ComOR", "ModuleNotFoundError: jax", (12, "import jax"), "other"),
    (Context.ASSIGNED, "NVR", "ValueError: too high", (90, "raise ValueError("), "value"),
    (Context.KEYWORD, "BVR", "RuntimeError: closed", (90, "go()"), "value"),
    (Context.RETURN, "BVR", "RuntimeError: closed", (90, "go()"), "other"),
]


RULES = [
    CrashRule.RAISES_BEHIND_CONDITION,
    CrashRule.RAISES_BEHIND_CONDITION,
    CrashRule.RAISES_BEHIND_CONDITION,
    CrashRule.RAISES_BELOW,
    CrashRule.OPERANDS_REFUSED,
    CrashRule.RESULT_REFUSED,
    CrashRule.OUT_OF_RANGE_HERE,
    CrashRule.OUT_OF_RANGE_HERE,
    CrashRule.MISMATCH,
    CrashRule.NAME_WITHOUT_VALUE,
    CrashRule.ASSIGNS_BELOW,
    CrashRule.FAILED_ELSEWHERE,
    CrashRule.NEITHER_RAISES_NOR_ASSIGNS,
    CrashRule.NEITHER_RAISES_NOR_ASSIGNS,
    CrashRule.VALUE_KEPT,
    CrashRule.VALUE_KEPT,
    CrashRule.NONE,
]
"""The rule that decides each of the cases."""


@pytest.mark.parametrize(("case", "rule"), list(zip(CASES, RULES, strict=True)))
def test_each_rule(case: tuple[Context, str, str, tuple[int, str], str], rule: CrashRule) -> None:
    context, operator, error, frame, cause = case
    found = cause_of(
        mutant(context, OperatorCode(operator)), read_tracebacks(traceback(error, frame))
    )
    assert found.cause == cause
    assert found.reason.rule is rule


@pytest.mark.parametrize(("context", "cause"), [(Context.ASSIGNED, "value"), (Context.IF, "other")])
def test_a_crash_without_an_exception_is_told_by_its_place(context: Context, cause: str) -> None:
    assert cause_of(mutant(context), ()).cause == cause


def test_a_raise_that_a_caller_turns_into_another_is_seen() -> None:
    log = traceback("KeyError: 'x'", (11, "raise KeyError('x')"))
    log += "\nDuring handling of the above exception, another exception occurred:\n\n"
    log += traceback(
        "RuntimeError: no\nsecond line", (70, "raise RuntimeError('no')"), function="go"
    )
    first, second = read_tracebacks(log)
    assert (first.type, second.type, second.message) == (
        "KeyError",
        "RuntimeError",
        "no\nsecond line",
    )
    assert cause_of(mutant(Context.IF), (first, second)).cause == "raise"


def test_only_the_last_traceback_counts_if_nothing_chains_them() -> None:
    log = traceback("KeyError: 'x'", (11, "raise KeyError('x')"), head="warned: ")
    log += "went on\n" + traceback("a.b.OSError: full", (70, "save()"))
    (raised,) = read_tracebacks(log)
    assert (raised.type, raised.message) == ("OSError", "full")
    assert raised.place is not None
    assert raised.place.statement == "save()"


def test_carets_and_missing_texts_are_no_statements() -> None:
    log = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
        '  File "b.py", line 2, in g\n    x = y\n        ^\nNameError: y\n'
    )
    (raised,) = read_tracebacks(log)
    assert [place.statement for place in raised.places] == ["", "x = y"]


def test_places_are_taken_from_the_failure_where_the_log_tells_of_another() -> None:
    told = failure("my.Broken", "no", [Frame(FILE, 11, "build")])
    (raised,) = raised_of(told, traceback("KeyError: 'x'", (50, "f()")))
    assert (raised.type, raised.place and raised.place.line) == ("Broken", 11)
    assert cause_of(mutant(Context.IF), (raised,)).cause == "raise"
    assert raised_of(None, "Traceback (most recent call last)") == ()
    assert read_tracebacks("Traceback (most recent call last):\n  cut off") == ()


def test_the_rules_agree_with_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools" / "pages")
    import crash_causes

    judged = crash_causes.read_judged()
    assert len(judged) >= 60
    assert all(crash["reason"] for crash in judged)
    assert {crash["cause"] for crash in judged} == set(Cause)
    for name, least in (("first", 62), ("second", 25)):
        same = [
            crash_causes.decided(crash).cause == crash["cause"]
            for crash in judged
            if crash["set"] == name
        ]
        assert sum(same) >= least
    page = ROOT / "docs" / "crash-causes.md"
    assert crash_causes.page() == page.read_text(encoding="utf-8")
    sys.modules.pop("crash_causes")


def study(*causes: Cause | None) -> JudgedCampaign:
    bug = mutant(Context.IF)
    judged = [
        Judged(PlannedMutant(bug), Verdict(bug.id, Symptom.CRASH, Rung.CRASH, cause=cause))
        for cause in causes
    ]
    return JudgedCampaign("net", judged, len(judged), (), (), {})


def test_causes_are_counted_beside_the_published_ones() -> None:
    table = table_causes([study(Cause.DIMENSION, Cause.DIMENSION, None), study()])
    assert table.columns == ("", "net", "net", "Published")
    assert table.rows[3][1:] == (Share(2, 3), Missing(Gap.NO_CRASH), Share(4, 35))
    assert table.rows[-1] == ("not known", Share(1, 3), Share(0, 0), None)
    assert len(table_causes([study(Cause.OTHER)]).rows) == len(Cause)
