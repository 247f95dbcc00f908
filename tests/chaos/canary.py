"""A tree of canaries: all that a user has on a machine, small, and compared before and after."""

import hashlib
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ZOO = Path(__file__).parents[1] / "zoo_hostile"
MARK = ".canary"
FILES = 250
LARGE = 4 << 20
OURS = ("campaign", "cache", "records")
"""Folders below the tree that trainwreck itself writes to."""
STRAYS = ("/tmp/{}-hostile", "/var/tmp/{}-hostile", "/dev/shm/{}")
"""The files that programs of the zoo may leave in places that all users share."""
SETTINGS = """env = {{ PYTHONPATH = "{library}" }}
"""


@dataclass(frozen=True, slots=True)
class State:
    """All that can be changed of one file, folder or link, but the time of its last reading."""

    kind: int
    mode: int
    owner: tuple[int, int]
    size: int
    changed: int
    attributes: tuple[str, ...]
    content: str


Snapshot = Mapping[str, State]


@dataclass(frozen=True, slots=True)
class Canary:
    """A tree with documents, a home, a library and a program; all that may be harmed by a test.

    ``program`` is the subject's folder. ``campaign`` and ``cache`` are trainwreck's own.
    """

    root: Path

    @property
    def program(self) -> Path:
        """Return the folder of the program."""
        return self.root / "program"

    @property
    def campaign(self) -> Path:
        """Return the folder of the campaign."""
        return self.root / "campaign"

    @property
    def token(self) -> str:
        """Return a name that files and command lines of this test's programs carry."""
        return self.root.name

    def environment(self) -> dict[str, str]:
        """Return the environment of commands: a home, a cache and secrets of the tree's own."""
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "COVERAGE_PROCESS_START")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        return {
            **own,
            "CANARY": str(self.root),
            "CANARY_PIDS": name_space(),
            "HOME": str(self.root / "home"),
            "TRAINWRECK_CACHE": str(self.root / "cache"),
            "CANARY_TOKEN": "s3cret-token-of-the-canary",
            "AWS_SECRET_ACCESS_KEY": "s3cret-key-of-the-canary",
            "WANDB_API_KEY": "s3cret-wandb-of-the-canary",
        }

    def snapshot(self) -> dict[str, State]:
        """Return the state of every path below the tree, but for trainwreck's own folders."""
        found = {}
        for path in self._paths(self.root):
            with suppress(FileNotFoundError):
                found[str(path.relative_to(self.root))] = state_of(path)
        return found

    def _paths(self, folder: Path) -> Iterator[Path]:
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name in OURS and folder == self.root:
                continue
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from self._paths(Path(entry.path))

    def strays(self) -> list[Path]:
        """Return what programs have left in places that all users share."""
        paths = [Path(stray.format(self.token)) for stray in STRAYS]
        return [path for path in paths if path.exists()]

    def sweep(self) -> None:
        """Remove what programs have left in shared places, and end their processes."""
        for stray in self.strays():
            stray.unlink(missing_ok=True)
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()

    def processes(self) -> list[psutil.Process]:
        """Return the processes that belong to this tree, by environment or by command line."""
        mark = str(self.root)
        found = []
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            with suppress(psutil.Error, OSError):
                by_name = self.token in process.cmdline()
                if by_name or process.environ().get("CANARY") == mark:
                    found.append(process)
        return found


def name_space() -> str:
    """Return the process name space of this process, as programs can read it."""
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    return ""


def make_canary(folder: Path, settings: str = "") -> Canary:
    """Make a tree with a program of the hostile zoo.

    Args:
        folder: Where to make it, under a name that nothing else has.
        settings: Lines that are added to the section ``[trials]`` of the program's settings.

    """
    root = folder.resolve() / f"canary-{secrets.token_hex(8)}"
    root.mkdir(parents=True)
    canary = Canary(root)
    for name in OURS:
        (root / name).mkdir()
    (root / MARK).touch()
    for name in ("program", "library"):
        shutil.copytree(ZOO / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    _write_documents(root)
    _write_data(canary)
    file = canary.program / "trainwreck.toml"
    place = SETTINGS.format(library=root / "library")
    text = file.read_text().replace("[subject]\n", "[subject]\n" + place)
    file.write_text(text + settings)
    return canary


def _write_documents(root: Path) -> None:
    (root / "documents").mkdir()
    (root / "documents" / "thesis.txt").write_text("ten years of work\n" * 100)
    (root / "documents" / "notes.txt").write_text("notes\n")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = root / "home" / ".local" / "lib" / version / "site-packages"
    for folder in (site, root / "home" / ".cache" / "hub", root / "home" / ".ssh"):
        folder.mkdir(parents=True)
    (site / "of_the_user.py").write_text("VALUE = 1\n")
    (root / "home" / ".cache" / "hub" / "weights.bin").write_bytes(b"w" * 1000)
    (root / "home" / ".ssh" / "id").write_text("key\n")
    (root / "home" / ".profile").write_text("export A=1\n")


def _write_data(canary: Canary) -> None:
    (canary.program / "letters.bin").write_bytes(b"letters!" * (LARGE // 8))
    for folder in (canary.program / "data", canary.root / "elsewhere"):
        folder.mkdir()
        for number in range(FILES if folder.name == "data" else 3):
            (folder / f"{number}.txt").write_text(f"row {number}\n")
    (canary.program / "linked").symlink_to(canary.root / "elsewhere")


def state_of(path: Path) -> State:
    """Return the state of a path, which is not followed where it is a link."""
    facts = path.lstat()
    kind = stat.S_IFMT(facts.st_mode)
    content = ""
    if stat.S_ISREG(facts.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    elif stat.S_ISLNK(facts.st_mode):
        content = str(path.readlink())
    attributes: tuple[str, ...] = ()
    with suppress(OSError):
        attributes = tuple(sorted(os.listxattr(path, follow_symlinks=False)))
    return State(
        kind,
        stat.S_IMODE(facts.st_mode),
        (facts.st_uid, facts.st_gid),
        0 if stat.S_ISDIR(facts.st_mode) else facts.st_size,
        facts.st_mtime_ns,
        attributes,
        content,
    )


def harm(before: Snapshot, after: Snapshot) -> list[str]:
    """Return one line for each path that is gone, new, or not as it was."""
    lines = [f"{path}: gone" for path in before if path not in after]
    lines += [f"{path}: new" for path in after if path not in before]
    for path, state in before.items():
        now = after.get(path, state)
        lines += [
            f"{path}: {name}"
            for name in State.__dataclass_fields__
            if getattr(state, name) != getattr(now, name)
        ]
    return lines
