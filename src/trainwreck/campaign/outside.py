"""Finds what clean runs wrote outside of their folder, and what they reached."""

import filecmp
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from trainwreck.campaign.checks import OutsideFiles
from trainwreck.campaign.untouched import EXPECTED
from trainwreck.model import Level, WrittenFolder
from trainwreck.run.agent_events import NETWORK
from trainwreck.run.context import RunContext
from trainwreck.run.home import user_home
from trainwreck.run.private_views import inputs_of, name_of_view, view_folders
from trainwreck.run.reached import Reached, reached_of
from trainwreck.store.campaign_file import CampaignFile

GROUPED = (".cache", ".config", ".local")
"""Folders of a home whose own folders are named one by one."""


def written_outside(context: RunContext, file: CampaignFile) -> OutsideFiles:
    """Return what the first clean run wrote outside of its folder, by folder.

    At level ``none`` these are the files that trials share and that clean runs changed.
    """
    if context.policy.level is Level.NONE:
        paths = (path.rstrip(os.sep) for path in file.meta(EXPECTED) or ())
        return OutsideFiles(tuple(WrittenFolder(path, 1) for path in paths), shared=True)
    folders: dict[str, WrittenFolder] = {}
    for layer, folder in _layers(context).items():
        for path in _files(layer):
            place = path.relative_to(layer)
            if not _is_copy(path, folder / place):
                name = str(folder / _group(place))
                size, is_new = path.stat().st_size, not (folder / place).exists()
                folders[name] = folders.get(name, WrittenFolder(name)).with_file(size, is_new)
    return OutsideFiles(tuple(folders[name] for name in sorted(folders)))


def reached(file: CampaignFile) -> Reached:
    """Return what the first clean run connected to; nothing where later runs can do so, too."""
    return next(map(reached_of, file.observations(NETWORK).values()), Reached())


def _layers(context: RunContext) -> Mapping[Path, Path]:
    """Return the folders that keep what the first clean run wrote, each with what it stands for."""
    if context.policy.has_own_home:
        return {context.fetched: user_home() or Path("~")}
    views = [*view_folders(context, os.environ), *inputs_of(context)]
    return {context.fetched / name_of_view(view): view for view in views}


def _files(layer: Path) -> Iterator[Path]:
    for top, _, names in os.walk(layer):
        paths = (Path(top, name) for name in names)
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _is_copy(path: Path, original: Path) -> bool:
    """Return whether a file of a home is only the copy that the run began with."""
    try:
        return filecmp.cmp(path, original, shallow=False)
    except OSError:
        return False


def _group(path: Path) -> Path:
    """Return the part of a path that names it to people: ``.cache/torch``."""
    parts = path.parts[:-1]
    return Path(*parts[: 2 if parts and parts[0] in GROUPED else 1])
