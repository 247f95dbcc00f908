"""A campaign goes into a file and comes out of it as it was."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from exchanging import (
    AUDITED,
    BASE,
    CRASHED,
    FACTS,
    GONE,
    HUNG,
    MASKED,
    MOVED,
    WAITING,
    Adding,
    exported,
    lines_of,
    rows,
    value,
)
from trainwreck.campaign import transfer as exchanging
from trainwreck.campaign.transfer import export_campaign, import_records
from trainwreck.errors import UsageError
from trainwreck.model import Draw, Held, Level, Means, PlannedMutant, TrialKind
from trainwreck.results.containment import HELD, held_so_far
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.usefixtures("no_home")


@pytest.mark.parametrize("logs", [False, True])
@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.xz"])
def test_an_export_of_an_import_has_the_same_bytes(
    campaign: Path, tmp_path: Path, ending: str, logs: bool
) -> None:
    first = exported(campaign, tmp_path / f"a.{ending}", logs=logs)
    found = import_records(first, tmp_path / "copy")
    second = exported(tmp_path / "copy", tmp_path / f"b.{ending}", logs=logs)
    assert first.read_bytes() == second.read_bytes()
    assert (found.mutants, found.clean, found.facts, found.skipped) == (6, 9, True, {})
    assert (found.doubts, found.unreadable, found.left_out) == ((), (), 0)


def test_every_fact_is_restored(tmp_path: Path, records: Path, campaign: Path) -> None:
    import_records(records, tmp_path / "copy")
    for table in FACTS:
        told = json.dumps(rows(campaign, table)).replace(BASE, "<app>")
        assert json.dumps(rows(tmp_path / "copy", table)) == told, table
    with CampaignFile.open(tmp_path / "copy") as file, CampaignFile.open(campaign) as before:
        for kind in TrialKind:
            here, there = list(before.outcomes(kind)), list(file.outcomes(kind))
            assert here
            assert [run for *_, run in there if not run.error and not run.stack] == [
                run for *_, run in here if not run.error and not run.stack
            ]
        assert file.meta("bases") is None


def test_logs_come_back_where_they_were_asked_for_and_those_of_crashes_always(
    tmp_path: Path, campaign: Path
) -> None:
    for logs in (False, True):
        copy = tmp_path / str(logs)
        import_records(exported(campaign, tmp_path / f"{logs}.gz", logs=logs), copy)
        assert len(rows(copy, "log")) == (len(rows(campaign, "log")) if logs else 1)
    with CampaignFile.open(copy) as file:
        _, outcome_of_moved = file.outcomes_of(MOVED.id)[0]
        assert file.log(outcome_of_moved.trial_id) == "\ufffd café"


def test_nothing_tells_of_the_machine(records: Path) -> None:
    text = records.read_text()
    assert "anna" not in text
    for told in ("no ? file <app>/a.csv", "<app>/train.py", "<app>/data", "<app>/x", "<app>/y"):
        assert told in text
    assert not [line for line in lines_of(records, "fact") if line["row"].get("key") == "bases"]


def test_every_run_is_in_a_record_of_its_kind(records: Path) -> None:
    purposes = [line.get("purpose", "clean") for line in lines_of(records, "clean")]
    assert purposes == ["warming", *["clean"] * 4, "coverage", "control", "probe", "stem"]
    runs = {line["id"]: line["runs"] for line in lines_of(records, "mutant")}
    assert [(run["seed"], run["fold"]) for run in runs[MOVED.id]] == [(0, 0), (1, 0), (0, 1)]
    assert [run.get("purpose") for run in runs[AUDITED.id]] == [None, "audit"]
    assert runs[WAITING.id] == []
    assert GONE.id not in runs


def test_records_have_their_kind_first_and_what_the_contract_names(records: Path) -> None:
    assert all(line.startswith('{"kind":"') for line in records.read_text().splitlines())
    subject, clean = lines_of(records, "subject", "clean")[:2]
    assert (subject["name"], subject["planned"], subject["facts"]) == ("tiny", 6, 4)
    assert clean["metrics"] == {"accuracy": 0.7}
    told = {line["id"]: line for line in lines_of(records, "mutant")}
    crashed, hung, masked = told[CRASHED.id], told[HUNG.id], told[MASKED.id]
    assert (crashed["symptom"], crashed["rung"], crashed["class"]) == ("crash", "crash", "run")
    assert crashed["error"] == {
        "type": "ValueError",
        "message": "no ? file <app>/a.csv",
        "file": "train.py",
        "line": 1,
        "phase": "learning",
        "cause": "value",
    }
    assert (hung["symptom"], hung["runs"][0]["exit"]) == ("hang", "time limit 9")
    assert (masked["rung"], masked["hits"]) == ("masked", 1)
    assert masked["runs"][0]["metrics"] == {"accuracy": 0.7, "loss": "nan"}
    assert told[WAITING.id]["symptom"] is None


def test_the_containment_is_in_the_record_of_the_subject_and_comes_back(
    campaign: Path, tmp_path: Path
) -> None:
    campaign = shutil.copytree(campaign, tmp_path / "contained")
    held = (Held(Level.STRICT, Means.MOUNTS, is_online=False), Held(Level.COPY, after=5))
    with CampaignFile.open(campaign, create=True) as file:
        file.set_meta(HELD, [asdict(item) for item in held])
    records = exported(campaign, tmp_path / "a.jsonl")
    (subject,) = lines_of(records, "subject")
    assert subject["containment"] == [
        {"level": "strict", "means": "mounts", "is_online": False, "after": 0},
        {"level": "copy", "means": None, "is_online": True, "after": 5},
    ]
    import_records(records, tmp_path / "facts")
    foreign = tmp_path / "foreign.jsonl"
    public = [line for line in records.read_text().splitlines() if '"kind":"fact"' not in line]
    foreign.write_text("\n".join(public[:-1]).replace('"facts":4,', ""))
    import_records(foreign, tmp_path / "records")
    for folder in ("facts", "records"):
        with CampaignFile.open(tmp_path / folder) as file:
            assert held_so_far(file) == held


def test_hits_and_error_are_those_of_the_first_run(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        file.set_plan([PlannedMutant(MOVED, ("learning",))], [])
        add = Adding(file)
        for draw in (Draw(0), Draw(1)):
            add(TrialKind.CLEAN, draw, **value(draw))
        add(TrialKind.MUTANT, Draw(1), bug=MOVED, hits=5, **value(Draw(1)))
        add(TrialKind.MUTANT, Draw(0), bug=MOVED, hits=7, **value(Draw(0)))
    (told,) = lines_of(exported(tmp_path, tmp_path / "a.jsonl"), "mutant")
    assert told["hits"] == 7


def test_what_is_packed_has_neither_name_nor_time(campaign: Path, tmp_path: Path) -> None:
    packed = exported(campaign, tmp_path / "a.jsonl.gz").read_bytes()
    assert packed[3] == 0
    assert packed[4:8] == bytes(4)


def test_standard_output_is_a_file_as_well(
    campaign: Path, records: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    exported(campaign, Path("-"), logs=True)
    assert capfdbinary.readouterr().out == records.read_bytes()


def test_an_export_that_fails_leaves_what_was_there(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.jsonl"
    out.write_text("before")

    def fail(*_: object) -> None:
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(exchanging, "measured_fields", fail)
        with pytest.raises(KeyError):
            exported(campaign, out)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        exported(campaign, tmp_path / "none" / "a.jsonl")
    with pytest.raises(UsageError, match="cannot be written: Is a directory"):
        exported(campaign, tmp_path)


def test_an_export_sees_the_campaign_as_it_was_when_it_began(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_records(records, tmp_path / "copy")
    with (
        CampaignFile.open(tmp_path / "copy") as reader,
        CampaignFile.open(tmp_path / "copy", create=True) as writer,
    ):
        told: list[str] = []
        fields = exchanging.measured_fields

        def write(*given: Any) -> dict[str, Any]:
            if not told:
                Adding(writer)(TrialKind.CLEAN, Draw(50), **value(Draw(50)))
            told.append("")
            return fields(*given)

        with monkeypatch.context() as patch:
            patch.setattr(exchanging, "measured_fields", write)
            export_campaign(reader, tmp_path / "a.jsonl")
    assert told
    assert len(lines_of(tmp_path / "a.jsonl", "clean")) == 9
    assert import_records(tmp_path / "a.jsonl", tmp_path / "again").doubts == ()
