"""Plans what one trial sees, writes and reaches, from what all trials of the campaign may."""

import os
import socket
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trainwreck.model import Level, Means, content_id
from trainwreck.run.containment import Containment
from trainwreck.run.context import RunContext
from trainwreck.run.variables import FOLDERS_OF_CACHES
from trainwreck.subject.interpreter import AGENT

DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")
GPU_NODES = ("nvidia*", "dri", "kfd", "dxg", "accel", "infiniband")
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))
"""The system's temporary folders, in whose place a trial has its own."""
TEMPORARY_NAMES = tuple(f"{folder}{os.sep}" for folder in TEMPORARY)
SHARED_MEMORY = Path("/dev/shm")
RUNTIME = Path("/run")
"""The folder of the sockets of services."""
SERVICES_DEEP = 3
"""Levels below `RUNTIME` at which sockets are searched for."""
ALWAYS_HIDDEN = ("user", "docker.sock", "containerd", "podman", "crio", "dbus")
"""Services below `RUNTIME` that would start anything for a program, also with the network open."""


@dataclass(frozen=True, slots=True)
class TrialFolders:
    """The folders of one trial: all of them, its temporary one, and the private views' own."""

    whole: Path
    temporary: Path
    private: Path


def plan_of(
    context: RunContext,
    folders: TrialFolders,
    *,
    environment: Mapping[str, str],
    command: Iterable[str],
    is_fetching: bool = False,
) -> Containment:
    """Return what one trial may write and reach.

    Args:
        context: What all trials of the campaign share.
        folders: The folders of this trial.
        environment: The variables of the program.
        command: The words of its command; files that they name stay readable.
        is_fetching: Whether this is the first clean run, which may use the network, and which
            keeps what it wrote for all others.

    """
    policy = context.policy
    if policy.level is not Level.STRICT:
        return Containment(policy.level, network=True)
    if policy.means is not Means.MOUNTS:
        return Containment(
            policy.level,
            Means.LANDLOCK,
            writable=(folders.whole, SHARED_MEMORY, *policy.writable, *devices()),
            network=True,
        )
    views = view_folders(context, environment)
    inputs = inputs_of(context)
    layers = {view: context.fetched / name_of_view(view) for view in views if view not in inputs}
    # Views are mounted anyway, and a part of one would lie over it.
    needed = {
        path
        for path in _needed(context, folders, environment, command) - {folders.whole}
        if not any(path.is_relative_to(view) for view in views)
    }
    network = policy.is_online or is_fetching
    return Containment(
        level=policy.level,
        means=Means.MOUNTS,
        writable=(folders.whole, *gpu_nodes()),
        private=tuple((view, folders.private / name_of_view(view)) for view in views),
        hidden=tuple(sorted(services(is_online=network))),
        needed=tuple(_without_inner(needed)),
        temporary=folders.temporary,
        network=network,
        host=socket.gethostname(),
        kept=is_fetching,
        layers=tuple(pair for pair in layers.items() if pair[1].is_dir()),
    )


def inputs_of(context: RunContext) -> list[Path]:
    """Return what the program reads: its folder, what this links to, and its data."""
    return [context.folder, *context.shared, *([context.data] if context.data else [])]


def set_inputs_apart(context: RunContext, private: Path, environment: Mapping[str, str]) -> None:
    """Keep what a trial wrote to inputs apart from what it wrote to the rest of its views.

    All later runs see the rest, but must begin with the inputs of the first.

    Args:
        context: What all trials of the campaign share.
        private: The folder of what the trial wrote to its views.
        environment: The variables of the program.

    """
    views = view_folders(context, environment)
    pairs = ((view, folder) for view in views for folder in inputs_of(context))
    for view, folder in pairs:
        if folder != view and folder.is_relative_to(view):
            written = private / name_of_view(view) / folder.relative_to(view)
            if written.is_dir():
                written.rename(private / name_of_view(folder))


def name_of_view(folder: Path) -> str:
    """Return the name under which a trial keeps what it writes to a view of a folder."""
    return content_id(str(folder))


