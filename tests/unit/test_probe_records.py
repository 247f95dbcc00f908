"""What probes record of expressions and defaults: evaluations, differences, and doubt."""

import sys
import threading
import time
from collections import defaultdict
from typing import Any

import pytest

from build import mutants_of, source_of
from guest import agent_module
from probing import HERE, called, compiled, probe, watch, written
from trainwreck.model import MOST_DIFFERING, Context, OperatorCode, ProbeKind
from trainwreck.mutants.instrument import probe_text

VALUE, DEFAULT, EVALUATIONS = ProbeKind.VALUE, ProbeKind.DEFAULT, ProbeKind.EVALUATIONS


def found() -> dict[str, Any]:
    """What the records below find; ``log`` is what was done."""
    log: list[object] = []

    class Own:
        n = 0

        def __init__(self) -> None:
            self.own = 0

        def __add__(self, other: object) -> object:
            return self

        def __lt__(self, other: object) -> bool:
            return True

        __le__ = __lt__
        p = property(lambda self: log.append("p") or 0, lambda self, value: None)

    def note(value: object) -> object:
        log.append(value)
        return value

    def fail() -> None:
        raise LookupError

    return {
        "a": 1, "b": 2, "c": 0, "z": 0.0, "nan": float("nan"), "o": Own(), "d": {"k": 5},
        "log": log, "note": note, "fail": fail, "defaultdict": defaultdict,
    }  # fmt: skip


