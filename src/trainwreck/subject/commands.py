"""The mistakes that a `command` shows by itself, each with the command that was meant."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from trainwreck.subject.value_kinds import toml

PYTHON = re.compile(r"python(\d+(\.\d+)*)?w?|pypy\d*")
MODULES = {
    "torchrun": ("torch.distributed.run",),
    "accelerate": ("accelerate.commands.accelerate_cli",),
    "deepspeed": ("deepspeed.launcher.runner",),
    "horovodrun": ("horovod.runner.launch",),
    "pytest": ("pytest",),
    "papermill": ("papermill",),
}
"""Programs that are Python modules, with the name of the module."""
RUNNERS = {
    ("uv", "run"): "that uv made, `.venv/bin/python`",
    ("poetry", "run"): "that `poetry env info --executable` names",
    ("pipenv", "run"): "that `pipenv --py` names",
    ("pdm", "run"): "that `pdm info --python` names",
    ("hatch", "run"): "of the environment that hatch made",
    ("conda", "run"): "of the conda environment",
}
"""Programs that only choose an interpreter, with what to give as `python`."""
SHELLS = ("bash", "sh", "zsh", "env", "make", "sudo", "docker", "srun", "nohup", "time")
WITH_VALUE = "WX"
LONG_WITH_VALUE = ("--check-hash-based-pycs",)
BEFORE_PROGRAM = "cm"
"""Letters of options after which the program follows: a text of code, or a module."""
ALONE = "it starts by `PYTHONPATH` and `sitecustomize`, which are then left out"
NOTHING = "with which Python runs no program"
REFUSED = {
    "-E": f"with which there is no agent: {ALONE}",
    "-I": f"with which there is no agent: {ALONE}",
    "-S": f"with which there is no agent: {ALONE}",
    "-i": "after which Python waits for what somebody types",
    "-x": "which leaves out the first line of the agent's file, not of the program's",
    "-h": NOTHING,
    "-V": NOTHING,
    "-?": NOTHING,
    "--help": NOTHING,
    "--help-all": NOTHING,
    "--help-env": NOTHING,
    "--help-xoptions": NOTHING,
    "--version": NOTHING,
}
"""Options of Python with which a program cannot be run here, and why."""
USUAL = (*(f"-{letter}" for letter in "bBdOPqRstuv"), *LONG_WITH_VALUE)
"""Other options of Python, apart from those with a value; the program is run with them."""
PROGRAM_FIRST = "Write the Python file first, or `-m` and a module."


def divide_command(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options of Python before the program, and the words from the program on.

    The program is a file, ``-``, or ``-m`` or ``-c`` and its value; without one, nothing is left.
    """
    options, program = _divided(words)
    return [word for option in options for word in option], program


def program_of(words: Sequence[str]) -> tuple[str, ...]:
    """Return what Python is to run for a command as people type it: ``pytest -q`` is a module."""
    if words and PYTHON.fullmatch(PurePath(words[0]).name):
        words = words[1:]
    if words and words[0] in MODULES:
        return ("-m", *MODULES[words[0]], *words[1:])
    return tuple(words)


