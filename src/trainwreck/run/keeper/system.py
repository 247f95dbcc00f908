"""Calls of the kernel that Python's `os` does not have."""

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Iterable
from typing import Any

IS_LINUX = sys.platform == "linux"

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None
# Unlike the others, its functions keep Python's lock: a new process has it from its first moment.
_locked = ctypes.PyDLL(None, use_errno=True) if IS_LINUX else None
if _libc is not None:
    # What each trial calls dozens of times takes plain numbers and texts.
    _libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    _libc.mount.argtypes = [*[ctypes.c_char_p] * 3, ctypes.c_ulong, ctypes.c_char_p]

SYSTEM_CALLS = {
    # These have one number on every architecture.
    "open_tree": 428,
    "move_mount": 429,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
} | (
    {"capget": 90, "capset": 91, "clone": 220}
    if platform.machine() == "aarch64"
    else {"capget": 125, "capset": 126, "clone": 56}
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
        call("prctl", option, value, 0, 0, 0)


def drop_from_bounding_set(numbers: Iterable[int]) -> None:
    """Give up capabilities for this process and all that it starts, up to the last one known."""
    if _libc is not None:
        prctl = _libc.prctl
        for number in numbers:
            if prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0:
                return


def fork_into(namespaces: int) -> int:
    """Fork this process into new namespaces; return the process id, 0 in the new process.

    Python's own `os.fork` cannot do that, and with `unshare` it takes two processes, since the
    caller stays outside of a new namespace of processes. What `os.fork` does for other threads is
    left out: this process must have none.

    Args:
        namespaces: The flags of ``clone(2)``.

    Raises:
        OSError: This machine does not allow it.

    """
    if _locked is None or platform.machine() not in ("x86_64", "aarch64"):
        raise OSError(38, "clone: not on this system")
    number, flags = SYSTEM_CALLS["clone"], namespaces | signal.SIGCHLD
    pid = _locked.syscall(*map(ctypes.c_long, (number, flags, 0, 0, 0, 0)))
    if pid < 0:
        raise OSError(ctypes.get_errno(), f"clone: {os.strerror(ctypes.get_errno())}")
    return int(pid)
