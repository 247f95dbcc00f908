"""The planned mutants of a campaign, read from its file again and again, as little as is needed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from trainwreck.model import Mutant, Trial
from trainwreck.results.shards import head, outlines_of_head
from trainwreck.store.campaign_file import CampaignFile

AT_A_TIME = 1000
"""Trials whose mutants are read together."""


@dataclass(frozen=True, slots=True)
class PlannedMutants:
    """Those of the first ``number`` planned mutants, or of all, that the campaign's shards have.

    They are read again whenever they are iterated: a list of them would take most of the memory of
    a large campaign.
    """

    file: CampaignFile
    number: int | None

    def __iter__(self) -> Iterator[Mutant]:
        """Yield the mutants in the order of the plan."""
        return (planned.mutant for planned in head(self.file, self.number))

    def outlines(self) -> Iterator[Mutant]:
        """Yield the mutants in the order of the plan, without their edits."""
        return (planned.mutant for planned in outlines_of_head(self.file, self.number))


def outlines_of(mutants: Iterable[Mutant]) -> Iterable[Mutant]:
    """Return mutants without their edits where these would be read from a file for nothing."""
    return mutants.outlines() if isinstance(mutants, PlannedMutants) else mutants


def with_edits(trials: Iterator[Trial], mutants: Iterable[Mutant]) -> Iterator[Trial]:
    """Yield trials of outlines with the mutants themselves.

    Args:
        trials: Some of the trials of ``outlines_of(mutants)``.
        mutants: The mutants.

    """
    if not isinstance(mutants, PlannedMutants):
        yield from trials
        return
    while some := list(islice(trials, AT_A_TIME)):
        ids = [trial.mutant.id for trial in some if trial.mutant]
        whole = {planned.mutant.id: planned.mutant for planned in mutants.file.mutants_with(ids)}
        for trial in some:
            mutant = trial.mutant and whole[trial.mutant.id]
            yield replace(trial, mutant=mutant)
