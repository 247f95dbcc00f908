"""Runs the command line and turns every end into an exit code."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from types import FrameType

from trainwreck.cli.arguments import Call
from trainwreck.cli.parser import read_line
from trainwreck.errors import ExitCode, TrainwreckError

RED, PLAIN = "\033[31m", "\033[0m"


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; a user's mistake never shows a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _perform(read_line(arguments or ["--help"]))
    except SystemExit:  # The help or the version was printed.
        return ExitCode.FINE
    except TrainwreckError as error:
        _complain(error.what, error.hint)
        return int(error.exit_code)
    except KeyboardInterrupt:
        _complain("interrupted", "Run the same command again to resume.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.FINE
    except Exception:
        import traceback

        traceback.print_exc()
        _complain("this is a fault of trainwreck", "Report it with the lines above.")
        return ExitCode.OUR_FAULT
    return ExitCode.FINE


def _perform(call: Call) -> None:
    """Import what the command needs, no more, and run it."""
    from trainwreck.cli.context import Options

    module, _, name = call.command.action.partition(":")
    getattr(import_module(module), name)(Options(**call.shared), **call.values)


def _complain(what: str, hint: str) -> None:
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    name = f"{RED}trainwreck:{PLAIN}" if colour else "trainwreck:"
    print(f"{name} {what}", file=sys.stderr)
    if hint:
        print(f"  {hint}", file=sys.stderr)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
