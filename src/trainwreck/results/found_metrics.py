"""Reads where the clean runs reported each metric, and how often."""

from dataclasses import dataclass

from trainwreck.model import TrialKind, Which
from trainwreck.results.evidence import Evidence
from trainwreck.run.metric_files import FOUND


@dataclass(frozen=True, slots=True)
class FoundMetric:
    """The values of one metric in clean runs.

    Each run has from ``least`` to ``most`` of them, and ``which`` counts. They are in ``files``,
    those of the first run, or printed to ``stream``; to either stream where that is empty.
    """

    metric: str
    which: Which
    least: int
    most: int
    stream: str = ""
    files: tuple[str, ...] = ()


def read_found(evidence: Evidence) -> tuple[FoundMetric, ...]:
    """Return where each metric was found; nothing without a clean run."""
    clean = [outcome for _, _, outcome in evidence.file.outcomes(TrialKind.CLEAN)]
    if not clean:
        return ()
    first = evidence.file.observations(FOUND).get(clean[0].trial_id, {})
    metrics = []
    for metric in evidence.metrics:
        numbers = [len(outcome.steps.get(metric.name, ())) for outcome in clean]
        files = first.get(metric.name, {}).get("files", {})
        metrics.append(
            FoundMetric(
                metric.name,
                metric.which,
                min(numbers),
                max(numbers),
                str(metric.stream or ""),
                tuple(name for name, number in files.items() if number),
            )
        )
    return tuple(metrics)
