"""Reads the commands of a shell script that start Python programs, without running it."""

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from trainwreck.errors import UsageError
from trainwreck.subject.commands import MODULES, PYTHON, RUNNERS

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
IN_FRONT = ("time", "nohup", "exec", "env", "command")
"""Programs that start the next word; they change nothing that a run depends on."""
WRAPPERS = ("caffeinate", "ionice", "nice", "numactl", "setsid", "srun", "stdbuf", "taskset",
            "timeout", "xvfb-run")  # fmt: skip
"""Programs with options of their own that start another, and change none of its results."""
OF_TASKS = re.compile(r"-[nN]\d*|--(ntasks|nodes)(=.*)?")
"""Options of ``srun`` with which it starts several processes."""
KEYWORDS = ("if", "then", "elif", "else", "while", "until", "do", "!", "{")
PUNCTUATION = frozenset("();<>|&")
DESCRIPTOR = re.compile(r"(?<=\s)\d(?=[<>])")
"""The 2 of ``2>&1``."""
INNER = re.compile(r"\$\([^()]*\)")
OWN_FOLDER = re.compile(r"\$\(\s*dirname[^()]*\)|\$\{(?:0|BASH_SOURCE[^{}]*)%/\*\}")
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?[-=]([^{}]*))?\})")
ALL_ARGUMENTS = ("$@", "$*", "${@}", "${*}")
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    """The one command of a script that starts Python, and the variables that it exports before."""

    words: list[str]
    exported: tuple[tuple[str, str], ...]


def read_script(path: Path, arguments: Sequence[str], folder: Path) -> ScriptCommand:
    """Return the one command of a script that starts a Python program.

    Args:
        path: The script.
        arguments: What the script is given.
        folder: The folder in which it is started.

    Raises:
        UsageError: It starts none or several, in another folder, with words that only a shell
            knows, or feeds its standard input.

    """
    text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    reading = _Reading(text, path, list(arguments), folder)
    found = list(reading.python_commands())
    name = path.relative_to(folder) if path.is_relative_to(folder) else path
    if len(found) != 1:
        raise _not_one(str(name), [words for _, words in found])
    ((now, words),) = found
    unknown = next((word for word in words if "$" in word or "`" in word), None)
    if unknown is not None:
        raise UsageError(
            f"{name} starts `{shlex.join(words)}`, where `{unknown}` depends on the shell",
            "Give the command with its values, such as `trainwreck init python train.py`.",
        )
    if reading.feeds:
        raise UsageError(
            f"{name} feeds `{shlex.join(words)}` on its standard input, which is empty in a run",
            "Let the program read a file, and give its command: `trainwreck init python train.py`.",
        )
    if now != folder:
        raise UsageError(
            f"{name} starts `{shlex.join(words)}` in {now}",
            f"Change to it with `cd {shlex.quote(str(now))}`, and give the command there.",
        )
    return ScriptCommand(words, tuple(reading.exported()))