RECORDS = [
    ("x = a < b", "<", (VALUE, 1, 0, False)),
    ("x = a < 1", "<", (VALUE, 1, 1, False)),
    ("x = a < b < 2", "<", (VALUE, 1, 0, False)),
    ("x = a < 1 < note(2)", "<", (VALUE, 1, 1, False)),
    ("x = 1 <= a < note(2)", "<=", (VALUE, 1, 1, False)),
    ("for i in range(5): x = i < 9", "<", (VALUE, 5, 0, False)),
    ("for i in range(5): x = i < 3", "<", (VALUE, 5, 1, False)),
    ("x = nan < nan", "<", (VALUE, 1, 0, False)),
    ("x = nan + 1", "+", (VALUE, 1, 1, False)),
    ("x = z + 0", "+", (VALUE, 1, 0, False)),
    ("x=a*b+b", "+", (VALUE, 1, 1, False)),
    ("x=a*b+c", "+", (VALUE, 1, 0, False)),
    ("x=a*b%b", "%", (VALUE, 1, 1, False)),
    ("x=a<b+b", "+", (VALUE, 1, 1, False)),
    ("x=a and-b", "-", (VALUE, 1, 1, False)),
    ("x=a and-b", "and", (VALUE, 1, 1, False)),
    ("x=(a)or(b)", "or", (VALUE, 1, 1, False)),
    ("x = (-z) + 0", "+", (VALUE, 1, 1, False)),
    ("x = -z", "-", (VALUE, 1, 1, False)),
    ("x = -c", "-", (VALUE, 1, 0, False)),
    ("x = -True * 0", "*", (VALUE, 1, 1, False)),
    ("x = 6 / b * 1", "*", (VALUE, 1, 0, False)),
    ("x = 'a' + 'b'", "+", (VALUE, 1, 1, False)),
    ("x = (1 << 20000) + 0", "+", (VALUE, 1, 0, False)),
    ("x = (1 << 20000) + 1", "+", (VALUE, 1, 1, False)),
    ("x = o + 0", "+", (VALUE, 1, 1, False)),
    ("x = o < 1", "<", (VALUE, 1, 1, False)),
    ("x = a | b", "|", (VALUE, 1, 1, False)),
    ("x = 3 & a & a", "&", (EVALUATIONS, 1, 0, False)),
    ("x = 3 & a | a", "&", (EVALUATIONS, 1, 0, False)),
    ("x = note(1) or note(2)", "or", (VALUE, 1, 1, False)),
    ("x = note(0) or note(0)", "or", (VALUE, 1, 1, False)),
    ("x = c or c", "or", (VALUE, 1, 0, False)),
    ("x = a and b", "and", (VALUE, 1, 1, False)),
    ("if a and b: x = 1", "and", (VALUE, 1, 0, False)),
    ("if (x := a and b): y = 1", "and", (VALUE, 1, 1, False)),
    ("x = o and o", "and", (VALUE, 1, 1, False)),
    ("x = 1 if not (a and b) else 2", "and", (VALUE, 1, 0, False)),
    ("try: x = a and fail()\nexcept LookupError: x = 0", "and", (VALUE, 1, 0, True)),
    ("try: x = fail() and a\nexcept LookupError: x = 0", "and", (VALUE, 0, 0, False)),
    ("for i in (1, 0):\n  try: x = 0 * 1 / i\n  except Exception: 0", "*", (VALUE, 2, 0, True)),
    ("if not a: x = a < b", "<", (VALUE, 0, 0, False)),
    ("if not a: x = a == b", "==", (EVALUATIONS, 0, 0, False)),
    ("x = a is None", "is", (EVALUATIONS, 1, 0, False)),
    ("def f(n): return n and f(n - 1) + 0\nx = f(3)", "+", (VALUE, 3, 0, False)),
    ("def f():\n  x = 0 + (yield 1)\ng = f(); next(g)", "+", (VALUE, 1, 0, True)),
    ("x = 0\nx += 5", "+=", (VALUE, 1, 1, False)),
    ("try: late += 1\nexcept NameError: late = 1", "+=", (VALUE, 1, 0, True)),
    ("try: d['z'] += 0\nexcept KeyError: d['z'] = 0", "+=", (VALUE, 1, 0, True)),
    ("try: d['k'] += fail()\nexcept LookupError: 0", "+=", (VALUE, 1, 0, True)),
    ("if not a: d['k'] += 1", "+=", (VALUE, 0, 0, False)),
    ("d['k'] += 0", "+=", (VALUE, 1, 0, False)),
    ("o.own += 0", "+=", (VALUE, 1, 0, False)),
    ("o.n += 0", "+=", (VALUE, 1, 1, False)),
    ("o.p += 0", "+=", (VALUE, 1, 1, False)),
    ("d = defaultdict(int)\nd['k'] += 0", "+=", (VALUE, 1, 1, False)),
    ("x = []\nx += []", "+=", (VALUE, 1, 1, False)),
    ("class C:\n  __slots__ = ['s']\nx = C(); x.s = 0\nx.s += 0", "+=", (VALUE, 1, 1, False)),
    ("class C:\n  def f(s): s.__n = 0; s.__n += 0\nC().f()", "+=", (EVALUATIONS, 1, 0, False)),
    ("note(d)['k'] += 0", "+=", (EVALUATIONS, 1, 0, False)),
    ("def f(p=1): return p\nf(); f(2); f(p=3)", "1", (DEFAULT, 3, 1, False)),
    ("def f(p=1): return p\nf(1)", "1", (DEFAULT, 1, 1, False)),
    ("def f(p=1): return p", "1", (DEFAULT, 0, 0, False)),
    ("def f(*, p=1.5): return p\nf(); f(p=1)", "1.5", (DEFAULT, 2, 1, False)),
    ("def f(p=7, /): return p\nf(); f(1)", "7", (DEFAULT, 2, 1, False)),
    ("f = lambda p=True: p\nf(); f(2)", "True", (DEFAULT, 2, 1, False)),
    ("class C:\n  def __init__(s, p=-7): 'Text.'\nC(); C(2)", "-", (DEFAULT, 2, 1, False)),
    ("class C:\n  def f(s, __p=7): return __p\nC().f(); C().f(1)", "7", (DEFAULT, 2, 1, False)),
    ("def f(p=7): yield p\nf(); list(f(2))", "7", (DEFAULT, 1, 0, False)),
    ("def f(p=7): yield p\nlist(f())", "7", (DEFAULT, 1, 1, False)),
    ("def w(f): return lambda *p: f(*p)\n@w\ndef f(p=7): 0\nf(2)", "7", (DEFAULT, 1, 0, False)),
    ("for i in 'ab':\n  def f(p=7): 0\n  f(); f(2)", "7", (DEFAULT, 4, 2, False)),
]


@pytest.mark.parametrize(("text", "original", "expected"), RECORDS)
def test_a_record_tells_kind_evaluations_differences_and_doubt(
    text: str, original: str, expected: tuple[ProbeKind, int, int, bool]
) -> None:
    assert watch(text, **found()).of(original) == expected


def test_both_changes_of_an_assignment_are_told_apart() -> None:
    seen = watch("x = 0\nx += 5")
    assert seen.of("+=", "=") == (VALUE, 1, 0, False)
    assert seen.of("+=", "-=") == (VALUE, 1, 1, False)


