"""The command `power`: what checks would have noticed, from the runs that were made."""

from pathlib import Path

from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.report.formats import check_format, write_report


def print_power(options: Options, format_: str, out: Path | None) -> None:
    """Print or write the tables on the power of checks."""
    check_format(format_, out)
    tables = options.reading().power()
    say(write_report(tables, "json" if options.json else format_, out) or "", end="")
