"""The agent: a guest in the process under study. PROTOCOL.md beside this package describes it."""

PROTOCOL = 3
REFUSED = 86
"""The exit status of a process in which the agent cannot do what the order asks for."""


def load() -> None:
    """Import what the agent needs of Python, before the program can hide any of it."""
    from trainwreck_agent import copied, guest, line_coverage, metric_lines  # noqa: F401


def boot(order_path: str) -> None:
    """Start the agent by an order file, unless that file is gone."""
    from trainwreck_agent.copied import search_copy
    from trainwreck_agent.guest import Guest

    guest = Guest.from_order(order_path)
    if guest is not None:
        copied = guest.order.get("copied")
        if copied:
            search_copy(copied[0], copied[1])
        guest.settle()


def give_way(imported: "set[str]") -> None:
    """Let the program import its own modules under the names of some that the agent imported."""
    from trainwreck_agent import guest, shadows

    if guest.current is not None:
        shadows.give_way(sorted(imported), guest.current.entry)
