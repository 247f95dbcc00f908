"""Small programs by chance: what a proven rule settles leaves what the clean program leaves."""

import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from types import CodeType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build import determinism
from guest import agent_module
from probing import Watched, watch
from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.early_rules import Facts, rule_without_run
from trainwreck.model import Probe, Rule

meaning: Any = agent_module("scripts.bytecode").meaning

CLEAN = CleanRuns(determinism("clean"))
RULES = (Rule.SAME_CODE, Rule.PROBE, Rule.UNUSED_DEFAULT, Rule.SAME_CALL)
FUEL = 5
HEAD = "a, b, c, d = 1, 0, 2.5, 3\n"

NAMES = st.sampled_from("abcd")
CONSTANTS = st.sampled_from(
    ["0", "1", "2", "3", "-1", "0.0", "-0.0", "1.5", "True", "False", "None", "''", "(1, 2)"]
)
NUMBERS = st.sampled_from(["0", "1", "2", "3", "0.0", "True", "box.x", "note(a)", "note(b)"])
ITEMS = st.sampled_from(
    ["pair[0]", "pair[1]", "pair[-1]", "row[0]", "table['k']", "'ab'[0]", "b[0]"]
)
RARE = ["odd", "nan", "nan", "'a'", "(1, 2)", "None", "-0.0", "fail()", "late"]
ATOMS = st.one_of(NAMES, NAMES, NAMES, NUMBERS, NUMBERS, NUMBERS, ITEMS, st.sampled_from(RARE))
ARITHMETIC = ["+", "-", "+", "-", "/", "//", "%"]
BITWISE = ["&", "|", "^"]
# No identity of numbers: which constants are one object is the compiler's affair.
COMPARISONS = ["<", "<=", ">", ">=", "==", "!=", "is None <", "is not odd ==", "in", "not in"]
SCALED = ["{} * 1", "{} * 1 / 1", "{} / 1 * 2", "0 * {}", "{} // 1", "{} << 0", "{} >> 0 << 1"]
ALONE = [
    "not {}",
    "{} in (0, 1)",
    "{} not in [2, True]",
    "{} in {{1, 3}} or {}",
    "{} and {} > 1",
    "{} if {} else {}",
    "y := {}",
    "lambda x=1: {}",
]
TARGETS = [
    "a",
    "b",
    "c",
    "late",
    "box.x",
    "box.late",
    "box.own",
    "table['k']",
    "table[a]",
    "row[0]",
]


def joined(operands: st.SearchStrategy[str], operators: list[str]) -> st.SearchStrategy[str]:
    """Two to four operands, and any operators between them."""

    @st.composite
    def draw_all(draw: st.DrawFn) -> str:
        parts = [draw(operands)]
        for _ in range(draw(st.integers(1, 3))):
            parts += [draw(st.sampled_from(operators)), draw(operands)]
        return " ".join(parts)

    return draw_all()


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of others, in parentheses or as they come."""
    operands = st.one_of(parts, parts.map("({})".format))
    one = st.tuples(st.sampled_from(SCALED), parts.map("({})".format))
    alone = st.tuples(st.sampled_from(ALONE), parts, parts, parts)
    return st.one_of(
        joined(operands, ARITHMETIC),
        joined(operands, BITWISE),
        joined(operands, COMPARISONS),
        joined(operands, ["and", "or"]),
        one.map(lambda drawn: drawn[0].format(drawn[1])),
        alone.map(lambda drawn: f"({drawn[0].format(*drawn[1:])})"),
        parts.map("-({})".format),
    )


EXPRESSIONS = st.recursive(ATOMS, larger, max_leaves=6)
SMALL = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(" = ".join),
    st.tuples(NAMES, EXPRESSIONS).map(" = ".join),
    st.builds("{} {} {}".format, st.sampled_from(TARGETS), st.sampled_from(["+=", "-="]), ATOMS),
    st.builds("{} += {}".format, st.sampled_from(TARGETS), EXPRESSIONS),
    st.builds("{} {} {}".format, st.sampled_from(TARGETS), st.just("*="), CONSTANTS),
    EXPRESSIONS.map("note({})".format),
    EXPRESSIONS.map("assert {}".format),
    EXPRESSIONS.map("note({} > 1 or a)".format),
    EXPRESSIONS.map("note(same({} and d, d))".format),
    EXPRESSIONS.map("class K(metaclass=Told):\n    k = {}".format),
    st.just("held = g(b)"),
    st.just("a, b = list(g())"),
)


def block(lines: list[str]) -> str:
    """Lines one step to the right."""
    return "".join(f"    {line}\n" for text in lines for line in text.splitlines())


def compound(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements with other statements inside."""
    bodies = st.lists(parts, min_size=1, max_size=3).map(block)
    return st.one_of(
        st.builds("if {}:\n{}else:\n{}".format, EXPRESSIONS, bodies, bodies),
        st.builds("while {}:\n    fuel()\n{}".format, EXPRESSIONS, bodies),
        st.builds("for a in range(3):\n{}".format, bodies),
        st.builds("try:\n{}except Exception as e:\n    note(e)\n".format, bodies),
        st.builds("try:\n{}except KeyError:\n    table[a] = 5\n".format, bodies),
    )


