"""Mounts: everything read-only, but for what is the trial's own."""

import ctypes
import os
import shutil
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.run.keeper.system import call, system_call

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTRIBUTES = struct.Struct("4Q")
"""The argument of ``mount_setattr``: what to set, what to clear, propagation, a user namespace."""
TEMPORARY = (Path("/tmp"), Path("/var/tmp"))
SHARED = Path("/dev/shm")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
MADE_HERE = (SHARED, Path("/dev/pts"), *(Path("/dev", name) for name in DEVICE_LINKS))
OF_THE_SYSTEM = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
"""Entries of ``/proc`` by which an administrator changes the whole machine."""


def mount_all(plan: dict[str, Any], with_users: bool) -> list[tuple[int, Path]]:
    """Mount what the program sees, in this process's namespace of mounts.

    Args:
        plan: The plan of the containment.
        with_users: Whether this process is in a namespace of users of its own.

    Returns:
        For each private folder whose changes are in memory, a descriptor of the folder of the
        changes, with the upper folder to which they belong.

    Raises:
        OSError: Something cannot be mounted.

    """
    _mount(None, "/", None, REC | PRIVATE)
    writable = sorted(path for path in plan["writable"] if not _is_in_dev(Path(path)))
    for path in filter(os.path.exists, writable):
        _mount(path, path, None, BIND)
    _mount("tmpfs", str(SHARED), "tmpfs", NOSUID | NODEV, "mode=0700")
    # Opened first: below a new mount, the old path would lead to something else.
    opened = _Opened(plan)
    set_read_only("/", AT_RECURSIVE)
    for path in opened.writable:
        set_writable(path)
    in_memory: list[tuple[int, Path]] = []
    steps = [
        *((path, _overlay_step(opened, in_memory, with_users)) for path in opened.private),
        *((folder, opened.bind_temporary) for folder in opened.temporary),
        *((Path(path), _hide) for path in plan["hidden"]),
        *((path, opened.bind_read_only) for path in opened.needed),
        *((path, opened.bind_writable) for path in opened.writable),
    ]
    # Outer folders first; among equal ones the last step of the list above holds.
    for place, step in sorted(steps, key=lambda item: len(item[0].parts)):
        step(place)
    mount_devices(opened.devices)
    if not plan["network"]:
        _name_hosts(plan["hostname"])
    opened.close()
    return in_memory


