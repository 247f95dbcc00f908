"""Writes docs/crash-causes.md from results/crashes.toml: what rules and reader say of each crash.

python tools/pages/crash_causes.py > docs/crash-causes.md
"""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainwreck.findings import CLASSES
from trainwreck.judge.crash_causes import Caused, cause_of, read_tracebacks
from trainwreck.model import Cause, Context, Edit, Mutant, OperatorCode, Share, Span, Table
from trainwreck.report.crashes import cause_reason
from trainwreck.report.text import render_tables

JUDGED = Path(__file__).parents[2] / "results" / "crashes.toml"
PROSE = Path(__file__).with_name("crash-causes.txt")
WIDTH = 118
SETS = {
    "first": "Crashes that the rules were fitted to",
    "second": "Crashes that they were not fitted to",
}


def main() -> None:
    """Print the page."""
    print(page(), end="")


def page() -> str:
    """Return the prose, a table for each set, and the crashes on which rules and reader differ."""
    judged = [(crash, decided(crash)) for crash in read_judged()]
    tables = [confusion(name, [pair for pair in judged if pair[0]["set"] == name]) for name in SETS]
    listed = [
        f"* {crash['study']}, `{crash['file']}:{crash['line']}`, `{crash['change']}`: "
        f"**{crash['cause']}** ({crash['reason']}); the rules say *{caused.cause}* "
        f"({cause_reason(caused.reason)})."
        for crash, caused in judged
        if caused.cause != crash["cause"]
    ]
    text = render_tables(tables, WIDTH).rstrip()
    parts = [PROSE.read_text(encoding="utf-8"), f"```\n{text}\n```", "## Where they differ"]
    return "\n\n".join([*(part.strip() for part in parts), "\n".join(listed)]) + "\n"


def read_judged() -> list[dict[str, Any]]:
    """Read every crash that was judged by hand."""
    with JUDGED.open("rb") as file:
        crashes: list[dict[str, Any]] = tomllib.load(file)["crash"]
    return crashes


def decided(crash: dict[str, Any]) -> Caused:
    """Return what the rules say of one of them."""
    original, _, replacement = crash["change"].partition(" -> ")
    span = Span(0, 0, crash["line"], 0, crash["line"], 0)
    mutant = Mutant(
        root=crash["root"],
        file=crash["file"],
        module="",
        function=crash["function"],
        operator=OperatorCode(crash["operator"]),
        edits=(Edit(span, original, replacement),),
        source_sha="",
        context=Context(crash["context"]),
        anchor="",
        lines=tuple(crash["lines"]),
        evaluated=None,
    )
    return cause_of(mutant, read_tracebacks(crash["log"]))


def confusion(name: str, judged: Sequence[tuple[dict[str, Any], Caused]]) -> Table:
    """Return one row for each class of the reader, and one column for each of the rules."""
    numbers = Counter((crash["cause"], caused.cause) for crash, caused in judged)
    rows = []
    for cause in Cause:
        row = [numbers[cause.value, other] for other in Cause]
        rows.append((CLASSES[cause], *row, Share(numbers[cause.value, cause], sum(row))))
    same = sum(number for (by_hand, by_rule), number in numbers.items() if by_hand == by_rule)
    return Table(
        name,
        f"{SETS[name]}: {same} of {len(judged)} alike",
        ("By hand", *(cause.value for cause in Cause), "Alike"),
        tuple(rows),
    )


if __name__ == "__main__":
    main()