CALLS = st.sampled_from(
    [f"a = f({given})" for given in ("", "1", "a, b", "b, z=a", "*row", "3, 0, z=c")]
)
STATEMENTS = st.recursive(SMALL, compound, max_leaves=4)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A function and a generator with defaults, and statements most of which may not fail."""
    bodies = st.lists(STATEMENTS, max_size=2).map(block)
    text = HEAD
    text += f"def f(x=0, y={draw(CONSTANTS)}, *, z={draw(CONSTANTS)}):\n{draw(bodies)}"
    text += f"    return {draw(st.sampled_from(['x + x', 'y', 'z and x', 'x or y', 'x']))}\n"
    text += f"def g(x={draw(CONSTANTS)}):\n    yield x\n    yield {draw(EXPRESSIONS)}\n"
    for statement in draw(st.lists(st.one_of(STATEMENTS, CALLS), min_size=2, max_size=6)):
        guarded = draw(st.integers(0, 9))
        text += (
            f"try:\n{block([statement])}except Exception as e:\n    note(e)\n"
            if guarded
            else (f"{statement.rstrip()}\n")
        )
    text += "try:\n    note(f(a, z=b)), note(list(g()))\nexcept Exception as e:\n    note(e)\n"
    return dense(text) if draw(st.booleans()) else text


def dense(text: str) -> str:
    """Return the text without the blanks that Python does not need around operators."""
    text = re.sub(r" ([-+*/%&|^<>=!]+) (?=\S)", r"\1", text)
    return re.sub(r"\b(and|or|not|if|else|in) (?=[-(])", r"\1", text)


class World:
    """What a program finds, and the log of everything that it does to it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._left = FUEL
        log = self.log

        class Odd:
            def __add__(self, other: object) -> object:
                log.append("add")
                return other

            def __lt__(self, other: object) -> bool:
                log.append("lt")
                return len(log) % 2 == 0

            def __bool__(self) -> bool:
                log.append("bool")
                return True

        class Names(dict[str, object]):
            def __getitem__(self, name: str) -> object:
                if not name.startswith("__"):
                    log.append(f"read {name}")
                return super().__getitem__(name)

        class Told(type):
            @classmethod
            def __prepare__(cls, *_bases: object) -> Names:  # type: ignore[override]
                return Names()

        class Box:
            def __init__(self) -> None:
                self.x = 1

            @property
            def own(self) -> int:
                log.append("own")
                return len(log)

            @own.setter
            def own(self, value: object) -> None:
                log.append(f"own = {described(value)}")

        self.names: dict[str, Any] = {
            "odd": Odd(), "box": Box(), "table": {"k": 1}, "row": [1, 2], "nan": math.nan,
            "pair": (1, 2.5), "Told": Told, "same": lambda left, right: left is right,
            "note": self.note, "fail": self.fail, "fuel": self.fuel,
        }  # fmt: skip

    def note(self, value: object) -> object:
        self.log.append(described(value))
        return value

    def fail(self) -> None:
        self.log.append("fail")
        raise LookupError("fail")

    def fuel(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise OverflowError

    def left_by(self, space: dict[str, Any], error: BaseException | None) -> list[Any]:
        """Everything that can be observed; the log is the last of it."""
        names = {name: described(value) for name, value in space.items() if name[0] != "_"}
        return [names, described(error), described(self.names["box"].__dict__), self.log]


def described(value: object) -> str:
    """Type and value; objects that are their own are known by their type."""
    if isinstance(value, float):
        return f"{value!r} {math.copysign(1, value)}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}({', '.join(map(described, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{described(k)}: {described(v)}' for k, v in value.items())}}}"
    if value is None or isinstance(value, int | str | complex | BaseException):
        return f"{type(value).__name__} {value!r}"
    return type(value).__name__


def run(code: CodeType) -> list[Any]:
    world = World()
    space, error = dict(world.names), None
    try:
        exec(code, space)
    except Exception as raised:  # noqa: BLE001
        error = raised
    return world.left_by(space, error)


def code_of(text: str) -> CodeType | None:
    """The code of a text, or None where it does not compile."""
    try:
        return compile(text, "text", "exec", dont_inherit=True)
    except SyntaxError:
        return None


def clean_run(text: str) -> tuple[Watched, list[Any]]:
    """What the clean program leaves, as it does under probes but for the questions for truth."""
    world, code = World(), code_of(text)
    seen = watch(text, **world.names)
    assert code is not None
    clean, probed = run(code), world.left_by(seen.space, seen.error)
    assert probed[:-1] == clean[:-1]
    assert [e for e in probed[-1] if e != "bool"] == [e for e in clean[-1] if e != "bool"]
    return seen, clean


def settled_in(seen: Watched) -> Iterator[tuple[CodeType, Rule, Probe | None]]:
    """(buggy code, rule, record) of every mutant that is settled without a run."""
    code = meaning(code_of(seen.text))
    for mutant in seen.mutants:
        buggy, record = code_of(mutant.apply(seen.text)), seen.record_of(mutant)
        if buggy is not None:
            facts = Facts(
                probe=record,
                probe_digest="clean",
                same_code=meaning(buggy) == code,
                same_whole=seen.same_whole_of(mutant),
            )
            for rule in RULES:
                if rule_without_run(facts, CLEAN, [rule]):
                    yield buggy, rule, record


def test_what_a_proven_rule_settles_leaves_what_the_clean_program_leaves() -> None:
    settled: Counter[str] = Counter()

    @settings(
        max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(programs())
    def check(text: str) -> None:
        seen, clean = clean_run(text)
        for buggy, rule, record in settled_in(seen):
            assert run(buggy) == clean, f"{rule} {record}"
            never = record is not None and not record.evaluations
            settled[f"{rule}, never" if never else rule] += 1
            if rule is Rule.PROBE and record is not None and record.evaluations > 1:
                settled["more than once"] += 1

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check()
    enough = {"probe": 200, "probe, never": 1000, "unused-default": 50, "same-code": 20}
    enough |= {
        "same-call": 50,
        "unused-default, never": 5,
        "same-code, never": 50,
        "more than once": 40,
    }
    assert {name: settled[name] for name in enough if settled[name] < enough[name]} == {}, settled