def view_folders(context: RunContext, environment: Mapping[str, str]) -> list[Path]:
    """Return the folders that each trial has a private view of, outer ones first.

    They are the home, the folder of the program and what it links to, its data, folders of caches
    that variables name, and what the settings name. A folder within another one is part of its
    view, unless it is on another file system.
    """
    folders = {path if path.is_dir() else path.parent for path in context.shared}
    folders |= {context.folder, *context.policy.writable}
    folders |= {context.data} if context.data else set()
    named = [environment.get(name, "") for name in ("HOME", *FOLDERS_OF_CACHES)]
    folders |= {Path(name).resolve() for name in named if Path(name).is_absolute()}
    roots = {Path("/"), *TEMPORARY}
    usable = sorted(path for path in folders if path.is_dir() and path not in roots)
    inner = [path for path in _mounted_below(usable) if path.is_dir()]
    return _outermost(sorted({*usable, *inner}))


def _outermost(folders: Iterable[Path]) -> list[Path]:
    """Leave out the folders that the view of another one shows: on its own file system."""
    kept: list[tuple[Path, int]] = []
    for folder in folders:
        device = folder.stat().st_dev
        if not any(folder.is_relative_to(outer) and device == there for outer, there in kept):
            kept.append((folder, device))
    return [folder for folder, _ in kept]


def _mounted_below(folders: Collection[Path]) -> Iterator[Path]:
    """Yield the file systems that are mounted below folders; views of these do not show them."""
    above = tuple(f"{folder}{os.sep}" for folder in folders)
    with suppress(OSError):
        mounted = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        yield from (Path(point) for point in _mount_points(mounted) if point.startswith(above))


@lru_cache(maxsize=1)
def _mount_points(mounted: str) -> tuple[str, ...]:
    """Return the places of a text of mounts; they seldom change between two trials."""
    # Blanks and the like are octal in the fifth field (``proc_pid_mountinfo(5)``).
    fields = (line.split()[4] for line in mounted.splitlines())
    return tuple(field.encode().decode("unicode_escape") for field in fields)


def gpu_nodes() -> tuple[Path, ...]:
    """Return the devices of GPUs and of what connects them."""
    folder = Path("/dev")
    return tuple(path for pattern in GPU_NODES for path in sorted(folder.glob(pattern)))


def devices() -> tuple[Path, ...]:
    """Return all devices that any program may write to; private views have the usual ones."""
    usual = (Path("/dev") / name for name in DEVICES)
    return (*(path for path in usual if path.exists()), *gpu_nodes())


def services(*, is_online: bool) -> Iterator[Path]:
    """Yield what leads to services of this machine by the file system.

    Args:
        is_online: Whether services stay reachable that do not start programs themselves.

    """
    yield from (path for path in map(RUNTIME.joinpath, ALWAYS_HIDDEN) if path.exists())
    if not is_online:
        yield from _sockets_below(str(RUNTIME), SERVICES_DEEP)


def _sockets_below(folder: str, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISSOCK(mode):
            yield Path(entry.path)
        elif stat.S_ISDIR(mode) and depth > 1 and entry.name not in ALWAYS_HIDDEN:
            yield from _sockets_below(entry.path, depth - 1)


def _needed(
    context: RunContext,
    folders: TrialFolders,
    environment: Mapping[str, str],
    command: Iterable[str],
) -> set[Path]:
    """Return what the trial reads below the system's temporary folders."""
    values = [part for value in environment.values() for part in value.split(os.pathsep)]
    data = [context.data] if context.data else []
    paths = {
        *(folders.whole, context.folder, AGENT, Path(context.executable), *data),
        *(*context.places, *context.bases.values(), *context.covers, *context.policy.writable),
        *context.shared,
        *(Path(word) for word in (*values, *command) if word.startswith(TEMPORARY_NAMES)),
    }
    return {path for path in paths if _is_temporary(path) and _exists(path)}


def _without_inner(paths: Iterable[Path]) -> list[Path]:
    """Return the paths, outer ones first, that are not below another one of them."""
    kept: list[Path] = []
    for path in sorted(paths):
        if not any(path.is_relative_to(outer) for outer in kept):
            kept.append(path)
    return kept


def _is_temporary(path: Path) -> bool:
    return str(path).startswith(TEMPORARY_NAMES)


def _exists(path: Path) -> bool:
    with suppress(OSError):  # A variable may hold anything, also too long a name.
        return path.exists()
    return False
