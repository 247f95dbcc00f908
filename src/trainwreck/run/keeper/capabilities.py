"""Capabilities: the single rights that make up an administrator."""

import ctypes
import struct
from contextlib import suppress

from trainwreck.run.keeper.system import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    control_process,
    drop_from_bounding_set,
    system_call,
)

SYS_ADMIN = 21
KEPT = frozenset(
    {
        "chown": 0,
        "dac_override": 1,
        "fowner": 3,
        "fsetid": 4,
        "kill": 5,
        "setgid": 6,
        "setuid": 7,
        "net_bind_service": 10,
        "ipc_lock": 14,
        "ipc_owner": 15,
        "sys_nice": 23,
    }.values()
)
"""The rights of an administrator's program over its own files and processes, by number."""
DROPPED = tuple(number for number in range(64) if number not in KEPT)
VERSION_3 = 0x20080522
HEADER = struct.Struct("Ii")
SETS = struct.Struct("6I")


def has_capability(number: int) -> bool:
    """Return whether this process has a capability."""
    with suppress(OSError):
        effective, _, _ = _read()
        return bool(effective >> number & 1)
    return False


def few_capabilities(*, has_all: bool) -> bytes:
    """Return the sets of capabilities in ``KEPT`` that a process has.

    Args:
        has_all: Whether it has all of them, as the first one in a namespace of users; otherwise
            it has those of this process.

    """
    mask = sum(1 << number for number in KEPT)
    effective, permitted, inheritable = (mask, mask, 0) if has_all else _read()
    words = [word & mask for word in (effective, permitted, inheritable)]
    return SETS.pack(*(word & 0xFFFFFFFF for word in words), *(word >> 32 for word in words))


def keep_capabilities(sets: bytes) -> None:
    """Give up all capabilities but those of `few_capabilities`, for good. Raises OSError."""
    control_process(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    drop_from_bounding_set(DROPPED)
    system_call("capset", HEADER.pack(VERSION_3, 0), sets)


def _read() -> tuple[int, int, int]:
    """Return the effective, permitted and inheritable capabilities as bits."""
    header = ctypes.create_string_buffer(HEADER.pack(VERSION_3, 0))
    data = ctypes.create_string_buffer(SETS.size)
    system_call("capget", header, data)
    words = SETS.unpack(data.raw[: SETS.size])
    effective, permitted, inheritable = (words[i] | words[i + 3] << 32 for i in range(3))
    return effective, permitted, inheritable
