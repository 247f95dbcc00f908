"""The checks of `doctor --self` in words, and as JSON."""

from collections.abc import Callable
from dataclasses import asdict

from trainwreck.campaign.installation import Part, PartCheck, State, check_parts
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say, say_for_others
from trainwreck.errors import ControlError, installing
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.words import amount, counted, joined
from trainwreck.subject.pythons import supported

MARKS = {State.OK: "ok     ", State.LIMITED: "limited", State.MISSING: "MISSING"}


def check_installation(options: Options) -> None:
    """Print each check of this installation. Raises ControlError where something is missing."""
    missing = []
    for check in check_parts():
        if options.json:
            say(json_text({**asdict(check), "text": _seen(check), "todo": _todo(check)}))
        else:
            say_for_others(check_text(check), as_json=False)
        missing += [check] if check.state is State.MISSING else []
    if missing:
        names = joined([TOPICS[check.part] for check in missing])
        raise ControlError(f"trainwreck cannot work: {names}", _todo(missing[0]))


def check_text(check: PartCheck) -> str:
    """Return a check in one line, and below it what to do where it is not in order."""
    line = one_line(f"{MARKS[check.state]}  {TOPICS[check.part]}: {_seen(check)}")
    return f"{line}\n         {_todo(check)}" if check.state is not State.OK else line


def _seen(check: PartCheck) -> str:
    """Say what was seen, and what that means."""
    return SEEN[check.part](check)


def _todo(check: PartCheck) -> str:
    """Return one thing to do where a part is not in order."""
    if check.state is State.OK:
        return ""
    return ADVICE[check.part].replace(INSTALLING, installing())


def _python(check: PartCheck) -> str:
    version, path = check.seen
    tested = "" if check.state is State.OK else ", newer than any that trainwreck is tested on"
    return f"{version}{tested} ({path})"


def _scipy(check: PartCheck) -> str:
    if check.state is State.MISSING:
        return f"cannot be used, so no verdict can be computed: {check.seen[0]}"
    scipy, numpy = check.seen
    return f"{scipy}, with NumPy {numpy}"


def _sqlite(check: PartCheck) -> str:
    version, *missing = check.seen
    return f"{version}, which lacks {joined(missing)}: no campaign opens" if missing else version


def _studies(check: PartCheck) -> str:
    return ", ".join(check.seen) or "none is there: this installation is not complete"


def _extras(check: PartCheck) -> str:
    purposes = {"report": "figures", "frames": "data frames and Parquet"}
    missing = joined([purposes[name] for name in check.seen])
    return f"this installation has no {missing}" if missing else "all are there"


def _containment(check: PartCheck) -> str:
    means, problem = check.seen
    if check.state is State.OK:
        return "strict, by mounts: runs write only what is their own, without a network"
    if means:
        return "strict, by Landlock: runs write only what is their own, and reach the network"
    return f"copy: runs work on copies, and can write elsewhere ({problem})"


def _groups(check: PartCheck) -> str:
    if check.state is State.OK:
        return "the kernel limits the memory of each run"
    return "cannot be written, so trainwreck measures memory and ends a run a moment too late"


def _machine(check: PartCheck) -> str:
    processors, memory = map(int, check.seen)
    return f"{counted(processors, 'processor')}, {amount(memory)} of memory free"


def _disk(check: PartCheck) -> str:
    pairs = zip(check.seen[::2], check.seen[1::2], strict=True)
    return ", ".join(f"{amount(int(room))} free for {folder}" for folder, room in pairs)


def _interpreters(check: PartCheck) -> str:
    return ", ".join(check.seen[::2]) or f"none from {supported()} on the path, in pyenv or in uv"


def _coverage(check: PartCheck) -> str:
    if check.state is State.OK:
        return "is there, for programs that run by this Python"
    return "is missing here: a program that runs by this Python needs it"


def _git(check: PartCheck) -> str:
    return check.seen[0] or "is missing: `--since` and the state of your repository do without it"


def _locale(check: PartCheck) -> str:
    names = joined(check.seen)
    return names if check.state is State.OK else f"{names}: characters that it lacks are escaped"


def _terminal(check: PartCheck) -> str:
    if not check.seen:
        return "none, so text is plain, without a progress line and questions"
    return f"{check.seen[0]} columns" + ("" if check.state is State.OK else ": tables are cut")


TOPICS = {
    Part.PYTHON: "Python",
    Part.SCIPY: "SciPy",
    Part.SQLITE: "SQLite",
    Part.STUDIES: "bundled studies",
    Part.EXTRAS: "extras",
    Part.CONTAINMENT: "containment",
    Part.GROUPS: "control groups",
    Part.MACHINE: "machine",
    Part.DISK: "disk",
    Part.INTERPRETERS: "Pythons for programs",
    Part.COVERAGE: "coverage.py",
    Part.GIT: "git",
    Part.LOCALE: "encoding",
    Part.TERMINAL: "terminal",
}
SEEN: dict[Part, Callable[[PartCheck], str]] = {
    Part.PYTHON: _python,
    Part.SCIPY: _scipy,
    Part.SQLITE: _sqlite,
    Part.STUDIES: _studies,
    Part.EXTRAS: _extras,
    Part.CONTAINMENT: _containment,
    Part.GROUPS: _groups,
    Part.MACHINE: _machine,
    Part.DISK: _disk,
    Part.INTERPRETERS: _interpreters,
    Part.COVERAGE: _coverage,
    Part.GIT: _git,
    Part.LOCALE: _locale,
    Part.TERMINAL: _terminal,
}
INSTALLING = "[installing]"
"""The place of the command that adds packages to this installation."""
ADVICE = {
    Part.PYTHON: "Install trainwreck into a Python from 3.11 to 3.13.",
    Part.SCIPY: f"Run `{INSTALLING} --force-reinstall scipy numpy`.",
    Part.SQLITE: "Install a Python whose SQLite is 3.38 or newer.",
    Part.STUDIES: "Install trainwreck again, from its wheel or its repository.",
    Part.EXTRAS: f"Run `{INSTALLING} 'trainwreck[report,frames]'`.",
    Part.CONTAINMENT: "Allow user namespaces, or run in a virtual machine (docs/containment.md).",
    Part.GROUPS: "Start it in a group of its own: `systemd-run --user --scope -p Delegate=yes`.",
    Part.MACHINE: "Close other programs, or run one trial at a time with `--jobs 1`.",
    Part.DISK: "Free room: `trainwreck clean` lists what trainwreck itself can do without.",
    Part.INTERPRETERS: "Name one by its path: `python` under [subject], or `--python PATH`.",
    Part.COVERAGE: "Run `python -m pip install coverage` with the Python of your program.",
    Part.GIT: "Install git if you ask about changes.",
    Part.LOCALE: "Set `LC_ALL=C.UTF-8`.",
    Part.TERMINAL: "Widen it to 80 columns.",
}
"""One thing to do where a part is not in order."""
