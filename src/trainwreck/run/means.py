"""Finds what makes a strict level of containment on this machine, by trying it."""

import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from trainwreck.model import Level, Means
from trainwreck.run.child import run_child
from trainwreck.run.containment import Containment
from trainwreck.run.limits import Limits

SECONDS = 30.0
MEMORY = 1 << 30
TRY = "import os, sys; [open(os.path.join(folder, 'new'), 'w').close() for folder in sys.argv[1:]]"
"""A program that writes a file into each of the folders that its arguments name."""


@cache
def strict_means() -> tuple[Means | None, str]:
    """Return what makes a strict level on this machine; or None, with the reason."""
    problem = try_mounts()
    return (None, problem) if problem else (Means.MOUNTS, "")


def try_mounts() -> str:
    """Run a small program that writes to a private view; return why that fails, or nothing."""
    with TemporaryDirectory(prefix="trainwreck-") as name:
        folder = Path(name).resolve()
        view, own = folder / "view", folder / "own"
        for made in (view, own, own / "upper", own / "tmp"):
            made.mkdir()
        plan = Containment(
            Level.STRICT,
            Means.MOUNTS,
            writable=(own, Path("/dev/null")),
            private=((view, own / "upper"),),
            temporary=own / "tmp",
        )
        said = bytearray()
        try:
            ended = run_child(
                [sys.executable, "-I", "-S", "-c", TRY, str(view), str(own), "/tmp"],
                own,
                {},
                Limits(SECONDS, SECONDS, MEMORY),
                said.extend,
                lambda _: False,
                lambda: False,
                f"TRAINWRECK_ORDER={own}",
                containment=plan,
            )
        except OSError as error:
            return f"{error.strerror or error}".lower()
        if not ended.exit.fine:
            last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            return f"a program in private views ended by {ended.exit}: {''.join(last)}"
        return "" if not (view / "new").exists() else "a private view was written through"
