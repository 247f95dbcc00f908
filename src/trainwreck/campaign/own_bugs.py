"""Bugs of the user's own, from patches and from the settings, as mutants that can be planted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePosixPath

from trainwreck.campaign.prepare import PreparedSubject, environment_of
from trainwreck.campaign.progress import Progress
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.model import (
    IMPORT_PHASE,
    MODULE_LEVEL,
    OWN,
    UNKNOWN_PHASE,
    Context,
    Edit,
    Mutant,
    OwnBug,
    PlannedMutant,
    Span,
)
from trainwreck.mutants.files import SourceFile, application_files
from trainwreck.mutants.patch import BadPatch, FilePatch, TextChange, fit, read_patch, replace_text
from trainwreck.source import LineIndex, SourceText, UnreadableSource, decode
from trainwreck.subject.interpreter import find_places, survey
from trainwreck.subject.settings import DescribedBug

NOT_PLANTED = frozenset(["test", "tests", "testing", "doc", "docs", ".github"])
"""Folders whose files a patch may change besides the code that is installed."""


def read_own_bugs(
    session: Session, patches: Sequence[Path], is_reversed: bool
) -> list[PlannedMutant]:
    """Return the bugs of patches, or those of the settings without any patch.

    Raises UsageError where one cannot be planted.
    """
    reader, settings = OwnBugs(session.subject, session.progress), session.subject.settings
    if patches:
        bugs = [reader.of_patch(patch, is_reversed) for patch in patches]
    else:
        bugs = [
            reader.described(bug, f"{settings.file}: bug {number} of [[bugs]]")
            for number, bug in enumerate(settings.bugs, 1)
        ]
    session.add_libraries(reader.bases)
    return [PlannedMutant(bug) for bug in {bug.id: bug for bug in bugs}.values()]


@dataclass
class OwnBugs:
    """Reads bugs of the user's own; ``bases`` are the folders of libraries that they change."""

    subject: PreparedSubject
    progress: Progress
    bases: dict[str, Path] = field(default_factory=dict)
    _origins: dict[str, Path | None] = field(default_factory=dict)

    def of_patch(self, path: Path, is_reversed: bool) -> OwnBug:
        """Return the bug that a unified diff describes, or the one that it takes away.

        Raises UsageError where it cannot be read or does not fit.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"the patch {path} cannot be read: {error.strerror}", "Correct the path."
            ) from None
        try:
            files = read_patch(content)
        except BadPatch as bad:
            raise UsageError(f"{path}: {bad.what}", bad.hint) from None
        patches = [part.reversed() for part in files] if is_reversed else files
        texts = [self._patched(path, patch_part, len(patches)) for patch_part in patches]
        label = f"{path.name}, reversed" if is_reversed else path.name
        return self._bug(str(path), [text for text in texts if text], label, "")

    def described(self, bug: DescribedBug, where: str) -> OwnBug:
        """Return a bug of the settings; ``where`` names it in messages. Raises UsageError."""
        texts: dict[SourceFile, _ChangedText] = {}
        for edit in bug.edits:
            file = self._file([edit.file])
            if file is None:
                raise UsageError(f"{where}: {self._no_file(edit.file)}", "Correct `file`.")
            text = texts.setdefault(file, _ChangedText(file, _read(file)))
            try:
                text.changes.append(
                    replace_text(text.source.text, edit.before, edit.after, edit.line)
                )
            except BadPatch as bad:
                raise UsageError(f"{where}: {file.path}: {bad.what}", bad.hint) from None
        return self._bug(where, list(texts.values()), bug.name, bug.link)

    def _patched(self, patch: Path, part: FilePatch, number: int) -> "_ChangedText | None":
        """Return the changed text of one file; None for a test or a page that is not here."""
        file = self._file(part.paths)
        if file is None:
            if number > 1 and _is_beside_the_code(part):
                self.progress.say(f"{patch}: left out {part.paths[0]}, which is not installed")
                return None
            raise UsageError(
                f"{patch}: {self._no_file(part.paths[0])}",
                "Correct the path in the patch, or take this file out of it.",
            )
        source = _read(file)
        try:
            return _ChangedText(file, source, fit(source.text, part, source.encoding))
        except BadPatch as bad:
            raise UsageError(f"{patch}: {file.path}: {bad.what}", bad.hint) from None

    def _no_file(self, path: str) -> str:
        if not path.endswith(".py"):
            return f"`{path}` is no Python file, so whether its lines are used cannot be counted"
        return f"`{path}` is no file of the program or of an installed library"

    def _file(self, paths: Iterable[str]) -> SourceFile | None:
        for path in map(PurePosixPath, paths):
            if path.suffix != ".py" or ".." in path.parts:
                continue
            file = self._of_program(path) or self._of_library(path)
            if file is not None:
                return file
        return None

    def _of_program(self, path: PurePosixPath) -> SourceFile | None:
        """Return a file of the program; a relative path may begin above its folder."""
        folder, parts = self.subject.context.folder, path.parts
        places = [folder.joinpath(path)]
        places += [
            folder.joinpath(*parts[number:])
            for number in range(1, len(parts))
            if folder.parts[-number:] == parts[:number]
        ]
        return next((self._program[path] for path in places if path in self._program), None)

    @cached_property
    def _program(self) -> dict[Path, SourceFile]:
        return {file.path: file for file in application_files(self.subject.context.folder)}

    def _of_library(self, path: PurePosixPath) -> SourceFile | None:
        """Return a file of an installed library; a relative path may begin above its package."""
        names = [*path.parts[:-1], path.stem]
        self._survey(name for name in names if name.isidentifier())
        for number, name in enumerate(names):
            origin = self._origins.get(name)
            if origin is None or _is_of_python(origin):
                continue
            file = origin.parent.joinpath(*path.parts[number:])
            is_it = file == Path(path) or not path.is_absolute()
            if is_it and file.is_file() and (origin.is_dir() or file == origin):
                self.bases[name] = origin.parent
                return SourceFile(name, file.relative_to(origin.parent).as_posix(), file)
        return None

    def _survey(self, names: Iterable[str]) -> None:
        missing = [name for name in names if name not in self._origins]
        if missing:
            environment = environment_of(self.subject.settings)
            surveyed = survey(self.subject.interpreter.executable, missing, environment)
            self._origins |= surveyed.libraries

    def _bug(self, where: str, texts: "Sequence[_ChangedText]", label: str, link: str) -> OwnBug:
        files = [text.file for text in texts]
        for file in files:
            if files.count(file) > 1:
                raise UsageError(f"{where}: {file.path} is there twice", "Join its parts.")
        parts = [self._part(where, text) for text in texts]
        if not parts or not any(part.edits for part in parts):
            raise UsageError(f"{where}: it changes no text", "Give a text that differs.")
        first, *others = [part for part in parts if part.edits]
        values = {name: getattr(first, name) for name in Mutant.__dataclass_fields__}
        return OwnBug(**values, label=label, link=link, others=tuple(others))

    def _part(self, where: str, text: "_ChangedText") -> Mutant:
        """Return the change of one file. Raises UsageError where it cannot be planted."""
        file, source, edits = text.file, text.source, text.edits(where)
        part = _mutant(file, source, edits)
        try:
            source.encode(part.apply(source.text))
        except UnicodeEncodeError as error:
            problem = f"{where}: the encoding of {file.path} lacks a character: {error}"
            raise UsageError(problem, "Write it as an escape.") from None
        places = find_places(self.subject.interpreter, file.path, source, part)
        if places.problem:
            raise UsageError(
                f"{where}: {file.path} does not compile with this bug: {places.problem}",
                "Correct the new text; a bug must be a program that runs.",
            )
        return _mutant(file, source, edits, places.function or MODULE_LEVEL, places.counted)


@dataclass
class _ChangedText:
    """The text of one file, and its changes in order."""

    file: SourceFile
    source: SourceText
    changes: list[TextChange] = field(default_factory=list)

    def edits(self, where: str) -> tuple[Edit, ...]:
        """Return the changes as edits. Raises UsageError where two of them overlap."""
        text, index = self.source.text, LineIndex(self.source.text)
        changes = sorted(self.changes, key=lambda change: (change.start, change.end))
        for before, after in pairwise(changes):
            if after.start < before.end or after.start == before.start:
                problem = f"{where}: two edits of {self.file.path} overlap"
                raise UsageError(problem, "Join them to one.")
        return tuple(
            Edit(
                Span(c.start, c.end, *index.position(c.start), *index.position(c.end)),
                text[c.start : c.end],
                c.replacement,
            )
            for c in changes
            if text[c.start : c.end] != c.replacement
        )


def _read(file: SourceFile) -> SourceText:
    try:
        return decode(file.path.read_bytes())
    except (OSError, UnreadableSource) as error:
        raise UsageError(f"{file.path} cannot be read: {error}", "Correct its encoding.") from None


def _is_of_python(origin: Path) -> bool:
    """Return whether a module is of the standard library, which the guest may load too early."""
    return (origin.parent / "os.py").is_file()


def _is_beside_the_code(part: FilePatch) -> bool:
    """Return whether a file of a patch is a test, a page or the like, and no code to plant."""
    path = PurePosixPath(part.paths[0])
    return path.suffix != ".py" or not NOT_PLANTED.isdisjoint(path.parts)


def _mutant(
    file: SourceFile,
    source: SourceText,
    edits: tuple[Edit, ...],
    function: str = MODULE_LEVEL,
    counted: tuple[str, ...] = (),
) -> Mutant:
    return Mutant(
        root=file.root,
        file=file.file,
        module=file.module,
        function=function,
        operator=OWN,
        edits=edits,
        source_sha=source.sha,
        context=Context.UNKNOWN,
        anchor="",
        lines=_lines(edits[0].span) if edits else (1, 1),
        evaluated=None,
        counted=counted,
    )


def _lines(span: Span) -> tuple[int, int]:
    """Return the first and last line that a span touches."""
    last = span.end_line if span.end_column else span.end_line - 1
    return span.line, max(span.line, last)


def with_phases(session: Session, planned: PlannedMutant) -> PlannedMutant:
    """Return an own bug with the phases in which its lines run, if clean runs were measured there.

    Mutants of operators have theirs already.
    """
    bug = planned.mutant
    if not isinstance(bug, OwnBug):
        return planned
    measured = {(file.root, file.file) for file in session.subject.files}
    if any((part.root, part.file) not in measured for part in bug.parts):
        return PlannedMutant(bug, (UNKNOWN_PHASE,))
    executed = session.file.executed()
    phases: set[str] = set()
    for part in bug.parts:
        lines = executed.get((part.root, part.file), {})
        for edit in part.edits:
            first, last = _lines(edit.span)
            phases.update(*(lines.get(line, ()) for line in range(first, last + 1)))
    return PlannedMutant(bug, tuple(sorted(phases, key=lambda p: (p != IMPORT_PHASE, p))))
