"""Runs the planned mutants, as many as asked for, from wherever the campaign stands."""

from itertools import islice
from pathlib import Path

from trainwreck.campaign.baseline import limits_for
from trainwreck.campaign.desk import Desk, remember
from trainwreck.campaign.loop import Progress, execute
from trainwreck.errors import UsageError
from trainwreck.plan import mutant_trials
from trainwreck.run import clear_leftovers
from trainwreck.source import decode
from trainwreck.store import CampaignFile


def run_campaign(
    desk: Desk, file: CampaignFile, number: int | None, jobs: int, progress: Progress
) -> int:
    """Run the first ``number`` planned mutants that have not run yet; returns how many ran.

    Raises UsageError where the sources are no longer those that the mutants were made for.
    """
    remember(desk, file)
    clear_leftovers(desk.workbench.campaign)
    _check_sources(desk, file)
    known = file.finished_ids()
    mutants = (mutant for mutant, _ in islice(file.mutants(), number))
    left = sum(trial.id not in known for trial in mutant_trials(desk.subject_id, mutants))
    progress.begin("mutants", left)
    mutants = (mutant for mutant, _ in islice(file.mutants(), number))
    trials = mutant_trials(desk.subject_id, mutants)
    ran = sum(1 for _ in execute(desk, file, trials, limits_for(desk, file), jobs, progress))
    progress.end()
    return ran


def _check_sources(desk: Desk, file: CampaignFile) -> None:
    """Every planned file must still be the one that was listed."""
    bases = {**desk.workbench.bases, "app": desk.workbench.folder}
    expected = {(mutant.root, mutant.file): mutant.source_sha for mutant, _ in file.mutants()}
    for (root, name), sha in expected.items():
        path: Path = bases[root] / name
        if not path.is_file() or decode(path.read_bytes()).sha != sha:
            raise UsageError(
                f"{path} has changed since the campaign began",
                "put it back, or start anew in another folder: trainwreck --campaign DIR …",
            )
