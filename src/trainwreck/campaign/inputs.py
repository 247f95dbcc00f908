"""Notices files beside the sources, and variables, that have changed since the campaign began.

Results of before and after such a change cannot be compared, unless the program does not read
what changed: a clean run shows that.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.campaign.controls import clean_problem
from trainwreck.errors import UsageError
from trainwreck.model import FIRST, TrialKind
from trainwreck.model.trials import further_clean_trials, in_lane
from trainwreck.report.words import counted
from trainwreck.run.scratch import CAMPAIGN_PREFIX, MANY, SKIPPED_NAMES, entries_of
from trainwreck.run.variables import fixed_variables, kept_variables
from trainwreck.source import hash_of
from trainwreck.store.dump import VARIABLES

if TYPE_CHECKING:
    from trainwreck.campaign.session import Session

INPUTS = "inputs"
"""The key of what the files were: the start of a hash by name, or the size of a large folder."""
WHOLE = 1 << 20
"""Bytes up to which a file is read as a whole; of a larger one, its two ends."""
END = 1 << 16
SHOWN = 3
DATA = "{data}"
OF_A_TERMINAL = re.compile(
    r"(_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|DISPLAY|WINDOWID|INVOCATION_ID|JOURNAL_STREAM|PS1|HOSTNAME"
    r"|LS_COLORS|LESS.*|TERM.*|COLORTERM|TMUX.*|STY|HIST.*|PROMPT_.*|SSH_.*|XDG_.*|DBUS_.*|VSCODE_.*"
    r"|WAYLAND_.*|GNOME_.*|BASH_FUNC_.*|PYTEST_.*|COV_.*|TRAINWRECK_.*|PATH|VIRTUAL_ENV.*|CONDA_.*)$"
)
"""Variables that another terminal, session or environment sets otherwise, whatever the program."""


def check_inputs(session: "Session") -> None:
    """Note the files on first use; where they have changed since, make a clean run that decides.

    So it is with the environment variables of runs. Raises UsageError where the clean run ends
    otherwise than before, or where nothing can decide.
    """
    now, before = dict(_inputs(session)), session.file.meta(INPUTS)
    variables, known = _variables(session), session.file.meta(VARIABLES)
    changes = _changes(before, now) if before is not None else []
    changed = _changes(known, variables) if known is not None else []
    if changes or changed:
        named = [_names(changes)] if changes else []
        named += [_names_of_variables(changed)] if changed else []
        what = f"{' and '.join(named)} since the campaign began"
        session.progress.say(f"{what}; a clean run shows whether that matters")
        if problem := _problem(session, has_old=any(name in (before or {}) for name in changes)):
            things = " and ".join(
                name
                for name, found in (("the folder", changes), ("the variables", changed))
                if found
            )
            raise UsageError(
                f"{what}, and {problem}",
                f"Make {things} what {'they were' if changed else 'it was'}, or start again in "
                "another campaign with `--campaign DIR`.",
            )
    if before != now:
        session.file.set_meta(INPUTS, now)
    if known != variables:
        session.file.set_meta(VARIABLES, variables)


def _problem(session: "Session", has_old: bool) -> str:
    """Return why results of before and now cannot be compared, empty where they can."""
    known = session.evidence.clean.get(FIRST)
    if known is None:
        return ""
    digests, repeats = set(known.determinism.digests), known.determinism.repeats
    made = sum(1 for _ in session.file.outcomes(TrialKind.CLEAN, draw=FIRST))
    (trial,) = further_clean_trials(session.id, made, 1)
    (result,) = session.execute([in_lane(trial, session.clean_lane)])
    if session.subject.settings.subject.metrics and clean_problem(
        session.subject.settings.subject.metrics, result.outcome
    ):
        problem = "the clean program does not work any more"
    elif repeats:
        is_known = result.outcome.digest in digests
        problem = "" if is_known else "the clean program ends otherwise than before"
    else:
        # Files that the program did not have before are mostly its own logs.
        problem = "clean runs never repeat, so that none can show what it changes"
        problem = problem if has_old else ""
    if problem:
        session.file.forget_runs(TrialKind.CLEAN, result.trial.id)
    return problem


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of what has changed, is new or is gone; first what was there before."""
    names = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    return sorted(names, key=lambda name: (name not in before, name))


def _names(changes: list[str]) -> str:
    names, left = ", ".join(changes[:SHOWN]), len(changes) - SHOWN
    further = f" and {counted(left, 'other file')}" if left > 0 else ""
    return f"{names}{further} {'have' if len(changes) > 1 else 'has'} changed"


def _names_of_variables(changes: list[str]) -> str:
    names, left = ", ".join(f"`{name}`" for name in changes[:SHOWN]), len(changes) - SHOWN
    further = f" and {counted(left, 'other')}" if left > 0 else ""
    is_one = len(changes) == 1
    variables, have = ("variable", "has") if is_one else ("variables", "have")
    return f"the environment {variables} {names}{further} {have} changed"


def _variables(session: "Session") -> dict[str, str]:
    """Return the start of a hash of each environment variable that runs get from the user."""
    policy = session.subject.context.policy
    kept = kept_variables(os.environ, policy.credentials, policy.is_online)
    fixed = fixed_variables(1)
    return {
        name: hash_of(value.encode("utf-8", "surrogateescape"))[:16]
        for name, value in kept.items()
        if name not in fixed and not OF_A_TERMINAL.match(name)
    }


def _inputs(session: "Session") -> Iterator[tuple[str, str]]:
    context, settings = session.subject.context, session.subject.settings
    yield from _below(context.folder, context.campaign, "", settings.file)
    if context.data and not context.data.is_relative_to(context.folder):
        without = (context.folder, context.campaign)
        if (many := _size_of_many(context.data, without, with_programs=True)) is not None:
            yield f"{DATA}/", many
        else:
            yield from _below(context.data, context.campaign, f"{DATA}/", context.folder)


def _below(folder: Path, campaign: Path, prefix: str, left_out: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the state of each file of a folder that a trial's copy has."""
    for entry in entries_of(folder, campaign):
        path, name = Path(entry.path), f"{prefix}{entry.name}"
        is_code = name.endswith((".py", ".pyc")) or (path / "pyvenv.cfg").exists()
        if path == left_out or is_code:
            continue
        try:
            if not entry.is_dir():
                yield name, _state(path)
            elif entry.is_symlink():
                yield f"{name}/", str(path.readlink())
            elif (many := _size_of_many(path, (campaign, left_out))) is not None:
                yield f"{name}/", many
            else:
                yield from _below(path, campaign, f"{name}/", left_out)
        except OSError:  # The program cannot read it either, or it has just gone.
            continue


def _size_of_many(
    folder: Path, without: Collection[Path], *, with_programs: bool = False
) -> str | None:
    """Return the number and the bytes of the files of a folder of much data, None for others.

    Folders ``without`` it are left out, and other campaigns. One that has a program is no data
    unless it is said to be.
    """
    number = size = 0
    for top, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name not in SKIPPED_NAMES
            and not name.startswith(CAMPAIGN_PREFIX)
            and Path(top, name) not in without
        ]
        if not with_programs and any(name.endswith(".py") for name in names):
            return None
        number += len(names)
        with suppress(OSError):
            size += sum(os.lstat(f"{top}/{name}").st_size for name in names)
    return f"{number} files, {size} bytes" if number > MANY else None


def _state(path: Path) -> str:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE:
            return hash_of(file.read())[:16]
        head = file.read(END)
        file.seek(-END, os.SEEK_END)
        return f"{size} {hash_of(head + file.read())[:16]}"
