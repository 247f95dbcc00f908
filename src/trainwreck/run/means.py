"""Finds by trying what this machine gives to contain trials."""

import errno
import sys
from functools import cache
from pathlib import Path

from trainwreck.errors import Paused
from trainwreck.model import Ending, Level, Means
from trainwreck.run.child import run_child
from trainwreck.run.containment import Containment
from trainwreck.run.keeper import landlock
from trainwreck.run.keeper.system import IS_LINUX
from trainwreck.run.limits import Limits
from trainwreck.run.private_views import TEMPORARY
from trainwreck.run.program_start import ProgramStart
from trainwreck.temporary import temporary_folder

TRIAL = "open('own/new', 'w'); open('view/new', 'w'); print('inside')"
"""A program that writes where it may, and to its private view of a folder."""
NO_ROOM = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""Errors that say nothing of what this machine allows, only of what it has left."""
OUTSIDE = "open('outside', 'w')"


@cache
def strict_means() -> tuple[Means | None, str]:
    """Return what makes a strict level on this machine; or None, with the reason.

    It is tried once for each process of trainwreck, by a program that writes within and outside.

    Raises Paused where the machine has no room to try it: a weaker level would hold for good.
    """
    if not IS_LINUX:
        return None, f"{sys.platform} has neither mounts of one's own nor Landlock"
    reasons = []
    for means in Means:
        reason = _failure_of(means)
        if not reason:
            return means, ""
        reasons.append(f"{means}: {reason}")
    return None, "; ".join(reasons)


def _failure_of(means: Means) -> str:
    """Return why trials cannot be contained by some means, empty where they can."""
    if means is Means.LANDLOCK and not landlock.version():
        return "this kernel has no Landlock"
    with temporary_folder() as place:
        folder = place.resolve()
        own, view = folder / "own", folder / "view"
        own.mkdir()
        view.mkdir()
        is_mounted = means is Means.MOUNTS
        plan = Containment(
            Level.STRICT,
            means,
            writable=(own, Path("/dev/null"), *(() if is_mounted else (view,))),
            private=((view, own / "private" / "view"),) if is_mounted else (),
            needed=(folder, *_own_interpreter()),
            temporary=own,
            network=not is_mounted,
        )
        try:
            ended, output = _run(TRIAL, folder, plan)
            escaped, _ = _run(OUTSIDE, folder, plan)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise _paused(error.strerror or str(error)) from error
            return error.strerror or str(error)
        if ended != 0 or b"inside" not in output:
            return "a program within could not write its own folders"
        is_closed = escaped != 0 and not (folder / "outside").exists()
        has_view = not is_mounted or not (view / "new").exists()
        return "" if is_closed and has_view else "a program could write outside of its folders"


def _paused(reason: str) -> Paused:
    return Paused(
        f"it cannot be tried now what keeps runs from your files: {reason}",
        "Run the same command again when this machine has room for it.",
    )


def _own_interpreter() -> list[Path]:
    """Return the folders of this process's interpreter that a trial's own ``/tmp`` would hide."""
    folders = sorted({Path(sys.prefix), Path(sys.base_prefix)})
    return [path for path in folders if any(map(path.is_relative_to, TEMPORARY))]


def _run(code: str, folder: Path, plan: Containment) -> tuple[int, bytes]:
    output = bytearray()
    start = ProgramStart(
        [sys.executable, "-I", "-S", "-c", code],
        folder,
        {},
        Limits(seconds=20.0, cpu_seconds=20.0, memory=1 << 30),
        f"TRAINWRECK_ORDER={folder}",
        plan,
    )
    ended = run_child(start, output.extend, lambda _pid: False, lambda: False)
    if ended.exit.ending not in (Ending.EXITED, Ending.SIGNAL):
        raise _paused(ended.reason or str(ended.exit))
    return ended.exit.code, bytes(output)
