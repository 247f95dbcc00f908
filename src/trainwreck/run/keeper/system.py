"""Calls of the kernel that Python's `os` does not have."""

import ctypes
import os
import platform
import sys
from typing import Any

IS_LINUX = sys.platform == "linux"

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None

SYSTEM_CALLS = {
    # These have one number on every architecture.
    "open_tree": 428,
    "move_mount": 429,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
} | (
    {"capget": 90, "capset": 91}
    if platform.machine() == "aarch64"
    else {"capget": 125, "capset": 126}
)


def call(function: str, *arguments: Any) -> int:
    """Call a function of the C library; raise OSError where it fails."""
    if _libc is None:
        raise OSError(38, f"{function}: not on this system")
    value = int(getattr(_libc, function)(*arguments))
    if value < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return value


def system_call(name: str, *arguments: Any) -> int:
    """Call the kernel by number; raise OSError where it fails."""
    try:
        return call("syscall", ctypes.c_long(SYSTEM_CALLS[name]), *arguments)
    except OSError as error:
        raise OSError(error.errno, f"{name}: {os.strerror(error.errno or 0)}") from None


def control_process(option: int, value: int = 0) -> None:
    """Set one attribute of this process (``prctl``); without effect on other systems."""
    if IS_LINUX:
        words = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
        call("prctl", ctypes.c_int(option), *words)
