"""Writes the help of trainwreck and of its commands."""

from collections.abc import Iterable
from textwrap import fill

from trainwreck.cli.arguments import Argument, Command
from trainwreck.cli.commands import ABOUT, COMMANDS, SHARED

WIDTH = 80

HELP = Argument("--help", "Show this help.")
VERSION = Argument("--version", "Print the version.")
COMPLETION = Argument("--print-completion", "Print a script to complete words: bash, zsh.", "SHELL")
ALONE = (VERSION, COMPLETION)
"""Options that need no command."""


def main_help() -> str:
    """Return the help of trainwreck: all commands, and the options that they share."""
    commands = [(command.name, command.help) for command in COMMANDS]
    parts = [
        "Usage: trainwreck [OPTIONS] COMMAND [ARGUMENTS]",
        _paragraph(ABOUT),
        _section("Commands", commands),
        _section("Options, before or after the command", _rows([*SHARED, *ALONE, HELP])),
        "Run `trainwreck COMMAND --help` for the arguments of a command and an example.",
    ]
    return "\n\n".join(parts) + "\n"


def command_help(command: Command) -> str:
    """Return the help of a command."""
    positional = [argument for argument in command.arguments if not argument.is_option]
    options = [argument for argument in command.arguments if argument.is_option]
    words = [command.name, "[OPTIONS]", *map(_usage, positional)]
    parts = [
        f"Usage: trainwreck {' '.join(words)}",
        _paragraph(command.help),
        _paragraph(command.details) if command.details else "",
        f"  Example: {command.example}",
        _section("Arguments", _rows(positional)) if positional else "",
        _section("Options", _rows([*options, *command.shared, HELP])),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _usage(argument: Argument) -> str:
    name = argument.name if argument.required else f"[{argument.name}]"
    return f"{name}..." if argument.repeated or argument.is_rest else name


def _rows(arguments: Iterable[Argument]) -> list[tuple[str, str]]:
    return [(argument.usage, argument.help) for argument in arguments]


def _section(title: str, rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join([f"{title}:", *(f"  {name:{width}}  {text}" for name, text in rows)])


def _paragraph(text: str) -> str:
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
