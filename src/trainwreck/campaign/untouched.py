"""Stops a campaign in which a run has changed what all runs share."""

from collections.abc import Sequence

from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.errors import ControlError
from trainwreck.model import Level, Trial, TrialKind
from trainwreck.report.words import counted
from trainwreck.run.shared_files import SharedFiles
from trainwreck.store.campaign_file import CampaignFile

EXPECTED = "changed_by_clean_runs"
"""The key of the shared files that the clean program itself changes."""
SHOWN = 3


class Untouched:
    """The files that the runs of a campaign share, and what the clean program changes of them.

    Compared are large input files, folders of data and the targeted libraries: at level ``none``
    after each run, otherwise with each clean run between the mutants.
    """

    def __init__(self, subject: PreparedSubject, file: CampaignFile) -> None:
        self._context = subject.context
        self._level = subject.context.policy.level
        self._file = file
        self._files: SharedFiles | None = None

    def begin(self) -> None:
        """Note the files as they are before the first run of this session."""
        if self._files is None:
            context = self._context
            roots = [*context.shared, *context.covers]
            roots += [context.data] if context.data else []
            # A folder of data may hold the program, and the campaign that is written meanwhile.
            without = [context.campaign, context.folder]
            self._files = SharedFiles(roots, self._file.meta(EXPECTED) or (), without)

    def check(self, trial: Trial) -> None:
        """Compare the files after a trial.

        Raises ControlError where one has changed, after the runs since the last clean one have
        been withdrawn.
        """
        is_clean = trial.mutant is None
        if self._files is None or not (is_clean or self._level is Level.NONE):
            return
        paths = self._files.changed()
        if not paths:
            return
        if is_clean and trial.kind is not TrialKind.CONTROL and self._level is not Level.STRICT:
            self._files.expect_last()
            self._file.set_meta(EXPECTED, sorted(self._files.expected))
            return
        # It is no good one itself, so what ran before it is withdrawn as well.
        self._file.forget_runs(trial.kind, trial.id)
        self._file.withdraw_since_clean()
        raise ControlError(f"{_names(paths)} changed {_when(trial)}", HINTS[self._level])


def _names(paths: Sequence[str]) -> str:
    names = ", ".join(paths[:SHOWN])
    left = len(paths) - SHOWN
    return f"{names} and {counted(left, 'other file')}" if left > 0 else names


def _when(trial: Trial) -> str:
    if trial.mutant is None:
        return "since the clean run before"
    return f"while this mutant ran, or one beside it: {trial.mutant.name}"


RESTORE = "Restore it from your own copy, then repeat the command."
HINTS = {
    Level.STRICT: f"Find the program that changed it, as no trial can. {RESTORE}",
    Level.COPY: f"A mutant can change what it names by its path. {RESTORE}",
    Level.NONE: f'{RESTORE} With `containment = "copy"` under [trials], runs get their own copies.',
}