def _divided(words: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """Return each option with its value where that is a word of its own, and the rest."""
    options, left = [], list(words)
    while left and left[0] != "-" and left[0].startswith("-"):
        word = left.pop(0)
        before, letter, value = _valued_letter(word)
        if letter and letter in BEFORE_PROGRAM:
            options += [[f"-{before}"]] if before else []
            return options, [f"-{letter}", *([value] if value else []), *left]
        has_value = (letter and not value) or word in LONG_WITH_VALUE
        options.append([word, *left[:1]] if has_value else [word])
        del left[: 1 if has_value else 0]
    return options, left


def _valued_letter(word: str) -> tuple[str, str, str]:
    """Return the first letter of options like ``-uWerror`` with a value, and what is around it."""
    if not word.startswith("--"):
        for position, letter in enumerate(word[1:], 1):
            if letter in BEFORE_PROGRAM + WITH_VALUE:
                return word[1:position], letter, word[position + 1 :]
    return word[1:], "", ""


def command_mistake(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the problem with a command and a hint; None where none can be seen.

    Args:
        words: what is run by `python`: options, then a file, ``-m`` and a module or ``-c`` and a
            text, then arguments.

    """
    first, rest = words[0], list(words[1:])
    name = PurePath(first).name
    if PYTHON.fullmatch(name):
        version = name if name[-1].isdigit() else ""
        return _with_interpreter(first, version, rest)
    if tuple(words[:2]) in RUNNERS:
        return _with_runner(words)
    if name in MODULES and not first.endswith(".py"):
        meant = ["-m", *MODULES[name], *rest]
        return f"runs `{first}`, which is no Python file", _write(meant)
    if name.endswith(".ipynb"):
        return (
            f"runs the notebook `{first}`",
            f"Run `jupyter nbconvert --to script {first}`, and name the file that it writes.",
        )
    if name in SHELLS or name.endswith((".sh", ".bash")):
        hint = "Write the Python file that it runs, with its arguments; set variables in `env`."
        return f"runs `{first}`, but trainwreck runs Python itself", hint
    if " " in first.strip() and first.split()[0].endswith(".py"):
        return "has several words in one text", _write([*first.split(), *rest])
    return _mistake_of_options(words) or _mistake_of_program(divide_command(words)[1])


def _mistake_of_options(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the first option of Python with which no program can be run here."""
    for option in _divided(words)[0]:
        for name in _names(option):
            if name in REFUSED:
                problem = f"has the option `{name}` of Python, {REFUSED[name]}"
                return problem, _write(_runnable(words))
            if name not in USUAL:
                return f"begins with `{name}`, which is no option of Python", PROGRAM_FIRST
    return None


def _names(option: Sequence[str]) -> list[str]:
    """Return the single options in ``-uB`` or ``-uWerror``, without the one that has a value."""
    if option[0].startswith("--"):
        return [option[0]]
    return [f"-{letter}" for letter in _valued_letter(option[0])[0]]


def _mistake_of_program(program: Sequence[str]) -> tuple[str, str] | None:
    """Return what is wrong with the words after the options of Python."""
    match program:
        case []:
            return "has no program after the options of Python", _write(["train.py"])
        case ["-", *_]:
            hint = "Write the program into a file, and name that file."
            return "reads its program from standard input, which is empty in a run", hint
        case ["-m"]:
            return "has no module after `-m`", _write(["-m", "package.train"])
        case ["-c"]:
            return "has no text after `-c`", _write(["-c", "import train"])
    return None


def command_of_text(text: str) -> list[str]:
    """Return the command that somebody meant who wrote it as one text."""
    words = text.split()
    while words and PYTHON.fullmatch(PurePath(words[0]).name):
        words = words[1:]
    return _runnable(words)


def _with_interpreter(first: str, version: str, rest: list[str]) -> tuple[str, str]:
    hint = _write(_runnable(rest))
    if version or "/" in first:
        hint = f"{hint[:-1]} and `python = {toml(first)}` under [subject]."
    return f"begins with the interpreter `{first}`, which trainwreck starts itself", hint


def _with_runner(words: Sequence[str]) -> tuple[str, str]:
    rest = list(words[2:])
    if rest and PYTHON.fullmatch(rest[0]):
        rest = rest[1:]
    one = RUNNERS[words[0], words[1]]
    hint = f"{_write(rest)[:-1]}, and set `python` under [subject] to the interpreter {one}."
    return f"runs `{words[0]} {words[1]}`, which is no Python file", hint


def _runnable(words: Sequence[str]) -> list[str]:
    """Return a command without the options with which it cannot be run."""
    options, program = _divided(words)
    kept = [option for option in options if REFUSED.keys().isdisjoint(_names(option))]
    return [word for option in kept for word in option] + (program or ["train.py"])


def _write(words: Sequence[str]) -> str:
    return f"Write `command = {toml(list(words) or ['train.py'])}`."
