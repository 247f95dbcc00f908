"""Finds the files that clean runs write into their folder and that no verdict compares."""

import re
from collections.abc import Iterable
from glob import escape
from pathlib import PurePosixPath

from trainwreck.campaign.checks import OtherFilesFacts
from trainwreck.run.agent_events import OTHER_FILES
from trainwreck.store.campaign_file import CampaignFile

FEW = 3
"""Files of one folder and ending that are named one by one."""
ACCIDENTAL = re.compile(r"[0-9]{5,}|[0-9a-f]{16,}")
"""The parts of names that differ between runs: times, process ids, random names."""


def other_files(file: CampaignFile) -> OtherFilesFacts:
    """Return patterns of the files that clean runs with one seed write and no verdict compares.

    A file that one of these runs does not write, or writes with another content, cannot be
    compared.
    """
    runs = list(file.observations(OTHER_FILES).values())
    names = sorted({name for run in runs for name in run})
    changing = [name for name in names if len({run.get(name) for run in runs}) > 1]
    steady = [name for name in names if name not in changing]
    lasting = dict.fromkeys(ACCIDENTAL.sub("*", escape(name)) for name in changing)
    return OtherFilesFacts(_short(map(escape, steady), map(escape, changing)), _short(lasting, ()))


def _short(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return patterns that match files: one for many of a folder and ending, unless of others."""
    apart = set(map(_kind, others))
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_kind(name), []).append(name)
    return tuple(
        pattern
        for kind, found in groups.items()
        for pattern in (found if len(found) <= FEW or kind in apart else [kind])
    )


def _kind(name: str) -> str:
    """Return the pattern of all files of the same folder and ending."""
    path = PurePosixPath(name)
    return str(path.with_name(f"*{path.suffix}"))
