"""Everything that is found out about a subject before the first run."""

from dataclasses import asdict, dataclass
from pathlib import Path

from trainwreck import __version__
from trainwreck.campaign.preparing import Say, interpreter_of
from trainwreck.config import Settings
from trainwreck.discover import SourceFile, application_files, library_files
from trainwreck.errors import UsageError
from trainwreck.model import APP, Metric
from trainwreck.plan import looks
from trainwreck.run import Interpreter, Workbench, check_range, fetch_data, survey
from trainwreck.run.marks import phase_marks
from trainwreck.source import UnreadableSource, decode, hash_of
from trainwreck.store import CampaignFile

IDENTITY = ("settings", "sources", "data", "python")
"""Keys of the campaign's meta table that a resumed campaign must agree with."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A subject ready to run: settings, interpreter, files that may be mutated, workbench."""

    settings: Settings
    interpreter: Interpreter
    files: tuple[SourceFile, ...]
    workbench: Workbench
    cache: Path

    @property
    def subject_id(self) -> str:
        """What trials of this subject are known by."""
        return self.settings.subject.fingerprint


def open_desk(settings: Settings, campaign: Path, cache: Path, data: Path | None, say: Say) -> Desk:
    """Make the environment and fetch the data if the settings ask for it, then look around.

    Raises UsageError for a missing interpreter, target or data folder.
    """
    subject = settings.subject
    python = interpreter_of(settings, cache, say)
    libraries = sorted({target.split(".")[0] for target in subject.targets} - {APP})
    interpreter = survey(python, libraries, dict(subject.env))
    check_range(interpreter.executable, interpreter.grammar, settings.untested_python)
    if data is not None and not data.is_dir():
        raise UsageError(f"there is no folder {data} for the data")
    if data is None and settings.data is not None:
        data = fetch_data(settings.data, cache, say)
    return Desk(
        settings=settings,
        interpreter=interpreter,
        files=tuple(_files(settings, interpreter)),
        workbench=_workbench(settings, interpreter, campaign, data),
        cache=cache,
    )


def _files(settings: Settings, interpreter: Interpreter) -> list[SourceFile]:
    files: dict[Path, SourceFile] = {}
    for target in settings.subject.targets:
        if target == APP:
            found = application_files(settings.folder)
        else:
            found = library_files(target, _origin(target, interpreter))
        if not found:
            raise UsageError(f"the target `{target}` has no Python file")
        files |= {file.path: file for file in found}
    return list(files.values())


def _origin(target: str, interpreter: Interpreter) -> Path:
    origin = interpreter.libraries[target.split(".")[0]]
    if origin is None:
        raise UsageError(
            f"the target `{target}` cannot be found by {interpreter.executable}",
            "install it there, or correct `targets` or `python` under [subject]",
        )
    return origin


def _workbench(
    settings: Settings, interpreter: Interpreter, campaign: Path, data: Path | None
) -> Workbench:
    origins = {name: origin for name, origin in interpreter.libraries.items() if origin}
    texts = {file.file: _text(file) for file in application_files(settings.folder)}
    return Workbench(
        subject=settings.subject,
        folder=settings.folder.resolve(),
        campaign=campaign.resolve(),
        executable=interpreter.executable,
        bases={name: origin.parent for name, origin in origins.items()},
        covers=tuple(origins.values()),
        marks=phase_marks(settings.subject.phases, texts),
        data=data.resolve() if data else None,
        folds=settings.trials.folds,
    )


def _text(file: SourceFile) -> str:
    try:
        return decode(file.path.read_bytes()).text
    except UnreadableSource:
        return ""


def check_own(file: CampaignFile) -> None:
    """Raise UsageError for records that were made elsewhere: no run can be added to them."""
    if file.has_records():
        raise UsageError(
            "the campaign holds records that were made elsewhere, to be looked at and reported on",
            "run in another folder: trainwreck --campaign DIR …",
        )


def remember(desk: Desk, file: CampaignFile) -> None:
    """Write down what the campaign is made of; refuse one that was made of something else."""
    now = {
        "settings": desk.settings.fingerprint,
        "sources": {
            source.file: hash_of(source.path.read_bytes())
            for source in application_files(desk.settings.folder)
        },
        "data": _names_and_sizes(desk.workbench.data),
        "python": ".".join(map(str, desk.interpreter.version)),
    }
    for key in IDENTITY if file.finished_ids() else ():
        before = file.meta(key)
        if before is not None and before != now[key]:
            raise UsageError(
                f"the campaign in {desk.workbench.campaign} was made for other {key}"
                f"{_difference(before, now[key])}",
                "start anew in another folder: trainwreck --campaign DIR …, or remove this one",
            )
    for key, value in now.items():
        file.set_meta(key, value)
    if desk.settings.untested_python:
        file.set_meta("untested_python", True)
    file.set_meta("version", __version__)
    file.set_meta("subject", desk.settings.subject.name)
    file.set_meta("versions", desk.interpreter.versions)
    metrics = desk.settings.subject.metrics
    file.set_meta("metrics", [metric.name for metric in metrics])
    file.set_meta("measures", [_measure(metric) for metric in metrics])
    trials, verdicts = desk.settings.trials, desk.settings.verdicts
    file.set_meta("looks", looks(trials.seeds, trials.folds))
    file.set_meta("verdicts", asdict(verdicts))
    bases = {name: str(base) for name, base in desk.workbench.bases.items()}
    file.set_meta("bases", {**bases, APP: str(desk.workbench.folder)})


def _measure(metric: Metric) -> dict[str, object]:
    margin = metric.margin
    written = None if margin is None else str(margin) if margin.is_share else margin.amount
    return {**asdict(metric), "better": metric.better, "margin": written}


def _names_and_sizes(data: Path | None) -> dict[str, int]:
    """What tells one data folder from another without reading it; empty where there is none."""
    if data is None:
        return {}
    return {path.name: path.stat().st_size for path in sorted(data.iterdir()) if path.is_file()}


def _difference(before: object, now: object) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        return f": {', '.join(names)} changed"
    return ""
