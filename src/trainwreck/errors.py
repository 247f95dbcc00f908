"""Failures of ours or of the user's set-up, as one clear message with an exit code."""

import sys
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """An exit status of the command; public, see docs/settings.md."""

    FINE = 0
    USAGE = 1
    CLEAN_PROGRAM = 2
    CONTROL = 3
    INTERRUPTED = 4
    AUDIT = 5
    CONDITION = 6
    DAMAGE = 7
    OUR_FAULT = 70


class TrainwreckError(Exception):
    """A failure that people read as a message, never with a traceback.

    Attributes:
        what: What went wrong, where, and why.
        hint: One imperative sentence, or nothing.
        exit_code: The exit status of the command.
        kind: The failure in one word for programs; public, see docs/programs.md.

    """

    exit_code = ExitCode.USAGE
    kind = "usage"

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UsageError(TrainwreckError):
    """The command, the settings or the campaign folder cannot be used as they are."""


class NothingChosen(UsageError):
    """No mutant meets a choice."""

    kind = "nothing-chosen"


class CheckRefused(UsageError):
    """A check whose answer would mean nothing: it fails without any bug."""

    kind = "check-refused"


class DamageError(UsageError):
    """The records of a campaign are not those that were written."""

    kind = "damage"


class VerifyError(TrainwreckError):
    """A check of all records found damage."""

    exit_code = ExitCode.DAMAGE
    kind = "damage"


class CleanProgramError(TrainwreckError):
    """The program under study does not work without any bug in it."""

    exit_code = ExitCode.CLEAN_PROGRAM
    kind = "clean-program"


class ControlError(TrainwreckError):
    """A run that must end as clean runs do does not, so no result can be trusted."""

    exit_code = ExitCode.CONTROL
    kind = "control"


class Paused(TrainwreckError):
    """The machine has too little room for a run; the same command goes on later."""

    exit_code = ExitCode.INTERRUPTED
    kind = "paused"


class NoPlace(TrainwreckError):
    """The folder of a run cannot be made on this machine; on another one it may."""


class ConditionError(TrainwreckError):
    """A condition of ``--fail-on`` holds."""

    exit_code = ExitCode.CONDITION
    kind = "condition"


class AuditError(TrainwreckError):
    """A run contradicts a decision without it, or a warm start: a bug of trainwreck."""

    exit_code = ExitCode.AUDIT
    kind = "audit"


def need(purpose: str, extra: str, *modules: str) -> None:
    """Raise UsageError where a module is missing that only an extra of the package installs.

    Args:
        purpose: what the modules are for, in the plural: "figures".
        extra: the name of the extra that installs them.
        modules: the modules that will be imported.

    """
    from importlib.util import find_spec

    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UsageError(
            f"{purpose} need {' and '.join(missing)}, which this installation lacks",
            f"Run `{installing()} 'trainwreck[{extra}]'`.",
        )


def installing() -> str:
    """Return the command that adds packages to this installation, be it by pip, pipx or uv."""
    from importlib.util import find_spec

    place = Path(sys.prefix)
    if (place / "pipx_metadata.json").exists():
        return f"pipx runpip {place.name} install"
    if find_spec("pip") is None:
        return f"uv pip install --python {sys.executable}"
    return "python -m pip install"
