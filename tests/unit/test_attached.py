"""Runs that SQLite copies from campaigns that are attached, beside those that Python adds."""

import shutil
import sqlite3
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from exchanging import BASE, fill, rows
from trainwreck.campaign.merge import merge_campaigns
from trainwreck.store import attached
from trainwreck.store.attached import AttachedCampaign
from trainwreck.store.campaign_file import CampaignFile, verify_campaign
from trainwreck.store.rows import TABLES

TABLE_NAMES = [table.table for table in TABLES]


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Two halves of one campaign, which share its clean runs."""
    whole, folders = tmp_path / "whole", [tmp_path / "one", tmp_path / "other"]
    whole.mkdir()
    with CampaignFile.open(whole, create=True) as file:
        fill(file)
    for part, folder in enumerate(folders):
        shutil.copytree(whole, folder)
        with CampaignFile.open(folder, create=True) as file:
            others = [item.mutant.id for item in islice(file.mutants(), part, None, 2)]
            dropped = [run.outcome.trial_id for other in others for run in file.runs_of(other)]
            with file.merging():
                for trial in dropped:
                    file.drop_run(trial)
    return folders


def facts(folder: Path) -> dict[str, list[Any]]:
    return {name: sorted(rows(folder, name), key=repr) for name in TABLE_NAMES}


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The trials whose rows are set apart, one list for all campaigns that are attached."""
    seen: list[str] = []
    add_apart = AttachedCampaign._add_apart

    def noting(self: AttachedCampaign, relocate: Any) -> None:
        seen.extend(trial for (trial,) in self.connection.execute("SELECT trial_id FROM apart"))
        add_apart(self, relocate)

    monkeypatch.setattr(AttachedCampaign, "_add_apart", noting)
    return seen


def test_merge_of_attached_campaigns_is_that_of_campaigns_that_are_read(
    parts: list[Path], tmp_path: Path, apart: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_campaigns(parts, tmp_path / "attached")
    # Runs whose texts name folders are written anew; the others are copied.
    assert 0 < len(apart) < len(rows(tmp_path / "attached", "run"))
    monkeypatch.setattr(attached, "MOST", 0)
    merge_campaigns(parts, tmp_path / "read")
    assert facts(tmp_path / "attached") == facts(tmp_path / "read")
    assert BASE not in repr([rows(tmp_path / "attached", name) for name in ("run", "observation")])


def test_rows_that_are_copied_by_attach_have_the_seals_of_those_that_are_written(
    parts: list[Path], tmp_path: Path
) -> None:
    merge_campaigns(parts, tmp_path / "attached")
    assert not verify_campaign(tmp_path / "attached").damages
    with CampaignFile.open(tmp_path / "attached", create=True) as file:
        trial = next(iter(file.all_ids()))
        with file.merging():
            file.drop_run(trial)  # The seals follow rows as before.
    assert not verify_campaign(tmp_path / "attached").damages


def test_attach_refuses_a_campaign_with_other_columns(parts: list[Path], tmp_path: Path) -> None:
    with sqlite3.connect(parts[0] / "campaign.sqlite") as connection:
        connection.execute("ALTER TABLE log ADD COLUMN more TEXT")
    (tmp_path / "target").mkdir()
    with CampaignFile.open(tmp_path / "target", create=True) as file:
        assert file.attach(parts[0]) is None
        assert file.attach(parts[1]) is not None
