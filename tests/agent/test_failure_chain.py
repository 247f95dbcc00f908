"""The exceptions that end a run: described by the agent, stored, and used to class the crash."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from test_agent import PYTHONS, VERSIONS, bench, try_out

from build import failure, outcome
from guest import agent_module
from trainwreck.judge.crash_causes import raised_of
from trainwreck.model import Failure, Frame
from trainwreck.store.nouns import outcome_of, outcome_row
from trainwreck.store.rows import JSON_COLUMNS

describe: Any = agent_module("failure")

FAKE = """\
Traceback (most recent call last):
  File "train.py", line 1, in fit
    raise KeyError('fake')
KeyError: 'fake'
"""


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def error_of(raise_it: Callable[[], object]) -> BaseException:
    """The exception that a function raises."""
    try:
        raise_it()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def lost() -> None:
    raise KeyError("lost")


def caused() -> None:
    try:
        lost()
    except KeyError as error:
        raise ValueError("no") from error


def in_context() -> None:
    try:
        lost()
    except KeyError:
        raise ValueError("no")  # noqa: B904


def suppressed() -> None:
    try:
        lost()
    except KeyError:
        raise ValueError("no") from None


def recursive(depth: int) -> None:
    if depth:
        recursive(depth - 1)
    lost()


def alternating(depth: int, other: Callable[..., None] | None = None) -> None:
    if depth:
        (other or alternating)(depth - 1, lambda *args: alternating(*args))
    lost()


class Silent(Exception):
    """Its text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


# The agent


@pytest.mark.parametrize(
    ("raise_it", "types"),
    [
        (lost, ["KeyError"]),
        (caused, ["KeyError", "ValueError"]),
        (in_context, ["KeyError", "ValueError"]),
        (suppressed, ["ValueError"]),
    ],
)
def test_chain_of_has_the_exceptions_that_python_prints(
    raise_it: Callable[[], object], types: list[str]
) -> None:
    chain = describe.chain_of(error_of(raise_it))
    assert [kind for kind, _, _ in chain] == types
    assert chain[-1][2][0][2] == "error_of"


def test_chain_of_has_the_text_of_each_line() -> None:
    (kind, message, frames), _ = describe.chain_of(error_of(caused))
    assert (kind, message) == ("KeyError", "'lost'")
    assert [(name, text) for _, _, name, text in frames] == [
        ("caused", "lost()"),
        ("lost", 'raise KeyError("lost")'),
    ]
    assert {file for file, *_ in frames} == {__file__}


def test_chain_of_ends_where_exceptions_cause_each_other() -> None:
    first, second = ValueError(1), ValueError(2)
    first.__cause__, second.__cause__ = second, first
    assert [message for _, message, _ in describe.chain_of(first)] == ["2", "1"]


def test_chain_of_keeps_the_last_exceptions() -> None:
    error = first = ValueError(0)
    for number in range(1, 2 * describe.MOST_CHAINED):
        following = ValueError(number)
        following.__context__ = error
        error = following
    messages = [message for _, message, _ in describe.chain_of(error)]
    assert len(messages) == describe.MOST_CHAINED
    assert messages[-1] == str(2 * describe.MOST_CHAINED - 1)
    assert first.__context__ is None


def test_chain_of_shows_three_repeats_of_a_line() -> None:
    ((_, _, frames),) = describe.chain_of(error_of(lambda: recursive(500)))
    names = [name for _, _, name, _ in frames]
    assert names == ["error_of", "<lambda>", *["recursive"] * 4, "lost"]


def test_chain_of_keeps_both_ends_of_a_deep_stack() -> None:
    ((_, _, frames),) = describe.chain_of(error_of(lambda: alternating(400)))
    assert len(frames) == describe.MOST_FRAMES
    assert (frames[0][2], frames[-1][2]) == ("error_of", "lost")


def test_chain_of_is_empty_where_an_exception_cannot_be_read() -> None:
    error: Any = type("Odd", (Exception,), {"__traceback__": property(lambda _: 1 / 0)})("odd")
    assert describe.chain_of(error) == []


def test_describe_limits_messages_and_survives_one_that_cannot_be_read() -> None:
    error = error_of(lambda: exec("raise Silent", {"Silent": Silent}))
    described = describe.describe(type(error), error, error.__traceback__)
    assert described["message"] == "(no message: RuntimeError)"
    long = ValueError("x" * 30_000)
    described = describe.describe(ValueError, long, None)
    assert len(described["message"]) == len(described["chain"][0][1]) == describe.LONGEST_MESSAGE
    remote = ValueError(FAKE + "x" * 30_000)
    described = describe.describe(ValueError, remote, None)
    assert len(described["message"]) == describe.LONGEST_MESSAGE
    assert len(described["chain"][0][1]) == describe.LONGEST_TRACEBACK


# The judge


def chain(*failures: tuple[str, str, tuple[Frame, ...]]) -> Failure:
    """A failure with a chain, whose last exception it is."""
    kind, message, frames = failures[-1]
    plain = tuple(Frame(frame.file, frame.line, frame.function) for frame in frames)
    return Failure(kind, message, plain, 1.0, tuple(Failure(*each) for each in failures))


HERE = Frame("train.py", 7, "fit", "raise KeyError(name)")
THERE = Frame("train.py", 40, "<module>", "fit()")


def test_raised_of_prefers_the_recorded_chain_to_a_printed_traceback() -> None:
    (raised,) = raised_of(chain(("KeyError", "'x'", (THERE, HERE))), FAKE)
    assert raised.place is not None
    assert (raised.message, raised.place.line) == ("'x'", 7)
    assert raised.place.statement == "raise KeyError(name)"


