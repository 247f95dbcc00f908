"""Runs somebody's program once as a clean run, and keeps what it prints, writes and executes."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainwreck.campaign.baseline import check_measurable
from trainwreck.campaign.init.tables import WrittenFiles, read_written
from trainwreck.campaign.levels import choose_policy
from trainwreck.campaign.prepare import PreparedSubject, prepare_subject
from trainwreck.model import Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.run.instructions import Instructions
from trainwreck.run.launcher import TrialRequest, TrialResult, clear_leftovers, run_trial
from trainwreck.run.limits import Limits
from trainwreck.run.removal import remove_tree
from trainwreck.subject.preparation import Say
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import load_settings
from trainwreck.subject.settings_writing import probing_text
from trainwreck.subject.studies import cache_folder

WORK = ".trainwreck-init"
"""The folder of the run, which is removed after it. Copies of the program leave it out."""
KEPT = 2 << 20
"""Bytes of the output that are kept from its begin, and as many from its end."""
LIBRARIES = ("site-packages", "dist-packages")
MOST_MEMORY = 0.85
"""The share of the machine's memory that the run may use: its own limit is not known yet."""


@dataclass(frozen=True, slots=True)
class TypedProgram:
    """A program as it was given on the command line: the words that Python runs, and variables."""

    folder: Path
    command: tuple[str, ...]
    python: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """One run of a program: its settings, its result, and what it printed and wrote."""

    settings: Settings
    subject: PreparedSubject
    result: TrialResult
    output: str
    written: WrittenFiles


class KeptOutput:
    """The begin and the end of what a program prints."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def __call__(self, chunk: bytes) -> None:
        """Take the next piece."""
        room = max(0, KEPT - len(self._head))
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * KEPT:
            del self._tail[:-KEPT]

    @property
    def text(self) -> str:
        """Return the text."""
        return bytes(self._head + self._tail).decode("utf-8", "replace")


def observe(program: TypedProgram, limit: float, say: Say) -> Observed:
    """Run a program once, behind the walls of a clean run, with its libraries measured.

    Args:
        program: The program.
        limit: The most seconds of the run.
        say: Called with a line of progress.

    Raises:
        UsageError: The program cannot be run on this machine.

    """
    with _work_of(program.folder) as work:
        settings = _settings(program, work)
        cache = cache_folder()
        policy = choose_policy(settings, work, None, say)
        subject = prepare_subject(settings, work, cache, program.data, say, (), policy)
        check_measurable(subject.interpreter)
        covers = (path for path in subject.interpreter.places if path.name in LIBRARIES)
        context = replace(subject.context, covers=tuple(covers), marks={})
        output, written = KeptOutput(), [WrittenFiles()]

        def inspect(copy: Path) -> None:
            written[0] = read_written(copy, context.folder)

        trial = Trial(settings.subject.fingerprint, TrialKind.CLEAN, 0)
        request = TrialRequest(trial, _limits(limit, settings), Instructions(observe=True))
        slot = Slot(0, work / "work" / "0")
        result = run_trial(request, context, slot, echo=output, inspect=inspect)
        # Messages name the user's own files, not those of a copy that is gone.
        said = output.text.replace(str(slot.folder / "app"), str(program.folder))
        return Observed(settings, subject, result, said, written[0])


@contextmanager
def _work_of(folder: Path) -> Iterator[Path]:
    work = folder / WORK
    clear_leftovers(work / "work")
    remove_tree(work)
    work.mkdir()
    try:
        yield work
    finally:
        remove_tree(work)


def _settings(program: TypedProgram, work: Path) -> Settings:
    """Return settings with which any program runs, also before its metrics are known."""
    file = work / "trainwreck.toml"
    file.write_text(
        probing_text(program.command, program.folder, program.python, program.env),
        encoding="utf-8",
    )
    return load_settings(file)


def _limits(seconds: float, settings: Settings) -> Limits:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    processors = os.cpu_count() or 1
    limits = Limits(seconds, seconds * processors, int(MOST_MEMORY * memory))
    return replace(limits, disk=settings.trials.disk)
