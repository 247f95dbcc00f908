"""What goes into a campaign file comes out again."""

import sqlite3
from pathlib import Path

import pytest

from build import ENVIRONMENT, failure, many_mutants, mutant, mutants_of, outcome
from trainwreck.errors import Paused, UsageError
from trainwreck.model import (
    APP,
    Draw,
    Ending,
    Environment,
    Exit,
    FileFrame,
    Outcome,
    PhaseTime,
    PlannedMutant,
    SourceSize,
    Trial,
    TrialKind,
)
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.store.listing_cache import ListingCache

CLEAN = Trial("s", TrialKind.CLEAN, 0)
OUTCOMES = {
    "plain": outcome(),
    "with an error": outcome(exit=Exit(Ending.EXITED, 1), error=failure(message="é \ud800")),
    "with an error from nowhere": outcome(error=failure(frames=())),
    "with as little as can be": outcome(
        hits=None, steps={}, parameters=None, phases=(), planted=False
    ),
    "with much": outcome(
        steps={"accuracy": ("nan", "1e-3"), "loss": ()},
        phases=(PhaseTime("import", 0.25, 0.125, 0), PhaseTime("learning", 1.5, 1.25, 7)),
        stack="File train.py, line 3",
        overhead=0.75,
    ),
    "stopped": outcome(exit=Exit(Ending.TIME, 9), hits=10**12),
}


def add(file: CampaignFile, trial: Trial, run: Outcome | None = None, log: bytes = b"") -> None:
    values = run or outcome()
    file.add_run(trial, outcome_for(trial, values), log, ENVIRONMENT)


def outcome_for(trial: Trial, run: Outcome) -> Outcome:
    return outcome(
        **{name: getattr(run, name) for name in Outcome.__slots__ if name != "trial_id"},
        trial_id=trial.id,
    )


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    run = outcome_for(CLEAN, OUTCOMES[name])
    with CampaignFile.open(tmp_path, create=True) as file:
        file.add_run(CLEAN, run, b"", ENVIRONMENT)
    with CampaignFile.open(tmp_path) as file:
        assert list(file.outcomes(TrialKind.CLEAN)) == [(Draw(0), None, run)]


def test_mutants_come_back_in_their_order_with_their_phases(tmp_path: Path) -> None:
    text = "def f(a):\n    b: x + 1\n    return not 'é' + 2\ny += 1\n"
    planned = [
        PlannedMutant(found, ("import", "learning") if index % 2 else ("learning",))
        for index, found in enumerate(reversed(mutants_of(text)))
    ]
    assert any(each.mutant.evaluated is None for each in planned)
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_plan(planned, [])
    with CampaignFile.open(tmp_path) as file:
        assert list(file.mutants()) == planned
        assert file.planned_number() == len(planned)


