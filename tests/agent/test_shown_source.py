"""A program cannot see that a library's bug is not in its file, on every Python."""

import textwrap
from pathlib import Path

import pytest
from test_guest import Ended, entry, python, run
from test_import_hook import HOOK, METHODS

__all__ = ["python"]

CLEAN = '''
import inspect, linecache, os, sys, traceback, warnings

def value(x):
    return x + x

def is_own(frame):
    return frame.f_code.co_filename == __file__

def levels():
    """Count the library's own frames, as pandas and Theano do."""
    frame, number = inspect.currentframe(), 0
    while frame is not None and frame.f_code.co_filename.startswith(os.path.dirname(__file__)):
        frame, number = frame.f_back, number + 1
    return number

def outer():
    return levels()

def warn():
    warnings.warn("from outside", stacklevel=2)
    warnings.warn("from %d" % value(1))

def stack():
    return [(os.path.basename(f.filename), f.function, f.code_context) for f in inspect.stack()]

def bad():
    raise ValueError(value(2))

def caught():
    try:
        bad()
    except ValueError:
        traceback.print_exc(file=sys.stdout)
'''
BUGGY = CLEAN.replace("x + x", "x - x").replace('"""Count', '"""\n    Count')
PLANTED = BUGGY.replace("(x - x)", "x - x").replace("x - x", "__trainwreck_hit__() and (x - x)")
ASKING = """
import sys
sys.path.insert(0, {lib!r})
import inspect, linecache, os, traceback, warnings
import library as l

def own(): return inspect.currentframe()

def main():
    warnings.simplefilter("always")
    print(l.__file__ == l.value.__code__.co_filename == inspect.getsourcefile(l.value))
    print(l.is_own(own()), l.levels(), l.outer(), l.value(3))
    l.warn()
    print(l.stack())
    l.caught()
    for clear in (lambda: None, linecache.checkcache, linecache.clearcache):
        clear()
        print(inspect.getsource(l.value), inspect.getsource(l))
        print(linecache.getline(l.__file__, 5, vars(l)), inspect.getsource(l.bad))
        l.caught()
    print(l.__loader__.get_source("library"), inspect.getmodule(l.value) is l)
    sys.stdout.flush()
"""
ENDS = {
    "uncaught": "main()\nl.bad()\n",
    "in a worker": (
        "import multiprocessing\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    worker = context.Process(target=main)\n"
        "    worker.start()\n"
        "    worker.join()\n"
        "    print(worker.exitcode)\n"
    ),
    "before the import": "import linecache\nprint(linecache.getlines(l.__file__))\nl.bad()\n",
    "in a thread": "import threading\nt = threading.Thread(target=main)\nt.start()\nt.join()\n",
}


def both(python: str, folder: Path, text: str, lib: Path) -> tuple[Ended, Ended]:
    """Run a program with the bug in the library's file, and with the bug planted."""
    text = ASKING.format(lib=str(lib)) + textwrap.dedent(text)
    module = lib / "library.py"
    module.write_text(BUGGY)
    (folder / "real").mkdir()
    real = run(python, folder / "real", text)
    module.write_text(CLEAN)
    code, shown = folder / "code.py", folder / "shown.py"
    code.write_text(PLANTED)
    shown.write_text(BUGGY)
    file = entry(module, code=str(code), shown=str(shown), mutated=True)
    (folder / "planted").mkdir()
    planted = run(python, folder / "planted", text, files=[file])
    assert module.read_text() == CLEAN
    return real, planted


def module_of(folder: Path) -> Path:
    return (folder / "lib" / "library.py").resolve()


def alike(one: str, folder: Path) -> str:
    return one.replace(str(folder / "real"), str(folder / "planted"))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("by_link", [False, True])
def test_a_planted_library_is_seen_under_its_own_path_with_the_text_of_the_bug(
    python: str, tmp_path: Path, end: str, by_link: bool
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    if by_link:
        (tmp_path / "link").symlink_to(lib)
        lib = tmp_path / "link"
    real, planted = both(python, tmp_path, ENDS[end], lib)
    assert planted.output == alike(real.output, tmp_path)
    assert planted.code == real.code
    assert "x - x" in planted.output
    assert "x + x" not in planted.output
    assert {event["path"] for event in planted.of("planted")} == {str(module_of(tmp_path))}
    assert sum(event["hits"] for event in planted.of("end")) > 0


def test_a_failure_names_the_resolved_file_of_a_library_behind_a_link(
    python: str, tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    (tmp_path / "link").symlink_to(lib)
    _, planted = both(python, tmp_path, "l.bad()", tmp_path / "link")
    (failure,) = planted.of("failure")
    path = str(module_of(tmp_path))
    line = BUGGY.splitlines().index("    raise ValueError(value(2))") + 1
    assert failure["frames"][-1] == [path, line, "bad"]
    assert failure["chain"][-1][2][-1] == [path, line, "bad", "raise ValueError(value(2))"]


@pytest.mark.parametrize("method", METHODS)
def test_a_loader_that_transforms_a_planted_module_gives_its_code_the_module_s_path(
    python: str, tmp_path: Path, method: str
) -> None:
    module, code, shown = (tmp_path / name for name in ("module.py", "code.py", "shown.py"))
    module.write_text("limit = 2\ndef double(x):\n    return x + x\n")
    code.write_text("limit = 2\ndef double(x):\n    return (__trainwreck_hit__() and (x - x))\n")
    shown.write_text("limit = 2\ndef double(x):\n    return x - x\n")
    text = HOOK.format(methods=METHODS[method]) + (
        "import inspect\n"
        "print(module.double.__code__.co_filename == module.__file__)\n"
        "print(inspect.getsource(module.double))\n"
    )
    file = entry(module, code=str(code), shown=str(shown), mutated=True)
    (tmp_path / "run").mkdir()
    done = run(python, tmp_path / "run", text, str(tmp_path), files=[file])
    assert done.output == "0 2\nTrue\ndef double(x):\n    return x - x\n\n"
    assert done.of("end")[0]["hits"] == 1


def test_a_program_that_parses_the_shown_text_of_a_library_gets_the_counter_as_well(
    python: str, tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    text = """
    import ast
    tree = ast.parse(l.__loader__.get_source("library"), l.__file__)
    again = {"__file__": l.__file__, "__name__": "again"}
    exec(compile(tree, l.__file__, "exec"), again)
    print(again["value"](3))
    """
    _, planted = both(python, tmp_path, text, lib)
    assert planted.output == "0\n"
    assert planted.of("end")[0]["hits"] == 1


def test_a_clean_run_keeps_the_library_s_own_reader_of_lines(python: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n")
    text = "import linecache\nprint(linecache.updatecache.__module__)"
    done = run(python, tmp_path, text, files=[entry(module, phases=[[1, "learning"]])])
    assert done.output == "linecache\n"
