"""Records the hosts and services that this process connects to.

Only the first clean run is asked for this: it may use the network, and later runs may not.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST = 50
LONGEST = 300
CONNECT, LOOK_UP = "socket.connect", ("socket.getaddrinfo", "socket.gethostbyname")
INTERNET = ("AF_INET", "AF_INET6")


class Network:
    """The addresses that this process has connected to, and the names that it looked up.

    The interpreter reports both since Python 3.8 (PEP 578). The program cannot see who listens.
    """

    def __init__(self, write: "Callable[..., None]") -> None:
        """Listen, with a function that writes one event."""
        self._write = write
        self._names: "set[str]" = set()
        if hasattr(sys, "addaudithook"):
            sys.addaudithook(self._note)

    def _note(self, event: str, arguments: "tuple[Any, ...]") -> None:
        try:
            if event == CONNECT:
                self._connected(*arguments)
            elif event in LOOK_UP and arguments[0]:
                self._report("looked up", _text(arguments[0]))
        except Exception:
            # What is raised here would reach the program.
            pass

    def _connected(self, connection: "Any", address: "Any") -> None:
        family = connection.family.name
        if family in INTERNET:
            self._report("connected", [_text(address[0]), int(address[1])])
        elif family == "AF_UNIX":
            self._report("connected", _text(address))

    def _report(self, what: str, value: "Any") -> None:
        name = "%s %s" % (what, value)
        if name not in self._names and len(self._names) < MOST:
            self._names.add(name)
            self._write("observation", name=name, value=value)


def _text(value: "Any") -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text[:LONGEST]
