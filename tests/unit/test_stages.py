"""The names of pieces of work, which programs may rely on: src/trainwreck/campaign/progress.py."""

import json

import pytest

from build import outcome
from guest import ROOT
from trainwreck.campaign.progress import Stage, Title
from trainwreck.cli.events import EventProgress
from trainwreck.cli.printing import print_events
from trainwreck.model import Trial, TrialKind

SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())


def test_the_schema_of_events_has_every_stage() -> None:
    assert SCHEMA["$defs"]["stage"]["examples"] == list(Stage)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (Title(Stage.SEEDS, "open mutants, up to 5 runs of each"), "further-seeds"),
        ("mine", "other"),
    ],
)
def test_events_name_a_stage_by_a_name_that_stays(
    title: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_events(are_wanted=True)
    try:
        progress = EventProgress(())
        progress.begin(title, 3)
        progress.finished(Trial("s", TrialKind.CLEAN, 0), outcome())
    finally:
        print_events(are_wanted=False)
    stage, trial = map(json.loads, capsys.readouterr().err.splitlines())
    assert (stage["name"], stage["title"]) == (name, str(title))
    assert (trial["stage_name"], trial["stage"]) == (name, str(title))
