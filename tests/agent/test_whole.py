"""Whole expressions of mutants are evaluated from the values of their parts, on every Python."""

import json
import subprocess

import pytest
from test_agent import PYTHONS, VERSIONS

from guest import AGENT

SCRIPT = """
import json, sys
agent, cases = json.load(sys.stdin)
sys.path.insert(0, agent)
from trainwreck_agent.probes.whole import wholes_of
class Loud:
    def __bool__(self): raise SystemExit("asked")
    __eq__ = __lt__ = __getitem__ = lambda *_: sys.exit("asked")
for text, parts, value, pure, truth in cases:
    space = {"Loud": Loud, "half": float("0.5"), "other": float("0.5"), "nan": float("nan")}
    values = {int(number): eval(part, space) for number, part in parts.items()}
    space.update(("_%d" % number, part) for number, part in values.items())
    group = {"kind": "whole", "mutants": {"m": [text]}, "pure": pure, "truth": truth}
    (whole,) = [mutants["m"] for mutants in wholes_of([group])]
    try:
        print(whole is not None and whole.gives(eval(value, space), values))
    except Exception:
        print(False)
"""
PURE, NOT = [True] * 3, [False] * 3
CASES: list[tuple[str, dict[int, str], str, list[bool], bool, bool]] = [
    ("_0 + 1 > 2", {0: "5"}, "True", NOT, False, True),
    ("_0 + 1 > 2", {0: "1"}, "True", NOT, False, False),
    ("_0 + 1 > 2  # why", {0: "5"}, "True", NOT, False, True),
    ("_0 - -1.5", {0: "0.5"}, "2.0", NOT, False, True),
    ("_0 * 1", {0: "True"}, "True", NOT, False, False),
    ("_0 * 0", {0: "-2.0"}, "0.0", NOT, False, False),
    ("_0 in (1, -2)", {0: "-2"}, "True", NOT, False, True),
    ("_0 not in [1, None]", {0: "'a'"}, "True", NOT, False, True),
    ("_0 in {1, 2}", {0: "[1]"}, "False", NOT, False, False),
    ("_0[1] == 2", {0: "(1, 2)"}, "True", NOT, False, True),
    ("_0[1] == 2", {0: "[1, 2]"}, "True", NOT, False, False),
    ("_0[-1]", {0: "'a\\u03b2'"}, "'\\u03b2'", NOT, False, False),
    ("_0[True]", {0: "(half, other)"}, "other", NOT, False, True),
    ("_0[True]", {0: "(half, other)"}, "half", NOT, False, False),
    ("_0 if _1 > 1 else _2", {0: "half", 1: "2"}, "half", NOT, False, True),
    ("_0 if _1 > 1 else _2", {0: "half", 1: "1"}, "half", NOT, False, False),
    ("_0 if _1 > 1 else _2", {0: "half", 1: "1", 2: "other"}, "half", PURE, False, False),
    ("_0 or _1", {0: "half", 1: "other"}, "half", PURE, False, True),
    ("_0 or _1", {0: "half", 1: "other"}, "half", NOT, False, False),
    ("_0 or _1", {0: "0", 1: "other"}, "other", NOT, False, True),
    ("_0 and _1 and _2", {0: "1", 1: "2"}, "2", NOT, False, False),
    ("_0 and _1", {0: "1", 1: "2"}, "True", NOT, True, True),
    ("_0 and _1", {0: "1", 1: "Loud()"}, "_1", NOT, True, True),
    ("_1 and _0", {0: "1", 1: "Loud()"}, "_0", NOT, True, False),
    ("not _0 == 1", {0: "Loud()"}, "True", NOT, True, False),
    ("_0 is None", {0: "Loud()"}, "False", NOT, False, True),
    ("_0 is 7", {0: "7"}, "True", NOT, False, False),
    ("_0 + 1 is _1", {0: "7", 1: "8"}, "True", NOT, False, False),
    ("_0 < 3 < _1", {0: "4"}, "False", NOT, False, True),
    ("_0 < 3 < _1", {0: "2"}, "True", NOT, False, False),
    ("_0 % 2", {0: "'%d'"}, "'2'", NOT, False, False),
    ("_0 << 99999999", {0: "1"}, "1", NOT, False, False),
    ("_0 ** 2", {0: "1"}, "1", NOT, False, False),
    ("~_0 < 0", {0: "True"}, "True", NOT, False, False),
    ("_0 == b'a'", {0: "'a'"}, "False", NOT, False, False),
    ("_0 * nan", {0: "1"}, "nan", NOT, False, False),
    ("_0 / 0 > 1", {0: "1"}, "True", NOT, True, False),
    ("f(_0)", {0: "1"}, "1", NOT, False, False),
    ("[_0]", {0: "1"}, "[1]", NOT, False, False),
    ("_0 in (_0, 1)", {0: "1"}, "True", NOT, False, False),
    ("(_0", {0: "1"}, "1", NOT, False, False),
]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_is_what_its_parts_make_it(version: str) -> None:
    if version not in PYTHONS:
        pytest.skip(f"Python {version} is not on this machine")
    told = subprocess.run(
        [PYTHONS[version], "-W", "error", "-c", SCRIPT],
        input=json.dumps([str(AGENT), [case[:-1] for case in CASES]]),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.stderr == ""
    found = [line == "True" for line in told.stdout.splitlines()]
    assert [
        case[0] for case, is_same in zip(CASES, found, strict=True) if case[-1] != is_same
    ] == []
