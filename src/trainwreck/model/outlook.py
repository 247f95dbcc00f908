"""The outlook of a campaign: which rules can decide early, and whether comparisons can decide."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model.seed_use import SeedUse
from trainwreck.model.verdict import Rule


class Obstacle(StrEnum):
    """A reason why a rule decides nothing, or not yet."""

    NOT_CHOSEN = "not-chosen"
    EXACT = "exact"
    SEVERAL_RESULTS = "several-results"
    ONE_CLEAN_RUN = "one-clean-run"
    NEVER_REPEATS = "never-repeats"
    NO_REPORT = "no-report"
    ONE_REPORT = "one-report"
    NO_STATE = "no-state"
    STATES_DIFFER = "states-differ"
    FILES_OR_STATES = "files-or-states"
    NOT_PROBED = "not-probed"
    PROBED_RUN_DIFFERS = "probed-run-differs"
    NO_RECORD_COUNTS = "no-record-counts"


@dataclass(frozen=True, slots=True)
class RuleOutlook:
    """The obstacles that keep a rule from deciding; none where it can.

    Of ``records`` of probes that the rule rests on, those in ``doubts`` prove nothing: each doubt
    with their number. ``is_proven`` is whether its decisions are proven for this program.
    ``limits`` keep it from deciding on code that runs while the program trains.
    """

    rule: Rule
    obstacles: tuple[Obstacle, ...] = ()
    is_proven: bool = True
    records: int = 0
    doubts: tuple[tuple[str, int], ...] = ()
    limits: tuple[Obstacle, ...] = ()

    @property
    def can_decide(self) -> bool | None:
        """Return whether the rule can decide here; None where no run has shown it yet."""
        if self.obstacles == (Obstacle.NOT_PROBED,):
            return None
        return not self.obstacles


class Comparing(StrEnum):
    """The answer to whether comparisons of mutants with clean runs can decide on impacts."""

    POSSIBLE = "possible"
    SEED_IGNORED = "seed-ignored"
    NEVER_REPEATS = "never-repeats"
    NOT_WANTED = "not-wanted"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class ComparisonOutlook:
    """The answer to whether impacts can be decided, with the numbers of seeds behind it.

    Clean runs with ``seeds`` of ``planned`` seeds are there. A mutant runs with ``most`` draws.
    """

    comparing: Comparing
    seed_use: SeedUse
    seeds: int
    planned: int
    most: int

    @property
    def missing(self) -> int:
        """Return the number of seeds that run once a mutant propagates."""
        is_needed = self.comparing in (Comparing.POSSIBLE, Comparing.TOO_FEW)
        return max(0, self.planned - self.seeds) if is_needed else 0
