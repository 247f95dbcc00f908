"""The command `guard`: checks as a pytest file of the user's own."""

from collections.abc import Sequence
from pathlib import Path

from trainwreck.cli.context import Options
from trainwreck.cli.printing import say_for_others
from trainwreck.report.printable import json_text


def write_guard(options: Options, out: Path | None, check: Sequence[str] | None, jobs: int) -> None:
    """Write the file, and print what it notices."""
    with options.working(jobs=jobs) as campaign:
        written = campaign.guard(out, check or ())
    guard = written.guard
    if options.json:
        fields = {
            "file": str(written.file),
            "checks": [each.comparison.name for each in guard.checks],
            "noticed": guard.noticed.count,
            "of": guard.noticed.total,
            "bugs": list(guard.bugs),
        }
        say_for_others(json_text(fields), as_json=True)
        return
    names = ", ".join(each.comparison.name for each in guard.checks)
    text = (
        f"{written.file}: {names}\n"
        f"It notices {guard.noticed.count} of {guard.noticed.total} bugs that change the result, "
        "and the clean program has passed it. Commit it, and run it by pytest."
    )
    say_for_others(text, as_json=False)
