"""Runs the command line and turns every end into an exit code."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from traceback import format_exception

from trainwreck import __version__
from trainwreck.cli.arguments import Call
from trainwreck.cli.machine import give_home, refusal
from trainwreck.cli.parser import read_line
from trainwreck.cli.printing import (
    complain,
    event,
    flush,
    give_up_printing,
    note,
    print_events,
)
from trainwreck.errors import ExitCode, TrainwreckError
from trainwreck.interrupts import INTERRUPTS

JSON, OPTION = "--json", "--campaign"
COMMAND = r"`trainwreck (?=[a-z]+[^`]*`)(?!init|study|clean|doctor|merge)"
"""A command in a hint that reads or goes on with a campaign."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; a user's mistake never shows a traceback."""
    INTERRUPTS.listen()
    print_events(JSON in arguments)
    try:
        _perform_to_the_end(arguments or ["--help"])
    except TrainwreckError as error:
        return _fail(error, arguments)
    except KeyboardInterrupt:
        hint = "Run the same command again to resume."
        return _end("interrupted", "interrupted", hint, ExitCode.INTERRUPTED)
    except BrokenPipeError:
        give_up_printing()
    except Exception as error:
        if refused := refusal(error):
            return _fail(refused, arguments)
        lines = "".join(format_exception(error))
        note(lines)
        what, hint = "this is a fault of trainwreck", "Report it with the lines above."
        return _end("fault", what, hint, ExitCode.OUR_FAULT)
    return ExitCode.FINE


def _perform_to_the_end(words: list[str]) -> None:
    """Perform a command, and write what it prints."""
    with suppress(SystemExit):  # The help or the version was printed.
        call = read_line(words)
        if remark := give_home():
            note(f"trainwreck: {remark}")
        _perform(call)
    flush()


def _fail(error: TrainwreckError, arguments: list[str]) -> int:
    return _end(error.kind, error.what, _named(error.hint, arguments), error.exit_code)


def _named(hint: str, arguments: list[str]) -> str:
    """Return a hint whose commands name the campaign that the command line names."""
    import re  # No answer of `--help` needs them.
    import shlex

    words = [*arguments, ""]
    places = [
        f"{OPTION} {shlex.quote(after)}" if word == OPTION else shlex.quote(word)
        for word, after in pairwise(words)
        if word == OPTION or word.startswith(f"{OPTION}=")
    ]
    if not places:
        return hint
    return re.sub(COMMAND, lambda _: f"`trainwreck {places[-1]} ", hint)


def _end(kind: str, what: str, hint: str, code: ExitCode) -> int:
    """Print what went wrong, for people or for programs; return the exit code."""
    complain(what, hint)
    event("error", error={"kind": kind, "message": what, "hint": hint, "exit": int(code)})
    return int(code)


def _perform(call: Call) -> None:
    """Import what the command needs, no more, and run it."""
    from trainwreck.cli.context import Options

    module, _, name = call.command.action.partition(":")
    if call.command.prints_events:
        event("started", command=call.command.name, version=__version__)
    getattr(import_module(module), name)(Options(**call.shared), **call.values)
    if call.command.prints_events:
        event("finished", command=call.command.name)
