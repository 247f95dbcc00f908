"""Proposes settings for somebody's own program, from one run of it."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import is_zipfile

from trainwreck.campaign.init.candidates import find_program
from trainwreck.campaign.init.failing import check_works, refuses_option
from trainwreck.campaign.init.metrics import choose_metrics
from trainwreck.campaign.init.observe import Observed, TypedProgram, observe
from trainwreck.campaign.init.phases import Place, find_phases, places_of
from trainwreck.campaign.init.tables import general_name
from trainwreck.campaign.init.targets import choose_targets
from trainwreck.errors import CleanProgramError, UsageError
from trainwreck.model import FIRST
from trainwreck.model.placeholders import as_text, fill
from trainwreck.model.proposal import Proposal, SeedPlace, SeedWay
from trainwreck.report.words import duration
from trainwreck.run.agent_events import NETWORK
from trainwreck.run.reached import reached_of
from trainwreck.source import UnreadableSource, decode
from trainwreck.subject.command_lines import CommandLine, absolute, read_command_line
from trainwreck.subject.interpreter import Interpreter
from trainwreck.subject.preparation import Say
from trainwreck.subject.program_text import ProgramText, read_program, with_seed
from trainwreck.subject.pythons import is_environment
from trainwreck.subject.settings_file import FILE_NAME

ENVIRONMENTS = (".venv", "venv", "env")
ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")
LANDMARKS = "landmarks"
NOT_OUTPUTS = (".csv", ".tsv", ".json", ".jsonl", ".log", ".txt", ".yaml", ".yml", ".png", ".svg",
               ".pdf", ".jpg", ".html", ".md", ".pyc", ".lock")  # fmt: skip
"""Endings of files that hold no model."""
LOG_TAIL = 8


@dataclass(frozen=True, slots=True)
class Typed:
    """A command line: the words of the program, and options of ours."""

    folder: Path
    words: tuple[str, ...] = ()
    python: str = ""
    data: Path | None = None
    limit: float = 600.0
    env: Mapping[str, str] = field(default_factory=dict)


def check_free(folder: Path) -> None:
    """Raise UsageError where no settings can be written into a folder."""
    if os.path.lexists(folder / FILE_NAME):
        raise UsageError(
            f"there is a {FILE_NAME} in {folder} already, and it stays as it is",
            f"Run `trainwreck doctor` to check it, or move it away: `mv {FILE_NAME} before.toml`.",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"{folder} cannot be written, so that {FILE_NAME} has no place",
            "Copy the program into a folder of your own, and change to that.",
        )


def propose(typed: Typed, say: Say) -> Proposal:
    """Run a program once and return the settings that the run suggests.

    Args:
        typed: The program, and the most seconds that it may run.
        say: Called with a line of progress.

    Raises:
        UsageError: There is no such program, or it cannot be run on this machine.
        CleanProgramError: It does not work, or reports no number.

    """
    check_free(typed.folder)
    line = _line(typed)
    _check_no_archive(typed.folder, line.command)
    text = read_program(typed.folder, line.command)
    program, seed = seeded(typed, line, text)
    say(f"runs `{_shown(program)}` once, for at most {duration(typed.limit)}")
    observed = observe(program, typed.limit, say)
    if seed.way is SeedWay.OPTION and refuses_option(observed, seed.name):
        say(f"runs it again without {seed.name}, which it refuses")
        program, seed = _plain(typed, line), SeedPlace()
        observed = observe(program, typed.limit, say)
    check_works(observed, text, typed.limit)
    return proposal_of(program, seed, text, observed)


def _check_no_archive(folder: Path, command: Sequence[str]) -> None:
    """Raise UsageError where the program's code is in an archive, in which no bug is planted."""
    if command and is_zipfile(folder / command[0]):
        raise UsageError(
            f"the code of {command[0]} is in an archive, in which no bug can be planted",
            "Give the folder that it was made from, which Python runs as well: "
            "`trainwreck init python FOLDER`.",
        )


def _line(typed: Typed) -> CommandLine:
    """Return the command, with the interpreter that is meant."""
    words = typed.words or find_program(typed.folder)
    line = read_command_line(words, typed.folder)
    python = typed.python or line.python or environment_of(typed.folder)
    return replace(line, python=python)


def environment_of(folder: Path) -> str:
    """Return the interpreter of an environment beside the program, or of the active one."""
    places = [folder / name for name in ENVIRONMENTS]
    places += [Path(os.environ[name]) for name in ACTIVE if os.environ.get(name)]
    for place in places:
        python = place / "bin" / "python"
        if python.is_file() and is_environment(str(python)):
            return "" if _is_own(python) else str(python)
    return ""


