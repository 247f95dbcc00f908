"""Makes of a forked child the full run of another order."""

import json
import os
import sys

from trainwreck_agent import PROTOCOL
from trainwreck_agent.events import NO_LINK
from trainwreck_agent.stem.safety import WRITING, Descriptor, descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from trainwreck_agent.guest import Guest
    from trainwreck_agent.protocol import Order

_open, _close, _dup2, _lseek, _fstat = os.open, os.close, os.dup2, os.lseek, os.fstat
_open_file = open
_get_inheritable, _unlink = os.get_inheritable, os.unlink
_getpid = os.getpid
_setsid = getattr(os, "setsid", None)
MAKING = os.O_CREAT | os.O_EXCL | os.O_TRUNC | NO_LINK
"""Flags that count only where a name is opened: an open file is reached through a link."""
KEPT = WRITING | os.O_APPEND
"""Flags of an unlinked file that its copy has."""


class NotPossible(Exception):
    """The child cannot be the run of its order."""


def read_order(path: str) -> "Order":
    """Return the order at a path. OSError, ValueError or NotPossible."""
    with os.fdopen(_open(path, os.O_RDONLY | NO_LINK), encoding="utf-8") as file:
        order: "Order" = json.load(file)
    if order.get("protocol") != PROTOCOL:
        raise NotPossible("protocol %r is not %r" % (order.get("protocol"), PROTOCOL))
    return order


def become(
    guest: "Guest",
    order: "Order",
    answer: "dict[str, Any]",
    parent: int,
    outputs: "tuple[int, int]",
) -> None:
    """Make a forked child the run of an order, whose events begin with the stem's.

    Args:
        guest: The guest of the stem, as the child has it.
        order: The order of a cold run.
        answer: What trainwreck said: ``output`` and ``errors`` are paths.
        parent: The process id of the stem.
        outputs: The inodes of the stem's output and of its errors.
    """
    if _setsid is not None:
        _setsid()
    reopen_files(guest.own_descriptors())
    replace_output(answer["output"], answer["errors"], outputs, guest.own_descriptors())
    guest.go_on_as(order)
    _correct_process_ids(parent)


def reopen_files(apart_from: "Container[int]" = ()) -> None:
    """Give every regular file a position of its own, where the stem's is now.

    Stem and child would read what the other writes to a file without a name, so the child gets a
    copy. Descriptors that share their position, as `dup` makes them, go on to share one.
    """
    groups: "list[list[Descriptor]]" = []
    regular = [descriptor for descriptor in descriptors(apart_from) if descriptor.is_regular]
    for descriptor in regular:
        twins = [group for group in groups if _share_position(group[0], descriptor)]
        if twins:
            twins[0].append(descriptor)
        else:
            groups.append([descriptor])
    written = {descriptor.file for descriptor in regular if descriptor.is_unlinked}
    copies: "dict[tuple[int, int], str]" = {}
    for group in groups:
        is_written = group[0].file in written
        again = _copied(group[0], copies) if is_written else _reopened(group[0])
        _lseek(again, group[0].position, os.SEEK_SET)
        for descriptor in group:
            _dup2(again, descriptor.number, _get_inheritable(descriptor.number))
        if again not in [descriptor.number for descriptor in group]:
            _close(again)
    for path in copies.values():
        _unlink(path)


def _share_position(one: "Descriptor", other: "Descriptor") -> bool:
    """Return whether two descriptors of a file have one position: where one moves, both do."""
    if (one.file, one.position) != (other.file, other.position):
        return False
    _lseek(one.number, one.position + 1, os.SEEK_SET)
    moved = _lseek(other.number, 0, os.SEEK_CUR) == one.position + 1
    _lseek(one.number, one.position, os.SEEK_SET)
    return moved


def _reopened(descriptor: "Descriptor") -> int:
    number = descriptor.number
    again = _open("/proc/self/fd/%d" % number, descriptor.flags & ~MAKING)
    before, after = _fstat(number), _fstat(again)
    if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
        raise NotPossible("%s is another file now" % descriptor.name)
    return again


def _copied(descriptor: "Descriptor", copies: "dict[tuple[int, int], str]") -> int:
    """Open the copy of an unlinked file; ``copies`` has those that were made, by their files."""
    if descriptor.file not in copies:
        folder = os.path.dirname(descriptor.name)
        path = os.path.join(folder, ".trainwreck-%d-%d" % (_getpid(), descriptor.number))
        with _open_file("/proc/self/fd/%d" % descriptor.number, "rb") as file:
            content = file.read()
        made = _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600)
        copies[descriptor.file] = path
        with os.fdopen(made, "wb") as copy:
            copy.write(content)
    return _open(copies[descriptor.file], descriptor.flags & KEPT | NO_LINK)


def replace_output(
    output: str,
    errors: "str | None",
    outputs: "tuple[int, int]",
    apart_from: "Container[int]" = (),
) -> None:
    """Send what the program prints to other pipes, through all of its descriptors for them."""
    paths = {outputs[1]: errors or output}
    paths[outputs[0]] = output
    found = descriptors(apart_from)
    writing = os.O_WRONLY | os.O_APPEND | NO_LINK
    opened = {path: _open(path, writing) for path in set(paths.values())}
    for descriptor in found:
        path = paths.get(descriptor.inode, "")
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
