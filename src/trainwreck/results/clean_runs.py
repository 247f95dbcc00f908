"""The clean runs of a campaign file, grouped by kind of machine, seed and fold."""

from collections.abc import Callable

from trainwreck.judge.baseline_evidence import CleanRuns, clean_runs_of
from trainwreck.model import Draw, Outcome, TrialKind
from trainwreck.store.campaign_file import CampaignFile

UNWATCHED = frozenset([TrialKind.CLEAN, TrialKind.CONTROL])
WATCHED = frozenset([TrialKind.COVERAGE, TrialKind.PROBE])
"""Runs of the clean program that coverage.py or probes may have changed."""


CleanByKind = dict[str, dict[Draw, CleanRuns]]


def group_clean_runs(file: CampaignFile, kind_of: Callable[[str], str]) -> CleanByKind:
    """Group clean runs, controls and watched runs by kind of machine, then by seed and fold.

    Args:
        file: The campaign file.
        kind_of: Returns the kind of machine that a trial ran on.

    """
    runs: dict[tuple[str, Draw], list[Outcome]] = {}
    watched: set[str] = set()
    clean: set[tuple[str, Draw]] = set()
    for kind, draw, outcome in file.clean_outcomes():
        place = kind_of(outcome.trial_id), draw
        if kind in UNWATCHED or kind in WATCHED:
            runs.setdefault(place, []).append(outcome)
        if kind in WATCHED:
            watched.add(outcome.trial_id)
        elif kind in UNWATCHED:
            clean.add(place)
    grouped: CleanByKind = {}
    for machine, draw in runs:
        if (machine, draw) in clean:
            found = clean_runs_of(draw, runs[machine, draw], watched)
            grouped.setdefault(machine, {})[draw] = found
    return grouped
