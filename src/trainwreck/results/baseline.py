"""Clean runs of a campaign, summed up."""

from dataclasses import dataclass

from trainwreck.errors import UsageError
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.covers import NOTHING_COVERED
from trainwreck.model import FIRST, ComparisonOutlook, DigestCovers, TrialKind, values_that_count
from trainwreck.results.evidence import Evidence
from trainwreck.results.outlook import comparison_outlook
from trainwreck.stats.describe import mean_and_deviation

REPORTED = "reported"
"""Key for the settings that the program printed in its first clean run."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Mean and standard deviation of a metric over the clean runs."""

    metric: str
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, repr=False)
class Baseline:
    """The summary of clean runs; times in seconds, ``slowest`` sets the limits for mutant runs.

    ``comparison`` says which seeds have run, and which follow once mutants are compared.

    Of ``measured`` runs, coverage.py watched each, ``differing`` reported values of no clean run.
    ``covers`` is what the digests of the first seed cover.
    """

    runs: int
    noise: tuple[Noise, ...]
    seconds: tuple[float, float]
    cpu_seconds: tuple[float, float]
    slowest: tuple[float, float]
    determinism_checks: tuple[DeterminismCheck, ...]
    covered_lines: dict[str, int]
    unstable_lines: int
    measured: int = 0
    differing: int = 0
    comparison: ComparisonOutlook | None = None
    covers: DigestCovers = NOTHING_COVERED

    def __repr__(self) -> str:
        """Name the numbers of runs and seeds: the rest are facts for `baseline`."""
        return f"Baseline({self.runs} clean runs, {len(self.determinism_checks)} seeds)"

    @property
    def depends_on_watching(self) -> bool:
        """Return whether measured runs report other values, though clean runs agree."""
        checks = self.determinism_checks
        first = next((check for check in checks if check.seed == FIRST.seed), None)
        agree = first is not None and first.repeats and len(first.digests) == 1
        return agree and self.differing > 0


def read_baseline(evidence: Evidence) -> Baseline:
    """Sum up the clean runs of a campaign. Raises UsageError where there is none."""
    file = evidence.file
    clean = [outcome for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
    if not clean:
        raise UsageError("the campaign has no clean run", "Run `trainwreck baseline` first.")
    lines: dict[str, int] = {}
    for (root, _), executed in file.executed().items():
        lines[root] = lines.get(root, 0) + len(executed)
    seconds = [outcome.seconds for outcome in clean]
    cpu_seconds = [outcome.cpu_seconds for outcome in clean]
    by_draw = evidence.clean
    measured = [outcome.steps for _, _, outcome in file.outcomes(TrialKind.COVERAGE)]
    first = by_draw.get(FIRST)
    clean_steps = first.steps if first else ()
    return Baseline(
        runs=len(clean),
        noise=read_noise(evidence),
        seconds=mean_and_deviation(seconds),
        cpu_seconds=mean_and_deviation(cpu_seconds),
        slowest=(max(seconds), max(cpu_seconds)),
        determinism_checks=tuple(by_draw[draw].determinism for draw in sorted(by_draw)),
        covered_lines=lines,
        unstable_lines=file.meta("unstable_lines") or 0,
        measured=len(measured),
        differing=sum(steps not in clean_steps for steps in measured),
        comparison=comparison_outlook(evidence),
        covers=first.covers if first else NOTHING_COVERED,
    )


def read_noise(evidence: Evidence) -> tuple[Noise, ...]:
    """Return mean and standard deviation of each metric over all clean runs."""
    clean = [
        values_that_count(outcome.steps, evidence.metrics)
        for _, _, outcome in evidence.file.outcomes(TrialKind.CLEAN)
    ]
    return tuple(
        Noise(name, *mean_and_deviation([values[name] for values in clean]))
        for name in evidence.metric_names
        if clean
    )
