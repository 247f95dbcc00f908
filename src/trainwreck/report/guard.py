"""Writes a guard: a file of tests that needs nothing but Python and pytest."""

import re
from collections.abc import Iterator
from pathlib import Path
from pprint import pformat

from trainwreck.findings.guarding import Guard, GuardCheck
from trainwreck.report.printable import one_line
from trainwreck.stats.describe import exact_interval

BODY = Path(__file__).with_name("guard_body.py")
MARK = "Written by `trainwreck guard`"
"""Words by which a file is known to be a guard, which may be written again."""
WIDTH = 96


def guard_text(guard: Guard) -> str:
    """Return the text of the file."""
    _, _, body = BODY.read_text(encoding="utf-8").partition('"""')[2].partition('"""\n')
    tests = "\n\n\n".join(map(_test, guard.checks))
    data = f"DATA = {pformat(_data(guard), width=WIDTH, sort_dicts=False)}"
    head = "\n".join(_head(guard))
    return f'"""{head}"""\n{body.rstrip()}\n\n\n{data}\n\n\n{tests}\n'


def _head(guard: Guard) -> Iterator[str]:
    name = re.sub(r'["\\]', "'", one_line(guard.subject))
    yield f"Fails where the training of {name} is not as it was measured."
    yield ""
    yield f"{MARK}; write it again after a change that is meant to change results."
    bugs = f"{guard.noticed.total} planted bugs that change the result without an error"
    yield f"Of {bugs}, it notices {guard.noticed.count}."
    yield _interval(guard)
    yield "By check:"
    yield ""
    for check in guard.checks:
        noticed = f"{check.noticed.count} of {check.noticed.total}"
        yield f"* {check.comparison.name}: {noticed}; {_alarms(check)}"
    yield ""
    if guard.left_out:
        yield f"Metrics that are read from files are left out: {', '.join(guard.left_out)}."
    with_versions = " or with other versions of packages" if guard.versions else ""
    yield f"On another kind of machine{with_versions} it skips, and says why."
    yield ""


def _interval(guard: Guard) -> str:
    """Return what the share says of other bugs: nothing where all bugs lie in one file."""
    if guard.files < 2:
        return "All lie in one file. How many bugs of other files it would notice is not known."
    low, high = 100 * guard.chance.low, 100 * guard.chance.high
    ends = f"The 95 % interval of the share is {low:.0f} to {high:.0f} %"
    return f"{ends}; it allows for likeness within their {guard.files} files."


def _alarms(check: GuardCheck) -> str:
    high = exact_interval(check.alarms.count, check.alarms.total)[1]
    runs = f"{check.alarms.count} of {check.alarms.total} clean runs"
    return f"false alarms: {runs}, at most {100 * high:.0f} %"


def _test(check: GuardCheck) -> str:
    words = re.sub(r"\W+", "_", check.comparison.name).strip("_")
    limits = ", ".join(map(repr, check.comparison.limits))
    form = check.comparison.form
    return f'def test_{words}():\n    check(DATA, "{form}", {limits})'


def _data(guard: Guard) -> dict[str, object]:
    return {
        "command": list(guard.command),
        "folder": guard.folder,
        "env": dict(guard.env),
        "seconds": guard.seconds,
        "apart": any(stream for _, stream in guard.patterns.values()),
        "patterns": dict(guard.patterns),
        "machine": dict(guard.machine),
        "versions": dict(guard.versions),
        "usual": {name: (usual.mean, usual.deviation) for name, usual in guard.usual.items()},
        "golden": {name: list(values) for name, values in guard.golden.items()},
    }
