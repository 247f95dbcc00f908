"""Reads a command line: shared options, the command, and the command's own arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from trainwreck import __version__
from trainwreck.cli.arguments import Argument, Call, Command
from trainwreck.cli.commands import COMMANDS, SHARED
from trainwreck.cli.help import COMPLETION, HELP, VERSION, command_help, main_help
from trainwreck.errors import UsageError

PROGRAM = "trainwreck"


def read_line(words: list[str]) -> Call:
    """Read a command line. Raises UsageError, and SystemExit once help or version is printed."""
    before = _main_parser().parse_args(words)
    command = _command(before.command)
    own, rest = _divided(command, before.words)
    after = vars(_command_parser(command).parse_intermixed_args(own))
    if command.rest is not None:
        after[command.rest.parameter] = rest
    names = {argument.parameter for argument in SHARED}
    shared = {name: value for name, value in vars(before).items() if name in names}
    shared |= {name: after.pop(name) for name in names & after.keys()}
    _refuse_unused(command, shared)
    return Call(command, after, shared)


class _Parser(argparse.ArgumentParser):
    """A parser with a help text of ours, whose complaints are errors of ours."""

    def __init__(self, program: str, write_help: Callable[[], str]) -> None:
        super().__init__(program, add_help=False, allow_abbrev=False)
        self._write_help = write_help
        self.add_argument(HELP.name, action="help")

    def format_help(self) -> str:
        """Return the help text."""
        return self._write_help()

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, f"Read `{self.prog} --help`.")

    def add(self, argument: Argument, default: Any) -> None:
        """Take an argument, whose parameter gets the default where it is missing."""
        if argument.is_flag:
            self.add_argument(
                argument.name, dest=argument.parameter, action="store_true", default=default
            )
        elif argument.is_option:
            action = "append" if argument.repeated else "store"
            self.add_argument(
                argument.name,
                dest=argument.parameter,
                action=action,
                type=partial(_read, argument),
                default=default,
            )
        else:
            number = "*" if argument.repeated else None if argument.required else "?"
            self.add_argument(
                argument.parameter,
                metavar=argument.name,
                nargs=number,
                type=partial(_read, argument),
                default=default,
            )


class _PrintCompletion(argparse.Action):
    """Prints the script of a shell, and ends as `--version` does."""

    def __call__(self, parser: argparse.ArgumentParser, _: object, shell: Any, *__: object) -> None:
        """Print the script. Raises UsageError for a shell that has none."""
        from trainwreck.cli.completion import completion_script
        from trainwreck.cli.printing import say

        try:
            say(completion_script(shell).rstrip("\n"))
        except ValueError as error:
            problem = f"`{COMPLETION.name} {shell}`: {error}"
            raise UsageError(problem, "Name another shell.") from None
        parser.exit()


def _main_parser() -> _Parser:
    parser = _Parser(PROGRAM, main_help)
    parser.add_argument(VERSION.name, action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument(COMPLETION.name, action=_PrintCompletion)
    for argument in SHARED:
        parser.add(argument, argparse.SUPPRESS)
    parser.add_argument("command", metavar="COMMAND")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    return parser


def _command_parser(command: Command) -> _Parser:
    """Return the parser of what follows the command: also of options that it has no use for."""
    parser = _Parser(f"{PROGRAM} {command.name}", partial(command_help, command))
    for argument in (a for a in command.arguments if not a.is_rest):
        parser.add(argument, False if argument.is_flag else argument.default)
    for argument in SHARED:
        parser.add(argument, argparse.SUPPRESS)
    return parser


def _divided(command: Command, words: list[str]) -> tuple[list[str], list[str]]:
    """Return our words, and those of the program that the command is about, if it is about one."""
    if command.rest is None:
        return words, []
    with_value = {a.name: not a.is_flag for a in (*command.arguments, *SHARED, HELP) if a.is_option}
    index = 0
    while index < len(words) and words[index].startswith("--"):
        if words[index] == "--":
            return words[:index], words[index + 1 :]
        index += 2 if with_value.get(words[index], False) else 1
    return words[:index], words[index:]


def _command(name: str) -> Command:
    commands = {command.name: command for command in COMMANDS}
    if name not in commands:
        raise UsageError(f"there is no command `{name}`", _suggestion(name, commands))
    return commands[name]


def _suggestion(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    similar = get_close_matches(name, names, 1)
    return f"Run `{PROGRAM} {similar[0]}`." if similar else f"Read `{PROGRAM} --help`."


def _refuse_unused(command: Command, shared: Iterable[str]) -> None:
    useful = {argument.parameter for argument in command.shared}
    for name in shared:
        if name not in useful:
            raise UsageError(
                f"`{PROGRAM} {command.name}` has no use for `--{name}`", f"Leave out `--{name}`."
            )


def _read(argument: Argument, text: str) -> Any:
    try:
        return argument.read(text)
    except ValueError as error:
        raise UsageError(f"`{argument.name} {text}`: {error}", "Give another value.") from None
