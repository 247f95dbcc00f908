"""Lists the files of a program and of its libraries that may be mutated."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trainwreck.model import APP
from trainwreck.store.campaign_file import is_campaign

SKIPPED_FOLDERS = frozenset(
    ["__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"]
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file that may be mutated.

    ``root`` is ``app`` or the import name of a library, ``file`` the POSIX path below it.
    """

    root: str
    file: str
    path: Path

    @property
    def module(self) -> str:
        """Return the dotted name under which the file is imported."""
        parts = PurePosixPath(self.file).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def application_files(folder: Path) -> list[SourceFile]:
    """Return the program's own files: not in hidden folders, environments, caches, campaigns."""
    paths = sorted(_python_files(folder))
    return [SourceFile(APP, path.relative_to(folder).as_posix(), path) for path in paths]


def library_files(target: str, origin: Path) -> list[SourceFile]:
    """Return the files of a library or sub-package such as ``torch.nn``.

    ``origin`` is the folder, or the single file, that the library itself is imported from.
    """
    name, *rest = target.split(".")
    if origin.is_file():
        is_whole = origin.suffix == ".py" and not rest
        return [SourceFile(name, origin.name, origin)] if is_whole else []
    package = origin.joinpath(*rest)
    single = package.with_suffix(".py")
    paths = [single] if rest and single.is_file() else sorted(package.rglob("*.py"))
    return [
        SourceFile(name, path.relative_to(origin.parent).as_posix(), path)
        for path in paths
        if path.is_file()
    ]


def _python_files(folder: Path) -> Iterator[Path]:
    for path in _readable(folder):
        if path.name.startswith(".") or path.name in SKIPPED_FOLDERS:
            continue
        if path.is_dir() and not path.is_symlink():
            if not (path / "pyvenv.cfg").exists() and not is_campaign(path):
                yield from _python_files(path)
        elif path.suffix == ".py" and path.is_file():
            yield path


def _readable(folder: Path) -> list[Path]:
    """Return what a folder holds, without what cannot be read, and names that are no text."""
    paths = folder.iterdir() if os.access(folder, os.R_OK | os.X_OK) else ()
    return [path for path in paths if os.access(path, os.R_OK) and _is_text(path.name)]


def _is_text(name: str) -> bool:
    """Return whether the bytes of a name are UTF-8: a record can hold no other."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
