"""Copies of the driver's folders on nodes of a Ray cluster, here as two places of one machine."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.engine import ray_folders
from trainwreck.engine.ray_folders import (
    MARK,
    Bundle,
    Folders,
    bring,
    lacks,
    made_here,
    packed,
    remove_copies,
    unpack,
)
from trainwreck.errors import UsageError


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """The program of a driver elsewhere, whose first clean run has kept one file."""
    there = tmp_path / "driver"
    (there / "program").mkdir(parents=True)
    (there / "program" / "train.py").write_text("print(1)\n")
    (there / "fetched").mkdir()
    (there / "fetched" / "weights").write_text("0.5")
    program = tmp_path / "node" / "program"
    campaign = program / ".trainwreck"
    kept = {campaign / "warm": None, campaign / "fetched": packed(there / "fetched")}
    return Bundle(program, packed(there / "program"), campaign, kept)


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MARK
    }


def test_a_machine_without_the_folders_gets_them_and_loses_them(bundle: Bundle) -> None:
    assert lacks(bundle.program, bundle.campaign)
    bring(bundle)
    bring(bundle)
    wanted = {"train.py": "print(1)\n", ".trainwreck/fetched/weights": "0.5"}
    assert files(bundle.program) == wanted
    assert lacks(bundle.program, bundle.campaign), "an earlier copy is brought up to date"
    remove_copies(bundle.program, bundle.campaign)
    assert not bundle.program.exists()


def test_a_program_stays_while_another_campaign_uses_its_copy(bundle: Bundle) -> None:
    other = replace(bundle, campaign=bundle.program / ".trainwreck-other", kept={})
    bring(bundle)
    bring(other)
    remove_copies(bundle.program, bundle.campaign)
    assert files(bundle.program) == {"train.py": "print(1)\n"}
    assert other.campaign.is_dir()
    remove_copies(other.program, other.campaign)
    assert not bundle.program.exists()


def test_a_folder_that_is_no_copy_stays_as_it_is(bundle: Bundle) -> None:
    bundle.program.mkdir(parents=True)
    (bundle.program / "train.py").write_text("mine\n")
    bundle.campaign.mkdir()
    assert not lacks(bundle.program, bundle.campaign)
    bring(bundle)
    assert files(bundle.program) == {"train.py": "mine\n"}
    assert made_here(bundle) == {}
    remove_copies(bundle.program, bundle.campaign)
    assert files(bundle.program) == {"train.py": "mine\n"}


def test_a_campaign_alone_may_be_missing(bundle: Bundle) -> None:
    bundle.program.mkdir(parents=True)
    (bundle.program / "train.py").write_text("mine\n")
    bring(bundle)
    assert files(bundle.program) == {"train.py": "mine\n", ".trainwreck/fetched/weights": "0.5"}
    remove_copies(bundle.program, bundle.campaign)
    assert files(bundle.program) == {"train.py": "mine\n"}


def test_a_copy_follows_the_driver(bundle: Bundle, tmp_path: Path) -> None:
    bring(bundle)
    other = tmp_path / "other"
    other.mkdir()
    (other / "main.py").write_text("print(2)\n")
    bring(replace(bundle, files=packed(other), kept=dict.fromkeys(bundle.kept)))
    assert files(bundle.program) == {"main.py": "print(2)\n"}


def test_what_a_run_keeps_on_a_copy_goes_to_the_driver_once(bundle: Bundle, tmp_path: Path) -> None:
    bring(bundle)
    warm = bundle.campaign / "warm"
    warm.mkdir()
    (warm / "compiled").write_text("code")
    made = made_here(bundle)
    assert list(made) == [warm]
    assert made_here(bundle) == {}
    here = Folders(tmp_path, tmp_path, (tmp_path / "warm",))
    here.take({tmp_path / "warm": made[warm]})
    assert files(tmp_path / "warm") == {"compiled": "code"}
    here.take({tmp_path / "warm": replace(made[warm], content=b"another run's")})
    assert files(tmp_path / "warm") == {"compiled": "code"}


def test_what_was_kept_on_a_copy_alone_goes_where_the_driver_does_not_have_it(
    bundle: Bundle,
) -> None:
    bring(bundle)
    warm = bundle.campaign / "warm"
    warm.mkdir()
    bring(bundle)
    assert not warm.exists()


def test_an_archive_keeps_links_and_rights_and_leaves_out_pipes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "empty").mkdir(parents=True)
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "link").symlink_to("run")
    (folder / "dead").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    unpack(packed(folder), tmp_path / "copy")
    copy = tmp_path / "copy"
    assert sorted(path.name for path in copy.iterdir()) == ["dead", "empty", "link", "run"]
    assert (copy / "link").readlink() == Path("run")
    assert (copy / "run").stat().st_mode & 0o777 == 0o755
    assert packed(copy).version == packed(folder).version
    (copy / "run").write_text("#!/bin/bash\n")
    assert packed(copy).version != packed(folder).version


def test_the_driver_takes_its_own_folders_for_originals(bundle: Bundle) -> None:
    bring(bundle)
    Folders(bundle.program, bundle.campaign, ()).claim()
    assert not lacks(bundle.program, bundle.campaign)


def test_a_program_that_is_too_large_is_refused_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_folders, "MOST_BYTES", 10_000)
    (tmp_path / "data.bin").write_bytes(b"0" * 100_000_000)
    with pytest.raises(UsageError, match=r"has 0\.1 GB, and nodes .* at most 0\.0 GB") as refused:
        ray_folders._program(tmp_path, tmp_path / ".trainwreck")
    assert "move the data out of it" in refused.value.hint
