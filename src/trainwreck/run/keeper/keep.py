"""One keeper: starts the program of a trial, reports its end, and ends all that it started.

It does so for one trial after the other. Only its own memory lasts from one to the next: each has
its own control socket, processes, walls and control groups, and a keeper that could not end all
processes of a trial ends itself.
"""

import json
import os
import select
import socket
import time
from typing import Any

from trainwreck.run.keeper import processes
from trainwreck.run.keeper.cgroups import Cgroups
from trainwreck.run.keeper.messages import (
    BEAT_SECONDS,
    MSG_CMSG_CLOEXEC,
    VIEWS,
    Message,
    descriptors_in,
    read_request,
    receive_order,
    send,
)
from trainwreck.run.keeper.mounts import copy_written
from trainwreck.run.keeper.program import (
    SO_PASSCRED,
    Starter,
    ended_message,
    failure,
    sender_of,
)
from trainwreck.run.keeper.rlimits import tasks_of_machine
from trainwreck.run.keeper.state import state_of
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
ANCILLARY = socket.CMSG_SPACE(64) + socket.CMSG_SPACE(4)


def keep_trials(orders: socket.socket, parent: int) -> None:
    """Keep one trial for each order, until no more can come.

    Args:
        orders: The socket to trainwreck. An order is a byte with three descriptors: the control
            socket of a trial, and what become its program's standard output and standard error.
        parent: A descriptor that can be read once trainwreck has ended, or -1.

    """
    os.setsid()
    control_process(PR_SET_CHILD_SUBREAPER, 1)
    # A program that may trace its keeper could take it over.
    control_process(PR_SET_DUMPABLE, 0)
    woken, _ = woken_by_children()
    poller = select.poll()
    for number in (orders.fileno(), *([parent] if parent >= 0 else [])):
        poller.register(number, select.POLLIN)
    groups: list[Cgroups] = []
    while parent not in dict(poller.poll()):
        descriptors = receive_order(orders)
        if not descriptors:
            return
        control, output, errors = descriptors
        with socket.socket(fileno=control) as connection:
            groups.append(Cgroups())
            if not keep(connection, output, errors, parent, woken, groups[-1]):
                return
        groups = [group for group in groups if not group.is_removed()]


def keep(
    control: socket.socket, output: int, errors: int, parent: int, woken: int, cgroups: Cgroups
) -> bool:
    """Run the program of one request to its end, or until trainwreck has gone.

    Args:
        control: The socket to trainwreck: one request, then questions; another byte ends the
            program.
        output: The descriptor that becomes the program's standard output; it is closed.
        errors: The descriptor that becomes its standard error; it is closed.
        parent: A descriptor that can be read once trainwreck has ended, or -1.
        woken: The pipe that wakes this process when a child ends.
        cgroups: The control groups of the trial, which are not made yet.

    Returns:
        Whether nothing is left of it.

    """
    try:
        request = read_request(control)
    except EOFError:
        os.close(output)
        os.close(errors)
        return True
    keeper = Keeper(request, control, parent, woken, cgroups)
    try:
        has_started = keeper.start(output, errors)
        os.close(output)
        os.close(errors)
        if has_started:
            keeper.watch()
    except OSError as error:
        send(control, failure(error))
    finally:
        is_clear = keeper.clear()
    return is_clear


class Keeper:
    """The keeper of one running program.

    The program's orphans become children of this process, or of the first process of a namespace
    of their own (``first``), with which all others end.
    """

    def __init__(
        self,
        request: Message,
        control: socket.socket,
        parent: int,
        woken: int,
        cgroups: Cgroups,
    ) -> None:
        self._request = request
        self._control = control
        self._parent = parent
        self._woken = woken
        self._reports, self._sending = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if SO_PASSCRED is not None:
            self._reports.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
        self._cgroups = cgroups
        self._in_memory: list[tuple[int, str]] = []
        self._first = 0
        self._program = 0
        self._has_ended = False
        self._others = tasks_of_machine()

    def start(self, output: int, errors: int) -> bool:
        """Start the program within its walls; return whether it started.

        Raises OSError where there is a wall that cannot be built.
        """
        self._cgroups.create(self._request["limits"])
        walls = Walls(self._request["containment"])
        starter = Starter(self._request, self._sending.fileno(), walls, (output, errors))
        if walls.has_processes:
            self._first = starter.fork_first()
        else:
            self._program = starter.fork_program()
        self._sending.close()
        self._reports.settimeout(START_SECONDS)
        pid, message = self._report()
        while "in_memory" in message:
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
            asked = ends & ready
            for number in asked:
                poller.unregister(number)
            if asked or self._is_crowded():
                # The program's end is waited for: it has used resources, which are reported.
                self._cgroups.kill()
                processes.kill_group(self._program)
                until = min(until, time.monotonic() + END_SECONDS)
            send(self._control, {"beat": 1}, must_wait=False)

    def _is_crowded(self) -> bool:
        """Tell whether the trial has too many processes; mostly without counting them.

        Trainwreck counts them, too. But it also reads folders of the trial, which takes for
        ever where thousands of processes write there at once; this process does not.
        """
        most = self._request["limits"]["processes"]
        tasks = tasks_of_machine()
        self._others = min(self._others, tasks)
        if tasks - self._others <= most or processes.number_below(os.getpid()) <= most:
            return False
        self._tell({"crowded": 1})
        return True

    def _answers(self) -> bool:
        """Answer a question for the state of the private views; return whether it was one."""
        try:
            is_question = self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == VIEWS
        except OSError:
            return False
        if is_question:
            self._control.recv(1)
            folders = [f"/proc/self/fd/{number}" for number, _ in self._in_memory]
            states = [state_of(folder, with_contents=True) for folder in folders]
            self._tell({"views": " ".join(states)})
        return is_question

    def clear(self) -> bool:
        """End every process of the trial, report how many are left, and return whether none is."""
        self._cgroups.kill()
        if self._first:
            processes.kill(self._first)
        number = processes.end_all(self._program, self._woken, CLEAR_SECONDS)
        for descriptor, upper in self._in_memory:
            if self._request["containment"]["kept"]:
                copy_written(descriptor, upper)
            os.close(descriptor)
        left = processes.children()
        self._tell({"cleared": number, "left": len(left), **self._cgroups.counts()})
        self._reports.close()
        return not left

    def _report(self) -> tuple[int, Message]:
        """Return the next report with its sender's process id, 0 where it is not known."""
        data, ancillary, _, _ = self._reports.recvmsg(REPORT, ANCILLARY, MSG_CMSG_CLOEXEC)
        message = dict(json.loads(data)) if data else {}
        pid, descriptors = sender_of(ancillary), descriptors_in(ancillary)
        self._in_memory += [(number, message["in_memory"]) for number in descriptors]
        return pid, message

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
