"""The command `power`: what checks notice, from the runs that were made."""

from collections.abc import Sequence
from pathlib import Path

from trainwreck.cli.context import Options
from trainwreck.cli.html_reports import check_html, say_written
from trainwreck.cli.printing import say, text_width
from trainwreck.report.formats import check_format, write_report


def print_power(
    options: Options,
    format_: str,
    out: Path | None,
    html: Path | None,
    verify: int | None,
    check: Sequence[str] | None,
    price: float | None,
    jobs: int,
) -> None:
    """Print or write the tables on the power of checks, after verifying some if asked to."""
    if html is not None:
        check_html(format_, out)
    check_format(format_, out)
    if verify is not None:
        with options.working(jobs=jobs) as campaign:
            campaign.verify_power(verify, check or ())
    if html is not None:
        options.reading().write_power_html(html, check or (), price)
        say_written("page", html, options)
        return
    tables = options.reading().power(check or (), price)
    form = "json" if options.json else format_
    say(write_report(tables, form, out, text_width(out)) or "", end="")