def test_no_property_is_read_for_a_probe() -> None:
    space = found()
    watch("o.p += 0", **space)
    assert space["log"] == ["p"]


def test_a_target_that_means_another_place_after_the_right_side_differs() -> None:
    text = "def f():\n    global d\n    d = {'k': 9}\n    return 5\nd = {'k': 0}\nd['k'] += f()\n"
    assert watch(text).of("+=", "=") == (VALUE, 1, 1, False)


def test_what_is_seen_as_text_alone_is_not_watched() -> None:
    for text in (
        "def g():\n    x: a[1] = b\n",
        "from __future__ import annotations\ndef f(p: a[1 + 2]): 0\n",
        "x = f'{f(f\"{a + b}\")=}'",
    ):
        mutants = [m for m in mutants_of(text) if m.edits[0].original != "0"]
        assert mutants
        assert not probe_text(source_of(text), mutants, HERE, 0).watched


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="annotations are not evaluated")
def test_annotations_are_watched_where_their_definition_is_executed() -> None:
    text = (
        "class C:\n    x: a[1] = 0\n    def f(self, p: int | str) -> (bytes | int): pass\n"
        "for n in range(3):\n    def g(p: a[n + 2]): pass\n"
        "def h():\n    def never(p: a[3]): pass\n"
    )
    seen = watch(text, a={n: n for n in range(9)})
    assert seen.space["C"].__annotations__ == {"x": 1}
    assert seen.space["C"].f.__annotations__ == {"p": int | str, "return": bytes | int}
    counts = {
        mutant.span.line: seen.record["counts"][seen.probed.watched[mutant.id].group]
        for mutant in seen.mutants
        if mutant.context is Context.ANNOTATION
    }
    assert counts == {2: 1, 3: 1, 5: 3, 7: 0}
    unions = [mutant for mutant in seen.mutants if mutant.operator is OperatorCode.BitOR]
    assert len(unions) == 2
    assert all(seen.record["differing"][mutant.id] == 1 for mutant in unions)


def test_an_example_is_the_first_difference() -> None:
    seen = watch("for i in range(3): x = i - 1\ny = s + 'b'\n", s="a" * 99)
    examples = sorted(seen.record["examples"].values())
    assert examples == ["1 instead of -1", f"TypeError instead of '{'a' * 56}..."]


@pytest.mark.parametrize(
    ("text", "edit", "same", "whole"),
    [
        ("for i in range(2500): x = i + 1", ("+", "-"), 0, 0),
        ("for i in range(2500): x = i > 1400", (">", ">="), 2499, 0),
        ("for i in range(2500): x = i > 1400 or i < -1", (">", ">="), 2499, 0),
        ("for i in range(2500): x = 0 < i % 2500 < 9", ("<", "<="), 2499, 0),
        ("for i in range(2500): x = (i > 10 ** 6) + 1", (">", ">="), 2500, 2500),
        ("x = 0\nfor i in range(2500): x += i", ("+=", "-="), 1, 0),
    ],
)
def test_a_mutant_that_has_differed_often_is_compared_no_more(
    text: str, edit: tuple[str, str], same: int, whole: int
) -> None:
    seen = watch(f"{text}\n")
    assert seen.of(*edit) == (VALUE, 2500, min(2500 - same, MOST_DIFFERING), False)
    (mutant, *_) = [
        m for m in seen.mutants if (m.edits[0].original, m.edits[0].replacement) == edit
    ]
    assert (seen.same_whole_of(mutant) or 0) == whole


def test_mutants_of_an_expression_are_given_up_one_by_one() -> None:
    seen = watch("for i in range(3000):\n    last = i == 2999\n    x = i + 1 - last\n")
    often, once = seen.of("+", "-"), seen.of("-", "+")
    assert (often, once) == ((VALUE, 3000, MOST_DIFFERING, False), (VALUE, 3000, 1, False))
    signs = [mutant for mutant in seen.mutants if mutant.edits[0].original in ("+", "-")]
    assert len({seen.probed.watched[mutant.id].group for mutant in signs}) == 1


def test_the_agent_gives_up_where_reports_say_so() -> None:
    assert agent_module("probes").MOST_DIFFERING == MOST_DIFFERING


RECURSIVE = """
def f(n):
    return n if n < 1 else f(n - 1) + n
for _ in range(300): f(5)
"""


