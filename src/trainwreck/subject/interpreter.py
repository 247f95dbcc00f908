"""Questions to the subject's interpreter, answered by the agent's scripts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.errors import TrainwreckError, UsageError
from trainwreck.model import Context, Environment, Mutant
from trainwreck.source import SourceText
from trainwreck.subject.pythons import OLDEST

AGENT = Path(__file__).resolve().parent.parent / "agent"
SCRIPTS = AGENT / "trainwreck_agent"
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What the subject runs on.

    ``libraries`` maps import names to their folder or file, ``owners`` to the distribution that
    brought them, ``packages`` distributions to versions.
    """

    executable: str
    version: tuple[int, int, int]
    libraries: dict[str, Path | None]
    packages: dict[str, str]
    owners: dict[str, str]

    @property
    def versions(self) -> dict[str, str]:
        """The version of each library, where its distribution is known."""
        return {name: self.packages[owner] for name, owner in self.owners.items()}

    @property
    def environment(self) -> Environment:
        """What is written down with every run."""
        return Environment(".".join(map(str, self.version)), self.packages)

    @property
    def grammar(self) -> tuple[int, int]:
        """Major and minor version: what decides the syntax."""
        return self.version[0], self.version[1]


def survey(
    python: str, libraries: Iterable[str], environment: Mapping[str, str] | None = None
) -> Interpreter:
    """Ask an interpreter what it is and where libraries lie. Raises UsageError.

    ``environment`` holds the subject's own variables, on top of the user's.
    """
    executable = python or sys.executable
    request = json.dumps({"libraries": sorted(libraries)})
    try:
        answered = subprocess.run(
            [executable, str(SCRIPTS / "survey.py")],
            input=request,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"the interpreter `{executable}` cannot be run: {error}",
            "Set `python` under [subject] to a Python of version 3.6 or newer.",
        ) from None
    try:
        answer = json.loads(answered.stdout)
    except ValueError:
        last = (answered.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UsageError(
            f"`{executable}` is no Python of version 3.6 or newer: {last}",
            "Set `python` under [subject] to one.",
        ) from None
    return _interpreter(executable, answer)


def _interpreter(executable: str, answer: dict[str, Any]) -> Interpreter:
    major, minor, micro = answer["version"]
    if (major, minor) < OLDEST:
        raise UsageError(
            f"`{executable}` is Python {major}.{minor}, and the oldest that can be used is 3.6"
        )
    return Interpreter(
        executable=answer["executable"],
        version=(major, minor, micro),
        libraries={name: Path(at) if at else None for name, at in answer["libraries"].items()},
        packages=dict(sorted(answer["packages"].items())),
        owners=answer["owners"],
    )


def count_statements(
    executable: str, files: Sequence[tuple[Path, Iterable[int]]]
) -> list[tuple[int | None, int | None]]:
    """Statements of each file, and those of them on the lines that ran. Needs coverage.py there."""
    requests = [
        json.dumps({"path": str(path.resolve()), "lines": sorted(lines)}) for path, lines in files
    ]
    answers = _ask(executable, "statements.py", requests, "counting statements")
    return [(answer["statements"], answer["executed"]) for answer in answers]


@dataclass(frozen=True, slots=True)
class Checked:
    """The mutants of a file that are programs, and why none is where ``problem`` says so."""

    path: Path
    mutants: tuple[Mutant, ...]
    dropped: tuple[Mutant, ...]
    problem: str = ""


def check_compiles(
    executable: str, files: Sequence[tuple[Path, SourceText, Sequence[Mutant]]]
) -> list[Checked]:
    """Ask the interpreter which mutants of each file compile."""
    if not files:
        return []
    requests = [_request(path, source, mutants) for path, source, mutants in files]
    answers = _ask(executable, "check.py", requests, "compiling mutants")
    return [
        _checked(path, mutants, answer)
        for (path, _, mutants), answer in zip(files, answers, strict=True)
    ]


def same_code(
    executable: str, files: Sequence[tuple[Path, SourceText, Sequence[Mutant]]]
) -> set[str]:
    """The ids of the mutants that compile to the bytecode of the clean file."""
    if not files:
        return set()
    requests = [_request(path, source, mutants) for path, source, mutants in files]
    answers = _ask(executable, "same.py", requests, "comparing bytecode")
    return {
        mutants[index].id
        for (_, _, mutants), answer in zip(files, answers, strict=True)
        for index in answer["same"]
    }


def _ask(executable: str, script: str, requests: Sequence[str], doing: str) -> list[dict[str, Any]]:
    """One line of JSON to a script of the agent for each line of its answer."""
    answered = subprocess.run(
        [executable, str(SCRIPTS / script)],
        input="\n".join(requests),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    if len(answers) != len(requests):
        raise TrainwreckError(
            f"`{executable}` ended while {doing}: {answered.stderr.strip()[-500:]}"
        )
    return answers


def _request(path: Path, source: SourceText, mutants: Sequence[Mutant]) -> str:
    edits = [
        [[edit.span.start, edit.span.end, edit.replacement] for edit in mutant.edits]
        for mutant in mutants
    ]
    return json.dumps(
        {
            "path": str(path),
            "encoding": source.encoding,
            "sha256": source.sha,
            "alone": [i for i, mutant in enumerate(mutants) if mutant.context is Context.PATTERN],
            "mutants": edits,
        }
    )


def _checked(path: Path, mutants: Sequence[Mutant], answer: dict[str, Any]) -> Checked:
    if "error" in answer:
        return Checked(path, (), (), answer["error"])
    bad = set(answer["dropped"])
    return Checked(
        path,
        tuple(mutant for index, mutant in enumerate(mutants) if index not in bad),
        tuple(mutant for index, mutant in enumerate(mutants) if index in bad),
    )
