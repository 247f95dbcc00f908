"""Reads a command as people type it, ``python train.py --epochs 3``, into that of the settings."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import NoReturn

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.subject.commands import MODULES, PYTHON, RUNNERS, command_mistake, divide_command
from trainwreck.subject.shell_scripts import read_script, without_front
from trainwreck.subject.value_kinds import suggestion

SHELLS = ("bash", "sh", "zsh", "dash")
RUNNER_OPTIONS = ("-n", "-p", "--name", "--prefix", "--with", "--python", "--extra",
                  "--group", "--project", "--package", "--directory", "--env-file", "--cwd",
                  "--env")  # fmt: skip
"""Options of runners that have a value as the next word."""
ASK = "import sys; print(sys.executable)"
ANSWER_SECONDS = 120
MOST_NESTED = 5
"""Programs that start one another, such as a script in ``conda run`` in ``env``."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The words that a typed command runs by Python.

    ``python`` is the path of the interpreter that it names, empty where it names none. ``script``
    is the shell script that it was read from.
    """

    command: tuple[str, ...]
    python: str = ""
    env: tuple[tuple[str, str], ...] = ()
    script: str = ""


def read_command_line(words: Sequence[str], folder: Path) -> CommandLine:
    """Read a command as it would be typed in a folder.

    Args:
        words: The words: an interpreter, a launcher, a runner such as ``uv run``, a shell script,
            or the Python file itself, with arguments.
        folder: The folder of the program.

    Raises:
        UsageError: It runs no Python program that could be studied here.

    """
    line = _read(list(words), folder, MOST_NESTED)
    mistake = command_mistake(line.command)
    if mistake is not None:
        problem, hint = mistake
        raise UsageError(f"the command {problem}", hint.replace("Write `command =", "Give `"))
    return replace(line, command=_within(line.command, folder))


def absolute(path: Path) -> Path:
    """Return a path from the root without ``..``; links stay, as that of an environment."""
    return Path(os.path.normpath(path.absolute()))


def _read(words: list[str], folder: Path, depth: int) -> CommandLine:
    words, env = without_front(words)
    if not words or not depth:
        raise UsageError("the command names no program", "Give the Python file and its arguments.")
    line = _of_program(words, folder, depth)
    return replace(line, env=(*env.items(), *line.env))


def _of_program(words: list[str], folder: Path, depth: int) -> CommandLine:
    first, rest = words[0], words[1:]
    name = PurePath(first).name
    if tuple(words[:2]) in RUNNERS:
        return _of_runner(words, folder, depth)
    if PYTHON.fullmatch(name):
        if not rest:
            raise UsageError(f"the command `{first}` runs no program", "Name the Python file.")
        return CommandLine(tuple(rest), _interpreter(first, folder))
    if name in MODULES and not first.endswith(".py"):
        return CommandLine(("-m", *MODULES[name], *rest), _beside(first, folder))
    if name in SHELLS:
        script = next((i for i, word in enumerate(rest) if not word.startswith("-")), None)
        if script is None or "-c" in rest[:script]:
            raise UsageError(f"`{name}` runs no script", "Give the Python file itself.")
        return _of_script(rest[script], rest[script + 1 :], folder, depth)
    path = folder / first
    if path.is_file() and (name.endswith((".sh", ".bash")) or _begins(path, SHELLS)):
        return _of_script(first, rest, folder, depth)
    if not first.startswith("-") and not path.exists():
        _refuse_missing(first, folder)
    return CommandLine((first, *rest))


def _of_runner(words: list[str], folder: Path, depth: int) -> CommandLine:
    """Read ``uv run train.py``: the runner says which interpreter it chooses."""
    runner, rest = words[:2], words[2:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c"):
        option = rest.pop(0)
        runner.append(option)
        if option in RUNNER_OPTIONS and rest:
            runner.append(rest.pop(0))
        if option == "--":
            break
    if not rest:
        raise UsageError(f"`{' '.join(runner)}` runs no program", "Name the Python file.")
    python = _answer([*runner, "python", "-c", ASK], folder)
    line = _read(rest, folder, depth - 1)
    return replace(line, python=python)


def _answer(command: list[str], folder: Path) -> str:
    """Ask a runner for its interpreter. Raises UsageError."""
    shown = " ".join(command[: command.index("python")])
    hint = "Make its environment, or name its interpreter with `--python PATH`."
    try:
        with INTERRUPTS.interruptible():
            answered = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=ANSWER_SECONDS,
                check=False,
            )
    except FileNotFoundError:
        problem = f"there is no program `{command[0]}` on the path"
        raise UsageError(problem, "Name the interpreter with `--python PATH` instead.") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"`{shown}` names no interpreter: {error}", hint) from None
    path = (answered.stdout.strip().splitlines() or [""])[-1]
    if answered.returncode or not Path(path).is_absolute():
        last = (answered.stderr.strip().splitlines() or ["no answer"])[-1]
        raise UsageError(f"`{shown}` names no interpreter: {last}", hint)
    return path


def _of_script(name: str, arguments: list[str], folder: Path, depth: int) -> CommandLine:
    """Read the one line of a shell script that starts a Python program. Raises UsageError."""
    path = folder / name
    if not path.is_file():
        _refuse_missing(name, folder)
    found = read_script(path, arguments, folder)
    line = _read(found.words, folder, depth - 1)
    return replace(line, env=(*found.exported, *line.env), script=name)


def _begins(path: Path, programs: Sequence[str]) -> bool:
    """Return whether a file's first line names one of these programs."""
    with path.open("rb") as file:
        first = file.readline(200).decode("utf-8", "replace")
    return first.startswith("#!") and any(PurePath(w).name in programs for w in first[2:].split())


def _interpreter(word: str, folder: Path) -> str:
    """Return the path of an interpreter, as a shell finds it. Raises UsageError."""
    if os.sep in word:
        path = absolute(folder / Path(word).expanduser())
        if not path.is_file():
            raise UsageError(f"there is no interpreter `{word}`", "Correct the command.")
        return str(path)
    found = shutil.which(word)
    if found is None:
        raise UsageError(
            f"there is no interpreter `{word}` on the path",
            "Leave it out, or name another one with `--python PATH`.",
        )
    return found


def _beside(program: str, folder: Path) -> str:
    """Return the interpreter in whose folder a launcher was installed, if there is one."""
    found = shutil.which(program) if os.sep not in program else str(folder / program)
    if found is None:
        return ""
    beside = absolute(Path(found)).with_name("python")
    return str(beside) if beside.is_file() else ""


def _refuse_missing(name: str, folder: Path) -> NoReturn:
    """Raise UsageError for a program that is neither here nor on the path."""
    near = suggestion(name, [path.name for path in folder.glob("*.py")])
    installed = shutil.which(name) if os.sep not in name else None
    if installed is not None:
        raise UsageError(
            f"`{name}` is {installed}, and trainwreck runs Python files and modules",
            "Give the Python file, or `-m` and the module, with its arguments.",
        )
    raise UsageError(
        f"there is no file `{name}` in {folder}, and no such command{near}",
        "Change to the folder of the program, or correct the command.",
    )


def _within(command: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Return the command with its file as a path from the folder. Raises UsageError."""
    options, program = divide_command(command)
    if program[0].startswith("-"):
        return command
    path = absolute(folder / program[0])
    if not path.exists():
        _refuse_missing(program[0], folder)
    if not path.is_relative_to(folder):
        raise UsageError(
            f"`{program[0]}` is outside of {folder}",
            f"Change to its folder: `cd {shlex.quote(str(path.parent))}`.",
        )
    return (*options, path.relative_to(folder).as_posix(), *program[1:])
