"""The results of a campaign that trainwreck ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.errors import UsageError
from trainwreck.model import (
    APP,
    FIRST,
    Judged,
    Measurement,
    PlannedMutant,
    Rung,
    Selection,
    TrialKind,
)
from trainwreck.results.evidence import Evidence
from trainwreck.results.shards import members, number_of_members, outlines_of_members
from trainwreck.store.campaign_file import CampaignFile

# Impacts, findings and diffs need numbers and syntax, which `trainwreck status` has no use for.
if TYPE_CHECKING:
    from trainwreck.findings import JudgedCampaign
    from trainwreck.results.mutated_files import FileKey
    from trainwreck.results.story import NoDiff, Story


@dataclass(frozen=True)
class OwnResults:
    """The results of one campaign file with facts; see `ResultSource`."""

    file: CampaignFile

    @cached_property
    def evidence(self) -> Evidence:
        """Return the facts behind verdicts, read when they are first used."""
        return Evidence(self.file)

    @property
    def name(self) -> str:
        """Return the name of the subject."""
        return self.file.meta("subject") or "campaign"

    @property
    def planned(self) -> int:
        """Return the number of planned mutants."""
        return number_of_members(self.file)

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of all runs."""
        return sum(cost.cpu_seconds for cost in self.file.costs())

    def check_readable(self) -> None:
        """Raise UsageError where there is nothing to report yet."""
        if not self.evidence.clean:
            raise UsageError("the campaign has no clean run", "Run `trainwreck baseline` first.")

    def mutants(self) -> Iterator[PlannedMutant]:
        """Yield the planned mutants in their order, those of other shards left out."""
        return members(self.file)

    def first_verdicts(self) -> Iterator[Judged]:
        """Yield the verdicts by runs with the first seed, without impacts."""
        return self.evidence.first_verdicts()

    def brief_verdicts(self) -> Iterator[Judged]:
        """Yield symptoms and rungs by runs with the first seed."""
        return self.evidence.first_verdicts(is_brief=True)

    def outlines(self) -> Iterator[PlannedMutant]:
        """Yield the planned mutants in their order, without their edits and phases."""
        return outlines_of_members(self.file)

    def chosen_verdicts(self) -> Iterator[Judged]:
        """Yield the verdicts on mutants that somebody chose, without impacts."""
        return self.evidence.first_verdicts(Selection.CHOSEN)

    def chosen(self) -> list[PlannedMutant]:
        """Return the mutants that somebody chose, also those of the sample."""
        return self.file.chosen()

    def measurements(self) -> Iterator[Measurement]:
        """Yield every clean run and every run of a mutant."""
        kinds = (TrialKind.CLEAN, TrialKind.MUTANT)
        return chain.from_iterable(map(self.file.measurements, kinds))

    def judged_campaign(self, name: str) -> JudgedCampaign:
        """Judge the whole campaign, under the given name."""
        from trainwreck.findings import JudgedCampaign
        from trainwreck.results.judged_campaign import judge_mutants

        mutants = judge_mutants(self.evidence)
        sampled = {item.mutant.id for item in mutants.judged}
        chosen = judge_mutants(self.evidence, Selection.CHOSEN)
        return JudgedCampaign(
            name=name,
            judged=mutants.judged,
            planned=self.planned,
            metrics=self.evidence.metrics,
            clean=self.evidence.clean_sample,
            first=mutants.first,
            runs=mutants.runs,
            phases=self.evidence.phases,
            phase_lines=self._phase_lines(),
            endings=self.evidence.clean_endings,
            alpha=self.evidence.decision.alpha,
            chosen=[item for item in chosen.judged if item.mutant.id not in sampled],
            chosen_first=chosen.first,
            chosen_runs=chosen.runs,
        )

    def _phase_lines(self) -> dict[str, int]:
        """Count the lines of the program itself that run in each phase."""
        numbers: dict[str, int] = {}
        for (root, _), lines in self.file.executed().items():
            for phase in (p for phases in lines.values() for p in phases if root == APP):
                numbers[phase] = numbers.get(phase, 0) + 1
        return numbers

    def story(self, prefix: str) -> Story:
        """Return all about the mutant whose id begins with ``prefix``. Raises UsageError."""
        from trainwreck.results.story import only_one

        named = [planned for planned in self.file.chosen() if planned.mutant.id.startswith(prefix)]
        named += self.file.mutants(prefix)
        by_id = {planned.mutant.id: planned for planned in named}
        return self.story_of(only_one(list(by_id.values()), prefix))

    def story_of(self, planned: PlannedMutant) -> Story:
        """Return all about one mutant, which need not be planned."""
        from trainwreck.findings import has_phases
        from trainwreck.results.baseline import read_noise
        from trainwreck.results.clean_curves import curves_of, read_clean_curves
        from trainwreck.results.judged_campaign import judge_all, judge_chosen
        from trainwreck.results.story import Story, diff_of

        file, mutant = self.file, planned.mutant
        draw, outcome = next(iter(file.outcomes_of(mutant.id)), (FIRST, None))
        second = file.second_of(mutant.id) if draw == FIRST else None
        verdict = self.evidence.verdict(mutant, draw, outcome, second)
        if verdict is not None and (verdict.rung is Rung.PROPAGATED or verdict.unseen):
            # Tests are corrected over all mutants, and endings are shared with others.
            judged = chain(judge_all(self.evidence), judge_chosen(self.evidence, ()))
            # Beyond the first planned mutant without a verdict, none joins the sample yet.
            verdicts = (item.verdict for item in judged if item.mutant.id == mutant.id)
            verdict = next(verdicts, verdict)
        bases = file.meta("bases") or {}
        sources = [Path(bases[p.root]) / p.file if p.root in bases else None for p in mutant.parts]
        return Story(
            planned=planned,
            diff=diff_of(mutant, sources),
            source=sources[0],
            verdict=verdict,
            outcome=outcome,
            clean=read_noise(self.evidence),
            metrics=self.evidence.metrics,
            log=file.log(outcome.trial_id) if outcome and file.has_log(outcome.trial_id) else None,
            cost=file.mutant_costs().get(mutant.id),
            clean_curves=read_clean_curves(file) if outcome and curves_of(outcome) else (),
            has_phases=has_phases(self.evidence.phases),
        )

    def stories(self, campaign: JudgedCampaign) -> Iterator[Story]:
        """Yield all about every judged mutant but its diff, those of the sample first."""
        from trainwreck.results.baseline import read_noise
        from trainwreck.results.story import Story

        file, noise, costs = self.file, read_noise(self.evidence), self.file.mutant_costs()
        verdicts = {item.mutant.id: item.verdict for item in (*campaign.judged, *campaign.chosen)}
        for selection in Selection:
            for runs in file.first_runs(selection):
                verdict = verdicts.pop(runs.mutant.id, None)
                if verdict is None:
                    continue
                trial = runs.first.trial_id if runs.first else ""
                yield Story(
                    planned=runs.planned,
                    diff="",
                    verdict=verdict,
                    outcome=runs.first,
                    clean=noise,
                    metrics=self.evidence.metrics,
                    log=file.log(trial) if trial and file.has_log(trial) else None,
                    cost=costs.get(runs.mutant.id),
                    has_phases=campaign.has_phases,
                )

    def texts(self, campaign: JudgedCampaign) -> dict[FileKey, str | NoDiff]:
        """Return the text of every file with a judged mutant, or why it is not here."""
        from trainwreck.results.mutated_files import read_texts

        mutants = (item.mutant for item in (*campaign.judged, *campaign.chosen))
        return read_texts(self.file.meta("bases") or {}, mutants)
