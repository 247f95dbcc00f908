"""Remarks under a table, as data."""

from dataclasses import dataclass

from trainwreck.model.containment import Held
from trainwreck.model.damage import Sealing
from trainwreck.model.evidence import CleanEndings
from trainwreck.model.outlook import ComparisonOutlook
from trainwreck.model.result import DigestCovers
from trainwreck.model.verdict import Symptom


@dataclass(frozen=True, slots=True)
class Repeatability:
    """The results of the clean runs with one seed.

    Of ``watched`` runs, which coverage.py or probes watched, ``agreeing`` reported clean values.
    """

    seed: int
    clean: CleanEndings
    watched: int
    agreeing: int


@dataclass(frozen=True, slots=True)
class Controls:
    """The clean runs between mutants; ``new`` of them have a result that none had before."""

    runs: int
    new: int

    @property
    def have_drifted(self) -> bool:
        """Return whether no control reproduces the clean runs before the mutants."""
        return 1 < self.new == self.runs


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """A number of runs in an environment with these differences to the first one."""

    runs: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MachineKind:
    """One kind of machine: its name, its number of runs, and how many of them are clean ones."""

    name: str
    runs: int
    clean: int


@dataclass(frozen=True, slots=True)
class Machines:
    """The kinds of machine behind a campaign, that of the baseline first."""

    kinds: tuple[MachineKind, ...]


@dataclass(frozen=True, slots=True)
class Uncompared:
    """The number of mutants that ran on a kind of machine without a clean run."""

    mutants: int


@dataclass(frozen=True, slots=True)
class CampaignCost:
    """The processor seconds of a campaign.

    ``spent`` is for mutants and probes, ``complete`` an estimate for complete runs of all mutants,
    ``further`` is for further runs of propagated mutants.
    """

    spent: float
    complete: float
    further: float


@dataclass(frozen=True, slots=True)
class Starts:
    """The numbers of mutants' runs that started warm and cold.

    ``cold`` has the reasons why, the most frequent first, each with its number. ``refuted`` is
    whether a warm run ended otherwise than its cold one, after which all runs start cold.
    """

    warm: int
    cold: tuple[tuple[str, int], ...]
    refuted: bool


@dataclass(frozen=True, slots=True)
class DoubtfulMutants:
    """The numbers of mutants with a doubt about their final states.

    ``shared`` propagated ones share a state across files. ``unproven`` propagated ones have no
    second run that proves it. ``half_masked`` ones ended as a clean run in one of two runs.
    """

    shared: int
    unproven: int
    half_masked: int


@dataclass(frozen=True, slots=True)
class WithoutVerdict:
    """The mutants of a campaign whose runs prove nothing: ``broken`` and ``lost`` of ``judged``."""

    campaign: str
    broken: int
    lost: int
    judged: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The number of runs that were taken back because a control after them failed."""

    campaign: str
    runs: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A complete run of a mutant that is not the run that a rule took it for.

    ``is_alive`` is whether the rule took it for stuck; otherwise, for a clean run.
    """

    symptom: Symptom | None
    is_clean: bool
    hits: int | None
    clean: CleanEndings
    is_alive: bool = False


@dataclass(frozen=True, slots=True)
class AuditedWrong:
    """A mutant by name whose complete run disagrees with a rule."""

    mutant: str
    disagreement: Disagreement


@dataclass(frozen=True, slots=True)
class Contained:
    """The containment of one campaign's runs, oldest first; empty where it is not known.

    ``name`` is the campaign's, empty where there is one only.
    """

    name: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A campaign with records that have had no seals since they were made.

    ``name`` is the campaign's, empty where there is one only.
    """

    name: str
    sealing: Sealing


Remark = (
    Repeatability
    | ComparisonOutlook
    | DigestCovers
    | Controls
    | EnvironmentChange
    | Machines
    | Uncompared
    | CampaignCost
    | Starts
    | DoubtfulMutants
    | WithoutVerdict
    | Withdrawn
    | AuditedWrong
    | Contained
    | Unsealed
)