def test_a_plan_replaces_the_one_before(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        for number in (5, 2):
            file.set_plan([PlannedMutant(found, ("import",)) for found in many_mutants(number)], [])
        assert file.planned_number() == 2


def test_mutants_are_found_by_the_beginning_of_their_id(tmp_path: Path) -> None:
    mutants = many_mutants(40)
    wanted = mutants[7]
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_plan([PlannedMutant(found, ("import",)) for found in mutants], [])
        assert [each.mutant for each in file.mutants(wanted.id)] == [wanted]
        first = {each.mutant.id for each in file.mutants(wanted.id[0])}
        assert first == {found.id for found in mutants if found.id[0] == wanted.id[0]}
        assert list(file.mutants("%")) == []


def test_mutants_can_be_read_while_runs_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainwreck.store.plan_tables.PAGE", 3)
    planned = [PlannedMutant(found, ("import",)) for found in many_mutants(10)]
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_plan(planned, [])
        read = []
        for item in file.mutants():
            trial = Trial("s", TrialKind.MUTANT, 0, mutant=item.mutant)
            file.add_run(trial, outcome_for(trial, outcome()), b"", ENVIRONMENT)
            read.append(item)
        assert read == planned
        assert len(file.finished_ids()) == 10
        for number in (3, 6):
            file.set_plan(planned[:number], [])
            assert list(file.mutants()) == planned[:number]


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    frame = FileFrame("app", "train.py", 1, 2, 3, 4, 5, 6, 7, "not understood at lines 3")
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_plan([], [frame])
        assert file.frames() == [frame]


def test_executed_lines_come_back_with_their_phases(tmp_path: Path) -> None:
    lines = {
        (APP, "train.py"): {1: frozenset(["import"]), 2: frozenset(["import", "learning"])},
        ("keras", "keras/layers.py"): {40: frozenset(["learning"])},
    }
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_executed({(APP, "gone.py"): {1: ["import"]}})
        file.set_executed(lines)
        assert file.executed() == lines


def test_sizes_come_back_as_they_were(tmp_path: Path) -> None:
    sizes = [
        SourceSize(APP, "a.py", 10, 3),
        SourceSize("keras", "keras/a.py", 0, 0),
        SourceSize("keras", "keras/python2.py", None, None),
    ]
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.sources() == []
        file.set_sources(sizes)
    with CampaignFile.open(tmp_path) as file:
        assert sorted(file.sources(), key=lambda size: size.file) == sizes


def test_sizes_replace_the_ones_before(tmp_path: Path) -> None:
    after = [SourceSize(APP, "a.py", 5, 5)]
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_sources([SourceSize(APP, "a.py", 4, 1), SourceSize(APP, "gone.py", 1, 1)])
        file.set_sources(after)
        assert file.sources() == after
        file.set_sources([])
        assert file.sources() == []


def in_environments(folder: Path, *environments: Environment) -> list[tuple[Environment, int]]:
    """What a campaign says of its environments after a run in each of these."""
    with CampaignFile.open(folder, create=True) as file:
        for seed, environment in enumerate(environments):
            trial = Trial("s", TrialKind.CLEAN, seed)
            file.add_run(trial, outcome_for(trial, outcome()), b"", environment)
    with CampaignFile.open(folder) as file:
        return file.environments()


def test_environments_come_back_with_the_number_of_their_runs_the_first_one_first(
    tmp_path: Path,
) -> None:
    numbers = [3, 1, 2]
    made = [Environment("3.11.7", {"numpy": f"2.{minor}.0"}) for minor in range(6)]
    for index, first in enumerate(made):
        others = [made[index - 1], made[index - 2]]
        runs = [first, *others, others[1], first, first]
        folder = tmp_path / str(index)
        folder.mkdir()
        assert in_environments(folder, *runs) == list(zip([first, *others], numbers, strict=True))


def test_the_same_environment_is_stored_once(tmp_path: Path) -> None:
    one = Environment("3.11.7", {"numpy": "2.1.0", "absl": "1"})
    same = Environment("3.11.7", {"absl": "1", "numpy": "2.1.0"})
    assert in_environments(tmp_path, one, same, one) == [(one, 3)]
    with sqlite3.connect(tmp_path / "campaign.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM environment").fetchone() == (1,)


def test_another_python_is_another_environment(tmp_path: Path) -> None:
    one, other = Environment("3.11.7", {"absl": "1"}), Environment("3.11.8", {"absl": "1"})
    assert in_environments(tmp_path, one, other) == [(one, 1), (other, 1)]


def test_an_environment_without_a_run_is_not_told(tmp_path: Path) -> None:
    other = Environment("3.12.0", {})
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.environments() == []
        file.add_run(CLEAN, outcome_for(CLEAN, outcome()), b"", ENVIRONMENT)
        file.add_run(CLEAN, outcome_for(CLEAN, outcome()), b"", other)
        assert file.environments() == [(other, 1)]


def test_a_log_comes_back_as_text(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        add(file, CLEAN, log="é\r\n".encode() + b"\xff")
        assert file.log(CLEAN.id) == "é\r\n\ufffd"
        assert file.log("unknown") == ""


def test_what_is_finished_need_not_run_again(tmp_path: Path) -> None:
    trials = [Trial("s", TrialKind.MUTANT, 0, mutant=found) for found in many_mutants(3)]
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.finished_ids() == set()
        for trial in trials[:2]:
            add(file, trial)
    with CampaignFile.open(tmp_path) as file:
        left = [trial for trial in trials if trial.id not in file.finished_ids()]
    assert left == trials[2:]


def test_a_run_that_is_made_again_replaces_the_one_before(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        add(file, CLEAN, outcome(seconds=1.0), b"one")
        add(file, CLEAN, outcome(seconds=2.0), b"two")
        assert [run.seconds for _, _, run in file.outcomes(TrialKind.CLEAN)] == [2.0]
        assert file.log(CLEAN.id) == "two"


def test_runs_are_found_by_kind_and_by_mutant(tmp_path: Path) -> None:
    bug = Trial("s", TrialKind.MUTANT, 3, mutant=mutant())
    control = Trial("s", TrialKind.CONTROL, 0)
    with CampaignFile.open(tmp_path, create=True) as file:
        for trial in (bug, CLEAN, control):
            add(file, trial)
        found = list(file.outcomes(TrialKind.CLEAN, TrialKind.CONTROL))
        assert [run.trial_id for _, _, run in found] == [CLEAN.id, control.id]
        assert [item[:2] for item in file.outcomes(TrialKind.MUTANT)] == [(Draw(3), mutant().id)]
        assert [run.trial_id for _, run in file.outcomes_of(mutant().id)] == [bug.id]
        assert file.outcomes_of("unknown") == []
        assert list(file.outcomes()) == []


def test_a_run_can_be_forgotten_alone_or_with_its_kind(tmp_path: Path) -> None:
    clean = [Trial("s", TrialKind.CLEAN, seed) for seed in range(3)]
    control = Trial("s", TrialKind.CONTROL, 0)
    with CampaignFile.open(tmp_path, create=True) as file:
        for trial in (*clean, control):
            add(file, trial, log=b"said")
        file.forget_runs(TrialKind.CLEAN, clean[0].id)
        assert file.finished_ids() == {clean[1].id, clean[2].id, control.id}
        assert file.log(clean[0].id) == ""
        file.forget_runs(TrialKind.CLEAN)
        assert file.finished_ids() == {control.id}
        assert file.log(control.id) == "said"


def test_values_by_name_come_back_as_they_were(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("sources", {"a": 1})
        file.set_meta("sources", {"é": [None, 0.1]})
        assert file.meta("sources") == {"é": [None, 0.1]}
        assert file.meta("unknown") is None


def test_a_reader_sees_what_the_writer_wrote(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as writer, CampaignFile.open(tmp_path) as reader:
        add(writer, CLEAN)
        assert reader.finished_ids() == {CLEAN.id}


def test_a_folder_without_a_campaign_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no campaign in"), CampaignFile.open(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [1, 99])
def test_a_campaign_of_another_version_is_refused(tmp_path: Path, version: int) -> None:
    with CampaignFile.open(tmp_path, create=True):
        pass
    path = tmp_path / "campaign.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with (
        pytest.raises(UsageError, match=rf"another version of trainwreck \(format {version}"),
        CampaignFile.open(tmp_path),
    ):
        pass


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "campaign.sqlite")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(UsageError, match="another version"), CampaignFile.open(tmp_path):
        pass


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "campaign.sqlite"
    path.write_bytes(b"these are my notes, no database at all\n" * 100)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="not a database"), CampaignFile.open(tmp_path):
        pass
    assert path.read_bytes() == before


def test_only_one_can_write_to_a_campaign(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "campaign"
    with (
        campaign_lock(folder),
        pytest.raises(UsageError, match="another trainwreck"),
        campaign_lock(folder),
    ):
        pass
    with campaign_lock(folder):
        assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match="cannot be written"),
        campaign_lock(tmp_path / "file" / "campaign"),
    ):
        pass


def test_a_listing_comes_back_as_it_was(tmp_path: Path) -> None:
    mutants = list(mutants_of("class A:\n    def f(self, a: x + 1): return not 'é' + 2\ny += 1\n"))
    sha = mutants[0].source_sha
    cache = ListingCache(tmp_path, "1", "3.11.7")
    assert cache.get(sha, APP, "train.py", "train") is None
    cache.put(sha, mutants, 3, "not understood at lines 9")
    found = cache.get(sha, APP, "train.py", "train")
    assert found == (mutants, 3, "not understood at lines 9")


def test_a_listing_does_not_depend_on_where_the_file_lies(tmp_path: Path) -> None:
    cache = ListingCache(tmp_path, "1", "3.11.7")
    cache.put("f" * 64, [mutant()], 0, "")
    found = cache.get("f" * 64, "keras", "keras/a.py", "keras.a")
    assert found is not None
    assert [(each.root, each.file, each.module) for each in found[0]] == [
        ("keras", "keras/a.py", "keras.a")
    ]
    assert found[0][0].id != mutant().id


def test_a_listing_is_kept_for_one_version_and_one_interpreter(tmp_path: Path) -> None:
    ListingCache(tmp_path, "1", "3.11.7").put("f" * 64, [mutant()], 0, "")
    for version, interpreter in (("2", "3.11.7"), ("1", "3.12.0")):
        assert ListingCache(tmp_path, version, interpreter).get("f" * 64, "a", "b", "c") is None


def test_a_broken_listing_is_read_anew(tmp_path: Path) -> None:
    cache = ListingCache(tmp_path, "1", "3")
    cache.put("f" * 64, [mutant()], 0, "")
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes()[:-7])
    assert cache.get("f" * 64, "a", "b", "c") is None


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "listings").write_text("in the way")
    cache = ListingCache(tmp_path, "1", "3")
    cache.put("f" * 64, [mutant()], 0, "")
    assert cache.get("f" * 64, "a", "b", "c") is None


def fill_the_disk(folder: Path) -> None:
    with CampaignFile.open(folder, create=True) as file:
        file._connection.execute("PRAGMA max_page_count = 1")
        file.set_meta("much", "x" * 1_000_000)


def test_campaign_file_pauses_where_the_disk_is_full(tmp_path: Path) -> None:
    with pytest.raises(Paused, match="cannot be written: database or disk is full"):
        fill_the_disk(tmp_path)
    with CampaignFile.open(tmp_path) as file:
        assert file.meta("much") is None
