"""A stem forks no child where it could differ from a cold run."""

from pathlib import Path

import pytest
from test_agent import PYTHONS, VERSIONS

from stems import Subject

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="Linux alone forks so")
NEWEST = [version for version in VERSIONS if version in PYTHONS][-1]
UNSAFE = {
    "another native thread": (
        "import threading\nstop = threading.Event()\n"
        "t = threading.Thread(target=stop.wait)\nt.start()\n",
        "stop.set()\n",
        "several native threads",
    ),
    "a child process": (
        "import subprocess, sys\np = subprocess.Popen(['sleep', '60'])\n",
        "p.kill(); p.wait()\n",
        "a child process",
    ),
    "a shared mapping": ("import mmap\nm = mmap.mmap(-1, 4096)\n", "", "mapped shared"),
    "a timer": (
        "import signal\nsignal.setitimer(signal.ITIMER_PROF, 1000)\n",
        "signal.setitimer(signal.ITIMER_PROF, 0)\n",
        "a timer",
    ),
    "an alarm": ("import signal\nsignal.alarm(1000)\n", "", "a timer"),
    "a watched child": (
        "import signal\nsignal.signal(signal.SIGCHLD, lambda *_: None)\n",
        "",
        "is watched",
    ),
    "a wakeup": (
        "import signal, os\nr, w = os.pipe(); os.set_blocking(w, False)\nsignal.set_wakeup_fd(w)\n",
        "signal.set_wakeup_fd(-1)\n",
        "wake up",
    ),
    "a socket": ("import socket\ns = socket.socket()\n", "s.close()\n", "a socket"),
    "a pipe": ("import os\nr, w = os.pipe()\n", "", "a pipe"),
    "an event loop": ("import select\ne = select.epoll()\n", "", "another kind"),
    "a lock": (
        "import fcntl\nf = open('lock', 'w')\nfcntl.flock(f, fcntl.LOCK_EX)\n",
        "f.close()\n",
        "a lock of a file",
    ),
    "a record lock": ("import fcntl\nf = open('lock', 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\n", "",
                      "a lock of a file"),
    "a large deleted file": (
        "import os\nf = open('gone', 'w')\nos.unlink('gone')\nf.truncate(1 << 25)\n",
        "",
        "an unlinked file",
    ),
    "a file in memory": (
        "import os\nm = os.memfd_create('name')\n", "", "an unlinked file"
    ),
    "a database": (
        "import sqlite3\nd = sqlite3.connect('x.db')\nd.execute('BEGIN EXCLUSIVE')\n",
        "",
        "a lock of a file",
    ),
    "an own process id": ("import os\npid = os.getpid()\n", "", "process id"),
    "a parent's process id": ("import os\npid = os.getppid()\n", "", "process id"),
    "the group of a process": ("import os\nnumber = os.getpgid(0)\n", "", "process id"),
    "a tracer": ("import sys\nsys.settrace(lambda *_: None)\n", "sys.settrace(None)\n", "traces"),
    "a profiler": ("import sys\nsys.setprofile(lambda *_: None)\n", "", "traces"),
    "a folder": ("import os\nf = os.open('.', os.O_RDONLY)\n", "", "a folder"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_no_child_forks_where_it_would_differ(name: str, tmp_path: Path) -> None:
    before, after, reason = UNSAFE[name]
    text = before + "x = 1 + 2\n" + after + "print(x)\n"
    subject = Subject(PYTHONS[NEWEST], tmp_path, {"program.py": text})
    run = subject.warm([subject.mutant("x = 1 - 2")])
    assert run.stem is not None
    assert (run.stem.status, run.stem.output) == (0, "3\n")
    assert run.children == []
    assert len(run.reasons) == 1
    assert reason in run.reasons[0]


LOCK = """\
import os
def get_lock():
    get_lock.lock_dir = os.path.abspath("lock_dir")
    os.mkdir(get_lock.lock_dir)
    with open("lock_dir/lock", "w") as file: file.write(str(os.getpid()))
def release_lock():
    with open("lock_dir/lock") as file: owner = file.read()
    if owner != str(os.getpid()): return
    os.remove("lock_dir/lock")
    os.rmdir("lock_dir")
"""
LOCKING = """\
import os
from theano.gof.compilelock import get_lock, release_lock
get_lock()
held = 1 + 2
release_lock()
free = 2 + 3
get_lock()
release_lock()
print(held, free, os.path.exists("lock_dir"))
"""
PACKAGES = {"theano/__init__.py": "", "theano/gof/__init__.py": ""}


def test_no_child_forks_while_a_lock_names_the_process_of_its_stem(tmp_path: Path) -> None:
    files = {"program.py": LOCKING, "theano/gof/compilelock.py": LOCK, **PACKAGES}
    subject = Subject(PYTHONS[NEWEST], tmp_path, files)
    free = subject.mutant("2 - 3")
    run = subject.warm([subject.mutant("1 - 2"), free])
    assert run.reasons == ["the program holds a lock that names its process", ""]
    assert run.forked == [free]
    cold = subject.cold(free)
    assert (run.children[0].output, cold.output) == ("3 -1 False\n", "3 -1 False\n")
    assert run.children[0].facts() == cold.facts()


def test_some_modules_read_the_process_id_and_do_no_harm(tmp_path: Path) -> None:
    program = "import numpy.testing._private.utils\nx = 1 + 2\nprint(x)\n"
    module = "import os\ndef usage(file='/proc/%s/stat' % os.getpid()): return open(file).read()\n"
    folders = {f"numpy/{name}": "" for name in ("__init__.py", "testing/__init__.py")}
    private = {"numpy/testing/_private/__init__.py": "", "numpy/testing/_private/utils.py": module}
    files = {"program.py": program, **folders, **private}
    subject = Subject(PYTHONS[NEWEST], tmp_path, files)
    run = subject.warm([subject.mutant("1 - 2")])
    assert [child.output for child in run.children] == ["-1\n"]


FOREIGN = {
    "thread": (
        "import threading\ndef f(): print(1 + 2)\n"
        "t = threading.Thread(target=f)\nt.start(); t.join()\nf()\n"
    ),
    "fork": (
        "import os, sys\ndef f(): print(1 + 2, flush=True)\n"
        "if not os.fork(): f(); os._exit(0)\nos.wait()\n"
    ),
    "spawn": (
        "import multiprocessing\ndef f(): print(1 + 2, flush=True)\n"
        "if __name__ == '__main__':\n    multiprocessing.set_start_method('spawn')\n"
        "    p = multiprocessing.Process(target=f)\n    p.start(); p.join()\n"
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_first_evaluation_elsewhere_is_told(name: str, tmp_path: Path) -> None:
    subject = Subject(PYTHONS[NEWEST], tmp_path, {"program.py": FOREIGN[name]})
    run = subject.warm([subject.mutant("1 - 2")])
    assert run.children == []
    assert "another" in run.reasons[0]
    assert run.stem is not None
    assert run.stem.output == subject.cold(None).output
