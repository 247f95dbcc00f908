"""Writes the agent's order for one trial, with the mutated files that it names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.errors import TrainwreckError
from trainwreck.model import APP, Edit, Mutant, Rule, Trial, TrialKind
from trainwreck.mutants.alternatives import HIT_CALL
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Instructions
from trainwreck.source import decode, hash_of

PROTOCOL = 3


@dataclass(frozen=True, slots=True)
class OrderFolders:
    """The folders of a trial that its order names: working copy, texts, and the agent's events."""

    app: Path
    shown: Path
    code: Path
    events: Path


@dataclass(frozen=True, slots=True)
class StemFile:
    """A file of a stem: its text with markers, and what stands for these, as the agent reads it."""

    text: str
    alternatives: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class StemOrder:
    """The work of the agent in a stem.

    ``files`` are by (root, file). At the first evaluation of an alternative that is ``armed`` the
    stem asks by the named pipes in ``folder``.
    """

    folder: Path
    armed: tuple[int, ...]
    files: Mapping[tuple[str, str], StemFile]


@dataclass(frozen=True, slots=True)
class Order:
    """The work of the agent in one trial, whose processes may be bound to ``cpus``.

    With ``network`` it records what the program connects to.
    """

    context: RunContext
    trial: Trial
    instructions: Instructions
    folders: OrderFolders
    cpus: tuple[int, ...] = ()
    network: bool = False
    stem: StemOrder | None = None

    def write(self) -> dict[str, Any]:
        """Write the mutated files, and return the agent's order; PROTOCOL.md explains its keys."""
        context, instructions = self.context, self.instructions
        files = [*self._planted(), *self._marked()]
        return {
            "protocol": PROTOCOL,
            "events": str(self.folders.events),
            "seed": self.trial.seed,
            "threads": context.subject.threads,
            "cpus": list(self.cpus) if self.cpus and context.subject.pin else None,
            "signals": context.subject.signals,
            "files": files,
            "coverage": self._covered_paths(),
            "digest": self.trial.kind is not TrialKind.COVERAGE,
            "metrics": [
                [metric.name, metric.pattern, metric.spans_lines, metric.stream]
                for metric in context.subject.metrics
                if not metric.file
            ],
            "probes": instructions.groups if instructions.probed else None,
            "horizon": _horizon(instructions),
            "watchers": [
                [name, str(self.folders.app / file), function]
                for name, where in context.watchers
                for file, _, function in [where.rpartition(":")]
            ],
            "sources": instructions.sources,
            "landmarks": instructions.observe,
            "network": self.network,
            "deterministic": context.gpus > 0,
            "copied": self._copied(),
            **({"stem": self._stem(self.stem)} if self.stem else {}),
        }

    def _copied(self) -> list[str] | None:
        """Return the program's folder and its copy; None where bugs are planted in the folder.

        So they are where the user names a package in it as a library.
        """
        folder = self.context.folder
        if any(base.is_relative_to(folder) for base in self.context.bases.values()):
            return None
        return [str(folder), str(self.folders.app)]

    def _planted(self) -> Iterator[dict[str, Any]]:
        """Write the files that are not as they were, and yield their entries."""
        mutant = self.trial.mutant
        places = _numbered(mutant) if mutant else {}
        for number, part in enumerate(mutant.parts if mutant else ()):
            yield self._plant(part, places.get(number, []))
        for (root, file), text in self.instructions.probed.items():
            yield self._plant_clean(root, file, text)
        for (root, file), stem_file in self._stem_files().items():
            entry = self._plant_clean(root, file, stem_file.text)
            yield {**entry, "alternatives": stem_file.alternatives}

    def _marked(self) -> Iterator[dict[str, Any]]:
        """Yield the entries of unchanged files in which phases begin."""
        mutant = self.trial.mutant
        changed = {(part.root, part.file) for part in (mutant.parts if mutant else ())}
        changed |= {*self.instructions.probed, *self._stem_files()}
        for file, marks in self.context.marks.items():
            if (APP, file) not in changed:
                yield self._entry(self.folders.app / file, marks=marks)

    def _stem_files(self) -> Mapping[tuple[str, str], StemFile]:
        return self.stem.files if self.stem else {}

    def _covered_paths(self) -> dict[str, list[str]] | None:
        """Return the folders and files whose lines are recorded, None where none are."""
        if self.trial.kind is not TrialKind.COVERAGE and not self.instructions.observe:
            return None
        covers = [self.folders.app, *self.context.covers]
        return {
            "folders": [str(path) for path in covers if not path.is_file()],
            "files": [str(path) for path in covers if path.is_file()],
        }

    def _plant_clean(self, root: str, file: str, text: str) -> dict[str, Any]:
        """Write a text with probes or alternatives, and return its entry; it has no bug."""
        is_app = root == APP
        original = (self.folders.app if is_app else self.context.bases[root]) / file
        code = self.folders.code / root / file
        code.parent.mkdir(parents=True, exist_ok=True)
        code.write_bytes(decode(original.read_bytes()).encode(text))
        marks = self.context.marks.get(file, ()) if is_app else ()
        return self._entry(original, code=code, marks=marks)

    def _stem(self, stem: StemOrder) -> dict[str, Any]:
        return {"folder": str(stem.folder), "armed": stem.armed}

    def _plant(self, mutant: Mutant, places: list[tuple[int | None, str]]) -> dict[str, Any]:
        """Write the mutated file, with and without its counter, and return its entry."""
        is_app = mutant.root == APP
        base = self.context.folder if is_app else self.context.bases[mutant.root]
        original = base / mutant.file
        source = decode(original.read_bytes())
        if source.sha != mutant.source_sha:
            raise TrainwreckError(
                f"{original} has changed since its mutants were listed",
                "Start a new campaign for the changed file.",
            )
        shown = (self.folders.app if is_app else self.folders.shown) / mutant.file
        code = self.folders.code / mutant.root / mutant.file
        for path, text in (
            (shown, mutant.apply(source.text)),
            (code, mutant.apply_counted(source.text, HIT_CALL)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.encode(text))
        return self._entry(
            shown if is_app else original,
            code=code,
            shown=shown,
            mutated=True,
            count_line=_count_line(mutant),
            counted=places,
            marks=_moved(self.context.marks.get(mutant.file, ()), mutant) if is_app else (),
        )

    def _entry(
        self,
        path: Path,
        code: Path | None = None,
        shown: Path | None = None,
        mutated: bool = False,
        count_line: int | None = None,
        counted: Sequence[tuple[int | None, str]] = (),
        marks: tuple[tuple[int, str], ...] = (),
    ) -> dict[str, Any]:
        """Return a file's entry in the order; its keys are explained in PROTOCOL.md."""
        return {
            "path": str(path.resolve()),
            "sha256": hash_of(path.read_bytes()),
            "code": str(code or path),
            "shown": str(shown or path),
            "mutated": mutated,
            "count_line": count_line,
            "counted": counted,
            "phases": marks,
        }


def _count_line(mutant: Mutant) -> int | None:
    """Return the line before which to count; None where places of the tree count, or nothing."""
    return mutant.lines[0] if mutant.is_counted_by_statement else None


def _moved(marks: tuple[tuple[int, str], ...], mutant: Mutant) -> tuple[tuple[int, str], ...]:
    """Return phase marks at their lines in the buggy text: edits above them may move lines."""
    return tuple(
        (line + sum(_lines_added(e) for e in mutant.edits if e.span.end_line <= line), name)
        for line, name in marks
    )


def _lines_added(edit: Edit) -> int:
    return edit.replacement.count("\n") - edit.original.count("\n")


def _horizon(instructions: Instructions) -> dict[str, Any] | None:
    if instructions.horizon is None:
        return None
    return {
        "hits": instructions.horizon.hits,
        "rule": Rule.TOGETHER.value,
        "checkpoints": sorted(instructions.horizon.checkpoints),
    }


def _numbered(mutant: Mutant) -> dict[int, list[tuple[int | None, str]]]:
    """Return the places to count in each part; they have numbers where there are several."""
    places = [(number, path) for number, part in enumerate(mutant.parts) for path in part.counted]
    numbered: dict[int, list[tuple[int | None, str]]] = {}
    for index, (part_number, counted) in enumerate(places):
        path = counted.partition(":")[0]
        numbered.setdefault(part_number, []).append((index if len(places) > 1 else None, path))
    return numbered
