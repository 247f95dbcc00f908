"""A worker that is ended by SIGTERM writes its records, wherever the signal finds it."""

import signal
import subprocess
import sys
from pathlib import Path

import trainwreck

AGENT = Path(trainwreck.__file__).parent / "agent"

WAITING = """
import os, signal, sys, threading, time
from trainwreck_agent.termination import finish_when_terminated

class Guest:
    finished = False
    def finish(self):
        self.finished = True
        print("finished", flush=True)

def unheard():
    # As when the signal comes just before the wait: noted, but nothing interrupts the wait.
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

finish_when_terminated(Guest())
{fork}
threading.Thread(target=unheard, daemon=True).start()
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""

FORK = """
child = os.fork()
if child:
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM
    print("survived", flush=True)
    os._exit(0)
finish_when_terminated(Guest())
"""


# From Python 3.12 on, a fork in a process with threads warns, and the agent has one there.
QUIET = ("-W", "ignore::DeprecationWarning")


def run(program: str) -> "subprocess.CompletedProcess[str]":
    code = f"import sys; sys.path.insert(0, {str(AGENT)!r})\n{program}"
    return subprocess.run(
        [sys.executable, *QUIET, "-c", code],
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_a_signal_that_interrupts_nothing_is_heard() -> None:
    ended = run(WAITING.format(fork=""))
    assert (ended.stdout, ended.stderr, ended.returncode) == ("finished\n", "", -signal.SIGTERM)


def test_the_end_of_a_forked_child_does_not_end_its_parent() -> None:
    ended = run(WAITING.format(fork=FORK))
    assert (ended.stdout, ended.stderr, ended.returncode) == ("finished\nsurvived\n", "", 0)


def test_a_handler_of_the_program_stays() -> None:
    own = "import signal; signal.signal(signal.SIGTERM, lambda *_: None)\n"
    start = WAITING.split("def unheard")[0]
    look = "finish_when_terminated(Guest())\nprint(signal.getsignal(signal.SIGTERM).__name__)"
    ended = run(own + start + look)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("<lambda>\n", "", 0)
