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
OPTIONS_OF_PYTHON = ("-u", "-O", "-OO", "-B", "-E", "-I", "-s", "-S", "-X", "-W", "-v", "-q")


def command_mistake(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the problem with a command and a hint; None where none can be seen.

    Args:
        words: what is run by `python`: a file or ``-m`` and a module, then arguments.

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
    if first == "-c" or name.endswith(".ipynb"):
        return _without_file(first)
    if first in OPTIONS_OF_PYTHON:
        return f"begins with the option `{first}` of Python", _write(_without_options(words))
    if name in SHELLS or name.endswith((".sh", ".bash")):
        hint = "Write the Python file that it runs, with its arguments; set variables in `env`."
        return f"runs `{first}`, but trainwreck runs Python itself", hint
    if first.startswith("-") and first != "-m":
        return f"begins with `{first}`", "Write the Python file first, or `-m` and a module."
    if " " in first.strip() and first.split()[0].endswith(".py"):
        return "has several words in one text", _write([*first.split(), *rest])
    if first == "-m" and not rest:
        return "has no module after `-m`", _write(["-m", "package.train"])
    return None


def command_of_text(text: str) -> list[str]:
    """Return the command that somebody meant who wrote it as one text."""
    words = text.split()
    while words and (PYTHON.fullmatch(PurePath(words[0]).name) or words[0] in OPTIONS_OF_PYTHON):
        words = words[1:]
    return words or ["train.py"]


def _with_interpreter(first: str, version: str, rest: list[str]) -> tuple[str, str]:
    hint = _write(_without_options(rest))
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


def _without_file(first: str) -> tuple[str, str]:
    if first == "-c":
        return "has its program in a text", "Write the program into a file, and name that file."
    return (
        f"runs the notebook `{first}`",
        f"Run `jupyter nbconvert --to script {first}`, and name the file that it writes.",
    )


def _without_options(words: Sequence[str]) -> list[str]:
    left = list(words)
    while left and left[0] in OPTIONS_OF_PYTHON:
        left = left[2 if left[0] in ("-X", "-W") else 1 :]
    return left or ["train.py"]


def _write(words: Sequence[str]) -> str:
    return f"Write `command = {toml(list(words) or ['train.py'])}`."
