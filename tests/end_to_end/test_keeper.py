"""The keeper of a trial: limits, walls, and that no process outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from trainwreck.errors import Paused
from trainwreck.model import Ending, Exit, Means
from trainwreck.run import child, room, standstill
from trainwreck.run.child import Child, run_child
from trainwreck.run.containment import Containment
from trainwreck.run.ended import KILLED, Ended
from trainwreck.run.keeper.cgroups import parents
from trainwreck.run.keeper.messages import read_request
from trainwreck.run.limits import Limits
from trainwreck.run.means import strict_means
from trainwreck.run.program_start import ProgramStart
from trainwreck.run.tree import kills_for_memory

GIGABYTE = 1 << 30
LEAVES_A_DAEMON = """
import os, subprocess, sys
code = "import time, sys; open(sys.argv[1], 'w').close(); time.sleep(600)"
mark, end = sys.argv[1:]
subprocess.Popen([sys.executable, "-S", "-c", code, mark], env={}, start_new_session=True)
while not os.path.exists(mark):
    pass
if end == "wait":
    while True:
        pass
"""
KEEPS_ONE = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1].split(":")
from trainwreck.run.child import run_child
from trainwreck.run.keeper.messages import read_request
from trainwreck.run.limits import Limits
from trainwreck.run.program_start import ProgramStart
command = [sys.executable, "-S", "-c", sys.argv[2], sys.argv[3], "wait"]
start = ProgramStart(command, Path("/"), {}, Limits(100, 100, 1 << 30), "NO=1")
run_child(start, lambda data: None, lambda pid: False, lambda: False)
"""


def run(
    folder: Path, code: str, *words: str, plan: Containment | None = None, **limits: float
) -> tuple[Ended, str]:
    output = bytearray()
    usual = {"seconds": 20.0, "cpu_seconds": 20.0, "memory": GIGABYTE}
    start = ProgramStart(
        [sys.executable, "-S", "-c", code, *words],
        folder,
        {"TRAINWRECK_ORDER": f"{folder}/order"},
        Limits(**{**usual, **limits}),  # type: ignore[arg-type]
        f"TRAINWRECK_ORDER={folder}/order",
        plan,
    )
    ended = run_child(start, output.extend, lambda _pid: False, lambda: False)
    return ended, output.decode()


def processes_with(text: str) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if text in (p.info["cmdline"] or ())]


def no_process_has(text: str) -> bool:
    until = time.monotonic() + 10
    while processes_with(text) and time.monotonic() < until:
        time.sleep(0.05)
    return not processes_with(text)


def plan_for(folder: Path) -> Containment:
    """A plan with a folder that can be written, and one whose changes are the trial's own."""
    own, view = folder / "own", folder / "view"
    own.mkdir(exist_ok=True)
    view.mkdir(exist_ok=True)
    return Containment(
        "strict",
        "mounts",
        writable=(own, Path("/dev/null")),
        private=((view, own / "private" / "view"),),
        needed=(folder,),
        temporary=own,
        host="a-host",
    )


@pytest.fixture
def walls(tmp_path: Path) -> Containment:
    if strict_means()[0] is not Means.MOUNTS:
        pytest.skip("this machine allows no namespaces")
    return plan_for(tmp_path)


def test_run_child_reports_status_and_signal(tmp_path: Path) -> None:
    assert run(tmp_path, "raise SystemExit(3)")[0].exit == Exit(Ending.EXITED, 3)
    assert run(tmp_path, "import os; os.kill(os.getpid(), 11)")[0].exit == Exit(Ending.SIGNAL, 11)


def test_run_child_gives_the_program_three_descriptors_only(tmp_path: Path) -> None:
    _, output = run(tmp_path, "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")
    assert output.split() == ["[0,", "1,", "2,", "3]"]  # The last one is that of the listing.


