"""Namespaces: what a trial sees of mounts, processes, network, and shared memory."""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

from trainwreck.run.keeper.capabilities import SYS_ADMIN, has_capability
from trainwreck.run.keeper.system import call

NEWNS = 0x00020000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 1
INTERFACE = struct.Struct("16sH14x")


def enter_namespaces(network: bool) -> bool:
    """Enter new namespaces; return whether one of them is of users.

    The administrator needs none of users, and without one all owners keep their names.

    Args:
        network: Whether the machine's network stays reachable.

    Raises:
        OSError: This machine does not allow it.

    """
    flags = NEWNS | NEWPID | NEWIPC | (0 if network else NEWNET)
    with_users = not has_capability(SYS_ADMIN)
    user, group = os.geteuid(), os.getegid()
    call("unshare", ctypes.c_int(flags | (NEWUSER if with_users else 0)))
    if with_users:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    if not network:
        _start_loopback()
    return with_users


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")


def _start_loopback() -> None:
    """Let programs of the trial reach one another by 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = INTERFACE.pack(b"lo", 0)
        _, flags = INTERFACE.unpack(fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, INTERFACE.pack(b"lo", flags | IFF_UP))
