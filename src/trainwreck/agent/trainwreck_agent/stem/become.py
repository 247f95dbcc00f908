"""Makes of a forked child the full run of another order."""

import json
import os
import sys

from trainwreck_agent import PROTOCOL
from trainwreck_agent.events import NO_LINK
from trainwreck_agent.stem.safety import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from trainwreck_agent.guest import Guest
    from trainwreck_agent.protocol import Order

_open, _close, _dup2, _lseek, _fstat = os.open, os.close, os.dup2, os.lseek, os.fstat
_get_inheritable = os.get_inheritable
_getpid = os.getpid
_setsid = getattr(os, "setsid", None)
MAKING = os.O_CREAT | os.O_EXCL | os.O_TRUNC | NO_LINK
"""Flags that count only where a name is opened: an open file is reached through a link."""


class NotPossible(Exception):
    """The child cannot be the run of its order."""


def read_order(path: str) -> "Order":
    """Return the order at a path. OSError, ValueError or NotPossible."""
    with os.fdopen(_open(path, os.O_RDONLY | NO_LINK), encoding="utf-8") as file:
        order: "Order" = json.load(file)
    if order.get("protocol") != PROTOCOL:
        raise NotPossible("protocol %r is not %r" % (order.get("protocol"), PROTOCOL))
    return order


def become(guest: "Guest", order: "Order", answer: "dict[str, Any]", parent: int) -> None:
    """Make a forked child the run of an order, whose events begin with the stem's.

    Args:
        guest: The guest of the stem, as the child has it.
        order: The order of a cold run.
        answer: What trainwreck said: ``output`` and ``errors`` are paths.
        parent: The process id of the stem.
    """
    if _setsid is not None:
        _setsid()
    reopen_files(guest.own_descriptors())
    replace_output(answer["output"], answer["errors"], guest.own_descriptors())
    guest.go_on_as(order)
    _correct_process_ids(parent)


def reopen_files(apart_from: "Container[int]" = ()) -> None:
    """Give every regular file a position of its own, where the stem's is now."""
    for descriptor in descriptors(apart_from):
        if not descriptor.is_regular:
            continue
        number = descriptor.number
        again = _open("/proc/self/fd/%d" % number, descriptor.flags & ~MAKING)
        before, after = _fstat(number), _fstat(again)
        if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
            raise NotPossible("%s is another file now" % descriptor.name)
        _lseek(again, descriptor.position, os.SEEK_SET)
        _dup2(again, number, _get_inheritable(number))
        _close(again)


def replace_output(output: str, errors: "str | None", apart_from: "Container[int]" = ()) -> None:
    """Send what the program prints to other pipes, through all of its descriptors for them."""
    inodes = {_fstat(2).st_ino: errors or output}
    inodes[_fstat(1).st_ino] = output
    found = descriptors(apart_from)
    writing = os.O_WRONLY | os.O_APPEND | NO_LINK
    opened = {path: _open(path, writing) for path in set(inodes.values())}
    for descriptor in found:
        path = inodes.get(descriptor.inode, "")
        if path and not (descriptor.is_regular and descriptor.number > 2):
            _dup2(opened[path], descriptor.number, _get_inheritable(descriptor.number))
    for pipe in opened.values():
        _close(pipe)


def _correct_process_ids(parent: int) -> None:
    """Replace the stem's process id where Python's library keeps it."""
    util = sys.modules.get("multiprocessing.util")
    for finalizer in list(getattr(util, "_finalizer_registry", {}).values()):
        if getattr(finalizer, "_pid", None) == parent:
            finalizer._pid = _getpid()
    thread = getattr(sys.modules.get("threading"), "_main_thread", None)
    if thread is not None and getattr(thread, "_native_id", None) == parent:
        thread._native_id = _getpid()
