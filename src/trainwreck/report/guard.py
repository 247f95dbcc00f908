"""Writes a guard: a file of tests that needs nothing but Python and pytest."""

import re
from collections.abc import Iterator
from pathlib import Path
from pprint import pformat

from trainwreck.findings.guarding import Guard, GuardCheck
from trainwreck.report.printable import one_line
from trainwreck.report.words import counted
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
    low, high = 100 * guard.chance.low, 100 * guard.chance.high
    yield f"Fails where the training of {name} is not as it was measured."
    yield ""
    yield f"{MARK}; write it again after a change that is meant to change results."
    yield f"Of {guard.noticed.total} planted bugs that change the result without an error, it"
    yield f"notices {guard.noticed.count} (95 % interval of the share: {low:.0f} to {high:.0f} %)."
    files = counted(guard.files, "file")
    yield f"They lie in {files}; the interval allows for likeness within a file. By check:"
    yield ""
    for check in guard.checks:
        noticed = f"{check.noticed.count} of {check.noticed.total}"
        yield f"* {check.comparison.name}: {noticed}; {_alarms(check)}"
    yield ""
    yield "On another kind of machine it skips, and says why."
    yield ""


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
        "usual": {name: (usual.mean, usual.deviation) for name, usual in guard.usual.items()},
        "golden": {name: list(values) for name, values in guard.golden.items()},
    }