def test_no_daemon_without_environment_outlives_its_trial(tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    ended, _ = run(tmp_path, LEAVES_A_DAEMON, mark, "end")
    assert ended.exit == Exit(Ending.EXITED, 0)
    assert Path(mark).exists()
    assert no_process_has(mark)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_nothing_outlives_trainwreck_itself(tmp_path: Path, number: int) -> None:
    mark = str(tmp_path / "mark")
    words = [":".join(sys.path), LEAVES_A_DAEMON, mark]
    command = [sys.executable, "-c", KEEPS_ONE, *words]
    with subprocess.Popen(command, preexec_fn=listen_to_hang_ups) as parent:
        until = time.monotonic() + 30
        while not Path(mark).exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert processes_with(mark)
        parent.send_signal(number)
    assert no_process_has(mark)


def listen_to_hang_ups() -> None:
    """What `nohup` starts ignores them, and so do all its children."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


PARENT = "import os; print(os.getppid())"


def test_a_keeper_keeps_one_trial_after_another(tmp_path: Path) -> None:
    assert run(tmp_path, PARENT)[1] == run(tmp_path, PARENT)[1]


def test_a_keeper_that_is_killed_between_two_trials_is_replaced(tmp_path: Path) -> None:
    keeper = run(tmp_path, PARENT)[1]
    os.kill(int(keeper), signal.SIGKILL)
    while psutil.pid_exists(int(keeper)):
        time.sleep(0.01)
    ended, output = run(tmp_path, PARENT)
    assert ended.exit.fine
    assert output != keeper


FORKS = """
import os, time
for _ in range(5):
    os.fork()
time.sleep(60)
"""


def test_a_keeper_ends_a_trial_with_too_many_processes_without_trainwreck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Child, "_limit_reached", lambda *_: None)
    ended, _ = run(tmp_path, FORKS, processes=30)
    assert ended.exit.ending is Ending.PROCESSES


def test_a_keeper_leaves_a_trial_alone_that_has_as_many_processes_as_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Child, "_limit_reached", lambda *_: None)
    ended, _ = run(tmp_path, FORKS.replace("60", "2"), processes=32)
    assert ended.exit.fine


def test_trials_at_one_time_have_keepers_of_their_own(tmp_path: Path) -> None:
    code = "import os, time; print(os.getppid(), flush=True); time.sleep(2)"
    with ThreadPoolExecutor(3) as pool:
        outputs = [output for _, output in pool.map(lambda _: run(tmp_path, code), range(3))]
    assert len(set(outputs)) == 3


def test_a_program_is_told_of_writes_that_fail_as_any_program_is(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "exec grep SigIgn /proc/self/status"]
    output = bytearray()
    limits = Limits(20.0, 20.0, GIGABYTE)
    run_child(
        ProgramStart(command, tmp_path, {}, limits, "TRAINWRECK_ORDER=none"),
        output.extend,
        lambda _pid: False,
        lambda: False,
    )
    ignored = int(output.split()[1], 16)
    assert not [
        kind.name for kind in (signal.SIGPIPE, signal.SIGXFSZ) if ignored & 1 << (kind - 1)
    ]  # which others are ignored is decided by whoever started the tests


def test_a_program_that_kills_its_keeper_is_broken(tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    code = f"{LEAVES_A_DAEMON}\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(60)"
    ended, _ = run(tmp_path, code, mark, "end")
    assert ended.exit.ending is Ending.BROKEN
    assert ended.reason == "its keeper was stopped or killed"
    assert no_process_has(mark)


STOPS_ITS_KEEPER = "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP)\n"
STOPS_IT_AGAIN = """
import os, signal, time
keeper = os.getppid()
if os.fork() == 0:
    os.setsid()
    while True:
        os.kill(keeper, signal.SIGSTOP)
time.sleep(60)
"""


@pytest.mark.parametrize(
    "code",
    [
        f"{LEAVES_A_DAEMON}\n{STOPS_ITS_KEEPER}time.sleep(60)",
        f"{LEAVES_A_DAEMON}\n{STOPS_ITS_KEEPER}",
        STOPS_IT_AGAIN,
    ],
    ids=["waits", "ends", "stops it again and again"],
)
def test_a_program_that_stops_its_keeper_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(standstill, "STOPPED_SECONDS", 0.5)
    mark = str(tmp_path / "mark")
    ended, _ = run(tmp_path, code, mark, "end")
    assert (ended.exit.ending, ended.reason) == (Ending.BROKEN, "its keeper was stopped or killed")
    assert no_process_has(mark)


def test_a_program_that_stops_its_keeper_for_a_moment_goes_on(tmp_path: Path) -> None:
    code = f"{STOPS_ITS_KEEPER}time.sleep(0.5); os.kill(os.getppid(), signal.SIGCONT); print(7)"
    ended, output = run(tmp_path, code)
    assert (ended.exit, output) == (Exit(Ending.EXITED, 0), "7\n")


def test_a_program_that_stops_the_server_of_keepers_stops_no_later_one(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "stat = open(f'/proc/{os.getppid()}/stat').read()\n"
        "os.kill(int(stat.rpartition(')')[2].split()[1]), signal.SIGSTOP)"
    )
    assert run(tmp_path, code)[0].exit == Exit(Ending.EXITED, 0)
    assert run(tmp_path, "print(8)")[1] == "8\n"


def test_a_sigkill_of_an_unknown_sender_is_lost(tmp_path: Path) -> None:
    assert run(tmp_path, "import os; os.kill(os.getpid(), 9)")[0].exit == KILLED


def test_the_limit_of_memory_holds_while_it_is_exceeded(tmp_path: Path) -> None:
    limit = 100 << 20
    code = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    ended, _ = run(tmp_path, code, memory=limit)
    assert ended.exit.ending is Ending.MEMORY
    assert ended.peak_rss < 4 * limit


def test_a_run_beside_that_the_kernel_ends_at_its_limit_changes_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Otherwise trainwreck mostly sees the limit exceeded before the kernel does.
    monkeypatch.setattr(child, "POLL_SECONDS", 5.0)
    if not parents():
        pytest.skip("this user may make no control groups")
    code = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nraise SystemExit(1)"
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(run, tmp_path, code)
        before = kills_for_memory()
        greedy, _ = run(tmp_path, "bytearray(b'x') * (400 << 20)", memory=100 << 20)
        (tmp_path / "go").touch()
        ended, _ = beside.result()
    assert (greedy.exit.ending, kills_for_memory() > before) == (Ending.MEMORY, True)
    assert (ended.exit, ended.reason) == (Exit(Ending.EXITED, 1), "")


def test_the_limit_of_processes_ends_a_fork_bomb(tmp_path: Path) -> None:
    code = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
    ended, _ = run(tmp_path, code, processes=20)
    assert ended.exit.ending is Ending.PROCESSES
    assert no_process_has(code)


def test_the_limit_of_the_disk_ends_a_large_file(tmp_path: Path) -> None:
    code = "f = open('large', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()"
    ended, output = run(tmp_path, code, disk=8 << 20)
    assert ended.exit.ending is Ending.DISK, output
    assert (tmp_path / "large").stat().st_size <= 8 << 20


def test_the_limit_of_the_disk_ends_many_files(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(room, "WALK_SECONDS", 0.0)
    code = (
        "import time\nfor i in range(20): open(str(i), 'wb').write(bytes(1 << 20))\ntime.sleep(60)"
    )
    assert run(tmp_path, code, disk=8 << 20)[0].exit.ending is Ending.DISK


def test_a_run_pauses_where_the_reserve_of_the_disk_is_used_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(room, "SMALLEST_RESERVE", 1 << 60)
    with pytest.raises(Paused, match="stay free for runs"):
        run(tmp_path, "import time; time.sleep(60)")


BOUND = "import os, time\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"


@pytest.fixture
def busy_processor() -> Iterator[None]:
    """Keep one processor busy by ten processes."""
    # In sessions of their own: some systems share processors out by session.
    command = [sys.executable, "-S", "-c", f"{BOUND}while True: pass"]
    others = [subprocess.Popen(command, start_new_session=True) for _ in range(10)]
    yield
    for other in others:
        other.kill()
        other.wait()


@pytest.mark.usefixtures("busy_processor")
def test_time_without_a_processor_does_not_count(tmp_path: Path) -> None:
    code = f"{BOUND}while time.process_time() < 1.0: pass"
    ended, _ = run(tmp_path, code, seconds=3.0, cpu_seconds=60.0)
    assert ended.exit.fine
    assert ended.seconds > 3.0


@pytest.mark.usefixtures("busy_processor")
def test_a_program_that_sleeps_meets_its_limit_of_time_on_a_busy_machine(tmp_path: Path) -> None:
    ended, _ = run(tmp_path, f"{BOUND}time.sleep(600)", seconds=3.0)
    assert ended.exit.ending is Ending.TIME


def test_a_stopped_keeper_makes_a_gap_and_no_time_out(tmp_path: Path) -> None:
    code = "import os, time\nprint(os.getppid(), flush=True)\ntime.sleep(600)"
    output = bytearray()

    def stop_it(data: bytes) -> None:
        output.extend(data)
        keeper = int(output)
        os.kill(keeper, signal.SIGSTOP)
        subprocess.Popen(["/bin/sh", "-c", f"sleep 4; kill -CONT {keeper}"])

    command = [sys.executable, "-S", "-c", code]
    limits = Limits(5.0, 20.0, GIGABYTE)
    start = ProgramStart(command, tmp_path, {}, limits, "TRAINWRECK_ORDER=none")
    ended = run_child(start, stop_it, lambda _pid: False, lambda: False)
    assert ended.exit.ending is Ending.LOST
    assert "stood still" in ended.reason


def test_walls_let_a_trial_write_what_is_its_own(tmp_path: Path, walls: Containment) -> None:
    code = "open('own/a', 'w').write('x'); open('/tmp/b', 'w'); open('/dev/shm/c', 'w')"
    ended, output = run(tmp_path, code, plan=walls)
    assert ended.exit == Exit(Ending.EXITED, 0), output
    assert (tmp_path / "own" / "a").read_text() == "x"
    assert (tmp_path / "own" / "b").exists()
    assert not Path("/dev/shm/c").exists()


@pytest.mark.parametrize(
    "deed",
    [
        "open('other', 'w')",
        "os.remove('other')",
        "os.rename('other', 'own/other')",
        "os.chmod('other', 0)",
        "os.utime('other', (1, 1))",
        "os.setxattr('other', 'user.a', b'b')",
        "os.truncate('other', 0)",
        "os.link('other', 'own/link'); open('own/link', 'w')",
        "os.mkdir('new')",
        "open('/proc/sys/kernel/hostname', 'w').write('x')",
        "open('/sys/kernel/mm/transparent_hugepage/enabled', 'w').write('x')",
        "os.kill(int(sys.argv[1]), 9)",
        "socket.create_connection(('192.0.2.1', 80), 5)",
        "open('/dev/mem')",
        "open('/dev/kmsg', 'w')",
    ],
)
def test_walls_keep_a_trial_from(deed: str, tmp_path: Path, walls: Containment) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    other.chmod(0o640)
    before = other.stat()
    ended, output = run(tmp_path, f"import os, socket, sys\n{deed}", str(os.getpid()), plan=walls)
    assert ended.exit == Exit(Ending.EXITED, 1), output
    assert other.read_text() == "mine"
    assert (other.stat().st_mode, other.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_walls_keep_changes_of_a_private_view_apart(tmp_path: Path, walls: Containment) -> None:
    (tmp_path / "view" / "kept").write_text("mine")
    (tmp_path / "view" / "gone").write_text("mine")
    code = (
        "import os\nopen('view/kept', 'a').write('!'); os.remove('view/gone'); os.chmod('view', 0)"
    )
    code += "\nprint(open('view/kept').read(), os.listdir('view'))"
    ended, output = run(tmp_path, code, plan=walls)
    assert (ended.exit, output) == (Exit(Ending.EXITED, 0), "mine! ['kept']\n")
    assert sorted(path.read_text() for path in (tmp_path / "view").iterdir()) == ["mine", "mine"]


def test_walls_leave_the_trials_own_network(tmp_path: Path, walls: Containment) -> None:
    code = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname())
print(socket.gethostbyname("a-host"))
"""
    assert run(tmp_path, code, plan=walls)[1] == "127.0.0.1\n"


def test_a_program_within_walls_is_not_process_1_and_cannot_end_it(
    tmp_path: Path, walls: Containment
) -> None:
    code = "import os\nos.kill(1, 9)\nos.kill(os.getppid(), 9)\nprint(os.getpid() > 1)"
    ended, output = run(tmp_path, code, plan=walls)
    assert (ended.exit, output) == (Exit(Ending.EXITED, 0), "True\n")


LEAVES_ALL_IT_CAN = """
import ctypes, os, socket
for path in ("/tmp/a", "/dev/shm/a", "view/a", "own/a"):
    open(path, "w").close()
os.symlink("/etc/passwd", "/dev/shm/b")
libc = ctypes.CDLL(None)
libc.shmget(1234, 4096, 0o1600)
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\\0left")
abstract.listen()
server = socket.create_server(("127.0.0.1", 12345))
libc.unshare(0x10020000)
libc.mount(b"/dev/shm", b"/usr", None, 4096, None)
if os.fork() == 0:
    os.setsid()
    while True:
        pass
"""
FINDS_WHAT_IS_LEFT = """
import ctypes, os, socket
libc = ctypes.CDLL(None)
paths = ["/tmp/a", "/dev/shm/a", "/dev/shm/b", "view/a"]
found = [path for path in paths if os.path.lexists(path)]
found += ["memory"] * (libc.shmget(1234, 4096, 0) >= 0)
abstract = socket.socket(socket.AF_UNIX)
found += ["socket"] * (abstract.connect_ex("\\0left") == 0)
found += ["port"] * (socket.socket().connect_ex(("127.0.0.1", 12345)) == 0)
found += [] if os.path.exists("/usr/bin") else ["mount"]
pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
found += sorted(pids - {1, os.getpid()})
print(found)
"""


def test_nothing_passes_from_one_trial_within_walls_to_the_next(
    tmp_path: Path, walls: Containment
) -> None:
    ended, output = run(tmp_path, LEAVES_ALL_IT_CAN, plan=walls)
    assert ended.exit == Exit(Ending.EXITED, 0), output
    next_one = tmp_path / "next"
    next_one.mkdir()
    (tmp_path / "view").rename(next_one / "view")
    ended, output = run(next_one, FINDS_WHAT_IS_LEFT, plan=plan_for(next_one))
    assert (ended.exit, output) == (Exit(Ending.EXITED, 0), "[]\n")


TRACES = """
import ctypes, os, sys
pid = int(sys.argv[1]) or os.getppid()
libc = ctypes.CDLL(None)
ways = [libc.ptrace(16, pid, 0, 0) == 0]
for name in ("mem", "maps", "environ", "root/etc", "fd/0"):
    try:
        os.close(os.open(f"/proc/{pid}/{name}", os.O_RDONLY))
        ways.append(name)
    except OSError:
        pass
print(ways)
"""


def test_a_program_within_walls_cannot_trace_the_process_that_reports_its_end(
    tmp_path: Path, walls: Containment
) -> None:
    ended, output = run(tmp_path, TRACES, "1", plan=walls)
    assert (ended.exit, output) == (Exit(Ending.EXITED, 0), "[False]\n")


def test_no_daemon_within_walls_outlives_its_trial(tmp_path: Path, walls: Containment) -> None:
    mark = str(tmp_path / "own" / "mark")
    ended, _ = run(tmp_path, LEAVES_A_DAEMON, mark, "end", plan=walls)
    assert ended.exit == Exit(Ending.EXITED, 0)
    assert Path(mark).exists()
    assert no_process_has(mark)


def test_landlock_lets_a_trial_write_its_folder_only(tmp_path: Path) -> None:
    from trainwreck.run.keeper import landlock

    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "other").write_text("mine")
    plan = Containment("strict", "landlock", writable=(own,), network=True)
    ended, output = run(tmp_path, "open('own/a', 'w')", plan=plan)
    assert ended.exit == Exit(Ending.EXITED, 0), output
    for deed in ("open('other', 'w')", "os.remove('other')", "os.truncate('other', 0)"):
        assert run(tmp_path, f"import os\n{deed}", plan=plan)[0].exit == Exit(Ending.EXITED, 1)
    assert (tmp_path / "other").read_text() == "mine"


@pytest.mark.parametrize("sent", [b'{"a": 1}\nk', b'{"a": 1}', b""])
def test_a_request_that_is_given_up_at_once_starts_nothing(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(sent)
    ours.shutdown(socket.SHUT_WR)
    with ours, theirs, pytest.raises(EOFError):
        read_request(theirs)


def test_what_has_ended_by_itself_before_it_is_looked_at_has_reached_no_limit(
    tmp_path: Path,
) -> None:
    slept: list[float] = []

    def sleep_once() -> bool:
        if not slept:
            slept.append(1.5)
            time.sleep(1.5)
        return False

    code = "import time; time.sleep(0.5)"
    limits = Limits(seconds=1.0, cpu_seconds=20.0, memory=GIGABYTE)
    start = ProgramStart([sys.executable, "-S", "-c", code], tmp_path, {}, limits, "NO=1")
    ended = run_child(start, lambda _: None, lambda _: False, sleep_once)
    assert slept
    assert ended.exit == Exit(Ending.EXITED, 0)
