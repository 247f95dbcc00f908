"""What a program leaves behind outside of Python's variables: files, settings, handlers."""

import atexit
import gc
import hashlib
import os
import signal
import stat
import sys

FOLDERS = ("app", "tmp", "cache")
OWN_SIGNALS = ("SIGUSR1", "SIGUSR2")
OWN_STATUS = ("Umask", "SigPnd", "SigBlk", "SigIgn", "SigCgt", "Uid", "Gid")
"""Of the process alone: SigQ counts the signals of all processes of the same user."""

registered = []


def follow_registrations():
    """Remember what will run at the end of the process; the interpreter tells only how much."""
    register = atexit.register

    def remember_and_register(function, *args, **kwargs):
        registered.append((function, args, kwargs))
        return register(function, *args, **kwargs)

    atexit.register = remember_and_register


def surroundings(folder, planted):
    """Plain values, functions and the like, to be walked with everything else.

    ``folder`` is the trial's; ``planted`` are files whose text the bug itself changes.
    """
    return [_files(folder, planted), os.getcwd(), _python(), _handlers(), registered, _process()]


def _files(folder, planted):
    found = []
    for name in FOLDERS:
        for place, folders, files in os.walk(os.path.join(folder, name)):
            folders.sort()
            for file in sorted(folders + files):
                path = os.path.join(place, file)
                if os.path.realpath(path) not in planted:
                    found.append((os.path.relpath(path, folder), _content(path)))
    return found


def _content(path):
    """Kind and permissions of a file, and what is in it; of a link, where it leads."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return status.st_mode, os.readlink(path)
    if not stat.S_ISREG(status.st_mode):
        return status.st_mode, ""
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            whole.update(part)
    return status.st_mode, whole.hexdigest()


def _python():
    """Settings of the interpreter and of modules that keep them where nobody can look."""
    found = [sys.getrecursionlimit(), sys.getswitchinterval(), gc.isenabled(), gc.get_threshold()]
    found += [sys.gettrace(), sys.getprofile()]
    if "decimal" in sys.modules:
        found.append(repr(sys.modules["decimal"].getcontext()))
    if "locale" in sys.modules:
        locale = sys.modules["locale"]
        found.append(locale.setlocale(locale.LC_ALL, None))
    if "socket" in sys.modules:
        found.append(sys.modules["socket"].getdefaulttimeout())
    return found


def _handlers():
    names = sorted(name for name in dir(signal) if name.startswith("SIG") and name[3] != "_")
    found = []
    for name in names:
        if name not in OWN_SIGNALS:
            try:
                found.append((name, signal.getsignal(getattr(signal, name))))
            except ValueError:
                continue
    return found


def _process():
    """Limits, and what the system tells of file permissions and priorities."""
    import resource

    names = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    found = [(name, resource.getrlimit(getattr(resource, name))) for name in names]
    found.append(os.getpriority(os.PRIO_PROCESS, 0))
    with open("/proc/self/status") as file:
        found += [line.split() for line in file if line.split(":")[0] in OWN_STATUS]
    return found
