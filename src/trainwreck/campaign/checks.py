"""The checks of the doctor: a question, its answer, and the facts behind it."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.campaign.causes import Causes
from trainwreck.model import (
    ChosenProcess,
    ComparisonOutlook,
    DigestCovers,
    Exit,
    Held,
    Repeatability,
    RuleOutlook,
    SeedUse,
    WrittenFolder,
)
from trainwreck.results.baseline import Noise
from trainwreck.results.found_metrics import FoundMetric


class Question(StrEnum):
    """A question of the doctor."""

    CLEAN_WORKS = "clean-works"
    PROCESS_CHOSEN = "process-chosen"
    CLEAN_REPEATS = "clean-repeats"
    CONTAINED = "contained"
    WRITES_OUTSIDE = "writes-outside"
    REACHES_NOTHING = "reaches-nothing"
    CAUSES_SHOWN = "causes-shown"
    COMPARED = "compared"
    FILES_COMPARED = "files-compared"
    WATCHED_AGREE = "watched-agree"
    SEED_USED = "seed-used"
    AGENT_NEUTRAL = "agent-neutral"
    CRASH_CAUGHT = "crash-caught"
    EDIT_NEUTRAL = "edit-neutral"
    RULE_DECIDES = "rule-decides"
    IMPACTS_DECIDED = "impacts-decided"


@dataclass(frozen=True, slots=True)
class ReportedMetrics:
    """The metrics of the clean runs, and where they were found."""

    noise: tuple[Noise, ...]
    found: tuple[FoundMetric, ...]


@dataclass(frozen=True, slots=True)
class WatchedRuns:
    """Of ``runs`` under coverage.py, ``agreeing`` reported the values of a clean run."""

    runs: int
    agreeing: int


@dataclass(frozen=True, slots=True)
class BareRun:
    """A run without the agent: its last values and its end.

    ``is_clean`` is whether its values and files are those of a clean run, ``clean_repeats`` whether
    clean runs repeat at all. ``files`` are those that differ. Of ``runs`` without the agent,
    ``different`` had different results.
    """

    is_clean: bool
    clean_repeats: bool
    metrics: dict[str, float]
    exit: Exit
    files: tuple[str, ...] = ()
    runs: int = 1
    different: int = 1

    @property
    def needs_agent(self) -> bool:
        """Return whether the program repeats with the agent only, which seeds it."""
        return self.clean_repeats and not self.is_clean and self.different > 1


@dataclass(frozen=True, slots=True)
class SeedFacts:
    """The use of the seed that clean runs with ``seeds`` seeds show.

    ``is_handed`` is whether the settings hand the seed to the program by `{seed}`.
    """

    use: SeedUse
    seeds: int
    is_handed: bool


@dataclass(frozen=True, slots=True)
class PlantedRun:
    """A run with an edit of the doctor in a line; ``error`` is the type of what it raised."""

    file: str
    line: int
    hits: int | None
    exit: Exit
    error: str
    is_clean: bool


@dataclass(frozen=True, slots=True)
class ContainmentFacts:
    """The containment of trials; ``problem`` says why this machine gives no better one.

    ``withheld`` are variables with credentials that the program does not get. Each run copies
    ``copied`` bytes that others would share, unless the file system can share them. ``absent`` are
    credentials that the settings allow and that are not set.
    """

    held: Held
    problem: str
    withheld: tuple[str, ...]
    copied: int
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideFiles:
    """The files that a clean run wrote outside of its folder.

    They went to views or folders of its own, and all runs have copies; or, with ``shared``, they
    are those that all runs share.
    """

    written: tuple[WrittenFolder, ...]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ReachedFacts:
    """The hosts, and the services of this machine, that the first clean run alone can reach."""

    hosts: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherFilesFacts:
    """The files that clean runs write into their folder and that no verdict compares.

    ``steady`` have the same content in each run with the first seed, ``changing`` have not.
    """

    steady: tuple[str, ...]
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenProcesses:
    """The processes that clean runs with the first seed took for the program's, each once.

    None is the process that trainwreck started.
    """

    processes: tuple[ChosenProcess | None, ...]


CheckFacts = (
    ReportedMetrics
    | TakenProcesses
    | Repeatability
    | ContainmentFacts
    | OutsideFiles
    | ReachedFacts
    | OtherFilesFacts
    | Causes
    | DigestCovers
    | WatchedRuns
    | SeedFacts
    | BareRun
    | PlantedRun
    | RuleOutlook
    | ComparisonOutlook
)


@dataclass(frozen=True, slots=True)
class Check:
    """One question, whether its answer is as it must be, and the facts behind it.

    ``facts`` are None where no expression on an executed line could be changed. ``warning`` marks
    an answer that leaves the subject usable and calls for care, ``note`` one that only explains.
    ``root`` is where an edit was made.
    """

    question: Question
    passed: bool
    facts: CheckFacts | None
    warning: bool = False
    root: str = ""
    note: bool = False
