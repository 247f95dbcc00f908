"""Landlock: the kernel lets this process write below some folders only (Linux 5.13)."""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress

from trainwreck.run.keeper.system import PR_SET_NO_NEW_PRIVS, control_process, system_call

VERSION_FLAG = 1
RULE_PATH_BENEATH = 1
RULE = struct.Struct("=Qi")
RIGHTS = {
    "write_file": (1, 1 << 1),
    "remove_dir": (1, 1 << 4),
    "remove_file": (1, 1 << 5),
    "make_char": (1, 1 << 6),
    "make_dir": (1, 1 << 7),
    "make_reg": (1, 1 << 8),
    "make_sock": (1, 1 << 9),
    "make_fifo": (1, 1 << 10),
    "make_block": (1, 1 << 11),
    "make_sym": (1, 1 << 12),
    "refer": (2, 1 << 13),
    "truncate": (3, 1 << 14),
}
"""The rights that change something: the version that has them first, and their bit."""
OF_FILES = RIGHTS["write_file"][1] | RIGHTS["truncate"][1]
SCOPED_SOCKETS_AND_SIGNALS, SCOPES_SINCE = 0b11, 6
"""Abstract sockets and signals: none that leads out of the trial."""


def version() -> int:
    """Return the version of Landlock that this kernel has, 0 for none."""
    with suppress(OSError):
        flag = ctypes.c_uint(VERSION_FLAG)
        return system_call("landlock_create_ruleset", None, ctypes.c_size_t(0), flag)
    return 0


def write_only_below(paths: Iterable[str]) -> None:
    """Let this process, and all that it starts, write to these folders and devices only.

    Modes, owners, times and extended attributes are not covered by Landlock.

    Raises:
        OSError: This kernel has no Landlock.

    """
    has = version()
    handled = sum(bit for since, bit in RIGHTS.values() if since <= has)
    scoped = SCOPED_SOCKETS_AND_SIGNALS if has >= SCOPES_SINCE else 0
    attributes = struct.pack("QQQ", handled, 0, scoped)[: 24 if has >= SCOPES_SINCE else 8]
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    size = ctypes.c_size_t(len(attributes))
    rules = system_call("landlock_create_ruleset", buffer, size, ctypes.c_uint(0))
    try:
        for path in paths:
            with suppress(FileNotFoundError):
                _allow(rules, path, handled)
        control_process(PR_SET_NO_NEW_PRIVS, 1)
        system_call("landlock_restrict_self", ctypes.c_int(rules), ctypes.c_uint(0))
    finally:
        os.close(rules)


def _allow(rules: int, path: str, handled: int) -> None:
    number = os.open(path, os.O_PATH)
    try:
        is_folder = stat.S_ISDIR(os.fstat(number).st_mode)
        rule = RULE.pack(handled if is_folder else handled & OF_FILES, number)
        kind, flags = ctypes.c_int(RULE_PATH_BENEATH), ctypes.c_uint(0)
        buffer = ctypes.create_string_buffer(rule, RULE.size)
        system_call("landlock_add_rule", ctypes.c_int(rules), kind, buffer, flags)
    finally:
        os.close(number)
