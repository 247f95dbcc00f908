"""Campaigns in folders so deep that no socket could be made in them."""

import tempfile
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.run.short_path import forget_short_name, short_name

SETTINGS = """
[subject]
name = "deep"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 1
seeds = 1
clean_timeout = 60
"""
LISTENING = """
import multiprocessing.connection, os, tempfile
folder = tempfile.mkdtemp()
with multiprocessing.connection.Listener(os.path.join(folder, "listener-12345678")):
    print("loss:", 2 - len(os.listdir(folder)))
"""


def test_workers_of_a_program_can_listen_in_a_deep_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ("deep" * 20)
    folder.mkdir()
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(LISTENING)
    monkeypatch.chdir(folder)
    with tempfile.TemporaryDirectory() as links:
        monkeypatch.setattr(tempfile, "tempdir", links)
        assert run(["baseline"]) == 0
        assert "loss: 1.0000" in capsys.readouterr().out
        assert list(Path(links).iterdir()) == []


def test_a_short_path_stays_as_it_is() -> None:
    assert short_name(Path("/a/b")) == Path("/a/b")


def test_a_name_that_somebody_else_took_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20)
    folder.mkdir()
    link = short_name(folder)
    assert link != folder
    assert link.resolve() == folder.resolve()
    assert short_name(folder) == link
    link.unlink()
    link.symlink_to("/")
    assert short_name(folder) == folder
    forget_short_name(folder)
    assert link.is_symlink()
    link.unlink()
