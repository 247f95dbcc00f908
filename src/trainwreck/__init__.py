"""Plants small bugs in training code and in its libraries, and tells what became of each."""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``trainwreck.open(campaign)`` for notebooks, imported when it is first asked for."""
    if name == "open":
        from trainwreck.notebook import open_campaign

        return open_campaign
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
