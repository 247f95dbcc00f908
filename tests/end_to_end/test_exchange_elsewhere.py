"""Records made elsewhere are kept as they are, with gaps."""

import json
import lzma
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from build import unseal
from exchanging import (
    CLEAN_RECORD,
    CRASH_RECORD,
    NORMAL_RECORD,
    SUBJECT,
    WAITING,
    edited,
    exported,
    foreign,
    refused,
)
from trainwreck.campaign.transfer import import_records
from trainwreck.errors import UsageError
from trainwreck.exchange.plausibility.checks import PlausibilityCheck
from trainwreck.exchange.records import stored_records
from trainwreck.model import PlannedMutant
from trainwreck.store.campaign_file import CampaignFile

RESULTS = Path(__file__).parents[2] / "results" / "keras.jsonl.xz"

pytestmark = pytest.mark.usefixtures("no_home")


@pytest.mark.parametrize("kind", ["campaign", "records"])
def test_a_campaign_that_is_not_empty_is_left_alone(
    tmp_path: Path, records: Path, kind: str
) -> None:
    source = records if kind == "campaign" else foreign(tmp_path, CRASH_RECORD)
    import_records(source, tmp_path / "copy")
    before = exported(tmp_path / "copy", tmp_path / "a").read_bytes()
    for again in (records, source):
        with pytest.raises(UsageError, match="the campaign is not empty"):
            import_records(again, tmp_path / "copy")
    assert exported(tmp_path / "copy", tmp_path / "b").read_bytes() == before


def test_records_made_elsewhere_are_kept_as_they_are(tmp_path: Path) -> None:
    odd = '{ "kind":"clean","metrics":{"accuracy":0.750},  "theirs":[1e3,"é"] }'
    source = foreign(tmp_path, CRASH_RECORD, NORMAL_RECORD)
    source.write_text(f"{source.read_text()}\n{odd}\n")
    found = import_records(source, tmp_path / "copy")
    assert (found.mutants, found.clean, found.facts, found.doubts) == (2, 1, False, ())
    again = exported(tmp_path / "copy", tmp_path / "b")
    assert again.read_text() == source.read_text()


def test_records_made_elsewhere_are_nouns(tmp_path: Path) -> None:
    named = {**CRASH_RECORD, "class": "proven", "rung": "crash", "error": {"type": "ValueError"}}
    import_records(foreign(tmp_path, CLEAN_RECORD, named), tmp_path / "copy")
    with CampaignFile.open(tmp_path / "copy") as file:
        (_, subject), (_, clean), (line, mutant) = stored_records(file)
        assert [number for number, _ in stored_records(file, "mutant")] == [3]
    assert subject.name == "theirs"
    assert clean.metrics == {"accuracy": 0.75}
    assert (line, mutant.line, mutant.certainty, mutant.error.type) == (
        3,
        3,
        "proven",
        "ValueError",
    )
    assert mutant.runs == ()


def test_an_export_with_facts_of_another_version_is_read_as_made_elsewhere(
    tmp_path: Path, records: Path
) -> None:
    edited(records, tmp_path / "a", "subject", 0, lambda line: line.update(facts=2))
    found = import_records(tmp_path / "a", tmp_path / "copy")
    assert (found.facts, found.mutants, found.clean) == (False, 6, 9)
    assert set(found.skipped) == {"fact", "end"}


def test_additions_of_others_are_skipped_and_counted(tmp_path: Path) -> None:
    note = {"kind": "note", "line": "no number"}
    found = import_records(foreign(tmp_path, note, CRASH_RECORD, note), tmp_path / "copy")
    assert (found.mutants, found.skipped) == (1, {"note": 2})


UNREADABLE = [
    ({**CRASH_RECORD, "operator": ""}, "`$.operator`"),
    ({**CRASH_RECORD, "operator": " \t"}, "`$.operator`"),
    ({**CRASH_RECORD, "operator": None}, "`$.operator`"),
    ({**CRASH_RECORD, "symptom": "dead"}, "`$.symptom`"),
    ({**CRASH_RECORD, "line": "3"}, "`$.line`"),
    ({"kind": "mutant", "operator": "ArOR", "symptom": "crash", "line": 3}, "`file`"),
    ({**NORMAL_RECORD, "runs": []}, "`$.runs`"),
    ({**NORMAL_RECORD, "runs": [{"seed": 0}]}, "`$.runs`"),
    ({**NORMAL_RECORD, "runs": [{"metrics": {"accuracy": "much"}}]}, "`$.metrics.accuracy`"),
    ({**CLEAN_RECORD, "seed": "x"}, "`$.seed`"),
    (SUBJECT, "a second subject"),
    ({**CRASH_RECORD, "id": "m1"}, "the id m1 is that of line 3 as well"),
]


