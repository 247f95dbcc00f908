"""Which mutants compile to the code of the clean file: never one that could do something else."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_agent import PYTHONS, VERSIONS
from test_check import edits_in

from build import mutants_of
from guest import AGENT, agent_module
from trainwreck.source import decode
from trainwreck.subject.interpreter import same_code, survey

same: Any = agent_module("scripts.bytecode")

SAME = """\
def a():
    x: 1 + 2 = 3
    return x
def b():
    if 0:
        return 4 - 5
    return 6 * 1
if False:
    y = 7 + 8
"""
NEVER = """\
x = 0.0
y = -0.0, True, 1, 1.0, (1, 2), 2j
def f(a=1, *, b=True): return a + (lambda c=2: c < 3)()
class C:
    z = [4 for e in (5, 6) if e > 5]
    def g(self, h=7):
        def k(): return h and self
        return k
while x > 0: x -= 1
if x in {8, 9}: x += -1
"""


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def request_for(path: Path, text: str, mutants: list[Any] | None = None) -> dict[str, Any]:
    path.write_text(text)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    mutants = edits_in(text) if mutants is None else mutants
    return {"path": str(path), "encoding": "utf-8", "sha256": sha, "mutants": mutants}


def asked(python: str, *requests: dict[str, Any]) -> list[list[int]]:
    """What another interpreter answers."""
    environment = {**os.environ, "PYTHONPATH": str(AGENT)}
    told = subprocess.run(
        [python, str(AGENT / "trainwreck_agent" / "scripts" / "bytecode.py")],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True, text=True, timeout=60, check=True, env=environment,
    )  # fmt: skip
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert [answer["path"] for answer in answers] == [request["path"] for request in requests]
    return [answer["same"] for answer in answers]


def changes(text: str, indices: list[int]) -> list[tuple[int, str]]:
    mutants = mutants_of(text)
    return [(mutants[index].span.line, mutants[index].edits[0].replacement) for index in indices]


def meant(text: str) -> Any:
    return same.meaning(compile(text, "text", "exec", dont_inherit=True))


def test_what_can_do_something_else_is_never_the_same(python: str, tmp_path: Path) -> None:
    found = asked(python, request_for(tmp_path / "a.py", NEVER))
    assert len(mutants_of(NEVER)) > 30
    assert found == [[]]


def test_dead_code_and_annotations_of_locals_are_the_same(python: str, tmp_path: Path) -> None:
    (found,) = asked(python, request_for(tmp_path / "a.py", SAME))
    lines = {line for line, _ in changes(SAME, found)}
    # Python 3.10 and 3.11 keep the constants of dead code.
    assert lines in ({2}, {2, 6, 9})


def test_what_folds_to_the_same_constant_is_the_same(python: str, tmp_path: Path) -> None:
    text = "x = 2 + 0\ny = 2 * 1\nz = 0.0 - 0\n"
    (found,) = asked(python, request_for(tmp_path / "a.py", text))
    assert changes(text, found) == [(1, "-"), (3, "+")]


def test_an_answer_follows_each_request(tmp_path: Path) -> None:
    one = request_for(tmp_path / "a.py", "x = 2 + 0\n")
    two = request_for(tmp_path / "b.py", "x = 2 + 1\n")
    assert asked(sys.executable, one, two, one) == [[1], [], [1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 0.0", "x = -0.0"),
        ("x = True", "x = 1"),
        ("x = 1", "x = 1.0"),
        ("x = (1, 2)", "x = (1, 2.0)"),
        ("x = (0.0,)", "x = (-0.0,)"),
        ("x = 0j", "x = -0j"),
        ("x = y in {1, 2}", "x = y in {1, 2.0}"),
        ("x = 'a'", "x = b'a'"),
        ("def f(a=1): pass", "def f(a=True): pass"),
        ("def f(*, a=1): pass", "def f(*, a=2): pass"),
        ("def f(a): pass", "def f(*, a): pass"),
        ("def f(a): pass", "def f(a, /): pass"),
        ("def f():\n  def g(): return 1", "def f():\n  def g(): return 2"),
        ("x = lambda: 1", "x = lambda: True"),
        ("x = y.a", "x = y.b"),
        ("def f(): x = 1", "def f(): y = 1"),
        ("def f(): yield", "async def f(): yield"),
        ("x: 1 = 2", "x: 2 = 2"),
        ("x = y < z", "x = y <= z"),
        ("x = y and z", "x = y or z"),
        ("try: x\nexcept A: y", "try: x\nexcept B: y"),
        ("\nx = lambda: 1", "x = lambda: 1"),
    ],
)
def test_meanings_that_differ_are_told_apart(one: str, other: str) -> None:
    assert meant(one) == meant(one)
    assert meant(one) != meant(other)


def test_blanks_and_positions_within_a_line_mean_nothing() -> None:
    assert meant("x = [1, 2]; y = f(x)") == meant("x  =  [1,  2];  y=f( x )")


def test_edits_of_one_mutant_are_made_together(tmp_path: Path) -> None:
    mutants = [[[4, 5, "2"], [8, 9, "1"]], [[4, 5, "2"]]]
    request = request_for(tmp_path / "a.py", "x = 1 + 2\n", mutants)
    assert same.answer(request)["same"] == [0]


def test_a_file_that_changed_or_is_gone_has_nothing_that_is_the_same(tmp_path: Path) -> None:
    request = request_for(tmp_path / "a.py", "x = 2 + 0\n")
    assert same.answer(request)["same"] == [1]
    assert same.answer({**request, "sha256": "0"})["same"] == []
    assert same.answer({**request, "path": str(tmp_path / "b.py")})["same"] == []


def test_a_file_that_does_not_compile_has_nothing_that_is_the_same(tmp_path: Path) -> None:
    assert same.answer(request_for(tmp_path / "a.py", "print 2 + 0\n"))["same"] == []


def test_a_mutant_that_does_not_compile_is_not_the_same(tmp_path: Path) -> None:
    mutants = [[[6, 7, "-"]], [[4, 5, ")"]]]
    assert same.answer(request_for(tmp_path / "a.py", "x = 2 + 0\n", mutants))["same"] == [0]


def test_the_encoding_of_the_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\nx = 'é', 2 + 0\n".encode("latin-1"))
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    request = {
        "path": str(path),
        "encoding": "latin-1",
        "sha256": sha,
        "mutants": [[[29, 30, "-"]]],
    }
    assert same.answer(request)["same"] == [0]


def test_an_interpreter_that_the_user_lets_optimise_compares_what_trials_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -O no assertion is in the bytecode; trials do not inherit PYTHONOPTIMIZE."""
    path = tmp_path / "a.py"
    path.write_text("def f(x):\n    assert x > 0\n")
    source = decode(path.read_bytes())
    mutants = mutants_of(path.read_text(), "ComOR")
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    ours = survey(sys.executable, [])
    assert same_code(ours, [(path, source, mutants)]) == set()
    own = survey(sys.executable, [], {"PYTHONOPTIMIZE": "1"})
    assert same_code(own, [(path, source, mutants)]) == {mutant.id for mutant in mutants}