@dataclass(frozen=True)
class _Private:
    """A folder that the trial changes only for itself, with the folder of the changes.

    ``lower``, ``changes`` and ``work`` are descriptors of the folders of an overlay; of those to
    read, the first one covers the next.
    """

    upper: Path
    lower: tuple[int, ...]
    changes: int
    work: int

    @classmethod
    def open(cls, folders: list[Path], upper: Path) -> "_Private":
        """Open the folders of an overlay; those for the changes are created."""
        work = upper.with_name(upper.name + ".work")
        upper.mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
        layers = tuple(_apart(layer) for layer in folders[:-1] if any(layer.iterdir()))
        return cls(upper, (*layers, _open(folders[-1])), _open(upper), _open(work))

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Return all descriptors."""
        return (*self.lower, self.changes, self.work)


class _Opened:
    """Descriptors of all that is mounted from, opened before anything covers it."""

    def __init__(self, plan: dict[str, Any]) -> None:
        existing = [Path(path) for path in plan["writable"] if os.path.lexists(path)]
        self.writable = {p: _open(p) for p in existing if not _is_in_dev(p)}
        self.devices = {p: _open(p) for p in existing if _is_in_dev(p)}
        private = [(Path(folder), Path(upper)) for folder, upper in plan["private"]]
        layers: dict[Path, list[Path]] = {}
        for folder, layer in plan["layers"]:
            layers.setdefault(Path(folder), []).append(Path(layer))
        self.private = {
            folder: _Private.open([*layers.get(folder, ()), folder], upper)
            for folder, upper in private
            if folder.is_dir()
        }
        self.temporary = {
            folder: _open(Path(plan["tmp"]))
            for folder in TEMPORARY
            if plan["tmp"] and folder.is_dir() and not folder.is_symlink()
        }
        needed = [Path(path) for path in plan["needed"] if os.path.lexists(path)]
        self.links = {p: p.readlink() for p in needed if p.is_symlink()}
        self.needed = {p: _open(p) for p in needed}

    def bind_writable(self, path: Path) -> None:
        """Bind a path that can be written over itself where another mount has covered it."""
        _make_place(path, self.writable[path])
        _bind(self.writable[path], path)

    def bind_read_only(self, path: Path) -> None:
        """Bind a path over itself where another mount has covered it."""
        if path in self.links:
            if not os.path.lexists(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(self.links[path])
        elif path not in self.writable:
            _make_place(path, self.needed[path])
            _bind(self.needed[path], path, REC)

    def bind_temporary(self, path: Path) -> None:
        """Bind the trial's temporary folder over one of the system's."""
        _bind(self.temporary[path], path)

    def close(self) -> None:
        """Close all descriptors."""
        private = [n for p in self.private.values() for n in p.descriptors]
        others = [self.writable, self.devices, self.temporary, self.needed]
        for number in [*private, *(number for group in others for number in group.values())]:
            os.close(number)


def set_read_only(path: str, flags: int = 0) -> None:
    """Make a mount read-only, or with ``AT_RECURSIVE`` all mounts below too."""
    try:
        _set_attributes(path, RDONLY, 0, flags)
    except OSError:  # Before kernel 5.12.
        for mounted in _mounted() if flags else [path]:
            with suppress(FileNotFoundError, PermissionError):
                _mount(None, mounted, None, REMOUNT | BIND | RDONLY | _flags_of(mounted))


def set_writable(path: Path) -> None:
    """Let a mount be written."""
    try:
        _set_attributes(str(path), 0, RDONLY, 0)
    except OSError:
        _mount(None, str(path), None, REMOUNT | BIND | _flags_of(str(path)) & ~RDONLY)


def mount_processes(is_administrator: bool) -> None:
    """Show the processes of the own namespace in ``/proc``; called by its first process."""
    try:
        _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    except OSError:
        # Where parts of `/proc` are covered, as in a container, no new one is allowed.
        return
    if not is_administrator:
        return
    for name in OF_THE_SYSTEM:
        with suppress(OSError):
            path = Path("/proc") / name
            _mount(str(path), str(path), None, BIND)
            set_read_only(str(path))


def mount_devices(devices: dict[Path, int]) -> None:
    """Mount a folder of devices that has only the harmless and the given ones."""
    usual = [Path("/dev") / name for name in DEVICES]
    opened = {path: _open(path) for path in usual if path.exists() and path not in devices}
    terminals = _open(Path("/dev/pts")) if Path("/dev/pts").is_dir() else -1
    _mount("tmpfs", "/dev", "tmpfs", NOSUID | NOEXEC, "mode=0755,size=65536k")
    for path, number in {**opened, **devices}.items():
        if path not in MADE_HERE:
            _make_place(path, number)
            _bind(number, path, REC)
    for number in opened.values():
        os.close(number)
    for name, target in DEVICE_LINKS.items():
        Path("/dev", name).symlink_to(target)
    pts = Path("/dev/pts")
    SHARED.mkdir(mode=0o1777, exist_ok=True)
    pts.mkdir()
    _mount("tmpfs", str(SHARED), "tmpfs", NOSUID | NODEV, "mode=1777")
    try:
        _mount("devpts", str(pts), "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    except OSError:
        if terminals >= 0:
            _bind(terminals, pts)
    if terminals >= 0:
        os.close(terminals)
    set_read_only("/dev")


def copy_written(descriptor: int, upper: Path) -> None:
    """Copy changes that are in memory to their upper folder."""
    with suppress(OSError, shutil.Error):
        shutil.copytree(f"/proc/self/fd/{descriptor}", upper, symlinks=True, dirs_exist_ok=True)


def _overlay_step(opened: _Opened, in_memory: list[tuple[int, Path]], with_users: bool) -> Any:
    """Return the step that mounts an overlay over a private folder."""

    def mount_overlay(folder: Path) -> None:
        private = opened.private[folder]
        _make_place(folder, private.lower[-1])
        try:
            _mount_overlay(private.lower, private.changes, private.work, folder, with_users)
        except OSError:
            # An upper folder below the lower one, or on a file system that cannot hold it.
            changes, work = _folders_in_memory()
            in_memory.append((changes, private.upper))
            _mount_overlay(private.lower, changes, work, folder, with_users)
            os.close(work)

    return mount_overlay


def _mount_overlay(
    lower: tuple[int, ...], changes: int, work: int, folder: Path, with_users: bool
) -> None:
    names = {"lowerdir": lower, "upperdir": (changes,), "workdir": (work,)}
    paths = {name: [f"/proc/self/fd/{n}" for n in numbers] for name, numbers in names.items()}
    folders = ",".join(f"{name}={':'.join(each)}" for name, each in paths.items())
    own = "userxattr" if with_users else "index=off,metacopy=off"
    _mount("overlay", str(folder), "overlay", NOSUID | NODEV, f"{folders},{own}")


def _folders_in_memory() -> tuple[int, int]:
    """Return descriptors of two new folders in memory, for changes and for the overlay's work."""
    changes, work = _new_folder(), _new_folder()
    return os.open(changes, os.O_RDONLY | os.O_DIRECTORY), _open(work)


