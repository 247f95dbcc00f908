"""Mounts: everything read-only, but for what is the trial's own."""

import ctypes
import os
import shutil
import stat
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from trainwreck.run.keeper.system import call, system_call

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT = 1, 2, 4, 8, 32
BIND, MOVE, REC, PRIVATE = 1 << 12, 1 << 13, 1 << 14, 1 << 18
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTRIBUTES = struct.Struct("4Q")
"""The argument of ``mount_setattr``: what to set, what to clear, propagation, a user namespace."""
TEMPORARY = ("/tmp", "/var/tmp")
SHARED = "/dev/shm"
TERMINALS = "/dev/pts"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
MADE_HERE = (SHARED, TERMINALS, *(f"/dev/{name}" for name in DEVICE_LINKS))
OF_THE_SYSTEM = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
"""Entries of ``/proc`` by which an administrator changes the whole machine."""
HOSTS = "/etc/hosts"

InMemory = tuple[int, str]
"""A descriptor of a folder of changes that are in memory, with the upper folder of these."""


class Mounts:
    """The file system as the program of one trial sees it.

    All that can be decided or made outside is decided and made here, by the keeper. Paths are
    plain texts, as these steps are most of what the walls of a trial cost.

    The steps mount private folders, which the trial changes only for itself, temporary ones,
    hide paths, and show again what is needed or written below these.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        existing = sorted({path for path in plan["writable"] if os.path.lexists(path)})
        self._writable = [path for path in existing if not _is_in_dev(path)]
        usual = [path for name in DEVICES if os.path.exists(path := f"/dev/{name}")]
        devices = dict.fromkeys((*usual, *filter(_is_in_dev, existing)))
        self._devices = [path for path in devices if path not in MADE_HERE]
        layers: dict[str, list[str]] = {}
        for folder, layer in plan["layers"]:
            layers.setdefault(folder, []).append(layer)
        self._private = {
            folder: _Private.made([*layers.get(folder, ()), folder], upper)
            for folder, upper in plan["private"]
            if os.path.isdir(folder)
        }
        self._own_temporary = plan["tmp"]
        self._temporary = [path for path in TEMPORARY if plan["tmp"] and _is_own_folder(path)]
        here = [path for path in plan["needed"] if os.path.lexists(path)]
        needed = [path for path in here if path not in self._writable]
        self._links = {path: os.readlink(path) for path in needed if os.path.islink(path)}
        self._steps = self._in_order(plan["hidden"], needed)
        own = [plan["tmp"]] if self._temporary else []
        self._to_open = [*self._writable, *(p for p in needed if p not in self._links), *own]
        has_hosts = not plan["network"] and os.path.exists(HOSTS)
        self._hosts = os.path.realpath(HOSTS) if has_hosts else ""
        self._names = _names_of_hosts(plan["hostname"])

    def mount_all(self, with_users: bool) -> list[InMemory]:
        """Mount all, in this process's namespace of mounts; return what is in memory.

        Args:
            with_users: Whether this process is in a namespace of users of its own.

        Raises:
            OSError: Something cannot be mounted.

        """
        _mount(None, "/", None, REC | PRIVATE)
        for path in self._writable:
            _mount(path, path, None, BIND)
        # Opened first: below a new mount, the old path would lead to something else.
        opened = {path: _open(path) for path in self._to_open}
        views = _Memory()
        overlays = {folder: _Overlay(each, views) for folder, each in self._private.items()}
        set_read_only("/", AT_RECURSIVE)
        for path in self._writable:
            set_writable(path)
        in_memory = self._mount_in_order(opened, overlays, with_users)
        mount_devices(self._devices)
        if self._hosts:
            _name_hosts(self._hosts, self._names)
        for number in opened.values():
            os.close(number)
        return in_memory

    def _mount_in_order(
        self, opened: dict[str, int], overlays: dict[str, "_Overlay"], with_users: bool
    ) -> list[InMemory]:
        in_memory: list[InMemory] = []
        changes = _Memory()
        for path, kind in self._steps:
            if kind == "private":
                in_memory += overlays[path].mount(path, changes, with_users)
            elif kind == "temporary":
                _bind(opened[self._own_temporary], path)
            elif kind == "hidden":
                _hide(path)
            elif kind == "link":
                self._make_link(path)
            else:
                _make_place(path, opened[path])
                _bind(opened[path], path, REC if kind == "needed" else 0)
        return in_memory

    def _in_order(self, hidden: Iterable[str], needed: Iterable[str]) -> list[tuple[str, str]]:
        """Return what to mount where: outer folders first, and of equal ones the last holds.

        What can be written is bound over itself again where another one covers it.
        """
        covering = [
            *((path, "private") for path in self._private),
            *((path, "temporary") for path in self._temporary),
            *((path, "hidden") for path in hidden),
            *((path, "link" if path in self._links else "needed") for path in needed),
        ]
        covers = [f"{path.rstrip('/')}/" for path, _ in covering]
        covered = [p for p in self._writable if any(f"{p}/".startswith(c) for c in covers)]
        steps = [*covering, *((path, "writable") for path in covered)]
        return sorted(steps, key=lambda step: step[0].rstrip("/").count("/"))

    def _make_link(self, path: str) -> None:
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(self._links[path], path)


@dataclass(frozen=True, slots=True)
class _Private:
    """The folders of an overlay; of those to read (``lower``), the first one covers the next."""

    lower: tuple[str, ...]
    upper: str
    work: str

    @classmethod
    def made(cls, folders: list[str], upper: str) -> "_Private":
        """Return the overlay of folders to read; those for the changes are created."""
        work = f"{upper}.work"
        os.makedirs(upper, exist_ok=True)
        os.makedirs(work, exist_ok=True)
        layers = [layer for layer in folders[:-1] if os.listdir(layer)]
        return cls((*layers, folders[-1]), upper, work)


class _Memory:
    """A file system in memory that the program does not see: `mount_devices` covers it."""

    def __init__(self) -> None:
        self._number = 0

    def new_folder(self) -> str:
        """Create a folder; the file system is mounted for the first one."""
        if not self._number:
            _mount("tmpfs", SHARED, "tmpfs", NOSUID | NODEV, "mode=0700")
        self._number += 1
        folder = f"{SHARED}/{self._number}"
        os.mkdir(folder)
        return folder

    def apart(self, layer: str) -> int:
        """Return a descriptor of a view of a layer, which is another file system for the kernel.

        It refuses an overlay one of whose layers lies within another one.
        """
        view, source, empty = self.new_folder(), _open(layer), _open(self.new_folder())
        options = f"lowerdir=/proc/self/fd/{source}:/proc/self/fd/{empty}"
        _mount("overlay", view, "overlay", RDONLY | NOSUID | NODEV, options)
        os.close(source)
        os.close(empty)
        return _open(view)


class _Overlay:
    """An overlay with descriptors of its folders, opened before anything covers them."""

    def __init__(self, private: _Private, views: _Memory) -> None:
        self._upper = private.upper
        self._lower = [*map(views.apart, private.lower[:-1]), _open(private.lower[-1])]
        self._changes, self._work = _open(private.upper), _open(private.work)

    def mount(self, folder: str, memory: _Memory, with_users: bool) -> list[InMemory]:
        """Mount the overlay over its folder; return what is in memory of it."""
        _make_place(folder, self._lower[-1])
        in_memory: list[InMemory] = []
        try:
            self._mount(folder, self._changes, self._work, with_users)
        except OSError:
            # An upper folder below the lower one, or on a file system that cannot hold it.
            in_memory = [(_open_folder(memory.new_folder()), self._upper)]
            work = _open(memory.new_folder())
            self._mount(folder, in_memory[0][0], work, with_users)
            os.close(work)
        for number in (*self._lower, self._changes, self._work):
            os.close(number)
        return in_memory

    def _mount(self, folder: str, changes: int, work: int, with_users: bool) -> None:
        lower = ":".join([f"/proc/self/fd/{number}" for number in self._lower])
        own = "userxattr" if with_users else "index=off,metacopy=off"
        upper = f"upperdir=/proc/self/fd/{changes},workdir=/proc/self/fd/{work}"
        _mount("overlay", folder, "overlay", NOSUID | NODEV, f"lowerdir={lower},{upper},{own}")


def set_read_only(path: str, flags: int = 0) -> None:
    """Make a mount read-only, or with ``AT_RECURSIVE`` all mounts below too."""
    try:
        _set_attributes(path, RDONLY, 0, flags)
    except OSError:  # Before kernel 5.12.
        for mounted in _mounted() if flags else [path]:
            with suppress(FileNotFoundError, PermissionError):
                _mount(None, mounted, None, REMOUNT | BIND | RDONLY | _flags_of(mounted))


def set_writable(path: str) -> None:
    """Let a mount be written."""
    try:
        _set_attributes(path, 0, RDONLY, 0)
    except OSError:
        _mount(None, path, None, REMOUNT | BIND | _flags_of(path) & ~RDONLY)


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
        path = f"/proc/{name}"
        if os.path.exists(path):
            with suppress(OSError):
                _mount(path, path, None, BIND)
                set_read_only(path)


def mount_devices(devices: Iterable[str]) -> None:
    """Mount a folder of devices that has only the given ones.

    It gets its place last, so that the devices can be bound from there until then.
    """
    _mount("tmpfs", SHARED, "tmpfs", NOSUID | NOEXEC, "mode=0755,size=65536k")
    for path in devices:
        place = f"{SHARED}{path.removeprefix('/dev')}"
        _make_place_like(path, place)
        _mount(path, place, None, BIND | REC)
    for name, target in DEVICE_LINKS.items():
        os.symlink(target, f"{SHARED}/{name}")
    for name in ("shm", "pts"):
        os.mkdir(f"{SHARED}/{name}")
    _mount("tmpfs", f"{SHARED}/shm", "tmpfs", NOSUID | NODEV, "mode=1777")
    _mount_terminals(f"{SHARED}/pts")
    set_read_only(SHARED)
    _mount(SHARED, "/dev", None, MOVE)


def _mount_terminals(place: str) -> None:
    try:
        _mount("devpts", place, "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    except OSError:
        if os.path.isdir(TERMINALS):
            _mount(TERMINALS, place, None, BIND)


def copy_written(descriptor: int, upper: str) -> None:
    """Copy changes that are in memory to their upper folder."""
    with suppress(OSError, shutil.Error):
        shutil.copytree(f"/proc/self/fd/{descriptor}", upper, symlinks=True, dirs_exist_ok=True)


def _hide(path: str) -> None:
    """Show an empty folder, or an empty file, in the place of a path."""
    if _is_own_folder(path):
        _mount("tmpfs", path, "tmpfs", RDONLY | NOSUID | NODEV, "mode=0555,size=4k")
    elif os.path.exists(path):
        _mount("/dev/null", os.path.realpath(path), None, BIND)


def _names_of_hosts(host: str) -> bytes:
    """Return a list of hosts in which the names of this machine mean the trial's own loopback."""
    names = f"localhost {host}".strip()
    return f"127.0.0.1 {names}\n::1 localhost ip6-localhost ip6-loopback\n".encode()


