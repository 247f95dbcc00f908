"""Gives nodes of a Ray cluster the folders that they lack, through its object store.

A node that mounts the folders of the driver uses these. On any other one, the program's folder and
the campaign's are made at the same paths, with a mark that they are copies. What clean runs keep
there for all later runs goes to the driver, and from there to all copies. At the end the copies go.
"""

import fcntl
import io
import json
import tarfile
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.model import content_id
from trainwreck.run.removal import remove_tree
from trainwreck.run.scratch import copy_subject
from trainwreck.source import hash_of
from trainwreck.temporary import temporary_folder

MARK = ".trainwreck-copy"
"""The file that marks a folder as a copy; copies of a program's folder leave it out."""
FILES, IN_USE = "files", "in use"
"""Key of the version of a program's files in its mark, and the value of each campaign there."""
MOST_BYTES = 1 << 30
"""The largest program's folder that is sent; driver and workers hold it in memory."""
END_SECONDS = 60.0
"""The time for a node to remove its copies."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a folder, as a tar file; ``version`` is a hash of names, kinds and contents."""

    version: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of the program, and what clean runs have kept in the campaign, for a node.

    ``kept`` has None for folders that are not there.
    """

    program: Path
    files: Archive
    campaign: Path
    kept: Mapping[Path, Archive | None]


@dataclass
class Folders:
    """The folders of the driver, and the nodes that have copies of them.

    Attributes:
        program: The folder of the program.
        campaign: The folder of the campaign.
        kept: Folders in that of the campaign, in which clean runs keep what later runs begin with.
        nodes: The ids of the nodes that have copies.

    """

    program: Path
    campaign: Path
    kept: tuple[Path, ...]
    nodes: set[str] = field(default_factory=set)
    _files: Archive | None = None
    _sent: tuple[list[tuple[int, int]], Any] | None = None

    def claim(self) -> None:
        """Take the folders here for originals, also where they were copies for another driver."""
        for folder in (self.program, self.campaign):
            (folder / MARK).unlink(missing_ok=True)

    def reference(self) -> Any:
        """Return a reference to the folders as they are now, in Ray's object store.

        Raises:
            UsageError: The program's folder is too large.

        """
        import ray

        state = [_state(folder) for folder in self.kept]
        if self._sent is None or self._sent[0] != state:
            self._files = self._files or _program(self.program, self.campaign)
            kept = {path: packed(path) if path.is_dir() else None for path in self.kept}
            bundle = Bundle(self.program, self._files, self.campaign, kept)
            self._sent = state, ray.put(bundle)
        return self._sent[1]

    def take(self, made: Mapping[Path, Archive]) -> None:
        """Keep here what a run on a node has kept, unless another one did."""
        for folder, archive in made.items():
            if not folder.exists():
                unpack(archive, folder)

    def remove_copies(self, living: Collection[str]) -> None:
        """Remove the copies on those of the nodes that are still there."""
        import ray

        nodes = self.nodes.intersection(living)
        removed = [
            on_node(remove_copies, node).remote(self.program, self.campaign) for node in nodes
        ]
        # A node that ends meanwhile keeps them, and a later command there brings them up to date.
        if removed:
            ray.wait(removed, num_returns=len(removed), timeout=END_SECONDS)


def on_node(function: Any, node: str) -> Any:
    """Return a function as a task on one node, which needs nothing and is not repeated."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    strategy = NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(function).options(num_cpus=0, max_retries=0, scheduling_strategy=strategy)


def lacks(program: Path, campaign: Path) -> bool:
    """Return whether this machine has not both folders, or only copies of an earlier command."""
    return any(_may_write(folder) for folder in (program, campaign))


def bring(bundle: Bundle) -> None:
    """Make the folders that this machine lacks, and bring earlier copies up to date.

    Raises:
        OSError: They cannot be made here.

    """
    with _alone(bundle.program):
        if _may_write(bundle.program):
            _bring_program(bundle)
        if not _may_write(bundle.campaign):
            return
        bundle.campaign.mkdir(parents=True, exist_ok=True)
        versions = _versions(bundle.campaign)
        wanted = {path.name: archive.version for path, archive in bundle.kept.items() if archive}
        for folder, archive in bundle.kept.items():
            if archive is None:
                remove_tree(folder)
            elif versions.get(folder.name) != archive.version:
                unpack(archive, folder)
        if versions != wanted or not (bundle.campaign / MARK).exists():
            _mark(bundle.campaign, wanted)


