"""Constants of modules whose readers a probed text can watch, and all others."""

import ast

import pytest

from build import mutants_of, source_of
from trainwreck.model import OperatorCode
from trainwreck.mutants.instrument import ProbedText, probe_text
from trainwreck.run.agent_records import Probed, unread_constants

PYTHON = (3, 11)


def probed(text: str) -> ProbedText:
    return probe_text(source_of(text), mutants_of(text), PYTHON, 0)


def watched(text: str) -> dict[str, int]:
    """The names that are watched, with the number of mutants of each."""
    ast.parse(probed(text).text)
    groups = [group["mutants"] for group in probed(text).groups if group["kind"] == "unread"]
    return {next(iter(mutants.values()))[0]: len(mutants) for mutants in groups}


@pytest.mark.parametrize(
    ("text", "mutants"),
    [
        ("A = 1", 1),
        ("A = True", 1),
        ("A = -1e10", 2),
        ("A = (1, 2)", 2),
        ("A = 1, 2", 2),
        ("A = [1, {'b': 2}, {3}, (), 'c']", 3),
        ("if b:\n    A = 1", 1),
        ("A = 1\ndef f():\n    global A\n    return A", 1),
        ("A = 1\nf(A=b, c=d.A)", 1),
        ("A = 1\nA.b = c\nA[b] = c", 1),
        ("A = 1\nprint(f'{A}', *A, **A)", 1),
        ("A = 1\nclass B(A):\n    c = A", 1),
    ],
)
def test_a_constant_with_a_name_of_its_own_is_watched(text: str, mutants: int) -> None:
    assert watched(text + "\n") == {"A": mutants}


@pytest.mark.parametrize(
    "text",
    [
        "A = b(1)",
        "A = 1 + 2",
        "A = [1 for b in c]",
        "A = {**b, 'c': 1}",
        "A = [*b, 1]",
        "A = f'{1}'",
        "A = ~1",
        "A = b = 1",
        "A, b = 1, 2",
        "b.A = 1",
        "b['A'] = 1",
        "A: int = 1",
        "A += 1",
        "__A__ = 1",
        "class B:\n    A = 1",
        "def f():\n    A = 1",
        "def f():\n    global A\n    A = 1",
    ],
)
def test_what_is_more_than_a_constant_for_one_name_is_not_watched(text: str) -> None:
    assert watched(text + "\n") == {}


@pytest.mark.parametrize(
    "text",
    [
        "A = b",
        "for A in b: pass",
        "[A for A in b]",
        "with b as A: pass",
        "try: pass\nexcept B as A: pass",
        "import A",
        "import b.A",
        "from b import A",
        "from b import c as A",
        "from b import *",
        "del A",
        "def A(): pass",
        "class A: pass",
        "def f(A): pass",
        "lambda A: b",
        "(A := b)",
        "b: A = c",
        "def f(b: A): pass",
        "def f() -> A: pass",
        "@A.b\ndef f(): pass",
        "f'{A=}'",
        "b = 'A'",
        "b: 'list[A]' = c",
        "f'{b}.A'",
        "globals()",
        "b.__dict__",
        "import ctypes",
        "def __getattr__(name): pass",
        "match b:\n    case A: pass",
        "\N{FULLWIDTH LATIN CAPITAL LETTER A} = b",
        "b = (",
    ],
)
def test_a_name_that_may_be_read_or_bound_unseen_is_not_watched(text: str) -> None:
    source = "A = 1\n" + text + "\n"
    groups = probe_text(source_of(source), mutants_of(source, "NVR"), PYTHON, 0).groups
    assert [group for group in groups if group["kind"] == "unread"] == []


def test_a_text_that_is_a_statement_may_name_a_constant() -> None:
    assert watched('"""A is one."""\nA = 1\n') == {"A": 1}


def test_each_place_that_may_read_a_constant_is_probed() -> None:
    text = "A = 1\ndef f(b=A):\n    return b.A + A\n"
    assert probed(text).text.count("__trainwreck_read__(0) and (A)") == 2


def test_no_other_mutant_than_one_of_a_constant_is_decided_by_its_readers() -> None:
    text = "A = -1\n"
    (group,) = [group for group in probed(text).groups if group["kind"] == "unread"]
    constants = (OperatorCode.NVR, OperatorCode.ArOR)
    expected = {f"{m.id} unread" for m in mutants_of(text) if m.operator in constants}
    assert set(group["mutants"]) == expected


GROUPS = [
    {"kind": "unread", "mutants": {"a unread": ["A"], "b unread": ["A"]}},
    {"kind": "unread", "mutants": {"c unread": ["C"]}},
    {"kind": "seen", "mutants": {"d": []}},
]


def record(*counts: int, complete: bool = True, **differing: int) -> Probed:
    named = {f"{mutant} unread": number for mutant, number in differing.items()}
    nothing = frozenset[str]()
    return Probed(counts, counts, (), (), named, {}, nothing, frozenset(), frozenset(), complete)


def test_constants_that_are_stored_and_never_read_are_unread() -> None:
    assert unread_constants(record(1, 2, 3), GROUPS) == {"a": 1, "b": 1, "c": 2}
    assert unread_constants(record(1, 2, 3, a=1, b=1), GROUPS) == {"c": 2}
    assert unread_constants(record(0, 0, 3), GROUPS) == {}
    assert unread_constants(record(1, 2, 3, complete=False), GROUPS) == {}
