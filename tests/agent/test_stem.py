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


def kind_of_fork(version: str) -> int:
    """Return which of the three ways the agent forks in on this Python."""
    minor = int(version.partition(".")[2])
    return (minor >= 7) + (minor >= 9)


FEW = {kind_of_fork(version): version for version in VERSIONS if version in PYTHONS}
"""The newest Python for each way of forking: unusual programs are run on these alone."""


@pytest.fixture(params=FEW.values())
def python_of_few(request: pytest.FixtureRequest) -> str:
    return PYTHONS[request.param]


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def compared(subject: Subject, mutants: list[Any]) -> StemRun:
    """Run mutants warm, and those that could be cold; all facts and outputs must be equal."""
    run = subject.warm(mutants)
    assert run.stem is not None
    clean = subject.cold(None)
    assert (run.stem.output, run.stem.facts()) == (clean.output, clean.facts())
    for mutant, child in zip(run.forked, run.children, strict=True):
        cold = subject.cold(mutant)
        assert mutant is not None
        assert child.text == cold.text, mutant.name
        assert (child.status, child.facts()) == (cold.status, cold.facts()), mutant.name
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


ENDS = {
    "exception": "def f(x):\n    return [1, 2][x - 1]\nprint('before')\nf(1)\nprint('after')\n",
    "exit status": "import sys\ncode = 2 - 2\nprint('x', end='')\nsys.exit(code)\n",
    "exit at once": "import os, sys\ncode = 2 - 2\nprint('x', flush=True)\nos._exit(code)\n",
    "signal": "import os, signal\nif 1 > 1: os.kill(os.getpid(), signal.SIGKILL)\nprint('x')\n",
    "chain": (
        "try:\n    {}[1] if 1 > 1 else 0\nexcept KeyError as error:\n"
        "    raise RuntimeError('bad') from error\n"
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_child_ends_as_a_cold_run_does(python_of_few: str, end: str, tmp_path: Path) -> None:
    subject = Subject(python_of_few, tmp_path, {"program.py": ENDS[end]})
    if end == "signal":  # The program reads its process id, in the child alone.
        assert subject.warm([subject.mutant("1 >= 1")]).children[0].status == -9
        return
    changed = {"exception": "x + 1", "chain": "1 >= 1"}.get(end, "2 + 2")
    run = compared(subject, [subject.mutant(changed)])
    assert run.reasons == [""]
    assert run.children[0].status != 0


def test_source_and_tracebacks_show_the_bug(python_of_few: str, tmp_path: Path) -> None:
    program = (
        "import inspect, traceback, linecache, helper\n"
        "traceback.format_stack(); linecache.getlines(helper.__file__)\n"
        "helper.f(1)\nprint(inspect.getsource(helper.f))\n"
        "try:\n    helper.g(1)\nexcept Exception: print(traceback.format_exc())\n"
        "print(open(helper.__file__).read(), linecache.getlines(helper.__file__))\n"
    )
    library = "def f(x):\n    return x + 1\ndef g(x):\n    return 1 / (f(x) * 0 - 0)\n"
    subject = Subject(python_of_few, tmp_path, {"program.py": program, "helper.py": library})
    run = compared(subject, [subject.mutant("x - 1", "helper.py")])
    assert "x - 1" in run.children[0].output
    assert run.stem is not None
    assert "x - 1" not in run.stem.output


def test_a_library_s_source_shows_the_bug_under_its_own_path(python: str, tmp_path: Path) -> None:
    program = (
        "import inspect, traceback, linecache, helper\n"
        "linecache.getlines(helper.__file__)\n"
        "helper.f(1)\nprint(inspect.getsource(helper.f), helper.__loader__.get_source('helper'))\n"
        "linecache.clearcache()\nprint(linecache.getlines(helper.__file__))\n"
        "print(helper.f.__code__.co_filename == helper.__file__)\n"
        "helper.g(1)\n"
    )
    library = "def f(x):\n    return x + 1\ndef g(x):\n    raise ValueError(f(x))\n"
    subject = Subject(python, tmp_path, {"program.py": program, "helper.py": library})
    subject.libraries = ["helper.py"]
    run = compared(subject, [subject.mutant("x - 1", "helper.py")])
    assert run.reasons == [""]
    assert run.children[0].output.count("x - 1") == 3
    assert "True\n" in run.children[0].output
    assert run.stem is not None
    assert run.stem.output.count("x + 1") == 3


def test_children_fork_at_another_point_and_without_a_mutant(python: str, tmp_path: Path) -> None:
    subject = Subject(python, tmp_path, FILES)
    point = subject.mutant("1 - 2", "library.py")
    late, later = subject.mutant("total -= x", "library.py"), subject.mutant("+total", "library.py")
    run = subject.warm([point, late, later], lambda _: [late, None, later], [point])
    clean = subject.cold(None)
    for mutant, child in zip(run.forked, run.children, strict=True):
        cold = subject.cold(mutant)
        assert (child.text, child.facts()) == (cold.text, cold.facts())
    assert run.stem is not None
    assert run.stem.facts() == clean.facts()


def test_a_stem_that_is_over_ends_at_once_and_its_last_child_is_a_clean_run(
    python: str, tmp_path: Path
) -> None:
    subject = Subject(python, tmp_path, {"program.py": "x = 1 + 2\nprint(x, flush=True)\n"})
    mutant = subject.mutant("1 - 2")
    run = subject.warm([mutant], lambda _: [mutant, None], is_over=True)
    assert run.children[-1].text == subject.cold(None).text
    assert run.stem is not None
    assert (run.stem.status, run.stem.output) == (0, "")


def test_a_child_whose_expression_was_evaluated_before_is_refused(
    python_of_few: str, tmp_path: Path
) -> None:
    subject = Subject(python_of_few, tmp_path, {"program.py": "x = 1 + 2\ny = x * 3\nprint(y)\n"})
    first, second = subject.mutant("1 - 2"), subject.mutant("x / 3")
    run = subject.warm([first, second], lambda _: [first], [second])
    assert [child.status for child in run.children] == [86]
    assert "evaluated before" in run.children[0].others[0][0]["reason"]
    assert run.stem is not None
    assert (run.stem.status, run.stem.output) == (0, "9\n")


UNUSUAL = {
    "hooks of forks": (
        "import os, random\n"
        "if hasattr(os, 'register_at_fork'):\n"
        "    os.register_at_fork(before=lambda: print('b'), after_in_child=lambda: print('c'),\n"
        "                        after_in_parent=lambda: print('p'))\n"
        "x = 1 + 2\nprint(x, random.random())\n"
    ),
    "a fork of its own": (
        "import os, random\nx = 1 + 2\nprint(x, flush=True)\n"
        "if not os.fork(): print('child', random.random(), flush=True); os._exit(x)\n"
        "print(os.wait()[1], random.random())\n"
    ),
    "ended children": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(5)'])\n"
        "x = 1 + 2\nprint(x, flush=True)\nsubprocess.run([sys.executable, '-c', 'print(6)'])\n"
    ),
    "threads afterwards": (
        "import threading\nx = 1 + 2\n"
        "t = [threading.Thread(target=print, args=(x,)) for _ in range(3)]\n"
        "[u.start() or u.join() for u in t]\n"
        "print(threading.main_thread() is threading.current_thread(), threading.active_count())\n"
        "print(getattr(threading.main_thread(), 'native_id', 0) "
        "== getattr(threading, 'get_native_id', int)())\n"
    ),
    "a working folder": (
        "import os\nos.mkdir('d'); os.chdir('d')\nx = 1 + 2\nprint(os.listdir('..'), x)\n"
    ),
    "signal handlers": (
        "import os, signal\nsignal.signal(signal.SIGTERM, lambda *_: print('term'))\nx = 1 + 2\n"
        "os.kill(os.getpid(), signal.SIGTERM)\nprint(x)\n"
    ),
    "written files": (
        "f = open('f.txt', 'w+')\nf.write('ab'); f.flush(); g = open('data.txt'); g.read(2)\n"
        "h = open('f.txt', 'a')\nx = 1 + 2\n"
        "f.write(str(x)); f.flush(); f.seek(0); print(f.read(), g.read(3))\n"
        "h.write('!'); h.close()\n"
        "print(open('f.txt').read())\n"
    ),
    "temporary files": (
        "import os, tempfile\nf = tempfile.TemporaryFile(buffering=0)\nf.write(b'ab')\n"
        "g = open('gone', 'w'); os.unlink('gone')\n"
        "h = open('/proc/self/fd/{}'.format(g.fileno()))\n"
        "x = 1 + 2\nf.write(str(x).encode()); f.seek(1); print(f.read()); f.truncate(0)\n"
        "g.write(str(x * 3)); g.flush(); print(h.read(), os.fstat(f.fileno()).st_size)\n"
    ),
    "shared positions": (
        "import os\nf = os.open('f.txt', os.O_RDWR | os.O_CREAT); g = os.dup(f)\n"
        "os.write(f, b'ab')\nx = 1 + 2\n"
        "os.write(g, str(x).encode()); os.write(f, str(x * 3).encode())\n"
        "print(open('f.txt').read(), os.lseek(f, 0, 1) == os.lseek(g, 0, 1))\n"
    ),
    "caught output": (
        "import os, sys, tempfile\nprint('before', flush=True)\n"
        "saved = [os.dup(n) for n in (1, 2)]; files = [tempfile.TemporaryFile() for _ in saved]\n"
        "[os.dup2(f.fileno(), n) for f, n in zip(files, (1, 2))]\n"
        "print('caught', flush=True)\nx = 1 + 2\nprint(x, flush=True); os.write(2, b'error')\n"
        "[os.dup2(f, n) for f, n in zip(saved, (1, 2))]\n"
        "[f.seek(0) for f in files]; print([f.read() for f in files], os.getcwd() != '')\n"
        "y = 3 + 4\nprint(y)\n"
    ),
    "generators": (
        "def g(n):\n    for i in range(n):\n        y = (yield i) or 1 + i\n        print(y)\n"
        "it = g(4); next(it); it.send(5)\nfor v in it: print(v)\n"
    ),
    "coroutines": (
        "async def f(n):\n    return n + 1\n"
        "async def g():\n    return [await f(i) for i in (1, 2)]\n"
        "c = g()\ntry: c.send(None)\nexcept StopIteration as e: print(e.value)\n"
    ),
    "a deep stack": (
        "import sys\ndef f(n):\n    return f(n - 1) if n else 1 + 2\n"
        "def d(n=0):\n    try: return d(n + 1)\n    except RecursionError: return n\n"
        "print(f(900), sys.getrecursionlimit())\n"
    ),
    "an exception at hand": (
        "import sys\ntry: {}[1]\nexcept KeyError:\n    x = 1 + 2\n    print(x, sys.exc_info()[0])\n"
    ),
    "nested imports": "import one\nprint(one.two.VALUE, one.VALUE)\n",
    "imports as they run": "import importlib, one.two\none.two.VALUE = 0\n"
    "importlib.reload(one.two)\nprint(one.two.VALUE, one.VALUE)\n",
    "temporary folders": (
        "import tempfile, os\nd = tempfile.TemporaryDirectory(dir='.')\nx = 1 + 2\n"
        "print(x, len(os.listdir(d.name)), os.path.isdir(d.name))\n"
    ),
    "logging": "import logging\nlogging.warning('a')\nx = 1 + 2\nlogging.warning(x)\n",
    "garbage": (
        "import gc\ngc.collect()\nx = 1 + 2\n"
        "class C:\n    def __del__(self): print('del', x)\n"
        "c = C(); c.me = c; del c; print(gc.isenabled(), gc.collect() > 0)\n"
    ),
}
PACKAGE = {"one/__init__.py": "from one import two\nVALUE = two.VALUE * 2\n",
           "one/two.py": "VALUE = 1 + 2\n", "data.txt": "1234567890"}  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_programs_give_what_cold_runs_give(
    python_of_few: str, name: str, tmp_path: Path
) -> None:
    subject = Subject(python_of_few, tmp_path, {**PACKAGE, "program.py": UNUSUAL[name]})
    found = [m for file in subject.files for m in subject.mutants(file) if m.operator == "ArOR"]
    run = compared(subject, found)
    assert run.children
    assert set(run.reasons) == {""}


WAYS = {
    "module": (["-m", "one.run"], []),
    "text": (["-c", "import one.two; print(one.two.VALUE)"], []),
    "folder": (["place"], []),
    "optimised": (["program.py"], ["-O"]),
    "without site packages": (["program.py"], ["-W", "error"]),
}
PLACES = {
    "one/run.py": "import one.two\nif __debug__: print(one.two.VALUE + 1)\n",
    "place/__main__.py": "import sys\nprint(sys.argv, 1 + 2)\n",
    "program.py": (
        "from one.two import VALUE\nassert VALUE + 1 > 9 or not __debug__\nprint(1 + 2)\n"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_programs_of_all_ways_start_warm(python_of_few: str, way: str, tmp_path: Path) -> None:
    words, options = WAYS[way]
    subject = Subject(python_of_few, tmp_path, {**PACKAGE, **PLACES}, words, options)
    found = [m for file in subject.files for m in subject.mutants(file) if m.operator == "ArOR"]
    assert compared(subject, found).children
