"""The programs of studies/realbugs, for real: each bug fits its library and changes the result.

``make smoke`` runs two of the programs, ``make realbugs`` all of them.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from test_studies import smoke_of
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.own_bugs import read_own_bugs
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Mutant, Rung, Trial, TrialKind
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.study, pytest.mark.timeout(1800)]

FOLDER = Path(__file__).parents[2] / "studies" / "realbugs"
PROGRAMS = sorted(path.parent.name for path in FOLDER.glob(f"*/{FILE_NAME}"))
FEW = ("optax", "scikit-learn")
CASES = [
    pytest.param(name, marks=() if name in FEW else pytest.mark.every_example) for name in PROGRAMS
]


@pytest.mark.parametrize("program", CASES)
def test_a_real_bug_changes_the_result_without_an_error(
    program: str, tmp_path: Path, user_cache: Path, no_process_is_left: None
) -> None:
    settings = load_settings(FOLDER / program / FILE_NAME, "tiny")
    missing = obstacles(settings)
    if missing:
        pytest.skip(f"{program}: {'; '.join(missing)}")
    with smoke_of(settings, tmp_path, user_cache) as smoke:
        run_baseline(smoke)
        bugs = [planned.mutant for planned in read_own_bugs(smoke, (), is_reversed=False)]
        assert rungs(smoke, bugs) == {bug.name: Rung.PROPAGATED for bug in settings.bugs}


def rungs(smoke: Session, bugs: Sequence[Mutant]) -> dict[str, Rung | None]:
    """The rung of each bug by its name, of a run that evaluated it."""
    trials = [Trial(smoke.id, TrialKind.MUTANT, 0, mutant=bug) for bug in bugs]
    smoke.progress.begin("real bugs", len(trials))
    found: dict[str, Rung | None] = {}
    for result in smoke.execute(trials):
        bug = result.trial.mutant
        assert bug is not None
        verdict = smoke.evidence.verdict(bug, FIRST, result.outcome)
        assert verdict is not None
        assert result.outcome.hits, f"{bug.name} was not evaluated"
        found[bug.change] = verdict.rung
    return found