def _is_own(python: Path) -> bool:
    return absolute(python.parent.parent) == absolute(Path(sys.prefix))


def _plain(typed: Typed, line: CommandLine) -> TypedProgram:
    words = [as_text(word) for word in line.command]
    if typed.data:
        words = [word.replace("{{data}}", "{data}") for word in words]
    command = tuple(words)
    env = {name: as_text(value) for name, value in line.env}
    return TypedProgram(typed.folder, command, line.python, env, typed.data)


def seeded(typed: Typed, line: CommandLine, text: ProgramText) -> tuple[TypedProgram, SeedPlace]:
    """Return the program with ``{seed}`` where it takes one, and how it does."""
    program = _plain(typed, line)
    seeded = with_seed(program.command, text.seed, text.entry)
    if text.seed.way is SeedWay.NONE or seeded is None:
        return program, SeedPlace()
    command, variables = seeded
    return replace(program, command=command, env={**program.env, **variables}), text.seed


def _shown(program: TypedProgram) -> str:
    first = {"seed": str(FIRST.seed), "fold": "0", "folds": "1"}
    return shlex.join(["python", *(fill(word, first) for word in program.command)])


def proposal_of(
    program: TypedProgram, seed: SeedPlace, text: ProgramText, observed: Observed
) -> Proposal:
    """Return the settings that a run suggests. Raises CleanProgramError without a number."""
    metrics, others = choose_metrics(observed.output, observed.written.columns)
    if not metrics:
        raise _without_numbers(observed)
    outcome, interpreter = observed.result.outcome, observed.subject.interpreter
    places = places_of(outcome.observations.get(LANDMARKS, ()))
    phases = [] if text.has_marks else find_phases(places, _texts(program.folder, places))
    return Proposal(
        name=_name(program, text),
        command=program.command,
        python=_python(program.folder, program.python, interpreter),
        env=tuple(program.env.items()),
        seed=seed,
        metrics=metrics,
        others=others,
        targets=choose_targets(observed.result.covered, text.packages),
        phases=tuple(phases),
        has_marks=text.has_marks,
        outputs=_outputs(observed, [seen.metric.file for seen in metrics]),
        seconds=outcome.seconds,
        peak=outcome.peak_rss,
        hosts=_hosts(observed),
        can_digest=outcome.parameters is not None,
    )


def _without_numbers(observed: Observed) -> CleanProgramError:
    """Return the error of a program that reports nothing which could be compared."""
    tail = [line for line in observed.output.splitlines() if line.strip()][-LOG_TAIL:]
    said = "\n".join(f"    {line}" for line in tail) or "    (nothing)"
    return CleanProgramError(
        f"the program reports no number that could be a result of training; it printed:\n{said}",
        "Let it print one at its end, such as `accuracy: 0.87`, or write a CSV file with one.",
    )


def _name(program: TypedProgram, text: ProgramText) -> str:
    folder = program.folder.resolve().name
    return folder or Path(text.entry).stem or "my-training"


def _python(folder: Path, python: str, interpreter: Interpreter) -> str:
    """Return an interpreter as the settings write it: nothing for our own."""
    if not python:
        return ""
    path, own = absolute(Path(interpreter.executable)), absolute(Path(sys.executable))
    # In one environment, `python` and `python3.11` are the same one.
    if path.parent == own.parent and path.resolve() == own.resolve():
        return ""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _texts(folder: Path, places: Mapping[str, Sequence[Place]]) -> dict[str, str]:
    """Return the texts of the program's files that landmarks name."""
    files = {place.file for frames in places.values() for place in frames}
    texts = {}
    for file in files:
        try:
            texts[file] = decode((folder / file).read_bytes()).text
        except (OSError, UnreadableSource):
            continue
    return texts


def _outputs(observed: Observed, metrics: Sequence[str]) -> tuple[str, ...]:
    names = [name for name in observed.written.names if not name.lower().endswith(NOT_OUTPUTS)]
    general = dict.fromkeys(map(general_name, names))
    return tuple(name for name in general if name not in metrics and "tfevents" not in name)


def _hosts(observed: Observed) -> tuple[str, ...]:
    found = reached_of(observed.result.outcome.observations.get(NETWORK, {}))
    return (*found.hosts, *found.services)