def without_front(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return a command without what starts it, and the variables that are set for it."""
    left, env = list(words), {}
    while left and (left[0] in IN_FRONT or ASSIGNMENT.fullmatch(left[0])):
        if assigned := ASSIGNMENT.fullmatch(left.pop(0)):
            env[assigned[1]] = assigned[2]
    if left and left[0] in WRAPPERS:
        places = range(1, len(left))
        inner = next((i for i in places if _begins_command(left[i:])), None)
        is_parallel = left[0] == "srun" and any(map(OF_TASKS.fullmatch, left[1:inner]))
        if inner is not None and not is_parallel:
            words, inner_env = without_front(left[inner:])
            return words, {**env, **inner_env}
    return left, env


def _begins_command(words: Sequence[str]) -> bool:
    starts_another = words[0] in (*IN_FRONT, *WRAPPERS)
    return starts_another or ASSIGNMENT.fullmatch(words[0]) is not None or is_python(words)


def is_python(words: Sequence[str]) -> bool:
    """Return whether a command's first word is Python, a launcher or runner of it, or its file."""
    name = PurePath(words[0]).name
    is_known = bool(PYTHON.fullmatch(name)) or name in MODULES or tuple(words[:2]) in RUNNERS
    return is_known or name.endswith(".py")


@dataclass
class _Reading:
    """A script that is read from its begin: the variables it has set, and its folder by now."""

    text: str
    path: Path
    arguments: list[str]
    now: Path
    variables: dict[str, str] = field(default_factory=dict)
    programs: Path | None = None
    """The folder of the environment that the script has activated."""
    feeds: bool = False
    """The script gives a command that starts Python something to read."""
    _exported: set[str] = field(default_factory=set)

    def python_commands(self) -> Iterator[tuple[Path, list[str]]]:
        """Yield the commands that start Python, each with its folder."""
        for raw, is_fed in _commands(self.text):
            words = [part for word in raw for part in self._filled(word)]
            if is_exported := words[:1] == ["export"]:
                words = words[1:]
            if words and all(map(ASSIGNMENT.fullmatch, words)):
                self.variables |= dict(word.split("=", 1) for word in words)
                self._exported |= {word.split("=")[0] for word in words if is_exported}
            elif words[:1] == ["cd"] and len(words) == 2:
                self._change_folder(words[1])
            elif words[:1] in (["source"], ["."]) and len(words) == 2:
                self._activate(words[1])
            else:
                inner, env = without_front(words)
                if inner and is_python(inner):
                    self.feeds = self.feeds or is_fed
                    set_before = [f"{name}={value}" for name, value in env.items()]
                    yield self.now, [*set_before, *self._found(inner)]

    def exported(self) -> Iterator[tuple[str, str]]:
        """Yield the exported variables; what another program computes is left out."""
        for name, value in self.variables.items():
            if name in self._exported:
                known = VARIABLE.sub(lambda m: os.environ.get(m[1] or m[2], m[3] or ""), value)
                if "$" not in known and "`" not in known:
                    yield name, known

    def _change_folder(self, word: str) -> None:
        """Follow ``cd`` to a folder of this machine; another one is that of another machine."""
        folder = self.now / OWN_FOLDER.sub(lambda _: str(self.path.parent), word)
        if folder.is_dir():
            self.now = folder.resolve() if ".." in folder.parts else folder

    def _activate(self, word: str) -> None:
        file = self.now / word
        if file.name == "activate" and file.is_file():
            self.programs = file.parent

    def _found(self, words: list[str]) -> list[str]:
        """Return a command whose program is that of the activated environment, if it is there."""
        if self.programs is None or not (self.programs / words[0]).is_file():
            return words
        return [str(self.programs / words[0]), *words[1:]]

    def _filled(self, word: str) -> list[str]:
        """Return a word with the values of variables that the script has set or been given.

        A word that is one variable may stand for several words, unless it is in quotes.
        """
        if word in ALL_ARGUMENTS:
            return self.arguments
        filled = VARIABLE.sub(self._value, word)
        if filled != word and VARIABLE.fullmatch(word) and f'"{word}"' not in self.text:
            return filled.split()
        return [filled]

    def _value(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name.isdecimal():
            given = self.arguments[int(name) - 1 : int(name)] if name != "0" else []
        else:
            # The program runs in a copy of its folder.
            known = {"PWD": ".", **self.variables}
            given = [known[name]] if name in known else []
        default = match[3] if match[3] is not None else match[0]
        return given[0] if given else default


def _commands(text: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the words of each command, without keywords and redirections, and whether it is fed."""
    for line in text.splitlines():
        lexer = shlex.shlex(_on_one_level(line), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        try:
            tokens = [*lexer, ";"]
        except ValueError:  # A text that goes on in the next line.
            continue
        is_target = is_fed = False
        for token in tokens:
            if is_target:
                is_target = False
            elif not PUNCTUATION.issuperset(token) or not token:
                words.append(token)
            elif {"<", ">"} & set(token):
                is_target = True
                is_fed = is_fed or ("<" in token and "(" not in token)
            else:
                yield from ((each, is_fed) for each in _without_keywords(words))
                words, is_fed = [], token in ("|", "|&")


def _without_keywords(words: list[str]) -> Iterator[list[str]]:
    while words and words[0] in KEYWORDS:
        words = words[1:]
    if words:
        yield words


def _on_one_level(line: str) -> str:
    """Return a line in which ``$(…)`` is part of a word, and redirections have no number."""
    escaped = INNER.sub(lambda match: re.sub(r"([()\s;<>|&])", r"\\\1", match[0]), line)
    return DESCRIPTOR.sub("", escaped)


def _not_one(name: str, found: Sequence[list[str]]) -> UsageError:
    if not found:
        return UsageError(
            f"{name} starts no Python program, as far as it can be read",
            "Give the command of the one to study, such as `trainwreck init python train.py`.",
        )
    shown = [f"`{shlex.join(words)}`" for words in found[:MOST_SHOWN]]
    more = " and others" if len(found) > MOST_SHOWN else ""
    training = [words for words in found if re.search(r"train|fit\b|main", " ".join(words))]
    example = shlex.join((training or found)[-1])
    return UsageError(
        f"{name} starts {len(found)} Python programs: {', '.join(shown)}{more}",
        f"Give the command of the one to study, such as `trainwreck init {example}`.",
    )