def test_unfinished_expressions_of_a_mutant_that_is_given_up_are_finished() -> None:
    mutants = mutants_of(RECURSIVE, "ArOR")
    probed = probe_text(source_of(RECURSIVE), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    with called(probes):
        exec(compiled(probed.text), {})
    record = written(probes)
    (addition,) = [m for m in mutants if m.edits[0].original == "+"]
    group = probed.watched[addition.id].group
    assert record["counts"][group] == record["ended"][group] == 1500
    assert record["differing"][addition.id] >= MOST_DIFFERING
    assert not any(probes._operands)


def test_a_value_that_cannot_be_computed_again_is_no_example() -> None:
    seen = watch("for v in (o, 1): x = v + 2\n", o=found()["o"])
    examples = list(seen.record["examples"].values())
    assert examples
    assert all(example.endswith(" instead of 3") for example in examples)
    assert watch("x = o + 2\n", o=found()["o"]).record["examples"] == {}


def test_threads_and_the_depth_of_calls_do_not_mix_operands() -> None:
    text = "def f(n):\n    return n if n < 1 else f(n - 1) + wait(n)\n"
    mutants = mutants_of(text, "ArOR")
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    together = threading.Barrier(4)
    space: dict[str, Any] = {"wait": lambda n: together.wait(20) * 0 if n == 9 else 0}
    with called(probes):
        exec(compiled(probed.text), space)
        threads = [threading.Thread(target=space["f"], args=(9,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    record = written(probes)
    plus = probed.watched[next(m.id for m in mutants if m.edits[0].original == "+")].group
    assert record["counts"][plus] == record["ended"][plus] == 36
    assert plus not in {probed.watched[mutant].group for mutant in record["differing"]}


def test_a_forked_child_ends_what_was_begun_and_begins_at_zero() -> None:
    text = "def f(p=7): return p\ny = f(2)\nx = a + (fork() + 0)\n"
    (plus, inner), mutants = mutants_of(text, "ArOR"), mutants_of(text, "ArOR", "NVR")
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    with called(probes):
        space: dict[str, Any] = {"a": 5, "fork": lambda: probes.restart() or 0}
        exec(compiled(probed.text), space)
        assert space["x"] == 5
        space["f"]()
    record, default = written(probes), probed.watched[mutants[0].id].group
    for mutant in (plus, inner):
        group = probed.watched[mutant.id].group
        assert (record["counts"][group], record["ended"][group]) == (1, 1)
    assert (record["counts"][default], record["ended"][default]) == (1, 1)
    # Of the constant, only the whole expression is known to differ.
    assert [key for key in record["differing"] if not key.endswith(" whole")] == []


def test_a_snapshot_tells_how_often_defaults_had_been_evaluated() -> None:
    text = "for i in range(3):\n    f = lambda p=7: p\n    f()\nsnapshot()\nf()\nsnapshot()\n"
    (mutant,) = [m for m in mutants_of(text) if m.edits[0].original == "7"]
    probed = probe_text(source_of(text), [mutant], HERE, 0)
    probes = probe.Probes(list(probed.groups))
    with called(probes):
        exec(compiled(probed.text), {"snapshot": probes.snapshot})
    record, group = written(probes), probed.watched[mutant.id].group
    assert record["defined"][group] == 3
    assert [counts[group] for counts in record["snapshots"]] == [3, 4]


def test_a_record_has_first_evaluations_in_their_order_with_the_threads_at_each() -> None:
    text = (
        "def f(n=2): return n < 9\n"
        "x = f() or f()\n"
        "gate = Event()\n"
        "thread = Thread(target=gate.wait)\n"
        "thread.start()\n"
        "x += 1\n"
        "gate.set(); thread.join()\n"
        "y = 5 if not x else f()\n"
    )
    seen = watch(text, Event=threading.Event, Thread=threading.Thread)
    watched = {mutant.lines[0]: seen.probed.watched[mutant.id].group for mutant in seen.mutants}
    order = [group for group, _, _ in seen.record["firsts"]]
    assert len(order) == len(set(order))
    assert watched[2] in order
    lines = {group: line for line, group in watched.items()}
    assert [lines[group] for group in order if group in lines][-2:] == [6, 8]
    threads = {group: number for group, number, _ in seen.record["firsts"]}
    assert threads[watched[6]] > threads[watched[2]] >= 1
    seconds = [each for _, _, each in seen.record["firsts"]]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] <= seconds[-1] <= time.process_time()
