"""A campaign file that was changed after it was written is recognised, down to one bit."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from build import ENVIRONMENT, many_mutants, outcome, unseal
from exchanging import foreign
from trainwreck import Campaign
from trainwreck.campaign.transfer import import_records
from trainwreck.cli.reading import status_text
from trainwreck.errors import DamageError, Paused, UsageError
from trainwreck.model import PlannedMutant, Trial, TrialKind
from trainwreck.model.damage import Damage, DamageKind, Sealing
from trainwreck.report.damages import unsealed
from trainwreck.report.formats import write_report
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile, verify_campaign
from trainwreck.store.checking import is_sound
from trainwreck.store.opening import make_current
from trainwreck.store.pending_log import hides_changes, log_of
from trainwreck.store.whole_digest import write_digest

FLIPS = 120
CLEAN = Trial("s", TrialKind.CLEAN, 0)


@pytest.fixture
def copy(campaign: Path, tmp_path: Path) -> Path:
    """A campaign that may be damaged."""
    return Path(shutil.copytree(campaign, tmp_path / "copy"))


def damages(folder: Path) -> list[Damage]:
    return list(verify_campaign(folder).damages)


def damaged_tables(folder: Path) -> list[tuple[DamageKind, str]]:
    """The damage of tables, but that of their definitions."""
    found = [(damage.kind, damage.table) for damage in damages(folder)]
    return [damage for damage in found if damage[1] != "sqlite_master"]


def change(folder: Path, *statements: str) -> None:
    """Change the file as another program would."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def facts(folder: Path) -> list[Any]:
    with CampaignFile.open(folder) as file:
        return [*file.dump(str, logs=True), file.finished_ids(), file.costs()]


def test_what_was_written_is_sound(copy: Path) -> None:
    verification = verify_campaign(copy)
    assert (verification.damages, verification.sealed, verification.converted) == ((), True, False)
    assert verification.units > 20


@pytest.mark.parametrize("kept", [True, False], ids=["as it was closed", "as it was killed"])
def test_one_changed_bit_changes_no_answer_in_silence(
    campaign: Path, tmp_path: Path, kept: bool
) -> None:
    before, chance = facts(campaign), random.Random(17)
    size = (campaign / FILE_NAME).stat().st_size
    found = 0
    for number in range(FLIPS):
        folder = tmp_path / str(number)
        shutil.copytree(campaign, folder)
        if not kept:
            (folder / "digest").unlink()
        flip(folder / FILE_NAME, chance.randrange(8 * size))
        try:
            answer = facts(folder)
        except UsageError:
            found += 1
            with pytest.raises(UsageError) if is_refused(folder) else nothing():
                assert damages(folder)
        else:
            assert answer == before
            assert damages(folder) or not kept
        shutil.rmtree(folder)
    assert found > FLIPS // 8


def is_refused(folder: Path) -> bool:
    """Whether the file does not even look like a campaign."""
    try:
        verify_campaign(folder)
    except UsageError:
        return True
    return False


@contextmanager
def nothing() -> Iterator[None]:
    yield


