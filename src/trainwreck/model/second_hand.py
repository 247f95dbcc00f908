"""Exceptions that a process raises because another one has failed: they name no cause."""

from collections.abc import Iterable

ECHOES = frozenset(
    ["CalledProcessError", "ChildFailedError", "ProcessRaisedException", "ProcessExitedException"]
)
"""Exceptions of a process because one that it started has failed."""
PEER_ERRORS = frozenset(
    [
        "ConnectionError",
        "ConnectionResetError",
        "ConnectionRefusedError",
        "ConnectionAbortedError",
        "BrokenPipeError",
        "EOFError",
        "TimeoutError",
        "DistBackendError",
        "DistNetworkError",
    ]
)
"""Exceptions of a process because one that it talks to has gone."""
PEER_MESSAGES = ("closed by peer", "reset by peer", "Connection refused")


def is_echo(types: Iterable[str]) -> bool:
    """Return whether exceptions of one chain say that a started process has failed."""
    return not ECHOES.isdisjoint(types)


def is_exit_code(type_: str, message: str) -> bool:
    """Return whether an exception ends a process with a number, which a launcher may pass on."""
    return type_ == "SystemExit" and message.lstrip("-").isdigit()


def is_of_peer(type_: str, message: str) -> bool:
    """Return whether an exception says that a process that this one talked to has gone."""
    return type_ in PEER_ERRORS or any(text in message for text in PEER_MESSAGES)
