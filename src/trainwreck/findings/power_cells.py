"""Cells of tables on the power of checks: shares with their intervals."""

from collections.abc import Iterable, Sequence

from trainwreck.findings.measured_checks import Observations
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import Gap, Missing, Share
from trainwreck.stats.describe import exact_interval
from trainwreck.stats.groups import AtMost, Chance, share_interval, weighted_share


def share_of(hits: Iterable[bool | None]) -> object:
    """Return the share of mutants that are noticed, of those that were seen."""
    known = [hit for hit in hits if hit is not None]
    return Share(sum(known), len(known)) if known else Missing(Gap.NO_MUTANT)


def noticed_cells(seen: Observations, found: Sequence[bool | None]) -> tuple[object, object]:
    """Return the share of the mutants that a check saw with its interval, robust to files."""
    pairs = zip(seen.mutants, found, strict=True)
    known = [(mutant.item, hit) for mutant, hit in pairs if hit is not None]
    if not known:
        gap = Missing(Gap.TOO_FEW_RUNS if seen.mutants else Gap.NO_MUTANT)
        return gap, gap
    items, hits = [item for item, _ in known], [hit for _, hit in known]
    weights = weights_of(items)
    share = weighted_share(hits, weights)
    interval = share_interval(hits, files_of(items), weights=weights)
    return Share(sum(hits), len(hits)), Chance(share, *interval)


def alarm_cells(alarms: Share) -> tuple[object, object]:
    """Return the rate of false alarms with its exact interval, and the number of clean runs."""
    if not alarms.total:
        return Missing(Gap.TOO_FEW_RUNS), 0
    low, high = exact_interval(alarms.count, alarms.total)
    rate = Chance(alarms.value, low, high) if alarms.count else AtMost(high)
    return rate, alarms.total