@pytest.mark.parametrize(("record", "problem"), UNREADABLE)
def test_an_unreadable_record_is_an_error_unless_it_is_to_be_skipped(
    tmp_path: Path, record: dict[str, Any], problem: str
) -> None:
    fine = {**CRASH_RECORD, "id": "m1"}
    source = foreign(tmp_path, CLEAN_RECORD, fine, record, NORMAL_RECORD)
    said = refused(source, tmp_path / "copy")
    assert "1 records cannot be read: line 4: " in said
    assert problem in said
    found = import_records(source, tmp_path / "copy", skip_unreadable=True)
    assert found.mutants == 2
    assert [each.line for each in found.unreadable] == [4]


def test_what_is_no_json_is_an_error_in_any_case(tmp_path: Path) -> None:
    source = foreign(tmp_path, CRASH_RECORD)
    whole = source.read_text()
    for broken in (whole[:-9], whole + '\n{"kind": "mutant", "seconds": NaN}', whole + "\n7"):
        source.write_text(broken)
        assert "not a whole record" in refused(source, tmp_path / "copy", skip_unreadable=True)


def test_many_unreadable_records_are_told_in_short(tmp_path: Path) -> None:
    wrong = [{**CRASH_RECORD, "operator": ""}] * 40
    said = refused(foreign(tmp_path, *wrong), tmp_path / "copy")
    assert "40 records" in said
    assert said.endswith("…")
    assert len(said) < 800


def run_of(number: int, **changes: Any) -> dict[str, Any]:
    values = (0.4 + number / 50, 0.5 + number / 60, 0.7)
    return {
        "seed": 0,
        "metrics": {"accuracy": 0.7},
        "series": {"accuracy": values},
        "seconds": 20.123456 + number,
        "cpu_seconds": 19.12345 + number,
        "exit": "exited 0",
        **changes,
    }


TRACEBACK = "Traceback (most recent call last):\n"
DOUBTED = {
    PlausibilityCheck.VALUE: {"runs": [run_of(9, metrics={"accuracy": 1.5}, series={})]},
    PlausibilityCheck.LAST: {"runs": [run_of(9, metrics={"accuracy": 0.69})]},
    PlausibilityCheck.TIME: {"runs": [run_of(9, seconds="nan")]},
    PlausibilityCheck.LOG: {"runs": [run_of(9, log=TRACEBACK)]},
    PlausibilityCheck.REPEAT: {"runs": [run_of(1)]},
    PlausibilityCheck.SEED: {"runs": [run_of(9, seed=5)]},
    PlausibilityCheck.COUNT: {"runs": [run_of(9, series={"accuracy": [0.7]})]},
    PlausibilityCheck.ENDING: {"runs": [run_of(9, exit="signal 9")]},
}


@pytest.mark.parametrize("check", DOUBTED)
def test_doubtful_records_are_kept_and_told_unless_they_are_to_be_left_out(
    tmp_path: Path, check: PlausibilityCheck
) -> None:
    clean = [{"kind": "clean", **run_of(number)} for number in range(3)]
    wrong = {**NORMAL_RECORD, **DOUBTED[check]}
    fine = {**NORMAL_RECORD, "runs": [run_of(8)]}
    source = foreign(tmp_path, fine, wrong, *clean)
    kept = import_records(source, tmp_path / "kept")
    (found,) = kept.doubts
    # A repeat is told of the one that comes later, and clean runs are looked at first.
    assert (found.line, found.check) == (3, check)
    assert kept.mutants == 2
    left = import_records(source, tmp_path / "left", leave_out_doubtful=True)
    assert (left.mutants, left.left_out, left.doubts) == (1, 1, kept.doubts)
    again = exported(tmp_path / "kept", tmp_path / "b")
    assert again.read_text().splitlines() == source.read_text().splitlines()


def test_an_impossible_value_that_is_told_as_the_bugs_effect_is_not_doubted(
    tmp_path: Path,
) -> None:
    clean = [{"kind": "clean", **run_of(number)} for number in range(3)]
    runs = [run_of(9, metrics={"accuracy": 884543}, series={})]
    told = {**NORMAL_RECORD, "runs": runs, "impact": ["invalid"]}
    assert import_records(foreign(tmp_path, *clean, told), tmp_path / "copy").doubts == ()


