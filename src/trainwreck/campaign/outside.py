"""Finds what clean runs wrote outside of their folder, and what they do not get."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from trainwreck.campaign.checks import OutsideFiles, WrittenFolder
from trainwreck.campaign.untouched import EXPECTED
from trainwreck.model import Level
from trainwreck.run.context import RunContext
from trainwreck.run.home import user_home
from trainwreck.run.private_views import inputs_of, name_of_view, view_folders
from trainwreck.store.campaign_file import CampaignFile

GROUPED = (".cache", ".config", ".local")
"""Folders of a home whose own folders are named one by one."""


def written_outside(context: RunContext, file: CampaignFile) -> OutsideFiles:
    """Return what the first clean run wrote outside of its folder, by folder.

    At level ``none`` these are the files that trials share and that clean runs changed.
    """
    if context.policy.level is Level.NONE:
        paths = (path.rstrip(os.sep) for path in file.meta(EXPECTED) or ())
        return OutsideFiles(tuple(WrittenFolder(path, 1, 0) for path in paths), shared=True)
    folders: dict[str, list[int]] = {}
    for layer, folder in _layers(context).items():
        for path in _files(layer):
            name = str(folder / _group(path.relative_to(layer)))
            folders.setdefault(name, []).append(path.lstat().st_size)
    written = (WrittenFolder(name, len(sizes), sum(sizes)) for name, sizes in folders.items())
    return OutsideFiles(tuple(sorted(written, key=lambda item: item.path)))


def _layers(context: RunContext) -> Mapping[Path, Path]:
    """Return the folders that keep what the first clean run wrote, each with what it stands for."""
    if context.policy.has_own_home:
        return {context.fetched: user_home() or Path("~")}
    views = [*view_folders(context, os.environ), *inputs_of(context)]
    return {context.fetched / name_of_view(view): view for view in views}


def _files(layer: Path) -> Iterator[Path]:
    for top, _, names in os.walk(layer):
        yield from (path for name in names if (path := Path(top, name)).is_file())


def _group(path: Path) -> Path:
    """Return the part of a path that names it to people: ``.cache/torch``."""
    parts = path.parts[:-1]
    return Path(*parts[: 2 if parts and parts[0] in GROUPED else 1])
