"""Namespaces: what a trial sees of mounts, processes, network, and shared memory."""

import fcntl
import os
import socket
import struct
from dataclasses import dataclass

from trainwreck.run.keeper.capabilities import SYS_ADMIN, has_capability
from trainwreck.run.keeper.system import PR_SET_DUMPABLE, control_process

NEWNS = 0x00020000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 1
INTERFACE = struct.Struct("16sH14x")


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The new namespaces of one trial.

    ``network`` leaves the machine's network reachable. ``users`` are the ids of user
    and group in a namespace of users of its own. The administrator needs none, and without one
    all owners keep their names; then it is None.
    """

    network: bool
    users: tuple[int, int] | None

    @classmethod
    def of_trial(cls, *, network: bool) -> "Namespaces":
        """Return the namespaces that this process can make."""
        needs_users = not has_capability(SYS_ADMIN)
        return cls(network, (os.geteuid(), os.getegid()) if needs_users else None)

    @property
    def flags(self) -> int:
        """Return the flags by which a process is forked into them."""
        network, users = 0 if self.network else NEWNET, NEWUSER if self.users else 0
        return NEWNS | NEWPID | NEWIPC | network | users

    def settle(self) -> None:
        """Make this process, the first one within, at home there. Raises OSError."""
        if self.users:
            user, group = self.users
            control_process(PR_SET_DUMPABLE, 1)  # Otherwise these files are the administrator's.
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{user} {user} 1")
            _write("/proc/self/gid_map", f"{group} {group} 1")
        if not self.network:
            _start_loopback()


def _write(path: str, text: str) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, text.encode("ascii"))
    finally:
        os.close(number)


def _start_loopback() -> None:
    """Let programs of the trial reach one another by 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = INTERFACE.pack(b"lo", 0)
        _, flags = INTERFACE.unpack(fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, INTERFACE.pack(b"lo", flags | IFF_UP))
