"""The public keys of ``study --list --json``."""

import json

from trainwreck.cli.show import study_json
from trainwreck.subject.studies import StudyState


def test_study_json_names_an_existing_environment_made() -> None:
    state = StudyState(
        name="keras",
        targets=("app", "keras"),
        python="python3.7",
        packages=("Keras==2.3.1",),
        programs=(),
        has_environment=True,
        obstacles=(),
        note="",
    )
    assert json.loads(study_json(state)) == {
        "name": "keras",
        "targets": ["app", "keras"],
        "python": "python3.7",
        "packages": ["Keras==2.3.1"],
        "programs": [],
        "made": True,
        "obstacles": [],
        "note": "",
    }
