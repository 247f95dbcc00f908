"""What an import doubts of a campaign is kept and told, or left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from exchanging import MOVED, Edit, edited, exported
from trainwreck.campaign.transfer import import_records
from trainwreck.exchange.plausibility.checks import PlausibilityCheck
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.usefixtures("no_home")


@pytest.mark.parametrize(
    ("kind", "edit"),
    [
        ("clean", lambda line: line.update(seconds=1.5)),
        ("clean", lambda line: line.update(seed=9)),
        ("mutant", lambda line: line["runs"][0]["metrics"].update(accuracy=0.9)),
        ("mutant", lambda line: line["runs"].append(line["runs"][0])),
        ("mutant", lambda line: line.update(line=9)),
        ("mutant", lambda line: line.update(hits=9)),
        ("mutant", lambda line: line.update(id="0" * 16)),
    ],
)
def test_records_that_are_not_their_facts_are_doubted(
    tmp_path: Path, records: Path, kind: str, edit: Edit
) -> None:
    line = edited(records, tmp_path / "a", kind, 1, edit)
    found = import_records(tmp_path / "a", tmp_path / "copy").doubts
    assert line in [doubt.line for doubt in found if doubt.check is PlausibilityCheck.FACTS]


@pytest.mark.parametrize(
    "change", [{"symptom": "hang"}, {"rung": None}, {"impact": ["slower"]}, {"why": ""}]
)
def test_conclusions_are_drawn_anew(tmp_path: Path, records: Path, change: dict[str, Any]) -> None:
    edited(records, tmp_path / "a", "mutant", 1, lambda line: line.update(change))
    assert import_records(tmp_path / "a", tmp_path / "copy").doubts == ()
    again = exported(tmp_path / "copy", tmp_path / "b", logs=True)
    assert again.read_bytes() == records.read_bytes()


def test_missing_records_and_another_number_are_doubted(tmp_path: Path, records: Path) -> None:
    lines = [json.loads(line) for line in records.read_bytes().splitlines()]
    lines[0]["planned"] = 5
    del lines[10], lines[1]
    (tmp_path / "a").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = import_records(tmp_path / "a", tmp_path / "copy").doubts
    assert {
        ("5 mutants", "6"),
        ("a record of each clean run", "a run without one"),
        ("a record", "none"),
    } <= {(doubt.expected, doubt.found) for doubt in found}


def run_facts(lines: list[dict[str, Any]]) -> list[int]:
    return [i for i, line in enumerate(lines) if line.get("table") == "run"]


def doubtful(records: Path, source: Path, **changes: Any) -> tuple[int, str]:
    """An export whose last run has other facts; gives its line and its trial."""
    lines = [json.loads(line) for line in records.read_bytes().splitlines()]
    place = run_facts(lines)[-1]
    lines[place]["row"].update(changes)
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return place + 1, lines[place]["row"]["trial_id"]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"seconds": -1.0}, PlausibilityCheck.TIME),
        ({"cpu_seconds": 1e9}, PlausibilityCheck.TIME),
        ({"seed": 77}, PlausibilityCheck.SEED),
    ],
)
def test_doubtful_facts_are_kept_and_told_unless_they_are_to_be_left_out(
    tmp_path: Path, records: Path, changes: dict[str, Any], check: PlausibilityCheck
) -> None:
    line, trial = doubtful(records, tmp_path / "a", **changes)
    kept = import_records(tmp_path / "a", tmp_path / "kept")
    assert [(doubt.line, doubt.check) for doubt in kept.doubts] == [(line, check)]
    assert kept.left_out == 0
    left = import_records(tmp_path / "a", tmp_path / "left", leave_out_doubtful=True)
    assert left.doubts == kept.doubts
    assert left.left_out == 1
    with CampaignFile.open(tmp_path / "kept") as file, CampaignFile.open(tmp_path / "left") as less:
        assert file.doubts() == less.doubts() == list(kept.doubts)
        assert file.finished_ids() - less.finished_ids() == {trial}
        assert file.log(trial)
        assert less.log(trial) == ""


def test_a_record_that_is_not_its_facts_is_left_out_with_its_runs(
    tmp_path: Path, records: Path
) -> None:
    edited(records, tmp_path / "a", "mutant", 1, lambda line: line.update(hits=9))
    edited(tmp_path / "a", tmp_path / "b", "clean", 1, lambda line: line.update(seconds=1.5))
    found = import_records(tmp_path / "b", tmp_path / "copy", leave_out_doubtful=True)
    assert found.left_out == 1 + 4
    with CampaignFile.open(tmp_path / "copy") as file:
        assert file.outcomes_of(MOVED.id) == []
        assert file.planned_number() == 6
