"""The clean runs of a campaign file, grouped by seed and fold."""

from trainwreck.judge.baseline_evidence import CleanRuns, clean_runs_of
from trainwreck.model import Draw, Outcome, TrialKind
from trainwreck.store.campaign_file import CampaignFile

UNWATCHED = frozenset([TrialKind.CLEAN, TrialKind.CONTROL])
WATCHED = frozenset([TrialKind.COVERAGE, TrialKind.PROBE])
"""Runs of the clean program that coverage.py or probes may have changed."""


def group_clean_runs(file: CampaignFile) -> dict[Draw, CleanRuns]:
    """Group clean runs, controls and watched runs by seed and fold."""
    by_draw: dict[Draw, list[Outcome]] = {}
    watched: set[str] = set()
    clean: set[Draw] = set()
    for kind, draw, outcome in file.clean_outcomes():
        if kind in UNWATCHED or kind in WATCHED:
            by_draw.setdefault(draw, []).append(outcome)
        if kind in WATCHED:
            watched.add(outcome.trial_id)
        elif kind in UNWATCHED:
            clean.add(draw)
    return {draw: clean_runs_of(draw, by_draw[draw], watched) for draw in by_draw if draw in clean}
