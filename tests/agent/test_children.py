"""Children of `multiprocessing`: the models that they make, and the exceptions that end them."""

import sys
from pathlib import Path
from typing import Any

import pytest
from test_guest import Ended, python, run

__all__ = ["python"]

CHILDREN = """
import multiprocessing, time
import numpy
from theano.compile.sharedvalue import SharedVariable

inherited = {inherited}

def train(number, wait):
    time.sleep(wait)
    own = SharedVariable(numpy.ndarray([number]))
    own.set_value(numpy.ndarray([number + {change}]))

def start():
    forking = multiprocessing.get_context("fork")
    waits = {waits}
    children = [forking.Process(target=train, args=(i, wait), **{how})
                for i, wait in enumerate(waits)]
    for child in children:
        child.start()
    for child in children:
        child.join()

if __name__ == "__main__":
    start()
"""
RAISING = """
import multiprocessing, os

def fails():
    print(os.getpid())
    raise KeyError("in the child")

class Own(multiprocessing.get_context("fork").Process):
    def run(self):
        fails()

try:
    raise ValueError("handled")
except ValueError:
    children = [multiprocessing.get_context("fork").Process(target=fails), Own()]
    for child in children:
        child.start()
        child.join()
        print(child.exitcode, child.name)
"""


def digests(python: str, folder: Path, **changes: Any) -> list[Any]:
    """Run the children; return the digests, sorted, of processes that have models."""
    folder.mkdir()
    values = {"inherited": "None", "change": 1, "waits": (0.0, 0.2), "how": {}, **changes}
    done = run(python, folder, CHILDREN.format(**values), digest=True)
    assert (done.code, done.of("trouble")) == (0, []), done.output
    found = [event for event in done.of("digest") if event["models"]]
    return sorted((event["parameters"], event["covers"][0]["models"]) for event in found)


def test_models_made_in_forked_children_have_digests(python: str, tmp_path: Path) -> None:
    found = digests(python, tmp_path / "first")
    assert [models for _, models in found] == [1, 1]
    assert len({parameters for parameters, _ in found}) == 2
    assert digests(python, tmp_path / "later", waits=(0.2, 0.0)) == found
    assert digests(python, tmp_path / "changed", change=2) != found


def test_a_child_digests_no_model_of_its_parent(tmp_path: Path) -> None:
    own = digests(sys.executable, tmp_path / "own")
    model = "SharedVariable(numpy.ndarray([7.0]))"
    with_parent = digests(sys.executable, tmp_path / "parent", inherited=model)
    assert len(with_parent) == 3
    assert set(own) < set(with_parent)


def test_a_worker_that_its_parent_may_end_at_any_time_has_no_digest(tmp_path: Path) -> None:
    assert digests(sys.executable, tmp_path / "daemons", how={"daemon": True}) == []


def failures(done: Ended) -> list[Any]:
    return [(event["type"], event["message"]) for event in done.of("failure")]


def test_an_exception_that_ends_a_child_is_its_failure(python: str, tmp_path: Path) -> None:
    done = run(python, tmp_path, RAISING)
    assert done.code == 0
    assert failures(done) == [("KeyError", "'in the child'")] * 2
    assert [event["frames"][-1][2] for event in done.of("failure")] == ["fails"] * 2
    assert "trainwreck" not in done.output
    assert [done.output.count(text) for text in ("Process ", "KeyError: ", "1 ")] == [2, 2, 2]


@pytest.mark.parametrize("handled", ["pass", "os._exit(0)"])
def test_an_exception_that_the_child_handles_is_no_failure(tmp_path: Path, handled: str) -> None:
    text = RAISING.replace(
        '    raise KeyError("in the child")',
        f'    try:\n        raise KeyError("x")\n    except KeyError:\n        '
        f"multiprocessing.current_process().name\n        {handled}",
    )
    assert failures(run(sys.executable, tmp_path, text)) == []