def test_ranges_and_numbers_that_the_subject_tells_are_used(tmp_path: Path) -> None:
    subject = {**SUBJECT, "planned": 1, "metrics": [{"name": "score", "range": [0, 10]}]}
    runs = [{"metrics": {"score": 10.5}}]
    bugs = [{**NORMAL_RECORD, "runs": runs, "line": line} for line in (4, 5)]
    found = import_records(foreign(tmp_path, *bugs, subject=subject), tmp_path / "copy").doubts
    assert [doubt.check for doubt in found] == [
        PlausibilityCheck.COUNT,
        PlausibilityCheck.VALUE,
        PlausibilityCheck.VALUE,
    ]


def test_a_campaign_without_an_import_has_neither_records_nor_doubts(campaign: Path) -> None:
    with CampaignFile.open(campaign) as file:
        assert list(stored_records(file)) == []
        assert file.doubts() == []
    with sqlite3.connect(campaign / "campaign.sqlite") as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert not names & {"record", "doubt"}


def test_a_campaign_with_records_and_a_plan_is_not_exported_by_halves(tmp_path: Path) -> None:
    import_records(foreign(tmp_path, CRASH_RECORD), tmp_path / "copy")
    with CampaignFile.open(tmp_path / "copy", create=True) as file:
        file.set_plan([PlannedMutant(WAITING, ("learning",))], [])
    with pytest.raises(UsageError, match="a plan as well"):
        exported(tmp_path / "copy", tmp_path / "b")


def test_a_doubt_of_the_whole_leaves_no_record_out(tmp_path: Path) -> None:
    source = foreign(tmp_path, CRASH_RECORD, subject={**SUBJECT, "planned": 0})
    found = import_records(source, tmp_path / "copy", leave_out_doubtful=True)
    assert ([doubt.check for doubt in found.doubts], found.left_out) == (
        [PlausibilityCheck.COUNT],
        0,
    )
    again = exported(tmp_path / "copy", tmp_path / "b")
    assert again.read_text().splitlines() == source.read_text().splitlines()


def test_doubts_that_an_earlier_version_stored_are_read(tmp_path: Path) -> None:
    source = foreign(tmp_path, CRASH_RECORD, subject={**SUBJECT, "planned": 0})
    (doubt,) = import_records(source, tmp_path / "copy").doubts
    with sqlite3.connect(tmp_path / "copy" / "campaign.sqlite") as connection:
        unseal(connection)
        for column in ("expected", "found", "basis"):
            connection.execute(f"ALTER TABLE doubt DROP COLUMN {column}")
    with CampaignFile.open(tmp_path / "copy") as file:
        (again,) = file.doubts()
    assert (again.what, again.check, again.line) == (doubt.what, doubt.check, doubt.line)


def test_runs_that_a_rule_ended_early_are_not_held_against_whole_ones(tmp_path: Path) -> None:
    whole = [{**NORMAL_RECORD, "runs": [run_of(n)], "line": n} for n in range(1, 12)]
    ended = {**NORMAL_RECORD, "runs": [run_of(20, series={"accuracy": [0.7]})]}
    settled = foreign(tmp_path, *whole, {**ended, "decided_by": "horizon"})
    assert import_records(settled, tmp_path / "settled").doubts == ()
    (found,) = import_records(foreign(tmp_path, *whole, ended), tmp_path / "copy").doubts
    assert found.what == "expected 3 values of accuracy, as 11 of 12 normal runs have; it has 1"


def test_logs_are_held_against_values_where_the_pattern_is_known(tmp_path: Path) -> None:
    subject = {**SUBJECT, "metrics": [{"name": "accuracy", "pattern": r"acc (\S+)"}]}
    log = "acc 0.5\nacc 0.6\nacc 0.7\n"
    whole = [{**NORMAL_RECORD, "runs": [run_of(n, log=log)], "line": n} for n in range(1, 8)]
    other = {**NORMAL_RECORD, "runs": [run_of(20, log=log + "acc 0.8")]}
    source = foreign(tmp_path, *whole, other, subject=subject)
    (found,) = import_records(source, tmp_path / "copy").doubts
    assert (found.line, found.check) == (9, PlausibilityCheck.PRINTED)


def test_the_committed_campaign_raises_no_doubt_without_its_facts_and_clean_runs(
    tmp_path: Path,
) -> None:
    source = tmp_path / "records.jsonl"
    with lzma.open(RESULTS, "rb") as lines, source.open("wb") as kept:
        for line in lines:
            record = json.loads(line)
            record.pop("facts", None)
            if record["kind"] in ("subject", "mutant"):
                kept.write(json.dumps(record).encode() + b"\n")
    found = import_records(source, tmp_path / "copy")
    assert (found.facts, found.clean, found.doubts) == (False, 0, ())
    assert found.mutants > 3000
