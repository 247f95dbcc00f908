"""Advice about a clean program that does not work, from what its run shows."""

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from trainwreck.model import Ending, Failure, Level, Means, Outcome
from trainwreck.model.credentials import credentials_in
from trainwreck.report.words import joined
from trainwreck.run.policy import UNCONTAINED, Policy
from trainwreck.subject.settings import Settings
from trainwreck.subject.value_kinds import toml

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
REFUSED = re.compile(
    r"(?:Read-only file system|Permission denied|Operation not permitted|Cross-device link)"
    r"[^'\n]*'(/[^'\n]+)'"
)
"""The message of Python for a file that it may not write."""
ABSENT = re.compile(r"No such file or directory: '((?:/var)?/tmp/[^'\n]+)'")
NO_NETWORK = re.compile(
    r"Network is unreachable|Connection refused|Name or service not known"
    r"|Temporary failure in name resolution|Failed to establish a new connection"
    r"|OfflineModeIsEnabled|offline mode|HF_HUB_OFFLINE"
)
RAISE_MEMORY = "Raise `memory` under [trials], or make the program smaller by its own options."
STATUS_OF_USAGE = 2
"""The exit status with which argparse refuses a command line."""


def advice_for(
    settings: Settings,
    executable: str,
    outcome: Outcome,
    log: str,
    policy: Policy = UNCONTAINED,
    services: Sequence[str] = (),
    seed: int | None = None,
) -> str:
    """Return one imperative sentence, or nothing where none is sure to help.

    Args:
        settings: the settings of the subject.
        executable: its interpreter.
        outcome: the facts of the clean run that does not work.
        log: what the program printed.
        policy: what the run could write and reach.
        services: services of this machine that the first clean run used.
        seed: the seed, where clean runs with others have worked.

    """
    error = outcome.error
    if withheld := _for_credentials(policy, error.message if error else log):
        return withheld
    used = () if outcome.exit.fine else services
    if outside := _for_outside(policy, error.message if error else log, used):
        return outside
    missing = MISSING_MODULE.search(error.message if error else log)
    if missing and (error is None or _is_import(error)):
        return _install(missing[1], executable)
    if error is not None and error.type != "SystemExit":
        return _for_error(error, settings)
    if not outcome.exit.fine:
        return _for_ending(outcome, settings, log)
    if not any(value != value for value in outcome.metrics.values()):
        return ""
    if seed is None:
        return "Make the clean program reach a number first."
    return (
        f"Make it reach a number with seed {seed} as with others, or set `seeds = 1` under "
        "[trials]: then bugs are compared with the first seed alone."
    )


def _for_credentials(policy: Policy, said: str) -> str:
    """Return advice on a program that asks for a variable which runs do not get."""
    withheld = credentials_in(os.environ, policy.credentials)
    named = [name for name in withheld if re.search(rf"\b{re.escape(name)}\b", said)]
    if not named:
        return ""
    return (
        f"Runs do not get {joined([f'`{name}`' for name in named])}, as credentials are withheld "
        f"from buggy code: write `credentials = {toml(named)}` under [subject], or give a "
        "harmless value there by `env`."
    )


def _for_outside(policy: Policy, said: str, services: Sequence[str]) -> str:
    """Return advice on a program that needs more than the level of containment gives it."""
    if policy.level is not Level.STRICT:
        return ""
    refused = REFUSED.search(said)
    if refused and _is_ours(PurePosixPath(refused[1])):
        folder = str(PurePosixPath(refused[1]).parent)
        return (
            f"The program writes to {refused[1]}, which runs may only read: add "
            f"`writable = [{toml(folder)}]` under [trials], and each run gets its own copy."
        )
    absent = ABSENT.search(said)
    missing = _in_our_tmp(Path(absent[1])) if absent and policy.means is Means.MOUNTS else ""
    if missing:
        return (
            f"Runs have their own /tmp, without {missing}: add `writable = [{toml(missing)}]` "
            "under [trials], and each run gets its own copy."
        )
    if policy.is_online:
        return ""
    if services:
        return (
            f"Runs after the first one reach no service of this machine, and it used "
            f"{joined(services)}: write `network = true` under [trials]."
        )
    if NO_NETWORK.search(said):
        return (
            "Runs reach no network and no service of this machine: write `network = true` under "
            "[trials], or make the program find on disk what it fetches."
        )
    return ""


def _in_our_tmp(path: Path) -> str:
    """Return the path that runs lack, or its folder; nothing where we lack them as well."""
    nearest = (part for part in (path, path.parent) if part.exists() and part.name != "tmp")
    return str(next(nearest, ""))


def _is_ours(path: PurePosixPath) -> bool:
    """Return whether we may write to the folder of a path, or to the nearest one above it."""
    if any(path.is_relative_to(system) for system in ("/dev", "/proc", "/sys")):
        return False
    return os.access(next(above for above in path.parents if Path(above).exists()), os.W_OK)


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


ABSOLUTE = re.compile(r"""['"](/[^'"]+)['"]""")
"""A path from the root in the message of an error."""


def _for_error(error: Failure, settings: Settings) -> str:
    kind, path = error.type, ABSOLUTE.search(error.message)
    if kind == "EOFError":
        return "Make the program run without a question: pass the answer in `command` or in `env`."
    if kind in ("FileNotFoundError", "NotADirectoryError", "IsADirectoryError"):
        if path and not Path(path[1]).exists():
            return (
                f"Put {path[1]} there, or give the program the path of its data, by an option or "
                "in its text: a run reads the same files outside its folder as you do."
            )
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
    ending, trials = outcome.exit.ending, settings.trials
    if ending in (Ending.TIME, Ending.CPU):
        used = outcome.seconds if ending is Ending.TIME else outcome.cpu_seconds
        # The kernel may stop a run a little before its limit.
        if used < 0.9 * trials.clean_timeout:
            return (
                "Run the same command again if the machine was busy, or raise `timeout_factor` "
                f"under [trials], now {trials.timeout_factor:g}: the limit of this run was that "
                "multiple of the slowest clean run, and 10 seconds at least."
            )
        return (
            f"Raise `clean_timeout` under [trials], now {trials.clean_timeout:g} seconds, "
            "or make the program shorter by its own options."
        )
    if ending is Ending.MEMORY:
        return RAISE_MEMORY
    if ending is Ending.EXITED and outcome.exit.code == STATUS_OF_USAGE and "usage:" in log.lower():
        return "Correct `command` under [subject]: the program refuses its arguments."
    return ""
