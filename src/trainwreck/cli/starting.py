"""The command that writes the settings of somebody's own program: ``init``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from trainwreck.campaign.init.propose import Typed, check_free, propose
from trainwreck.cli.context import Options
from trainwreck.cli.printing import note, say, say_for_others
from trainwreck.cli.values import processors
from trainwreck.cli.working import run_doctor
from trainwreck.errors import ControlError, UsageError
from trainwreck.model import Forecast
from trainwreck.report.forecast import INTERVAL, expected
from trainwreck.report.printable import json_text
from trainwreck.report.proposal import proposal_json, proposal_text
from trainwreck.report.words import counted
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.settings_writing import settings_text

FIRST_MUTANTS = 50
"""Mutants of the command that comes next."""


def start_settings(options: Options, command: Sequence[str], limit: float, unchecked: bool) -> None:
    """Run a program once, write the settings that the run suggests, and check them.

    Args:
        options: Shared options.
        command: The program as it is typed; empty for the only one of the folder.
        limit: The most seconds of the run.
        unchecked: Leave out the checks of the doctor.

    Raises:
        UsageError: There is no such program, or settings exist already.
        CleanProgramError: The program does not work.
        ControlError: A check of the doctor failed.

    """
    if options.profile:
        raise UsageError("`init` writes settings without profiles", "Leave out `--profile`.")
    folder = Path.cwd()
    typed = Typed(folder, tuple(command), options.python or "", options.data, limit)
    proposal = propose(typed, lambda text: note(f"trainwreck: {text}"))
    answer = proposal_json(proposal)
    say_for_others(json_text(answer) if options.json else proposal_text(proposal), options.json)
    if not _is_wanted(options.json):
        say(settings_text(proposal), end="")
        return
    _write(folder, settings_text(proposal))
    note(f"trainwreck: wrote {FILE_NAME}; every line of it may be changed")
    if unchecked:
        _say_next(options, "trainwreck doctor", None)
        return
    try:
        run_doctor(options, only_self=False, jobs=1)
    except ControlError as error:
        raise ControlError(
            error.what, f"Correct {FILE_NAME} or the program, and run `trainwreck doctor`."
        ) from None
    _say_next(options, f"trainwreck run --mutants {FIRST_MUTANTS}", _forecast(options))


def _is_wanted(as_json: bool) -> bool:
    """Return whether to write the settings: somebody at a terminal may say no."""
    if as_json or not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        return True
    try:
        answer = input(f"Write {FILE_NAME} and check it? [Y/n] ")
    except EOFError:
        return True
    return answer.strip().lower() not in ("n", "no")


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def _write(folder: Path, text: str) -> None:
    """Write the settings where there are none, once they can be read. Raises UsageError."""
    check_free(folder)
    partial = folder / f".{FILE_NAME}.partial"
    try:
        partial.write_text(text, encoding="utf-8")
        load_settings(partial)
        os.link(partial, folder / FILE_NAME)
    except FileExistsError:
        check_free(folder)
    except OSError as error:
        raise UsageError(
            f"{FILE_NAME} cannot be written in {folder}: {error.strerror}",
            "Make room there, or copy the program into another folder.",
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def _forecast(options: Options) -> Forecast:
    """Return what the next command takes, as far as clean runs can say."""
    from trainwreck.campaign.campaign import Campaign

    settings, jobs = options.load_settings(), processors()
    campaign = Campaign(options.campaign_folder(), settings, options.data, jobs)
    return campaign.forecast(FIRST_MUTANTS)


def _say_next(options: Options, command: str, forecast: Forecast | None) -> None:
    if options.json:
        cost = asdict(forecast) if forecast else None
        say(json_text({"next": command, "forecast": cost}))
        return
    say(f"\nNext: {command}")
    if forecast:
        jobs = counted(forecast.jobs, "trial")
        say(f"  takes about {expected(forecast.wall)} with {jobs} at a time ({INTERVAL})")
