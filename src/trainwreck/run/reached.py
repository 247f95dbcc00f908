"""Reads what the first clean run connected to, and whether it is a service of this machine."""

import ipaddress
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from trainwreck.run.agent_events import NETWORK
from trainwreck.run.private_views import services

CONNECTED, LOOKED_UP = "connected ", "looked up "
"""The beginnings of the names of the agent's observations."""
MOST = 50
LISTENING = "0A"
"""The state of a socket that waits for connections (``proc_pid_net(5)``)."""
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


@dataclass(frozen=True, slots=True)
class Reached:
    """The other ends of a run's connections.

    ``hosts`` are the names of other machines, or their addresses where the run looked up no name.
    ``services`` are of this machine: addresses with ports, and paths of sockets.
    """

    hosts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


def with_reached(observed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the observations of a run that has ended, with its connections as one of them."""
    ends = [value for name, value in observed.items() if name.startswith(CONNECTED)]
    names = [value for name, value in observed.items() if name.startswith(LOOKED_UP)]
    kept = {
        name: value
        for name, value in observed.items()
        if not name.startswith((CONNECTED, LOOKED_UP))
    }
    return {**kept, NETWORK: asdict(_reached(ends, names))} if ends else kept


def reached_of(stored: Mapping[str, Any]) -> Reached:
    """Return what an observation holds."""
    return Reached(tuple(stored.get("hosts", ())), tuple(stored.get("services", ())))


def _reached(ends: Sequence[Any], names: Sequence[Any]) -> Reached:
    """Sort connections by the machine at their other end.

    A service of this machine outlives the run, and what the program has started itself does not.
    """
    addresses = {(host, port) for host, port in filter(_is_address, ends)}
    local = {(host, port) for host, port in addresses if _is_here(host)}
    others = {host for host, _ in addresses - local}
    hosts = {name for name in names if isinstance(name, str) and not _is_here(name)}
    listening = _listening() if local else set()
    found = [_shown(host, port) for host, port in sorted(local) if port in listening]
    if sockets := {end for end in ends if isinstance(end, str)}:
        found += sorted(sockets & {str(path) for path in services(is_online=False)})
    shown = sorted(hosts or others) if others else []
    return Reached(tuple(shown[:MOST]), tuple(found[:MOST]))


def _is_address(end: Any) -> bool:
    """Return whether this is a host and a port; a program may have forged it."""
    return isinstance(end, list) and [type(part) for part in end] == [str, int]


def _is_here(host: str) -> bool:
    """Return whether an address or a name is one of this machine."""
    if host in ("", "localhost", socket.gethostname()) or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        return address.is_loopback or address.is_unspecified or host in _own_addresses()
    return False


def _own_addresses() -> set[str]:
    return {item.address for items in psutil.net_if_addrs().values() for item in items}


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _listening() -> set[int]:
    """Return the ports of this machine at which somebody waits for connections."""
    return {port for table in TABLES for port in _ports(table)}


def _ports(table: Path) -> Iterator[int]:
    with suppress(OSError):
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == LISTENING:
                yield int(local.rpartition(":")[2], 16)