def test_raised_of_reads_the_log_where_no_chain_was_recorded() -> None:
    (raised,) = raised_of(failure("KeyError", "'x'", [HERE]), FAKE)
    assert raised.place is not None
    assert raised.place.line == 1


@pytest.mark.parametrize("quotes", ["", '\n"""\n'])
def test_raised_of_reads_a_worker_traceback_in_a_message(quotes: str) -> None:
    text = f"{quotes}{FAKE}{quotes}"
    first, second = raised_of(
        chain(("RemoteTraceback", text, ()), ("KeyError", "'fake'", (THERE,))), ""
    )
    assert (first.type, first.message, second.type) == ("KeyError", "'fake'", "KeyError")
    assert first.places[0].line == 1
    # PyTorch's loader puts the worker's traceback into the message of the exception itself.
    first, second = raised_of(chain(("KeyError", f"Caught in worker\n{text}", (THERE,))), "")
    assert (first.message, second.message) == ("'fake'", "Caught in worker")


def test_raised_of_keeps_the_last_exception_even_without_frames() -> None:
    raised = raised_of(chain(("KeyError", "1", ()), ("my.Broken", "2", ())), "")
    assert [(error.type, error.message, error.place) for error in raised] == [("Broken", "2", None)]


# The store


def test_outcome_row_keeps_the_chain_and_reads_the_form_of_older_campaigns() -> None:
    for error in (chain(("KeyError", "a", (HERE,)), ("ValueError", "b", (THERE,))), failure()):
        row = outcome_row(outcome(error=error))
        assert outcome_of("trial", row).error == error
        text = row[8]
        assert isinstance(text, str)
        assert len(json.loads(text)) == (5 if error.chain else 4)
        msgspec.convert(json.loads(text), JSON_COLUMNS["run"]["error"])


@pytest.mark.parametrize(
    "values",
    [
        ["KeyError", "a", []],
        ["KeyError", "a", [["train.py", 1, "fit", "text"]], None],
        ["KeyError", "a", [], None, [["KeyError", "a"]]],
        ["KeyError", "a", [], None, [["KeyError", "a", [["train.py", 1, "fit"]]]]],
        ["KeyError", "a", [], None, [], 1],
    ],
)
def test_json_columns_refuse_an_error_of_another_form(values: list[object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, JSON_COLUMNS["run"]["error"])


# All together


CHAINED = """\
def inner():
    raise KeyError('lost')
def outer():
    try:
        inner()
    except KeyError as error:
        raise ValueError('no') from error
outer()
"""
POOL = """\
import multiprocessing
def work(number):
    if number:
        raise IndexError('of a worker')
if __name__ == '__main__':
    with multiprocessing.get_context('fork').Pool(1) as pool:
        pool.map(work, [0, 1])
"""
EXECUTOR = """\
import concurrent.futures
def work(number):
    raise IndexError('of a worker')
if __name__ == '__main__':
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(work, 1).result()
"""
EXITS = """\
import sys
def check():
    assert 1 > 2, 'sizes'
try:
    check()
except AssertionError:
    sys.exit('stopped')
"""
FAKED = f"""\
import atexit
atexit.register(print, '''{FAKE}''')
def real(name):
    return {{}}[name]
real('x')
"""


def raised_by(zoo: Path, python: str, text: str) -> Any:
    """The exceptions that end a program, as (type, message, function and text of the last line)."""
    (zoo / "train.py").write_text(text)
    finished = try_out(bench(zoo, python))
    error = finished.outcome.error
    assert error is not None, finished.log.decode()
    assert error.chain
    assert (error.type, error.chain[-1].type) == (error.type, error.type)
    raised = raised_of(error, finished.log.decode())
    return [
        (e.type, e.message, e.place.file, e.place.function, e.place.statement)
        for e in raised
        if e.place
    ]


@pytest.mark.usefixtures("no_process_is_left")
class TestChain:
    def test_chain_of_a_program_has_causes_and_statements(self, zoo: Path, python: str) -> None:
        assert raised_by(zoo, python, CHAINED) == [
            ("KeyError", "'lost'", "train.py", "inner", "raise KeyError('lost')"),
            ("ValueError", "no", "train.py", "outer", "raise ValueError('no') from error"),
        ]

    @pytest.mark.parametrize("text", [POOL, EXECUTOR])
    def test_chain_of_a_program_has_the_exception_of_its_worker(
        self, zoo: Path, python: str, text: str
    ) -> None:
        first, second = raised_by(zoo, python, text)
        line = "raise IndexError('of a worker')"
        assert (first[0], first[1], first[3:]) == ("IndexError", "of a worker", ("work", line))
        assert first[2].endswith("train.py")
        assert second[:2] == ("IndexError", "of a worker")

    def test_chain_of_sys_exit_has_the_exception_that_led_to_it(
        self, zoo: Path, python: str
    ) -> None:
        assert raised_by(zoo, python, EXITS) == [
            ("AssertionError", "sizes", "train.py", "check", "assert 1 > 2, 'sizes'"),
            ("SystemExit", "stopped", "train.py", "<module>", "sys.exit('stopped')"),
        ]

    def test_chain_is_not_fooled_by_a_printed_traceback(self, zoo: Path, python: str) -> None:
        assert raised_by(zoo, python, FAKED) == [
            ("KeyError", "'x'", "train.py", "real", "return {}[name]")
        ]


def test_read_tracebacks_alone_is_fooled_by_a_printed_traceback(zoo: Path) -> None:
    (zoo / "train.py").write_text(FAKED)
    finished = try_out(bench(zoo, sys.executable))
    error = finished.outcome.error
    assert error is not None
    without = Failure(error.type, error.message, error.frames)
    (raised,) = raised_of(without, finished.log.decode())
    assert raised.message == "'fake'"