CHANGES = {
    "a value of a run": (
        ["UPDATE run SET seconds = seconds + 1e-9 WHERE number = 3"],
        [(DamageKind.CHANGED, "run")],
    ),
    "a run that is gone": (["DELETE FROM run WHERE number = 3"], [(DamageKind.LOST, "run")]),
    "a run that was added": (
        ["INSERT INTO log VALUES ('new', x'00')"],
        [(DamageKind.ADDED, "log")],
    ),
    "two runs that swapped their times": (
        [
            "UPDATE run SET seconds = 3.0 - seconds, cpu_seconds = cpu_seconds "
            "WHERE number IN (1, 2)"
        ],
        [(DamageKind.CHANGED, "run")] * 2,
    ),
    "an output": (
        ["UPDATE log SET content = x'789c030000000001' WHERE trial_id = (SELECT min(trial_id) "
         "FROM log)"],
        [(DamageKind.CHANGED, "log")],
    ),
    "a line that runs": (
        ["UPDATE executed SET phases = 'learning,' || phases WHERE line = (SELECT min(line) FROM "
         "executed)"],
        [(DamageKind.CHANGED, "executed")],
    ),
    "a setting": (
        ["UPDATE meta SET value = '[0.01]' WHERE key = 'metrics'"],
        [(DamageKind.CHANGED, "meta")],
    ),
    "a number that is a text": (
        ["UPDATE mutant SET first_line = CAST(first_line AS BLOB) WHERE position = 1"],
        [(DamageKind.CHANGED, "mutant")],
    ),
    "a seal": (
        ["UPDATE seal SET rows = 7 WHERE of_table = 'meta' AND unit = 'metrics'"],
        [(DamageKind.SEAL, "meta")],
    ),
    "a seal that is gone": (
        ["DELETE FROM seal WHERE of_table = 'meta' AND unit = 'metrics'"],
        [(DamageKind.ADDED, "meta")],
    ),
    "a table of another program": (["CREATE TABLE theirs (x PRIMARY KEY)"],
                                   [(DamageKind.TABLE, "theirs")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_record_is_named_by_verify_and_refused_by_others(copy: Path, name: str) -> None:
    statements, expected = CHANGES[name]
    change(copy, *statements)
    assert damaged_tables(copy) == expected
    for create in (False, True):
        with pytest.raises(DamageError, match="damaged") as error, CampaignFile.open(copy, create):
            pass
        assert "--salvage" in error.value.hint
    assert damaged_tables(copy) == expected


@pytest.mark.parametrize("create", [False, True])
def test_a_list_of_tables_that_is_no_text_is_a_damage(copy: Path, create: bool) -> None:
    place = (copy / FILE_NAME).read_bytes().index(b") WITHOUT ROWID")
    flip(copy / FILE_NAME, 8 * place + 7)
    with pytest.raises(DamageError, match="list of tables"), CampaignFile.open(copy, create):
        pass
    assert damages(copy)


def test_bytes_of_no_record_change_no_answer_and_are_found_by_verify(copy: Path) -> None:
    before = facts(copy)
    # The version of the library that wrote the file last.
    flip(copy / FILE_NAME, 8 * 99)
    assert facts(copy) == before
    assert [damage.kind for damage in damages(copy)] == [DamageKind.UNUSED]


def test_seals_follow_every_way_of_writing(tmp_path: Path) -> None:
    mutants = [PlannedMutant(found, ("import",)) for found in many_mutants(5)]
    with CampaignFile.open(tmp_path, create=True) as file:
        for number in (5, 2):
            file.set_plan(mutants[:number], [])
        for seconds in (1.0, 2.0):
            run = outcome(trial_id=CLEAN.id, seconds=seconds, observations={"a": 1, "b": seconds})
            file.add_run(CLEAN, run, b"said", ENVIRONMENT)
        file.set_executed({("app", "a.py"): {line: ["import"] for line in range(9)}})
        file.set_executed({("app", "a.py"): {3: ["learning"]}})
        file.set_meta("x", 1)
        file.set_meta("x", 2.5)
        file.add_chosen(mutants)
        file.add_chosen(mutants)
        file.set_same_code({"a": True})
        file.set_same_code({"a": False})
        assert damages(tmp_path) == []
        file.forget_runs(TrialKind.CLEAN)
        assert damages(tmp_path) == []
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        (left,) = connection.execute(
            "SELECT count(*) FROM seal WHERE of_table IN ('run', 'log', 'observation')"
        ).fetchone()
    assert left == 0


def test_imported_records_are_sealed(tmp_path: Path, records: Path) -> None:
    import_records(records, tmp_path / "own")
    theirs = {"kind": "mutant", "operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 1}
    import_records(foreign(tmp_path, theirs), tmp_path / "theirs")
    for name in ("own", "theirs"):
        assert damages(tmp_path / name) == []
    change(tmp_path / "theirs", "UPDATE record SET line = replace(line, 'crash', 'hang')")
    assert [damage.table for damage in damages(tmp_path / "theirs")] == ["record"]
    with pytest.raises(DamageError):
        Campaign.open(tmp_path / "theirs")


def test_a_change_that_is_taken_back_leaves_no_mark_in_the_seals(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("x", 1)
        with pytest.raises(sqlite3.IntegrityError):
            file.set_plan([PlannedMutant(found, ()) for found in many_mutants(2) * 2], [])
        assert damages(tmp_path) == []


def test_format_3_is_said_to_have_no_seals_until_it_is_written_to(copy: Path) -> None:
    with closing(sqlite3.connect(copy / FILE_NAME)) as connection, connection:
        unseal(connection)
    before = facts(copy)
    (copy / "digest").unlink()
    verification = verify_campaign(copy)
    assert (verification.damages, verification.sealed) == ((), False)
    assert said_of_seals(copy) == (Sealing.NONE, "without seals")
    with CampaignFile.open(copy, create=True) as file:
        file.set_meta("new", 1)
    verification = verify_campaign(copy)
    assert (verification.damages, verification.sealed, verification.converted) == ((), True, True)
    assert said_of_seals(copy) == (Sealing.AS_FOUND, "sealed later, as they were found")
    assert [
        fact for fact in facts(copy) if fact != ("meta", {"key": "new", "value": "1"})
    ] == before


def said_of_seals(folder: Path) -> tuple[Sealing, str]:
    """Return the seals of a campaign, with the words that `status` and Table I both use."""
    campaign = Campaign.open(folder)
    status = campaign.status()
    table = write_report(campaign.tables()[:1], "text")
    said = unsealed(status.sealing)
    assert said in status_text(status)
    assert " ".join(said.split()) in " ".join((table or "").split())
    words = ("without seals", "sealed later, as they were found")
    return status.sealing, next((text for text in words if text in said), "")


def test_a_campaign_with_all_its_seals_says_nothing_of_them(copy: Path) -> None:
    assert said_of_seals(copy) == (Sealing.WHOLE, "")


def test_format_3_that_cannot_be_read_is_damaged_and_no_fault_of_ours(copy: Path) -> None:
    change(copy, "UPDATE run SET steps = substr(steps, 2) WHERE number = 1")
    with closing(sqlite3.connect(copy / FILE_NAME)) as connection, connection:
        unseal(connection)
    assert [(d.kind, d.table) for d in damages(copy)][-1:] == [(DamageKind.CHANGED, "run")]
    with pytest.raises(DamageError):
        Campaign.open(copy).status()


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A campaign whose writer was killed after six runs, which are in the log beside it."""
    folder, left = tmp_path / "writing", tmp_path / "killed"
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        for seed in range(6):
            trial = Trial("s", TrialKind.CLEAN, seed)
            file.add_run(trial, outcome(trial_id=trial.id), b"said", ENVIRONMENT)
        shutil.copytree(folder, left)
    return left


def test_a_killed_writer_loses_nothing(killed: Path) -> None:
    assert log_of(killed / FILE_NAME).stat().st_size > 0
    assert damages(killed) == []
    with CampaignFile.open(killed) as file:
        assert len(file.finished_ids()) == 6


def test_a_write_that_was_cut_off_is_no_damage(killed: Path) -> None:
    log = log_of(killed / FILE_NAME)
    whole = log.read_bytes()
    for length in range(0, len(whole), 997):
        assert not hides_changes(whole[:length])
    half = bytearray(whole)
    half[-2000:] = random.Random(1).randbytes(2000)
    assert not hides_changes(bytes(half))


def test_a_changed_bit_of_the_log_loses_no_run_in_silence(killed: Path) -> None:
    log = log_of(killed / FILE_NAME)
    whole, chance = log.read_bytes(), random.Random(3)
    for _ in range(200):
        bit = chance.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        assert hides_changes(bytes(damaged)), bit
    flip(log, 8 * len(whole) // 2)
    assert DamageKind.PENDING in {damage.kind for damage in damages(killed)}
    with pytest.raises(DamageError, match="stored last") as error, CampaignFile.open(killed):
        pass
    assert "trainwreck run" in error.value.hint


def test_lost_runs_of_a_damaged_log_can_be_made_again(killed: Path) -> None:
    log = log_of(killed / FILE_NAME)
    flip(log, 8 * (log.stat().st_size - 100))
    with CampaignFile.open(killed, create=True) as file:
        assert len(file.finished_ids()) == 5
    assert damages(killed) == []


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing that may be written, as on a disc; the user of the tests may be root."""
    monkeypatch.setattr(os, "access", lambda *_: False)


@pytest.mark.usefixtures("read_only")
def test_a_campaign_that_cannot_be_written_is_read(copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.iterdir()}
    assert facts(copy)
    assert Campaign.open(copy).status().planned == 6
    assert damages(copy) == []
    assert {path: path.read_bytes() for path in copy.iterdir()} == before


def test_a_campaign_without_room_for_shared_memory_is_read(copy: Path) -> None:
    """On a full disk SQLite cannot make the file beside the campaign's; here a folder bars it."""
    (copy / f"{FILE_NAME}-shm").mkdir()
    assert verify_campaign(copy).damages == ()
    assert Campaign.open(copy).status().done > 0
    with pytest.raises(Paused), CampaignFile.open(copy, create=True) as file:
        file.set_meta("x", 1)


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("shared", [True, False], ids=["with its memory", "without"])
def test_a_killed_campaign_that_cannot_be_written_is_read(killed: Path, shared: bool) -> None:
    memory = killed / f"{FILE_NAME}-shm"
    if not shared:
        memory.unlink()
    with CampaignFile.open(killed) as file:
        assert len(file.finished_ids()) == 6
    assert log_of(killed / FILE_NAME).stat().st_size > 0


def test_a_reader_changes_nothing(copy: Path) -> None:
    with pytest.raises(UsageError, match="readonly"), CampaignFile.open(copy) as file:
        file.set_meta("x", 1)


Damaging = Callable[[Path], None]


def test_export_salvage_of_a_sound_campaign_is_its_export(copy: Path, tmp_path: Path) -> None:
    salvaged = Campaign(copy).salvage(tmp_path / "saved.jsonl", logs=True)
    Campaign(copy).export(tmp_path / "whole.jsonl", logs=True)
    assert (salvaged.lost, salvaged.damages) == (0, ())
    assert (tmp_path / "saved.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_export_salvage_leaves_out_runs_of_which_anything_is_damaged(
    copy: Path, tmp_path: Path
) -> None:
    with CampaignFile.open(copy) as file:
        finished = file.finished_ids()
    first, second = sorted(finished)[:2]
    change(
        copy,
        f"UPDATE run SET seconds = 7.5 WHERE trial_id = '{first}'",
        f"DELETE FROM log WHERE trial_id = '{second}'",
    )
    salvaged = Campaign(copy).salvage(tmp_path / "saved.jsonl")
    assert (salvaged.runs, salvaged.lost) == (len(finished) - 2, 2)
    import_records(tmp_path / "saved.jsonl", tmp_path / "again")
    with CampaignFile.open(tmp_path / "again") as file:
        assert file.finished_ids() == finished - {first, second}


def test_export_salvage_reads_around_a_page_that_is_gone(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("subject", "s")
        for seed in range(200):
            trial = Trial("s", TrialKind.CLEAN, seed)
            file.add_run(trial, outcome(trial_id=trial.id), b"said", ENVIRONMENT)
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    page = content.index(f"{Trial('s', TrialKind.CLEAN, 100).id}clean".encode()) // 4096
    content[4096 * page : 4096 * (page + 1)] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(DamageError), CampaignFile.open(tmp_path):
        pass
    salvaged = Campaign(tmp_path).salvage(tmp_path / "saved.jsonl")
    assert salvaged.damages
    assert 100 < salvaged.runs < 200
    assert salvaged.runs + salvaged.lost == 200


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_export_salvage_reads_what_is_left_of_a_file_that_was_cut_off(
    tmp_path: Path, share: float
) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("subject", "s")
        for seed in range(200):
            trial = Trial("s", TrialKind.CLEAN, seed)
            file.add_run(trial, outcome(trial_id=trial.id), b"said", ENVIRONMENT)
    path = tmp_path / FILE_NAME
    os.truncate(path, int(share * path.stat().st_size) + 17)
    with pytest.raises(DamageError), CampaignFile.open(tmp_path):
        pass
    assert verify_campaign(tmp_path).damages
    salvaged = Campaign(tmp_path).salvage(tmp_path / "saved.jsonl")
    assert 20 < salvaged.runs < 200
    import_records(tmp_path / "saved.jsonl", tmp_path / "again")
    with CampaignFile.open(tmp_path / "again") as file:
        assert len(file.finished_ids()) == salvaged.runs


def test_a_campaign_of_a_newer_format_is_refused_and_not_called_damaged(
    copy: Path, tmp_path: Path
) -> None:
    change(copy, "PRAGMA user_version = 9")
    write_digest(copy / FILE_NAME)
    uses: list[Callable[[], object]] = [
        lambda: verify_campaign(copy),
        lambda: Campaign.open(copy).status(),
        lambda: Campaign(copy).salvage(tmp_path / "saved.jsonl"),
    ]
    for use in uses:
        with pytest.raises(UsageError, match="made by another version of trainwreck") as refused:
            use()
        assert not isinstance(refused.value, DamageError)
    assert not (tmp_path / "saved.jsonl").exists()


def test_a_campaign_that_is_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).symlink_to(FILE_NAME)
    with (
        pytest.raises(UsageError, match="cannot be used"),
        CampaignFile.open(tmp_path, create=True),
    ):
        pass


def test_export_salvage_of_nothing_says_so(copy: Path, tmp_path: Path) -> None:
    (copy / FILE_NAME).write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(UsageError, match=r"campaign\.sqlite"):
        Campaign(copy).salvage(tmp_path / "saved.jsonl")


def test_a_campaign_whose_creation_ended_right_after_its_tables_is_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "campaign.sqlite")) as connection:
        make_current(connection)
        assert is_sound(connection)
