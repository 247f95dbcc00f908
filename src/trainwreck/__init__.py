"""Plant small bugs in training code and in its libraries, and find out which go unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainwreck.systems import check_system

if TYPE_CHECKING:
    from pathlib import Path

    from trainwreck.campaign.campaign import Campaign
    from trainwreck.campaign.results import Results

__all__ = ["Campaign", "__version__", "open"]
__version__ = "0.1.0"


def open(campaign: str | Path) -> Results:  # noqa: A001 - the name that notebooks use
    """Read all results of a campaign.

    Args:
        campaign: The campaign folder.

    Returns:
        Data frames, tables and figures.

    Raises:
        UsageError: There is no campaign in the folder.
        ImportError: This system is not Linux.

    """
    check_system()
    from trainwreck.campaign.campaign import Campaign

    return Campaign.open(campaign).results()


def __getattr__(name: str) -> Any:
    """Import ``Campaign`` when it is first used: the command line has no need of all it imports."""
    if name == "Campaign":
        check_system()
        from trainwreck.campaign.campaign import Campaign

        return Campaign
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
