"""A proposal: the settings that one run of a program suggests."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model.subject import Metric, PhaseMark


class SeedWay(StrEnum):
    """The way by which a program gets the seed of a run."""

    OPTION = "option"
    ARGUMENT = "argument"
    VARIABLE = "variable"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SeedPlace:
    """The place of the seed: the name of an option or variable, or the number of an argument.

    ``where`` is the file and line of the program that reads it, empty where none was found.
    """

    way: SeedWay = SeedWay.NONE
    name: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class SeenMetric:
    """A metric with the values that the run reported, and the last line that holds one of them.

    ``is_redrawn`` is whether a progress bar shows it, which prints as often as time allows, and
    ``is_guessed`` whether its name does not say if more of it is better.
    """

    metric: Metric
    values: tuple[str, ...]
    line: str = ""
    is_redrawn: bool = False
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class SeenTarget:
    """A library or a part of one, with the number of its lines that ran while the model trained."""

    name: str
    lines: int


@dataclass(frozen=True, slots=True)
class SeenPhase:
    """A mark of a phase, with the statement that begins there."""

    mark: PhaseMark
    statement: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The settings that one run of a program suggests, and what they rest on.

    Attributes:
        name: The name of the subject.
        command: The words that Python runs, with ``{seed}`` where the program takes a seed.
        python: The interpreter as the settings write it, empty for the one that runs trainwreck.
        env: Variables of the program.
        seed: How the program gets the seed.
        metrics: The metrics that are proposed, the most telling one first.
        others: Numbers that the run reported besides.
        targets: Libraries by their executed lines, most first.
        phases: Phases; none where the program has marks of its own, or none was seen.
        has_marks: Whether the program marks its phases itself.
        outputs: Files that the run wrote into the program's folder.
        seconds: Time of the run, with the agent and with measured lines.
        peak: Most bytes of memory of the run.
        hosts: Hosts and services that the run reached.
        can_digest: Whether the agent read parameters of a model at the end.

    """

    name: str
    command: tuple[str, ...]
    python: str
    env: tuple[tuple[str, str], ...]
    seed: SeedPlace
    metrics: tuple[SeenMetric, ...]
    others: tuple[SeenMetric, ...]
    targets: tuple[SeenTarget, ...]
    phases: tuple[SeenPhase, ...]
    has_marks: bool
    outputs: tuple[str, ...]
    seconds: float
    peak: int
    hosts: tuple[str, ...]
    can_digest: bool
