"""The processes within the walls: the first one of a namespace, and the program itself."""

import gc
import os
import signal
import socket
import struct
from contextlib import suppress
from typing import Any, NoReturn

from trainwreck.run.keeper.messages import Message, encode
from trainwreck.run.keeper.rlimits import lowered, set_limits
from trainwreck.run.keeper.system import PR_SET_DUMPABLE, PR_SET_PDEATHSIG, control_process
from trainwreck.run.keeper.walls import Walls

SO_PASSCRED = getattr(socket, "SO_PASSCRED", None)
"""The option by which a message names its sender's process; Linux has it."""
FIRST_FREE = 4
"""The descriptors below are the program's three, and the socket of this module."""
NOT_STARTED = 127
READY = encode({"ready": 1})


class Starter:
    """The start of one program.

    What can be computed is computed here, in the keeper: a new process copies each page of Python
    that it touches, so it does little but system calls.
    """

    def __init__(
        self, request: Message, reports: int, walls: Walls, outputs: tuple[int, int]
    ) -> None:
        """Prepare the start.

        Args:
            request: The request of trainwreck.
            reports: The descriptor of the socket to the keeper.
            walls: The walls of the trial.
            outputs: What become the program's standard output and standard error.

        """
        self._reports = reports
        self._walls = walls
        self._outputs = outputs
        self._folder = request["folder"]
        self._command = request["command"]
        self._environment = request["environment"]
        self._limits = lowered(request["limits"], walls.has_users)
        self._last = os.sysconf("SC_OPEN_MAX")

    def fork_first(self) -> int:
        """Fork the first process of a namespace; it starts the program, and ends with it."""
        pid = self._walls.fork_first()
        if pid:
            return pid
        try:
            self._enter()
            self._hold()
        except OSError as error:
            self._report(failure(error))
        finally:
            os._exit(NOT_STARTED)

    def fork_program(self) -> int:
        """Fork the program; it waits for a message before it runs."""
        pid = os.fork()
        if pid:
            return pid
        try:
            self._become()
        except OSError as error:
            self._report(_not_started(error))
        finally:
            os._exit(NOT_STARTED)

    def _enter(self) -> None:
        """Build the walls around this process, and hand on what the keeper needs of them."""
        gc.disable()  # It would touch, and so copy, all that this process shares with its keeper.
        signal.set_wakeup_fd(-1)
        control_process(PR_SET_PDEATHSIG, signal.SIGKILL)
        for descriptor, upper in self._walls.enter():
            with socket.socket(fileno=os.dup(self._reports)) as reports:
                socket.send_fds(reports, [encode({"in_memory": upper})], [descriptor])

    def _hold(self) -> NoReturn:
        """Start the program, reap every orphan, and end as soon as the program has."""
        # Before its fork, as a program that may trace this process could speak for it.
        control_process(PR_SET_DUMPABLE, 0)
        program = self.fork_program()
        # Trainwreck waits for the end of all others.
        os.closerange(0, self._reports)
        os.closerange(self._reports + 1, self._last)
        while True:
            pid, status, usage = os.wait4(-1, 0)
            if pid == program:
                self._report(ended_message(status, usage))
                os._exit(0)

    def _become(self) -> NoReturn:
        """Turn this process into the program. Raises OSError."""
        os.setsid()  # One signal ends the group, and Ctrl-C ends none of it.
        signal.set_wakeup_fd(-1)
        os.write(self._reports, READY)
        if not os.read(self._reports, 2):
            os._exit(NOT_STARTED)  # The keeper has gone.
        self._take_descriptors()
        os.chdir(self._folder)
        set_limits(self._limits)
        self._walls.narrow()
        os.execvpe(self._command[0], self._command, self._environment)

    def _take_descriptors(self) -> None:
        """Give the program its three descriptors and no other one."""
        empty = os.open(os.devnull, os.O_RDONLY)
        # Beyond the first ones, so that none is overwritten before it is copied.
        ends = [os.dup(number) for number in (empty, *self._outputs, self._reports)]
        for number, end in enumerate(ends[:3]):
            os.dup2(end, number)
        self._reports = os.dup2(ends[3], FIRST_FREE - 1, inheritable=False)
        os.closerange(FIRST_FREE, self._last)

    def _report(self, message: Message) -> None:
        with suppress(OSError):  # The keeper may have gone.
            os.write(self._reports, encode(message))


def ended_message(status: int, usage: Any) -> Message:
    """Return the end of a program with the resources that it used."""
    return {
        "ended": os.waitstatus_to_exitcode(status),
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss,
    }


def sender_of(ancillary: list[tuple[int, int, bytes]]) -> int:
    """Return the sender's process id as this process knows it, 0 where the system has none."""
    for _, kind, data in ancillary:
        if kind == getattr(socket, "SCM_CREDENTIALS", None):
            return int(struct.unpack("3i", data[:12])[0])
    return 0


def failure(error: OSError) -> Message:
    """Return the failure of a wall; the reason names its file."""
    return {"failed": str(error), "errno": error.errno or 0}


def _not_started(error: OSError) -> Message:
    reason = error.strerror or str(error)
    return {"failed": reason, "errno": error.errno or 0, "file": error.filename}
