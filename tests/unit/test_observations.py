"""A made-up observation goes from the agent's event file through store and export to an import."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build import ENVIRONMENT, mutant, outcome
from exchanging import exported, lines_of, refused, rows, value
from guest import agent_module
from trainwreck.campaign.transfer import import_records
from trainwreck.model import Draw, Outcome, PlannedMutant, Trial, TrialKind
from trainwreck.report.story import story_json
from trainwreck.results.source import results_of
from trainwreck.run.events import read_events
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.usefixtures("no_home")

BASE = "/home/anna/program"
BUG = mutant()
RUN = Trial("s", TrialKind.MUTANT, 0, mutant=BUG)
CLEAN = Trial("s", TrialKind.CLEAN, 0)
SENT = {
    "gradients": {"dense": [0.5, float("inf"), None], "é": True},
    "saved to": f"{BASE}/model.bin",
    "precision": "float32",
}


def send(folder: Path, main: bool = True, **observations: Any) -> None:
    """Write events as the agent does in one process of a program."""
    events = agent_module("events").Events(str(folder))
    events.write("start", pid=os.getpid(), main=main)
    for name, each in observations.items():
        events.write("observation", name=name, value=each)


def observed(folder: Path) -> dict[str, Any]:
    """What is read of the events in a folder, with paths as those of the program."""
    return read_events(folder, lambda text: text.replace("/slot/0/app", BASE), folder).observations


def outcome_of(trial: Trial, **changes: Any) -> Outcome:
    return outcome(trial_id=trial.id, **value(Draw(0)), **changes)


@pytest.fixture
def campaign_of_one(tmp_path: Path) -> Path:
    """A campaign with one mutant, whose run sent the observations ``SENT``."""
    events = tmp_path / "events"
    events.mkdir()
    send(events, **{**SENT, "saved to": "/slot/0/app/model.bin"})
    folder = tmp_path / "campaign"
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        file.set_meta("bases", {"app": BASE})
        file.set_plan([PlannedMutant(BUG, ("learning",))], [])
        file.add_run(CLEAN, outcome_of(CLEAN), b"", ENVIRONMENT)
        run = outcome_of(RUN, observations=observed(events))
        file.add_run(RUN, run, b"", ENVIRONMENT)
    return folder


def test_observations_of_an_event_file_are_kept_by_add_run(campaign_of_one: Path) -> None:
    with CampaignFile.open(campaign_of_one) as file:
        assert file.observations("gradients") == {RUN.id: SENT["gradients"]}
        assert file.observations("saved to") == {RUN.id: SENT["saved to"]}
        assert file.observations("colour") == {}
        ((_, run),) = file.outcomes_of(BUG.id)
        ((_, _, clean),) = file.clean_outcomes()
        (planned,) = file.first_runs()
        (again,) = file.runs_of(BUG.id)
    assert run.observations == SENT
    assert clean.observations == {}
    assert planned.first == again.outcome == run


def test_observations_come_back_from_an_export_without_paths(
    campaign_of_one: Path, tmp_path: Path
) -> None:
    records = exported(campaign_of_one, tmp_path / "a.jsonl")
    facts = [line for line in lines_of(records, "fact") if line["table"] == "observation"]
    assert [fact["row"]["name"] for fact in facts] == sorted(SENT)
    assert import_records(records, tmp_path / "copy").doubts == ()
    with CampaignFile.open(tmp_path / "copy") as file:
        assert file.observations("gradients") == {RUN.id: SENT["gradients"]}
        assert file.observations("saved to") == {RUN.id: "<app>/model.bin"}
    again = exported(tmp_path / "copy", tmp_path / "b.jsonl")
    assert again.read_bytes() == records.read_bytes()


def test_an_export_without_observations_has_none_in_it(campaign: Path, records: Path) -> None:
    assert rows(campaign, "observation") == []
    assert "observation" not in records.read_text()


def test_import_refuses_an_observation_whose_value_is_no_json(
    campaign_of_one: Path, tmp_path: Path
) -> None:
    records = exported(campaign_of_one, tmp_path / "a.jsonl")
    text = records.read_text()
    assert text.count(r'"value":"\"float32\""') == 1
    records.write_text(text.replace(r'"value":"\"float32\""', '"value":"float32"'))
    assert "a fact of `observation`: column `value`" in refused(records, tmp_path / "copy")


def test_observations_are_dropped_with_their_run(campaign_of_one: Path) -> None:
    with CampaignFile.open(campaign_of_one, create=True) as file:
        file.add_run(RUN, outcome_of(RUN, observations={"precision": "half"}), b"", ENVIRONMENT)
        assert [row[1:] for row in rows(campaign_of_one, "observation")] == [
            ("precision", '"half"')
        ]
        file.forget_runs(TrialKind.MUTANT)
    assert rows(campaign_of_one, "observation") == []


def test_import_leaves_out_the_observations_of_doubtful_runs(
    campaign_of_one: Path, tmp_path: Path
) -> None:
    with CampaignFile.open(campaign_of_one, create=True) as file:
        run = outcome_of(RUN, observations=SENT, seconds=-1.0)
        file.add_run(RUN, run, b"", ENVIRONMENT)
    records = exported(campaign_of_one, tmp_path / "a.jsonl")
    assert import_records(records, tmp_path / "copy", leave_out_doubtful=True).left_out == 1
    assert rows(tmp_path / "copy", "observation") == []


def test_read_events_takes_the_observation_of_the_main_process_first(tmp_path: Path) -> None:
    send(tmp_path, main=False, precision="double", workers=2)
    send(tmp_path, precision="single")
    send(tmp_path, main=False, precision="half", workers=3)
    assert observed(tmp_path) == {"precision": "single", "workers": 3}


def test_read_events_takes_the_last_observation_of_a_name(tmp_path: Path) -> None:
    events = agent_module("events").Events(str(tmp_path))
    events.write("start", main=True)
    for step in range(3):
        events.write("observation", name="step", value=step)
    assert observed(tmp_path) == {"step": 2}


def test_clean_runs_have_the_digest_of_their_files_in_every_reading(tmp_path: Path) -> None:
    trial = replace(RUN, kind=TrialKind.CLEAN, mutant=None)
    with CampaignFile.open(tmp_path, create=True) as file:
        run = outcome_of(trial, observations={"files": {"*": {"a.csv": "1"}}, "state": "s"})
        file.add_run(trial, run, b"", ENVIRONMENT)
        (measured,) = file.measurements(TrialKind.CLEAN)
        assert measured.digest == run.digest == file.digest_of(trial.id)
    assert run.digest != outcome_of(trial).digest


def test_show_json_has_observations_where_a_run_has_some(campaign_of_one: Path) -> None:
    with CampaignFile.open(campaign_of_one, create=True) as file:
        assert '"observations": {"gradients"' in story_json(results_of(file).story(BUG.id))
        file.add_run(RUN, outcome_of(RUN), b"", ENVIRONMENT)
        assert "observations" not in story_json(results_of(file).story(BUG.id))
