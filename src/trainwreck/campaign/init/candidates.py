"""Finds the programs of a folder, for somebody who names none."""

import re
from collections.abc import Iterator
from pathlib import Path

from trainwreck.errors import UsageError

GUARD = re.compile(r"""^if\s+__name__\s*==\s*['"]__main__['"]""", re.MULTILINE)
NOT_PROGRAMS = re.compile(r"(?:test_.*|.*_test|setup|conftest|noxfile|tasks|conf|__init__)\.py")
FIRST = ("train.py", "main.py", "run.py")
MAIN = "__main__.py"
LARGEST = 1 << 20
MOST = 50
SHOWN = 8


def find_program(folder: Path) -> tuple[str, ...]:
    """Return the command of the only program of a folder. Raises UsageError for none or several."""
    found = list(candidates(folder))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(" ".join(words) for words in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise UsageError(
            f"there are {len(found)} programs in {folder}: {names}{more}",
            f"Name one, with its arguments: `trainwreck init python {' '.join(found[0])}`.",
        )
    notebook = next(iter(sorted(folder.glob("*.ipynb"))), None)
    if notebook is not None:
        raise UsageError(
            f"there is no Python program in {folder}, but the notebook {notebook.name}",
            f"Run `jupyter nbconvert --to script {notebook.name}`, then `trainwreck init` again.",
        )
    raise UsageError(
        f"there is no Python program in {folder}",
        "Change to the folder of your program, or name it: `trainwreck init python train.py`.",
    )


def candidates(folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield the commands of the programs of a folder, the likely ones first."""
    files = [path for path in sorted(folder.glob("*.py"))[:MOST] if _may_run(path)]
    guarded = [path for path in files if path.name in FIRST or GUARD.search(_text(path))]
    packages = [
        path.parent.name
        for path in sorted(folder.glob(f"*/{MAIN}"))
        if path.parent.name.isidentifier()
    ]
    if not guarded and not packages:
        guarded = files
    for path in sorted(guarded, key=_rank):
        yield (path.name,)
    for name in packages:
        yield ("-m", name)


def _may_run(path: Path) -> bool:
    return path.is_file() and not NOT_PROGRAMS.fullmatch(path.name)


def _rank(path: Path) -> tuple[int, str]:
    if path.name in FIRST:
        return FIRST.index(path.name), path.name
    return len(FIRST) + ("train" not in path.name), path.name


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LARGEST).decode("utf-8", "replace")
