"""A subject made ready to run: interpreter, environment, data, files."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from trainwreck.campaign.origin import origin_of
from trainwreck.errors import UsageError
from trainwreck.model import APP, FIRST, Environment, Mutant
from trainwreck.model.placeholders import fill
from trainwreck.mutants.files import SourceFile, application_files, library_files
from trainwreck.run.context import RunContext
from trainwreck.run.policy import UNCONTAINED, Policy
from trainwreck.run.scratch import shared_paths
from trainwreck.source import UnreadableSource, decode
from trainwreck.subject.commands import divide_command
from trainwreck.subject.data import fetch_data
from trainwreck.subject.interpreter import Interpreter, survey
from trainwreck.subject.phase_markers import phase_marks
from trainwreck.subject.preparation import Say, interpreter_of
from trainwreck.subject.pythons import check_range
from trainwreck.subject.settings import Settings
from trainwreck.subject.value_kinds import suggestion

MAIN = "__main__.py"
"""The file that runs where a command names its folder."""


@dataclass(frozen=True, slots=True)
class PreparedSubject:
    """A subject ready to run: settings, interpreter, files that may be mutated, run context.

    ``origin`` is what its runs are made by and on.
    """

    settings: Settings
    interpreter: Interpreter
    files: tuple[SourceFile, ...]
    context: RunContext
    cache: Path
    origin: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Environment:
        """Return what its runs are made in, and their origin."""
        return replace(self.interpreter.environment, origin=self.origin)

    def path_of(self, mutant: Mutant) -> Path:
        """Return the clean file that a mutant changes."""
        base = self.context.folder if mutant.root == APP else self.context.bases[mutant.root]
        return base / mutant.file

    def only(self, files: Collection[str]) -> "PreparedSubject":
        """Return the same subject, with no other files to mutate than these."""
        return replace(self, files=tuple(file for file in self.files if file.file in files))


def prepare_subject(
    settings: Settings,
    campaign: Path,
    cache: Path,
    data: Path | None,
    say: Say,
    further: Collection[str] = (),
    policy: Policy = UNCONTAINED,
) -> PreparedSubject:
    """Make the environment and fetch the data if the settings ask for it; list the files.

    Args:
        settings: the settings of the subject.
        campaign: folder of the campaign.
        cache: folder of environments, data and listings.
        data: folder of the data; None fetches what the settings name.
        say: shows a line of progress.
        further: libraries besides the targets in which bugs may be planted.
        policy: what trials may write and reach.

    Raises:
        UsageError: for a missing interpreter, target or data folder.

    """
    subject = settings.subject
    _check_program(settings)
    python = interpreter_of(settings, cache, say)
    libraries = {target.split(".")[0] for target in subject.targets}
    interpreter = survey(python, (libraries | set(further)) - {APP}, environment_of(settings))
    check_range(interpreter.executable, interpreter.grammar, settings.untested_python)
    if data is not None and not data.is_dir():
        raise UsageError(f"there is no folder {data} for the data")
    if data is None and settings.data is not None:
        data = fetch_data(settings.data, cache, say)
    return PreparedSubject(
        settings=settings,
        interpreter=interpreter,
        files=tuple(_files(settings, interpreter)),
        context=replace(_context(settings, interpreter, campaign, data), policy=policy),
        cache=cache,
        origin=origin_of(settings),
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the subject's variables as in a run with the first seed and fold."""
    values = {"seed": str(FIRST.seed), "fold": "0", "folds": str(settings.trials.folds)}
    return {name: fill(text, values) for name, text in settings.subject.env}


def _check_program(settings: Settings) -> None:
    """Raise UsageError where the command names a file that is not there."""
    first = divide_command(settings.subject.command)[1][0]
    path = settings.folder / first
    if first.startswith("-") or "{" in first or path.is_file() or (path / MAIN).is_file():
        return
    names = [file.file for file in application_files(settings.folder)]
    if path.is_dir():
        problem = f"a folder without `{MAIN}`"
        hint = "Write the Python file, or `-m` and the package."
    else:
        near = suggestion(first, names)
        problem, hint = f"no file in {settings.folder}{near}", "Correct `command` under [subject]."
    raise UsageError(f"the command runs `{first}`, which is {problem}", hint)


def _files(settings: Settings, interpreter: Interpreter) -> list[SourceFile]:
    files: dict[Path, SourceFile] = {}
    for target in settings.subject.targets:
        if target == APP:
            sources = application_files(settings.folder)
        else:
            sources = library_files(target, _origin(target, interpreter, settings.folder))
        if not sources:
            raise UsageError(
                f"the target `{target}` has no Python file",
                "Name a package or module that is written in Python, or `app` for the program.",
            )
        files |= {file.path: file for file in sources}
    return _without(list(files.values()), settings.mutants.exclude)


def _without(files: list[SourceFile], patterns: Iterable[str]) -> list[SourceFile]:
    """Return the files that no pattern matches."""
    for pattern in patterns:
        kept = [source for source in files if not _is_in(source.file, pattern)]
        if len(kept) == len(files):
            raise UsageError(
                f"`{pattern}` of `exclude` matches no further file of the targets",
                "Write it as `trainwreck list` names files, or remove it.",
            )
        files = kept
    if not files:
        raise UsageError("`exclude` leaves no file of the targets", "Exclude less.")
    return files


def _is_in(file: str, pattern: str) -> bool:
    """Return whether a pattern matches a file or a folder around it."""
    folders = (parent.as_posix() for parent in PurePosixPath(file).parents)
    return any(fnmatchcase(name, pattern.rstrip("/")) for name in (file, *folders))


def _origin(target: str, interpreter: Interpreter, folder: Path) -> Path:
    name = target.split(".")[0]
    origin = interpreter.libraries[name]
    if origin is None:
        raise UsageError(
            f"the target `{target}` cannot be found by {interpreter.executable}",
            _instead(name, interpreter.provided.get(name, ()), folder),
        )
    return origin


def _instead(name: str, provided: Collection[str], folder: Path) -> str:
    """Return what to write instead of a target that no installed package has."""
    if provided:
        return f"Write {' or '.join(f'`{name}`' for name in provided)}, which programs import."
    if (folder / f"{name}.py").is_file() or (folder / name).is_dir():
        return "Write `app` for the program's own files."
    return "Install it there, or correct `targets` or `python` under [subject]."


def _context(
    settings: Settings, interpreter: Interpreter, campaign: Path, data: Path | None
) -> RunContext:
    origins = {name: origin for name, origin in interpreter.libraries.items() if origin}
    targets = {target.split(".")[0] for target in settings.subject.targets}
    texts = {file.file: _text(file) for file in application_files(settings.folder)}
    folder, campaign = settings.folder.resolve(), campaign.resolve()
    return RunContext(
        subject=settings.subject,
        folder=folder,
        campaign=campaign,
        executable=interpreter.executable,
        bases={name: origin.parent for name, origin in origins.items()},
        covers=tuple(origin for name, origin in origins.items() if name in targets),
        marks=phase_marks(settings.subject.phases, texts),
        data=data.resolve() if data else None,
        folds=settings.trials.folds,
        places=interpreter.places,
        shared=tuple(shared_paths(folder, campaign)),
        gpus=settings.trials.gpus,
        gpu_memory=settings.trials.gpu_memory or 0,
    )


def _text(file: SourceFile) -> str:
    try:
        return decode(file.path.read_bytes()).text
    except UnreadableSource:
        return ""
