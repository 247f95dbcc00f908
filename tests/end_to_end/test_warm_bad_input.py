"""Programs that a fork could change: each mutant ends after a warm start as after a cold one."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from trainwreck.model import Mutant
from warm_bench import bench_in, facts, how, policies, split

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone forks so")

TRAIN = """\
import sys
RATE = 0.1 * 2
{before}
# phase: learning
value = 1.0
for epoch in range(2):
    {within}
    value = value - RATE * value + 0.5 * epoch
    print("loss:", value)
print("trainwreck: state=%r" % value)
{after}
print("accuracy:", 1 - value)
"""
UPDATE = "    value = value - RATE * value + 0.5 * epoch"
WARM = "warm"
ANY = "any"
"""No stem gets to its end, as its children take its folder away: that is slower, and right."""
SEVERAL_THREADS = "there are several native threads"


@dataclass(frozen=True)
class Strange:
    """A strange program: its lines, and how its mutants start.

    ``late`` is how those start that are evaluated after the strange lines, ``early`` the others.
    """

    before: str
    late: str
    early: str = WARM
    within: str = "pass"
    after: str = "pass"
    module: str = ""

    @property
    def texts(self) -> dict[str, str]:
        train = TRAIN.format(before=self.before, within=self.within, after=self.after)
        return {"train.py": train, "strange.py": self.module}


STRANGE = {
    "starts a thread while it is imported": Strange(
        "import strange",
        SEVERAL_THREADS,
        module="import threading\n"
        "end = threading.Event()\n"
        "threading.Thread(target=end.wait, daemon=True).start()\n",
        after="strange.end.set()",
    ),
    "forks by itself": Strange(
        "import os\n"
        "def half(number):\n"
        "    return number / 2\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os._exit(int(half(4 - 2)))\n"
        "status = os.waitpid(pid, 0)[1]\n"
        "assert status, half(2 + 2)",
        WARM,
    ),
    "keeps a child": Strange(
        "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(3); os._exit(0)",
        "a child process is there",
        after="os.kill(pid, 9); os.waitpid(pid, 0)",
    ),
    "holds a socket": Strange(
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "client = socket.create_connection(server.getsockname())\n"
        "other, _ = server.accept()",
        "a socket is open",
        within="client.sendall(b'x'); assert other.recv(1) == b'x'",
    ),
    "holds a lock of a file": Strange(
        "import fcntl\nlock = open('lock', 'w')\nfcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "a lock of a file is held",
    ),
    "has a database open": Strange(
        "import sqlite3\n"
        "database = sqlite3.connect('runs.db')\n"
        "database.execute('create table loss (value real)')\n"
        "database.commit()",
        WARM,
        within="database.execute('insert into loss values (?)', (value,)); database.commit()",
        after="print('loss:', *database.execute('select sum(value) + count(*) from loss'))",
    ),
    "is within a transaction": Strange(
        "import sqlite3\n"
        "database = sqlite3.connect('runs.db')\n"
        "database.execute('create table loss (value real)')\n"
        "database.execute('begin exclusive')",
        "a lock of a file is held",
        within="database.execute('insert into loss values (?)', (value,))",
        after="database.commit()",
    ),
    "shares the memory of a database": Strange(
        "import sqlite3\n"
        "database = sqlite3.connect('runs.db', isolation_level=None)\n"
        "database.execute('pragma journal_mode = wal')\n"
        "database.execute('create table loss (value real)')",
        "memory is mapped shared and writable",
        within="database.execute('insert into loss values (?)', (value,))",
    ),
    "holds a device, as one with a GPU does": Strange(
        "import os\ndevice = os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY)",
        "a device is open",
    ),
    "reads the clock": Strange(
        "import time, datetime\n"
        "began, day = time.time(), datetime.datetime.now()\n"
        "while time.perf_counter() < 0: pass",
        WARM,
        within="assert 0 <= time.time() - began < 60 and datetime.datetime.now() >= day",
    ),
    "reads its process id": Strange(
        "import os\nname = 'log-%d' % os.getpid()\nopen(name, 'w').close()",
        "the program has read its process id",
        within="assert os.path.exists('log-%d' % os.getpid())",
    ),
    "watches its parent": Strange(
        "import os\nparent = os.getppid()",
        "the program has read its process id",
        within="assert os.getppid() == parent",
    ),
    "changes the folder that it works in": Strange(
        "import os\nos.mkdir('inner'); os.chdir('inner')\nos.mkdir('logs')",
        WARM,
        within="open('logs/%d' % epoch, 'x').close()",
        after="os.rmdir('empty') if os.path.exists('empty') else os.chdir('..')",
    ),
    "moves the folder that it works in": Strange(
        "import os\nos.mkdir('inner'); os.chdir('inner')",
        ANY,
        early=ANY,
        after="os.chdir('..'); os.rename('inner', 'outer')",
    ),
    "changes what signals do": Strange(
        "import signal\n"
        "caught = []\n"
        "for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT):\n"
        "    signal.signal(number, lambda number, _: caught.append(number))",
        WARM,
        within="signal.raise_signal(signal.SIGTERM); signal.raise_signal(signal.SIGUSR1)",
        after="print('loss:', sum(caught))",
    ),
    "waits for the end of children": Strange(
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "the end of child processes is watched",
    ),
    "ends without cleaning up": Strange(
        "import os",
        WARM,
        after="sys.stdout.flush(); os._exit(int(value > 10))",
    ),
    "writes into its own folder": Strange(
        "import json, os\n"
        "def keep(state):\n"
        "    json.dump(state, open('new', 'w'))\n"
        "    os.replace('new', 'state')\n"
        "keep({'runs': 0}); log = open('log.txt', 'a'); log.write('begin')",
        WARM,
        within="state = json.load(open('state')); state['runs'] += 1; keep(state)",
        after="print('loss:', state['runs'], file=log); print('loss:', state['runs'])",
    ),
    "changes its own text": Strange(
        "open('strange.py', 'a').write('NUMBER = 5\\n')\nimport strange",
        WARM,
        within="value += strange.NUMBER",
    ),
    "takes long to import": Strange(
        "import strange",
        WARM,
        module="import time\ntime.sleep(1.5)\nNUMBER = 3\n",
        within="value += strange.NUMBER",
    ),
    "executes itself again": Strange(
        "import os\n"
        "if 'AGAIN' not in os.environ:\n"
        "    os.environ['AGAIN'] = 'yes'\n"
        "    os.execv(sys.executable, [sys.executable, *sys.argv])",
        "another process evaluates it",
    ),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that is soon shown to a trial."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def chosen(mutants: Sequence[Mutant], late: int) -> list[Mutant]:
    """A mutant before the strange lines, two after them, and some of them and of the rest."""
    own = [mutant for mutant in mutants if mutant.file == "train.py"]
    of_line = {line: [mutant for mutant in own if mutant.lines[0] == line] for line in (2, late)}
    others = [mutant for mutant in own if mutant.lines[0] not in of_line]
    return [*of_line[2][:1], *of_line[late][:2], *others[::6]]


@pytest.mark.parametrize("what", STRANGE)
def test_a_warm_run_ends_as_the_cold_one_of_a_program_that(what: str, tmp_path: Path) -> None:
    strange = STRANGE[what]
    bench = bench_in(tmp_path, policies()["copy"], strange.texts)
    late = 1 + strange.texts["train.py"].splitlines().index(UPDATE)
    requests = bench.requests(chosen(bench.mutants, late))
    outcomes, _ = split(bench.warm(requests))
    ways: dict[int, set[str]] = {}
    for request in requests:
        mutant = request.trial.mutant
        warm, cold = outcomes[mutant.id], bench.cold(request)
        assert facts(warm) == facts(cold), mutant.name
        ways.setdefault(mutant.lines[0], set()).add(how(warm))
    for line, expected in ((2, strange.early), (late, strange.late)):
        assert ways[line] == {expected} or expected == ANY