def _apart(layer: Path) -> int:
    """Return a descriptor of a view of a layer, which the kernel takes for another file system.

    It refuses an overlay one of whose layers lies within another one.
    """
    view, source, empty = _new_folder(), _open(layer), _open(_new_folder())
    options = f"lowerdir=/proc/self/fd/{source}:/proc/self/fd/{empty}"
    _mount("overlay", str(view), "overlay", RDONLY | NOSUID | NODEV, options)
    os.close(source)
    os.close(empty)
    return _open(view)


def _new_folder() -> Path:
    """Create a folder in memory that the program does not see: `mount_devices` covers it."""
    folder = SHARED / str(len(list(SHARED.iterdir())))
    folder.mkdir()
    return folder


def _hide(path: Path) -> None:
    """Show an empty folder, or an empty file, in the place of a path."""
    if path.is_dir() and not path.is_symlink():
        _mount("tmpfs", str(path), "tmpfs", RDONLY | NOSUID | NODEV, "mode=0555,size=4k")
    elif path.exists():
        _mount("/dev/null", str(path.resolve()), None, BIND)


def _name_hosts(host: str) -> None:
    """Let the names of this machine mean the trial's own loopback."""
    hosts = Path("/etc/hosts")
    if not hosts.exists():
        return
    names = f"localhost {host}".strip()
    text = f"127.0.0.1 {names}\n::1 localhost ip6-localhost ip6-loopback\n"
    file = SHARED / "hosts"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    _mount(str(file), str(hosts.resolve()), None, BIND)
    file.unlink()
    set_read_only(str(hosts.resolve()))


def _is_in_dev(path: Path) -> bool:
    return path.is_relative_to("/dev")


def _open(path: Path) -> int:
    return os.open(path, os.O_PATH)


def _make_place(path: Path, source: int) -> None:
    """Create what to mount on, where a new mount has hidden it."""
    if os.path.lexists(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(os.fstat(source).st_mode):
        path.mkdir()
    else:
        path.touch()


def _bind(source: int, path: Path, flags: int = 0) -> None:
    _mount(f"/proc/self/fd/{source}", str(path), None, BIND | flags)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    texts = [None if t is None else os.fsencode(t) for t in (source, target, kind, options)]
    try:
        call("mount", texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), target) from None


def _set_attributes(path: str, added: int, cleared: int, flags: int) -> None:
    attributes = ATTRIBUTES.pack(added, cleared, 0, 0)
    system_call(
        "mount_setattr",
        ctypes.c_int(AT_FDCWD),
        os.fsencode(path),
        ctypes.c_uint(flags),
        ctypes.create_string_buffer(attributes, ATTRIBUTES.size),
        ctypes.c_size_t(ATTRIBUTES.size),
    )


def _mounted() -> Sequence[str]:
    """Return all places where something is mounted."""
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    return [
        os.fsdecode(line.split(b" ")[4].decode("unicode_escape").encode("latin-1"))
        for line in lines
    ]


def _flags_of(path: str) -> int:
    """Return the flags that a mount keeps when it is mounted again."""
    flags = os.statvfs(path).f_flag
    atime = ((os.ST_NOATIME, 1 << 10), (os.ST_NODIRATIME, 1 << 11), (os.ST_RELATIME, 1 << 21))
    plain = flags & (RDONLY | NOSUID | NODEV | NOEXEC)
    return plain | sum(mount for status, mount in atime if flags & status)
