"""In a child of a stem, no time has passed while its stem waited."""

from pathlib import Path

import pytest
from test_agent import PYTHONS, VERSIONS

from stems import Subject

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Linux alone forks so")
READ = """\
import datetime, time
from time import monotonic, perf_counter

def read():
    clocks = [time.time(), monotonic(), perf_counter()]
    if hasattr(time, "time_ns"):
        clocks += [n / 1e9 for n in (time.time_ns(), time.monotonic_ns(), time.perf_counter_ns())]
    return datetime.datetime.now().timestamp(), clocks
"""
NAP = 0.5
WAITS = (
    READ
    + f"""\
real, seen = read()
naps = 0 * 1
time.sleep(naps and {NAP})
naps, word = 0, "a" * 2
real_after, after = read()
passed = [later - earlier for earlier, later in zip(seen, after)]
print(word, all(p >= 0 for p in passed), all(real_after - real - p >= {NAP / 2} for p in passed))
"""
)
BURNT = """\
import time
while time.process_time() < 0.3:
    pass
word = "a" * 2
seen = [time.process_time()]
if hasattr(time, "process_time_ns"):
    seen += [time.process_time_ns() / 1e9, time.thread_time(), time.thread_time_ns() / 1e9]
print(word, [cpu >= 0.25 for cpu in seen])
"""
LIKE_BUILTINS = """\
import copy, pickle, pydoc, time
class Timer:
    now = time.time
word = "a" * 2
for clock in (time.time, time.monotonic, time.perf_counter, time.process_time):
    print(clock, clock.__name__, clock.__module__, clock.__qualname__, clock.__doc__)
    print(pickle.loads(pickle.dumps(clock)) is clock, copy.deepcopy(clock) is clock)
    print(callable(clock), clock.__self__ is time, type(clock()), hash(clock) == hash(clock))
print(Timer().now() > 0, Timer.now() > 0, Timer.now is time.time)
try:
    time.time(1)
except TypeError:
    print("one argument too many")
"""


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def test_what_a_stem_waited_has_not_passed(python: str, tmp_path: Path) -> None:
    subject = Subject(python, tmp_path, {"program.py": WAITS})
    slow, later = subject.mutant("1 * 1"), subject.mutant('"a" * 3')
    run = subject.warm([slow, later])
    assert run.forked == [slow, later]
    assert run.children[0].output == "aa True False\n"
    assert run.children[1].output == "aaa True True\n"
    assert run.stem is not None
    assert run.stem.output == "aa True True\n"


def test_processor_time_goes_on(python: str, tmp_path: Path) -> None:
    subject = Subject(python, tmp_path, {"program.py": BURNT})
    mutant = subject.mutant('"a" * 3')
    (child,) = subject.warm([mutant]).children
    assert child.output == subject.cold(mutant).output
    assert "False" not in child.output


def test_clocks_look_like_those_of_a_cold_run(python: str, tmp_path: Path) -> None:
    subject = Subject(python, tmp_path, {"program.py": LIKE_BUILTINS})
    mutant = subject.mutant('"a" * 3')
    (child,) = subject.warm([mutant]).children
    cold = subject.cold(mutant)
    assert (child.output, child.facts()) == (cold.output, cold.facts())
    assert "one argument too many" in child.output
