"""Runs the command line and turns every end into an exit code."""

import signal
import sys
import traceback
from types import FrameType

import typer
from rich.console import Console
from rich.markup import escape
from typer.exceptions import TyperException

from trainwreck.cli.commands import app
from trainwreck.errors import ExitCode, TrainwreckError

TYPER_INTERRUPTED = 130
"""What typer returns in place of a KeyboardInterrupt."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; a user's mistake never shows a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    try:
        command = typer.main.get_command(app)
        if (
            command.main(arguments or ["--help"], "trainwreck", standalone_mode=False)
            == TYPER_INTERRUPTED
        ):
            raise KeyboardInterrupt
    except TrainwreckError as error:
        _tell(errors, error.what, error.hint)
        return int(error.exit_code)
    except TyperException as error:
        _tell(errors, error.format_message() or "no command", "trainwreck --help")
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        _tell(errors, "interrupted", "the same command goes on where this one stopped")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.FINE
    except Exception:
        errors.print(escape(traceback.format_exc()))
        _tell(errors, "this is a fault of trainwreck", "please report it with the lines above")
        return ExitCode.OUR_FAULT
    return ExitCode.FINE


def _tell(errors: Console, what: str, hint: str) -> None:
    errors.print(f"[red]trainwreck:[/red] {escape(what)}")
    if hint:
        errors.print(f"  try: {escape(hint)}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
