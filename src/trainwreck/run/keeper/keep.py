"""One keeper: starts the program of a trial, reports its end, and ends all that it started."""

import json
import os
import select
import socket
import time
from typing import Any

from trainwreck.run.keeper import processes
from trainwreck.run.keeper.cgroups import Cgroups
from trainwreck.run.keeper.messages import BEAT_SECONDS, VIEWS, Message, read_request, send
from trainwreck.run.keeper.program import SO_PASSCRED, Starter, ended_message, sender_of
from trainwreck.run.keeper.system import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    control_process,
)
from trainwreck.run.keeper.walls import Walls
from trainwreck.run.keeper.woken import drain, woken_by_children

CLEAR_SECONDS = 20.0
"""The longest time to wait for processes that were killed, and that the kernel holds."""
END_SECONDS = 5.0
"""The longest time until a program that was killed is gone."""
START_SECONDS = 60.0
"""The longest time until the program's process is there."""
REPORT = 1 << 16


def keep(control: socket.socket, output: int, errors: int, parent: int) -> None:
    """Run the program of one request to its end, or until trainwreck has gone.

    Args:
        control: The socket to trainwreck: one request, then questions; any other byte ends the
            program.
        output: The descriptor that becomes the program's standard output.
        errors: The descriptor that becomes its standard error.
        parent: A descriptor that can be read once trainwreck has ended, or -1.

    """
    try:
        request = read_request(control)
    except EOFError:
        return
    os.setsid()
    control_process(PR_SET_CHILD_SUBREAPER, 1)
    keeper = Keeper(request, control, parent)
    try:
        has_started = keeper.start(output, errors)
        os.close(output)
        os.close(errors)
        if has_started:
            keeper.watch()
    except OSError as error:
        send(control, {"failed": str(error), "errno": error.errno or 0})
    finally:
        keeper.clear()


class Keeper:
    """The keeper of one running program.

    The program's orphans become children of this process, or of the first process of a namespace
    of their own (``first``), with which all others end.
    """

    def __init__(self, request: Message, control: socket.socket, parent: int) -> None:
        self._request = request
        self._control = control
        self._parent = parent
        self._woken, _ = woken_by_children()
        self._reports, self._sending = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if SO_PASSCRED is not None:
            self._reports.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
        self._cgroups = Cgroups()
        self._walls = Walls(None)
        self._first = 0
        self._program = 0
        self._has_ended = False

    def start(self, output: int, errors: int) -> bool:
        """Build the walls, and start the program in them; return whether it started.

        Raises OSError where there is a wall that cannot be built.
        """
        self._cgroups.create(self._request["limits"])
        self._walls = Walls(self._request["containment"])
        self._walls.enter()
        starter = Starter(self._request, self._sending, self._walls, (output, errors))
        if self._walls.has_processes:
            self._first = starter.fork_first()
        else:
            self._program = starter.fork_program()
        # After its fork, as a program that may be debugged could take over its keeper.
        control_process(PR_SET_DUMPABLE, 0)
        self._sending.close()
        self._reports.settimeout(START_SECONDS)
        pid, message = self._report()
        if "ready" not in message:
            self._tell(message or {"gone": 0})
            return False
        self._program = pid or self._program
        self._cgroups.add(self._program)
        self._tell(
            {
                "started": self._program,
                "keeper": os.getpid(),
                "holder": self._first or os.getpid(),
                "capped": self._cgroups.limits_memory,
            }
        )
        self._reports.send(b"go")
        return True

    def watch(self) -> None:
        """Wait until the program ends, trainwreck asks for its end, or trainwreck has gone."""
        poller = select.poll()
        ends = {self._control.fileno(), self._parent}
        for number in (*ends, self._reports.fileno(), self._woken):
            if number >= 0:
                poller.register(number, select.POLLIN)
        until = float("inf")
        while not self._has_ended and time.monotonic() < until:
            ready = {number for number, _ in poller.poll(1000 * BEAT_SECONDS)}
            if self._woken in ready or not ready:
                self._reap()
            if self._reports.fileno() in ready and not self._has_ended:
                self._pass_on(poller)
            if self._control.fileno() in ready and self._answers():
                ready.discard(self._control.fileno())
            if asked := ends & ready:
                # The program's end is waited for: it has used resources, which are reported.
                self._cgroups.kill()
                processes.kill_group(self._program)
                until = time.monotonic() + END_SECONDS
                for number in asked:
                    poller.unregister(number)
            send(self._control, {"beat": 1}, must_wait=False)

    def _answers(self) -> bool:
        """Answer a question for the state of the private views; return whether it was one."""
        try:
            is_question = self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == VIEWS
        except OSError:
            return False
        if is_question:
            self._control.recv(1)
            self._tell({"views": self._walls.state_in_memory()})
        return is_question

    def clear(self) -> None:
        """End every process of the trial, and report that none is left."""
        self._cgroups.kill()
        if self._first:
            processes.kill(self._first)
        number = processes.end_all(self._program, CLEAR_SECONDS)
        self._walls.keep_written()
        left = processes.children()
        self._tell({"cleared": number, "left": len(left), **self._cgroups.counts()})

    def _report(self) -> tuple[int, Message]:
        """Return the next report with its sender's process id, 0 where it is not known."""
        data, ancillary, _, _ = self._reports.recvmsg(REPORT, socket.CMSG_SPACE(64))
        return sender_of(ancillary), dict(json.loads(data)) if data else {}

    def _pass_on(self, poller: Any) -> None:
        """Pass on what the first process or the program reports; nothing follows an end."""
        _, message = self._report()
        if not message:
            poller.unregister(self._reports.fileno())
            return
        self._has_ended = True
        self._tell(message)

    def _reap(self) -> None:
        """Forget every process that has ended, and report the program's end."""
        drain(self._woken)
        while not self._has_ended:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self._first:
                # It reports the program's end before its own, unless somebody has killed it.
                self._has_ended = True
                _, message = self._report()
                self._tell(message or {"gone": status})
            elif pid == self._program:
                self._has_ended = True
                self._tell(ended_message(status, usage))

    def _tell(self, message: Message) -> None:
        send(self._control, message)
