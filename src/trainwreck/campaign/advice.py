"""Advice about a clean program that does not work, from what its run shows."""

import re

from trainwreck.model import Ending, Failure, Outcome
from trainwreck.subject.settings import Settings

DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "skimage": "scikit-image",
    "bs4": "beautifulsoup4",
    "umap": "umap-learn",
}
"""Distributions whose packages have another name."""
MISSING_MODULE = re.compile(r"No module named '?([\w.]+)")
NO_PROGRAM = "Error while finding module specification"
RAISE_MEMORY = "Raise `memory` under [trials], or make the program smaller by its own options."
STATUS_OF_USAGE = 2
"""The exit status with which argparse refuses a command line."""


def advice_for(settings: Settings, executable: str, outcome: Outcome, log: str) -> str:
    """Return one imperative sentence, or nothing where none is sure to help.

    Args:
        settings: the settings of the subject.
        executable: its interpreter.
        outcome: the facts of the clean run that does not work.
        log: what the program printed.

    """
    error = outcome.error
    missing = MISSING_MODULE.search(error.message if error else log)
    if missing and (error is None or _is_import(error)):
        return _install(missing[1], executable)
    if error is not None and error.type != "SystemExit":
        return _for_error(error.type, settings)
    if not outcome.exit.fine:
        return _for_ending(outcome, settings, log)
    is_unknown = any(value != value for value in outcome.metrics.values())
    return "Make the clean program reach a number first." if is_unknown else ""


def _is_import(error: Failure) -> bool:
    """Return whether an import failed, be it that of the program itself by ``-m``."""
    is_own = error.type == "SystemExit" and NO_PROGRAM in error.message
    return is_own or error.type in ("ModuleNotFoundError", "ImportError")


def _install(module: str, executable: str) -> str:
    name = module.split(".")[0]
    return (
        f"Run `{executable} -m pip install {DISTRIBUTIONS.get(name, name)}`, or set `python` under "
        "[subject] to the interpreter that has it."
    )


def _for_error(kind: str, settings: Settings) -> str:
    if kind == "EOFError":
        return "Make the program run without a question: pass the answer in `command` or in `env`."
    if kind in ("FileNotFoundError", "NotADirectoryError", "IsADirectoryError"):
        return (
            f"Put the file into {settings.folder}, as each run has a copy of that folder, or pass "
            "another one with `--data DIR` and `{data}`."
        )
    if kind == "SyntaxError":
        return "Set `python` under [subject] to a Python that the program is written for."
    if kind == "MemoryError":
        return RAISE_MEMORY
    return ""


def _for_ending(outcome: Outcome, settings: Settings, log: str) -> str:
    ending = outcome.exit.ending
    if ending in (Ending.TIME, Ending.CPU):
        return (
            f"Raise `clean_timeout` under [trials], now {settings.trials.clean_timeout:g} seconds, "
            "or make the program shorter by its own options."
        )
    if ending is Ending.MEMORY:
        return RAISE_MEMORY
    if ending is Ending.EXITED and outcome.exit.code == STATUS_OF_USAGE and "usage:" in log.lower():
        return "Correct `command` under [subject]: the program refuses its arguments."
    return ""
