"""The server of keepers: one small process for each process of trainwreck, which forks them.

A process with threads must not fork, and starting Python for each keeper would take 20 ms. There
are as many keepers as trials run at once.
"""

import gc
import os
import select
import socket
import time
from contextlib import suppress

from trainwreck.run.keeper import cgroups, processes
from trainwreck.run.keeper.keep import keep_trials
from trainwreck.run.keeper.system import PR_SET_CHILD_SUBREAPER, control_process
from trainwreck.run.keeper.woken import drain, handle_failed_writes, woken_by_children

RETRY_SECONDS = 0.1
LAST_SECONDS = 30.0
"""The longest time to wait for the last keepers."""


def serve(descriptor: int, parent: int) -> None:
    """Fork a keeper for each request, until trainwreck's process has ended.

    Args:
        descriptor: The socket from which requests come.
        parent: A descriptor of trainwreck's process that can be read once it has ended, or -1.

    """
    requests = socket.socket(fileno=descriptor)
    # A process that outlives a killed keeper becomes a child of this process.
    control_process(PR_SET_CHILD_SUBREAPER, 1)
    reading, _ = woken_by_children()
    handle_failed_writes()
    poller = select.poll()
    watched = [descriptor, reading, *([parent] if parent >= 0 else [])]
    for number in watched:
        poller.register(number, select.POLLIN)
    keepers: set[int] = set()
    groups: set[int] = set()
    cgroups.clear_leftovers()
    gc.freeze()  # A collection would touch, and so copy, all that keepers share with this process.
    while True:
        ready = dict(poller.poll(RETRY_SECONDS * 1000 if groups - keepers else None))
        if parent in ready:
            break
        if descriptor in ready and not _accept(requests, keepers, watched):
            break
        groups |= keepers
        if descriptor not in ready:
            _clear(reading, keepers, groups)
    # Each keeper has seen the same, and ends what it keeps.
    until = time.monotonic() + LAST_SECONDS
    while groups and time.monotonic() < until:
        _clear(reading, keepers, groups)
        time.sleep(0.01)


def _accept(requests: socket.socket, keepers: set[int], watched: list[int]) -> bool:
    """Fork a keeper for the next request; return false where no more can come."""
    try:
        data, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
    except OSError:
        return False
    if not data:
        return False
    with suppress(OSError):  # Without a keeper the socket closes, which trainwreck sees.
        keepers.add(_fork_keeper(descriptors[0], watched))
    for number in descriptors:
        os.close(number)
    return True


def _fork_keeper(orders: int, watched: list[int]) -> int:
    """Return the process id of a new keeper, which gets its orders from a socket."""
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        requests, reading, *parent = watched
        os.close(requests)
        os.close(reading)
        keep_trials(socket.socket(fileno=orders), parent[0] if parent else -1)
        status = 0
    finally:
        os._exit(status)


def _clear(reading: int, keepers: set[int], groups: set[int]) -> None:
    """Forget every process that has ended, and end those that a killed keeper has left.

    Args:
        reading: The pipe that wakes this process.
        keepers: The keepers that run.
        groups: The keepers whose control groups are still there.

    """
    drain(reading)
    for pid, _ in processes.reap():
        keepers.discard(pid)
    for pid in processes.children():
        if pid not in keepers:
            processes.kill(pid)
    groups.difference_update([pid for pid in groups - keepers if cgroups.remove(pid)])
