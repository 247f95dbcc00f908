"""Queries to the subject's interpreter, answered by the agent's scripts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from trainwreck.errors import TrainwreckError, UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import OWN, Context, Environment, Mutant
from trainwreck.source import SourceText
from trainwreck.subject.pythons import OLDEST, check_range, numbers_of, supported, version_of

AGENT = Path(__file__).resolve().parent.parent / "agent"
SCRIPTS = AGENT / "trainwreck_agent" / "scripts"
ANSWER_SECONDS = 60
NOT_INHERITED = (
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONOPTIMIZE",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
    "COV_CORE_SOURCE",
)
"""Variables of the user that would make another program of the subject, also in its trials."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python that the subject runs on, with the libraries and packages installed there.

    ``libraries`` maps import names to their folder or file, None where there is none. ``owners``
    maps them to the distribution that installed them, and ``packages`` distributions to versions.
    ``provided`` maps a name that is a distribution and no library to what it installed.
    ``places`` are the folders and archives that it reads modules from, and its own. ``variables``
    are the subject's own, without which it may find other packages, or not start.
    """

    executable: str
    version: tuple[int, int, int]
    libraries: dict[str, Path | None]
    packages: dict[str, str]
    owners: dict[str, str]
    provided: dict[str, list[str]]
    places: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def versions(self) -> dict[str, str]:
        """Return the version of each library whose distribution is known."""
        return {name: self.packages[owner] for name, owner in self.owners.items()}

    @property
    def environment(self) -> Environment:
        """Return the versions that are stored with every run."""
        return Environment(".".join(map(str, self.version)), self.packages)

    @property
    def grammar(self) -> tuple[int, int]:
        """Return major and minor version, which decide the syntax."""
        return self.version[0], self.version[1]


def survey(
    python: str, libraries: Iterable[str], environment: Mapping[str, str] | None = None
) -> Interpreter:
    """Ask an interpreter for its version, its packages and the folders of libraries.

    Args:
        python: The path of the interpreter; empty for our own.
        libraries: The import names of the libraries.
        environment: The subject's own variables, added to those of the user.

    Raises:
        UsageError: The interpreter cannot be run, or trainwreck does not support its version.

    """
    executable = python or sys.executable
    request = json.dumps({"libraries": sorted(libraries)})
    try:
        with INTERRUPTS.interruptible():
            answered = subprocess.run(
                [executable, str(SCRIPTS / "survey.py")],
                input=request,
                env=_with_own(environment or {}),
                capture_output=True,
                text=True,
                timeout=ANSWER_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"the interpreter `{executable}` cannot be run: {error}",
            f"Set `python` under [subject] to a Python from {supported()}.",
        ) from None
    try:
        answer = json.loads(answered.stdout)
    except ValueError:
        _refuse_answer(executable, answered.stderr)
    return replace(_interpreter(executable, answer), variables=dict(environment or {}))


def _refuse_answer(executable: str, errors: str) -> NoReturn:
    """Raise UsageError with the reason why an interpreter gave no answer."""
    # The script does not even compile on a Python that is too old.
    check_range(executable, numbers_of(version_of(executable)) or OLDEST, untested=True)
    last = (errors.strip().splitlines() or ["no answer"])[-1]
    raise UsageError(
        f"`{executable}` is no Python from {supported()}: {last}",
        "Set `python` under [subject] to one.",
    ) from None


def _interpreter(executable: str, answer: dict[str, Any]) -> Interpreter:
    """Return the interpreter that an answer describes. Raises UsageError where it is too old."""
    major, minor, micro = answer["version"]
    # A newer one is refused where the settings are known, so that tests can run on it.
    check_range(executable, (major, minor), untested=True)
    return Interpreter(
        executable=answer["executable"],
        version=(major, minor, micro),
        libraries={
            name: Path(path) if path else None for name, path in answer["libraries"].items()
        },
        packages=dict(sorted(answer["packages"].items())),
        owners=answer["owners"],
        places=tuple(map(Path, answer["places"])),
        provided=answer["provided"],
    )


def count_statements(
    interpreter: Interpreter, files: Sequence[tuple[Path, Iterable[int]]]
) -> list[tuple[int | None, int | None]]:
    """Return the number of statements of each file, and of those on the given executed lines.

    The interpreter needs coverage.py. Raises TrainwreckError where it ends before its answer.
    """
    requests = [
        json.dumps({"path": str(path.resolve()), "lines": sorted(lines)}) for path, lines in files
    ]
    answers = _ask(interpreter, "statements.py", requests, "counting statements")
    return [(answer["statements"], answer["executed"]) for answer in answers]


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of compiling the mutants of a file: ``dropped`` are those that do not compile.

    ``problem`` says why none could be compiled; it is empty where they were.
    """

    path: Path
    mutants: tuple[Mutant, ...]
    dropped: tuple[Mutant, ...]
    problem: str = ""


