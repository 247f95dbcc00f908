"""A child of a stem is what a cold run of its mutant is, on every Python."""

from pathlib import Path
from typing import Any

import pytest
from test_agent import PYTHONS, VERSIONS

from stems import StemRun, Subject

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Linux alone forks so")

LIBRARY = """
TABLE = {"rate": 1 + 2, "steps": (1, 2)}
def scaled(x, by=2 * 3):
    return x * by
class Layer:
    units = 4
    units += 1
    def __init__(self, gain=True):
        self.__gain = gain and 2
    def apply(self, x):
        total = 0
        for i in range(3):
            total += x * self.__gain
        return total if total > 5 else -total
"""
PROGRAM = """
import random, sys, atexit
import numpy
from theano.compile.sharedvalue import SharedVariable
atexit.register(lambda: print("at exit"))
print("begin", random.random())
sys.stdout.write("buffered ")
data = open("data.txt")
first = data.readline()
import library
weight = SharedVariable(numpy.ndarray([3.0]))
layer = library.Layer()
for step in range(3):
    value = library.scaled(step + random.random()) + layer.apply(step)
    weight.set_value(numpy.ndarray([value]))
    print("loss: %.6f" % value)
print(data.readline(), random.random(), library.TABLE, layer.units)
log = open("log.txt", "a")
log.write("done")
"""
FILES = {"program.py": PROGRAM, "library.py": LIBRARY, "data.txt": "one\ntwo\nthree\n"}


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def compared(subject: Subject, mutants: list[Any]) -> StemRun:
    """Run mutants warm and cold; all facts and outputs must be equal."""
    run = subject.warm(mutants)
    assert run.stem is not None
    clean = subject.cold(None)
    assert run.stem.output == clean.output
    assert run.stem.status == clean.status
    assert run.stem.facts() == clean.facts()
    assert {m.id for m in run.forked if m} == {m.id for m in mutants}
    for mutant, child in zip(run.forked, run.children, strict=True):
        assert mutant is not None
        cold = subject.cold(mutant)
        assert child.output == cold.output, mutant.name
        assert child.status == cold.status, mutant.name
        assert child.facts() == cold.facts(), mutant.name
    return run


def test_children_are_what_cold_runs_are(python: str, tmp_path: Path) -> None:
    subject = Subject(python, tmp_path, FILES)
    mutants = [
        subject.mutant(changed, "library.py")
        for changed in (
            "1 - 2", '"steps": (2, 2)', "by=2 / 3", "units = 5", "units -= 1", "units = 1\n",
            "gain=False", "total -= x", "total >= 5", "else +total",
        )
    ]  # fmt: skip
    run = compared(subject, mutants)
    assert run.reasons == [""] * len(mutants)
