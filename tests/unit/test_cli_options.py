"""Options shared by commands, before and after the command: src/trainwreck/cli/parser.py."""

from pathlib import Path

import pytest

from trainwreck.cli.commands import COMMANDS, SHARED
from trainwreck.cli.main import run
from trainwreck.cli.parser import read_line
from trainwreck.errors import ExitCode, UsageError

VALUES = {"campaign": Path("a"), "profile": "tiny", "python": "python3.6", "data": Path("d")}
NEEDED = {"show": ["3f9a"], "replay": ["3f9a"], "export": ["out.jsonl"], "import": ["in.jsonl"]}


def words_of(parameter: str) -> list[str]:
    """Return a shared option with a value on the command line."""
    return [f"--{parameter}", *([str(VALUES[parameter])] if parameter in VALUES else [])]


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
@pytest.mark.parametrize("parameter", [argument.parameter for argument in SHARED])
def test_shared_options_before_and_after_the_command(command: str, parameter: str) -> None:
    line, option = [command, *NEEDED.get(command, [])], words_of(parameter)
    useful = next(c.shared for c in COMMANDS if c.name == command)
    for words in ([*option, *line], [*line, *option], [command, *option, *line[1:]]):
        if parameter in [argument.parameter for argument in useful]:
            assert read_line(words).shared == {parameter: VALUES.get(parameter, True)}
        else:
            with pytest.raises(UsageError, match=f"{command}` has no use for `--{parameter}`"):
                read_line(words)


def test_shared_options_after_the_command_win() -> None:
    call = read_line(
        ["--campaign", "a", "--profile", "tiny", "--json", "status", "--campaign", "b"]
    )
    assert call.shared == {"campaign": Path("b"), "profile": "tiny", "json": True}
    assert read_line(["--campaign", "a", "--campaign", "b", "status"]).shared == {
        "campaign": Path("b")
    }


def test_options_that_are_missing_have_their_defaults() -> None:
    call = read_line(["report"])
    values = dict(call.values)
    assert call.shared == {}
    assert not values.pop("folders")
    assert values == {
        "format_": "text",
        "out": None,
        "html": None,
        "figure": None,
        "number": None,
        "ledger": "ledger-operator",
        "since": None,
        "fail_on": None,
        "paper": False,
    }


def test_options_between_folders_of_a_report() -> None:
    call = read_line(["report", "a", "--format", "csv", "b", "--json"])
    assert call.values["folders"] == [Path("a"), Path("b")]
    assert (call.values["format_"], call.shared) == ("csv", {"json": True})


def test_options_that_may_be_repeated() -> None:
    values = read_line(["list", "--operator", "ComOR", "--operator", "mine"]).values
    assert values["operators"] == ["ComOR", "mine"]
    assert read_line(["run", "--without", "probe", "--without", "cut"]).values["without"] == [
        "probe",
        "cut",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run --jobs 0", "`--jobs 0`: not a whole number of at least 1"),
        ("run --mutants many", "`--mutants many`: not a whole number of at least 1"),
        ("run --mutants", "--mutants: expected one argument"),
        ("run --mutant 3", "unrecognized arguments: --mutant"),
        ("run --without luck", "`--without luck`: not one of same-code, probe"),
        ("list --rung far", "`--rung far`: not one of unreached, uninfected"),
        ("report --by mood", "`--by mood`: not one of library, operator, phase, context"),
        ("report --number 7", "`--number 7`: not a number from 1 to 6"),
        ("show", "required: ID"),
        ("export", "required: FILE"),
        ("status now", "unrecognized arguments: now"),
        ("--campaign a", "required: COMMAND"),
        ("--camp a status", "--camp"),
        ("report --campaign a b", "named twice"),
    ],
)
def test_options_that_cannot_be_used(
    line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 1
    problem, hint = capsys.readouterr().err.splitlines()
    assert message in problem
    assert hint.startswith("  ")
    assert hint.endswith(".")


@pytest.mark.parametrize("where", [["--engine", "ray"], ["--engine", "ray", "--address", "h:1"]])
def test_option_check_runs_on_this_machine_alone(
    where: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = ["--campaign", str(tmp_path), "run", "--check", "script", *where]
    assert run(command) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "`--check` runs checks on this machine, and not on a Ray cluster" in said