def _bring_program(bundle: Bundle) -> None:
    """Bring the copy of the program up to date, and note in its mark which campaigns use it."""
    noted = _versions(bundle.program)
    wanted = {**noted, FILES: bundle.files.version, str(bundle.campaign): IN_USE}
    if noted.get(FILES) != bundle.files.version:
        unpack(bundle.files, bundle.program)
    if noted != wanted:
        _mark(bundle.program, wanted)


def made_here(bundle: Bundle) -> dict[Path, Archive]:
    """Return what a run on this machine has kept, where the driver cannot see it."""
    with _alone(bundle.program):
        if not (bundle.campaign / MARK).exists():
            return {}
        versions = _versions(bundle.campaign)
        new = [path for path in bundle.kept if path.is_dir() and path.name not in versions]
        made = {path: packed(path) for path in new}
        if made:
            found = {path.name: archive.version for path, archive in made.items()}
            _mark(bundle.campaign, {**versions, **found})
    return made


def remove_copies(program: Path, campaign: Path) -> None:
    """Remove the folders on this machine that are copies, unless another campaign uses one."""
    with _alone(program):
        if (campaign / MARK).exists():
            remove_tree(campaign)
        if not (program / MARK).exists():
            return
        noted = _versions(program)
        noted.pop(str(campaign), None)
        if noted.keys() <= {FILES}:
            remove_tree(program)
        else:
            _mark(program, noted)


def packed(folder: Path) -> Archive:
    """Return the files, folders and links of a folder; what else it holds is left out."""
    content, parts = io.BytesIO(), []
    with tarfile.open(fileobj=content, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_symlink():
                parts += [name, "link", str(path.readlink())]
            elif path.is_dir():
                parts += [name, "folder", ""]
            elif path.is_file():
                parts += [name, "file", hash_of(path.read_bytes())]
            else:
                continue
            tar.add(path, name, recursive=False)
    return Archive(content_id(*parts), content.getvalue())


def unpack(archive: Archive, folder: Path) -> None:
    """Put an archive in the place of a folder, at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".trainwreck-", dir=folder.parent, ignore_cleanup_errors=True
    ) as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
            tar.extraction_filter = lambda member, _: member
            tar.extractall(made)
        remove_tree(folder)
        made.rename(folder)


def _program(program: Path, campaign: Path) -> Archive:
    """Return the files of a program that its runs have copies of, without environments."""
    with temporary_folder() as temporary:
        copy = temporary / program.name
        copy_subject(program, copy, campaign, links=False)
        size = sum(path.lstat().st_size for path in copy.rglob("*"))
        if size > MOST_BYTES:
            raise UsageError(
                f"the program's folder {program} has {size / 1e9:.1f} GB, and nodes of the Ray "
                f"cluster that do not have it get at most {MOST_BYTES / 1e9:.1f} GB",
                "Give all nodes the folder at the same path, or move the data out of it.",
            )
        return packed(copy)


def _state(folder: Path) -> tuple[int, int]:
    """Return what changes where a folder is put in the place of another."""
    with suppress(OSError):
        status = folder.stat()
        return status.st_ino, status.st_mtime_ns
    return 0, 0


def _may_write(folder: Path) -> bool:
    """Return whether a folder is not there, or is a copy."""
    return not folder.exists() or (folder / MARK).exists()


def _versions(copy: Path) -> dict[str, str]:
    """Return the versions of the archives in a copy, by name; none where it is not finished."""
    with suppress(OSError, ValueError):
        return dict(json.loads((copy / MARK).read_text(encoding="utf-8")))
    return {}


def _mark(copy: Path, versions: Mapping[str, str]) -> None:
    (copy / MARK).write_text(json.dumps(versions), encoding="utf-8")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other worker of this machine work on the copies within the block."""
    name = f"trainwreck-copies-{content_id(str(folder))}.lock"
    with (Path(tempfile.gettempdir()) / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
