"""What the file reads of the ids of runs, which a resumed campaign asks for first."""

from pathlib import Path

from build import ENVIRONMENT, mutant, outcome
from trainwreck.model import Draw, Ending, Exit, Rule, Trial, TrialKind
from trainwreck.model.trials import mutant_trial
from trainwreck.store.campaign_file import CampaignFile

CLEAN = Trial("s", TrialKind.CLEAN, 0)
FIRST_RUN, LATER = (
    Trial("s", TrialKind.MUTANT, 0, mutant=mutant()),
    mutant_trial("s", mutant(), Draw(1)),
)
FOLD = Trial("s", TrialKind.MUTANT, 0, 1, mutant=mutant())
LOST = Trial("s", TrialKind.CONTROL, 0)


def test_finished_first_ids_leave_out_further_seeds_folds_and_lost_runs(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        for trial in (CLEAN, FIRST_RUN, LATER, FOLD):
            file.add_run(trial, outcome(trial_id=trial.id), b"", ENVIRONMENT)
        assert file.finished_number() == 4
        file.add_run(LOST, outcome(trial_id=LOST.id, exit=Exit(Ending.LOST, 0)), b"", ENVIRONMENT)
        assert file.finished_number() == 4
        assert file.finished_first_ids() == {CLEAN.id, FIRST_RUN.id}
        assert file.finished_ids() == {CLEAN.id, FIRST_RUN.id, LATER.id, FOLD.id}


def test_settled_runs_are_those_that_a_rule_ended_of_one_kind(tmp_path: Path) -> None:
    rule = Rule.CUT.value
    with CampaignFile.open(tmp_path, create=True) as file:
        for trial, settled in ((CLEAN, rule), (FIRST_RUN, rule), (LATER, "")):
            run = outcome(trial_id=trial.id, settled=settled)
            file.add_run(trial, run, b"", ENVIRONMENT)
        assert file.settled_runs(TrialKind.MUTANT) == [(FIRST_RUN.id, rule)]
