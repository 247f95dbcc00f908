"""Workers of a pool end with their parent, and signals are raised where nothing is half done."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS, Interrupts
from trainwreck.store.campaign_file import campaign_lock

HOLDS_A_LOCK = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[2].split(":")
from trainwreck.mutants.parallel import map_chunks
from trainwreck.store.campaign_file import campaign_lock

def work(items):
    Path(sys.argv[1], f"at work {items[0]}").touch()
    time.sleep(600)

with campaign_lock(Path(sys.argv[1])):
    list(map_chunks(work, [1, 2], 1))
"""


def test_workers_of_a_killed_parent_end_and_hold_no_lock(tmp_path: Path) -> None:
    words = [str(tmp_path), ":".join(sys.path)]
    with subprocess.Popen([sys.executable, "-c", HOLDS_A_LOCK, *words]) as parent:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("at work *")) and time.monotonic() < until:
            time.sleep(0.05)
        workers = psutil.Process(parent.pid).children(recursive=True)
        with pytest.raises(UsageError, match="another trainwreck is at work"):
            campaign_lock(tmp_path).__enter__()
        parent.kill()
    with campaign_lock(tmp_path):
        assert workers
    assert psutil.wait_procs(workers, timeout=30)[1] == []


def test_interrupts_are_raised_by_check_where_work_is_deferred() -> None:
    interrupts = Interrupts()
    before = signal.getsignal(signal.SIGTERM)
    try:
        interrupts.listen()
        with interrupts.deferred():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                interrupts.check()
        signal.raise_signal(signal.SIGTERM)  # The end has begun; nothing disturbs it.
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            is_int = number == signal.SIGINT
            signal.signal(number, signal.default_int_handler if is_int else before)


def test_nothing_is_raised_while_a_campaign_is_locked_but_by_a_wait(tmp_path: Path) -> None:
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    waits = "import time; print('waits', flush=True); time.sleep(600)"
    command = [sys.executable, "-c", waits]
    try:
        INTERRUPTS.listen()
        with campaign_lock(tmp_path):
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt), INTERRUPTS.interruptible():
                subprocess.run(command, check=False)
            INTERRUPTS.listen()
            threading.Timer(0.2, signal.pthread_kill, (threading.get_ident(), 15)).start()
            with pytest.raises(KeyboardInterrupt), INTERRUPTS.interruptible():
                subprocess.run(command, check=False)
    finally:
        INTERRUPTS.listen()
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(("seconds", "status"), [(0, 0), (60, -signal.SIGTERM)])
def test_a_late_second_signal_ends_a_process_at_once(seconds: float, status: int) -> None:
    code = (
        "import signal; from trainwreck.interrupts import INTERRUPTS as i; i.listen()\n"
        "with i.deferred():\n"
        "    signal.raise_signal(15)\n"
        f"    i._noted_at -= {seconds}\n"
        "    signal.raise_signal(15)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == status


def test_interrupts_are_raised_at_once_where_nothing_is_at_work() -> None:
    interrupts = Interrupts()
    before = signal.getsignal(signal.SIGTERM)
    try:
        interrupts.listen()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
