"""Programs run in process under probes, and what was recorded of them."""

import ast
import builtins
import contextlib
import json
import os
import sys
import tempfile
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build import mutants_of, source_of
from guest import agent_module
from trainwreck.model import Mutant, Probe, ProbeKind, whole_key
from trainwreck.mutants.instrument import ProbedText, probe_text

probe: Any = agent_module("probes.probe")
insert: Any = agent_module("planting.insert")

HERE = (sys.version_info[0], sys.version_info[1])


@dataclass(frozen=True)
class Watched:
    """A text that ran under probes: what it left, what it raised, and what was recorded."""

    text: str
    mutants: tuple[Mutant, ...]
    probed: ProbedText
    space: dict[str, Any]
    error: BaseException | None
    record: dict[str, Any]

    def record_of(self, mutant: Mutant) -> Probe | None:
        """The record of one mutant, as a campaign makes it."""
        watch = self.probed.watched.get(mutant.id)
        if watch is None:
            return None
        counts, ended = self.record["counts"][watch.group], self.record["ended"][watch.group]
        differing = self.record["differing"].get(mutant.id, 0)
        doubt = "an exception" if counts != ended else ""
        if watch.kind is ProbeKind.DEFAULT:
            counts, differing, doubt = ended, counts, ""
        if watch.kind is ProbeKind.EVALUATIONS:
            doubt = ""
        example = self.record["examples"].get(mutant.id, "")
        return Probe(mutant.id, "trial", watch.kind, counts, differing, example, (), 0, doubt)

    def same_whole_of(self, mutant: Mutant) -> int | None:
        """Evaluations of the whole expression around an edit, if all had the clean value."""
        key = whole_key(mutant.id)
        for number, group in enumerate(self.probed.groups):
            if group["kind"] == "whole" and key in group["mutants"]:
                counts, ended = self.record["counts"][number], self.record["ended"][number]
                differs = counts != ended or key in self.record["differing"]
                return None if differs else ended
        return None

    def of(self, original: str, replacement: str = "") -> tuple[ProbeKind, int, int, bool]:
        """Kind, evaluations, differing and doubt of the first mutant that makes this change."""
        for mutant in self.mutants:
            edit = mutant.edits[0]
            if edit.original == original and replacement in ("", edit.replacement):
                found = self.record_of(mutant)
                assert found is not None
                return found.kind, found.evaluations, found.differing, bool(found.doubt)
        raise LookupError(original)


@contextlib.contextmanager
def called(probes: Any) -> Iterator[None]:
    """The calls in a probed text have their meaning."""
    names = probes.builtins()
    for name, function in names.items():
        setattr(builtins, name, function)
    try:
        yield
    finally:
        for name in names:
            delattr(builtins, name)


class Folder:
    """Where a record is written; see Events.create of the guest."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder, "probe.json")

    def create(self, _kind: str, suffix: str) -> tuple[int, str]:
        partial = str(self.path.with_suffix(suffix))
        return os.open(partial, os.O_WRONLY | os.O_CREAT), partial


def written(probes: Any) -> dict[str, Any]:
    """What a process would leave behind."""
    with tempfile.TemporaryDirectory() as folder:
        probes.write(Folder(folder))
        record: dict[str, Any] = json.loads(Path(folder, "probe.json").read_text())
    return record


def compiled(text: str) -> types.CodeType:
    """A probed text as the agent compiles it."""
    tree = insert.insert_calls(text.encode(), "text", [], None)
    code: types.CodeType = compile(tree, "text", "exec", dont_inherit=True)
    return code


def watch(text: str, **names: Any) -> Watched:
    """Run a text with probes for all of its mutants."""
    mutants = mutants_of(text)
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    space, error = dict(names), None
    with called(probes):
        try:
            exec(compiled(probed.text), space)
        except Exception as raised:  # noqa: BLE001
            error = raised
    return Watched(text, mutants, probed, space, error, written(probes))


def line_sets(tree: ast.AST) -> list[set[int]]:
    """The lines of the statements of every body, in order."""
    return [
        {statement.lineno for statement in getattr(node, field)}
        for node in ast.walk(tree)
        for field in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, field, None), list)
    ]
