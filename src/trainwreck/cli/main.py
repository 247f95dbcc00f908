"""Runs the command line and turns every end into an exit code."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from traceback import format_exception

from trainwreck.cli.arguments import Call
from trainwreck.cli.machine import give_home, refusal
from trainwreck.cli.parser import read_line
from trainwreck.cli.printing import complain, flush, give_up_printing, note
from trainwreck.errors import ExitCode, TrainwreckError
from trainwreck.interrupts import INTERRUPTS


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; a user's mistake never shows a traceback."""
    INTERRUPTS.listen()
    try:
        _perform_to_the_end(arguments or ["--help"])
    except TrainwreckError as error:
        return _fail(error)
    except KeyboardInterrupt:
        complain("interrupted", "Run the same command again to resume.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        give_up_printing()
    except Exception as error:
        if refused := refusal(error):
            return _fail(refused)
        note("".join(format_exception(error)))
        complain("this is a fault of trainwreck", "Report it with the lines above.")
        return ExitCode.OUR_FAULT
    return ExitCode.FINE


def _perform_to_the_end(words: list[str]) -> None:
    """Perform a command, and write what it prints."""
    with suppress(SystemExit):  # The help or the version was printed.
        call = read_line(words)
        if remark := give_home():
            note(f"trainwreck: {remark}")
        _perform(call)
    flush()


def _fail(error: TrainwreckError) -> int:
    complain(error.what, error.hint)
    return int(error.exit_code)


def _perform(call: Call) -> None:
    """Import what the command needs, no more, and run it."""
    from trainwreck.cli.context import Options

    module, _, name = call.command.action.partition(":")
    getattr(import_module(module), name)(Options(**call.shared), **call.values)
