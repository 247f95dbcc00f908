"""The help of `trainwreck` and of every command, src/trainwreck/cli/commands.py."""

import ast
import inspect
import re
from dataclasses import fields
from importlib import import_module

import pytest

from trainwreck.cli.arguments import Argument, Command
from trainwreck.cli.commands import ABOUT, COMMANDS, FILTERS, LIST, REPORT, RUN, SHARED
from trainwreck.cli.help import COMPLETION, HELP, VERSION, command_help, main_help
from trainwreck.cli.main import run
from trainwreck.cli.parser import read_line
from trainwreck.cli.running import Asked
from trainwreck.cli.values import LEDGERS
from trainwreck.model import RULES_IN_USE, OperatorCode, Rung
from trainwreck.report.formats import FORMATS
from words import Docstring, opens_well

LONGEST = 60
FUNCTION = ast.parse("def f(): ...").body[0]
PLACEHOLDERS = {
    *("CAMPAIGN", "CODE", "COMMAND", "DIR", "EXPR", "FILE", "ID", "K/N", "N", "NAME", "PATH"),
    *("HOST:PORT", "PRICE", "REV", "RULE", "SHELL", "TEXT", "TIME"),
}
ARGUMENTS = [
    *((command.name, argument) for command in COMMANDS for argument in command.arguments),
    *(("", argument) for argument in (*SHARED, VERSION, COMPLETION, HELP)),
]
BY_NAME = [pytest.param(command, id=command.name) for command in COMMANDS]
EVERY_ARGUMENT = [
    pytest.param(argument, id=f"{name} {argument.name}") for name, argument in ARGUMENTS
]


def is_good(text: str) -> bool:
    """Return whether a help text is one short imperative line."""
    whole = text.endswith(".") and "\n" not in text
    return whole and len(text) <= LONGEST and opens_well(Docstring(FUNCTION, text, 1))


@pytest.mark.parametrize("command", BY_NAME)
def test_cli_help_of_a_command_is_one_imperative_line(command: Command) -> None:
    assert is_good(command.help), command.help


@pytest.mark.parametrize("argument", EVERY_ARGUMENT)
def test_cli_help_of_an_option_is_one_imperative_line(argument: Argument) -> None:
    assert is_good(argument.help), argument.help


@pytest.mark.parametrize("argument", EVERY_ARGUMENT)
def test_cli_help_placeholders_are_written_by_hand(argument: Argument) -> None:
    if argument.is_option:
        assert argument.is_flag or argument.placeholder in PLACEHOLDERS
    else:
        assert argument.name in PLACEHOLDERS
        assert not argument.placeholder


@pytest.mark.parametrize(
    "text",
    ["The mutants.", "Runs again.", "List the mutants", "trials at a time.", "Run " * 16 + "."],
)
def test_cli_help_check_refuses(text: str) -> None:
    assert not is_good(text)


@pytest.mark.parametrize("command", BY_NAME)
def test_cli_help_of_a_command_is_complete(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text == command_help(command)
    assert f"Example: {command.example}" in text
    assert f"  {command.help}" in text
    for argument in (*command.arguments, *command.shared, HELP):
        assert re.search(
            rf"^  {re.escape(argument.usage)} +{re.escape(argument.help)}$", text, re.M
        )
    assert text.count("--python") == (command.shared == SHARED)


@pytest.mark.parametrize("command", BY_NAME)
def test_cli_help_example_can_be_read(command: Command) -> None:
    call = read_line(command.example.split()[1:])
    assert call.command is command


def test_cli_help_of_trainwreck_names_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert text == main_help()
    for command in COMMANDS:
        assert f"  {command.name:8}  {command.help}\n" in text
    for argument in (*SHARED, VERSION, COMPLETION, HELP):
        assert argument.help in text
    assert " ".join(ABOUT.split()[:6]) in text


@pytest.mark.parametrize("command", BY_NAME)
def test_cli_action_takes_the_arguments_of_its_command(command: Command) -> None:
    module, _, name = command.action.partition(":")
    parameters = inspect.signature(getattr(import_module(module), name)).parameters
    values = {argument.parameter for argument in command.arguments}
    taken = set(parameters) | ({field.name for field in fields(Asked)} if command is RUN else set())
    filters = {argument.parameter for argument in FILTERS} if "filters" in taken else set()
    assert (taken | filters) - {"filters", "arguments"} == {"options"} | values


def test_commands_that_run_programs_print_events() -> None:
    printing = {command.name for command in COMMANDS if command.prints_events}
    assert printing == {"study", "baseline", "doctor", "run", "audit", "replay"}


def test_cli_help_names_all_values() -> None:
    for command, values in (
        (LIST, [*OperatorCode, *Rung]),
        (RUN, RULES_IN_USE),
        (REPORT, [*FORMATS, *LEDGERS]),
    ):
        words = re.findall(r"[\w-]+", command.details)
        assert [value for value in values if value not in words] == []