def check_compiles(
    interpreter: Interpreter, files: Sequence[tuple[Path, SourceText, Sequence[Mutant]]]
) -> list[Checked]:
    """Ask the interpreter which mutants of each file compile. Raises TrainwreckError."""
    if not files:
        return []
    requests = [_request(path, source, mutants) for path, source, mutants in files]
    answers = _ask(interpreter, "check.py", requests, "compiling mutants")
    return [
        _checked(path, mutants, answer)
        for (path, _, mutants), answer in zip(files, answers, strict=True)
    ]


def same_code(
    interpreter: Interpreter, files: Sequence[tuple[Path, SourceText, Sequence[Mutant]]]
) -> set[str]:
    """Return the ids of the mutants that compile to the bytecode of the clean file."""
    if not files:
        return set()
    requests = [_request(path, source, mutants) for path, source, mutants in files]
    answers = _ask(interpreter, "bytecode.py", requests, "comparing bytecode")
    return {
        mutants[index].id
        for (_, _, mutants), answer in zip(files, answers, strict=True)
        for index in answer["same"]
    }


@dataclass(frozen=True, slots=True)
class Places:
    """Places where changed code is counted, as in ``Mutant.counted``, and the first one's function.

    ``function`` is empty at the module's level. ``problem`` says why the changed file does not
    compile, or is empty.
    """

    counted: tuple[str, ...] = ()
    function: str = ""
    problem: str = ""


def find_places(interpreter: Interpreter, path: Path, source: SourceText, bug: Mutant) -> Places:
    """Ask the interpreter where to count that the changed code of a file runs."""
    request = _request(path, source, [bug])
    (answer,) = _ask(interpreter, "changes.py", [request], "comparing syntax trees")
    if "error" in answer:
        return Places(problem=answer["error"])
    places = zip(answer["counted"], answer["lines"], strict=True)
    return Places(tuple(f"{path}:{line}" for path, line in places), answer["function"])


def fold_alternatives(
    interpreter: Interpreter, requests: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[int, str], str]]:
    """Ask the interpreter which alternatives of a stem's texts are not their mutants.

    Requests are those of ``folding.py``. Returns, for each, the reason by number, and why the whole
    text is of no use, or nothing. Raises TrainwreckError.
    """
    if not requests:
        return []
    lines = [json.dumps(request) for request in requests]
    answers = _ask(interpreter, "folding.py", lines, "comparing alternatives")
    return [(dict(answer.get("failing", [])), answer.get("error", "")) for answer in answers]


def _ask(
    interpreter: Interpreter, script: str, requests: Sequence[str], doing: str
) -> list[dict[str, Any]]:
    """Send requests, each a line of JSON, to a script of the agent; return an answer to each.

    Raises TrainwreckError, with what the interpreter was ``doing``, where answers are missing.
    """
    with INTERRUPTS.interruptible():
        answered = subprocess.run(
            [interpreter.executable, str(SCRIPTS / script)],
            env=_with_own(interpreter.variables),
            input="\n".join(requests),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    if len(answers) != len(requests):
        raise TrainwreckError(
            f"`{interpreter.executable}` ended while {doing}: {answered.stderr.strip()[-500:]}"
        )
    return answers


def _with_own(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the user's variables as trials inherit them, with the subject's own."""
    kept = {name: text for name, text in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, **variables}


def _request(path: Path, source: SourceText, mutants: Sequence[Mutant]) -> str:
    """Return a request to ``check.py``, ``bytecode.py`` or ``changes.py``.

    Patterns cannot be compiled with others, and edits of a user may move lines.
    """
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
            "moved": any(mutant.operator == OWN for mutant in mutants),
        }
    )


def _checked(path: Path, mutants: Sequence[Mutant], answer: dict[str, Any]) -> Checked:
    """Return the mutants of a file divided by the answer of ``check.py``."""
    if "error" in answer:
        return Checked(path, (), (), answer["error"])
    dropped = set(answer["dropped"])
    return Checked(
        path,
        tuple(mutant for index, mutant in enumerate(mutants) if index not in dropped),
        tuple(mutant for index, mutant in enumerate(mutants) if index in dropped),
    )