def _name_hosts(hosts: str, names: bytes) -> None:
    file = f"{SHARED}/hosts"
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.fchmod(number, 0o644)
        os.write(number, names)
    finally:
        os.close(number)
    _mount(file, hosts, None, BIND)
    os.unlink(file)
    set_read_only(hosts)


def _is_in_dev(path: str) -> bool:
    return path == "/dev" or path.startswith("/dev/")


def _is_own_folder(path: str) -> bool:
    """Return whether a path is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _open(path: str) -> int:
    return os.open(path, os.O_PATH)


def _open_folder(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def _make_place(path: str, source: int) -> None:
    """Create what to mount on, where a new mount has hidden it."""
    if not os.path.lexists(path):
        _make_like(os.fstat(source).st_mode, path)


def _make_place_like(source: str, path: str) -> None:
    _make_like(os.stat(source).st_mode, path)


def _make_like(mode: int, path: str) -> None:
    """Create an empty folder or file, for what has a mode, with the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if stat.S_ISDIR(mode):
        os.mkdir(path)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))


def _bind(source: int, path: str, flags: int = 0) -> None:
    _mount(f"/proc/self/fd/{source}", path, None, BIND | flags)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    texts = [None if t is None else os.fsencode(t) for t in (source, target, kind, options)]
    try:
        call("mount", texts[0], texts[1], texts[2], flags, texts[3])
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), target) from None


def _set_attributes(path: str, added: int, cleared: int, flags: int) -> None:
    attributes = ATTRIBUTES.pack(added, cleared, 0, 0)
    system_call(
        "mount_setattr",
        ctypes.c_int(AT_FDCWD),
        os.fsencode(path),
        ctypes.c_uint(flags),
        attributes,
        ctypes.c_size_t(ATTRIBUTES.size),
    )


def _mounted() -> Sequence[str]:
    """Return all places where something is mounted."""
    with open("/proc/self/mountinfo", "rb") as file:
        lines = file.read().splitlines()
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
