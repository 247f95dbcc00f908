"""The commands; each reads like what it does."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trainwreck import __version__
from trainwreck.campaign.campaign import Campaign
from trainwreck.cli import checks, show
from trainwreck.cli.audits import check_audits
from trainwreck.cli.context import Options
from trainwreck.cli.listing import Filter, listed_mutants
from trainwreck.cli.rules import Without, rules_without
from trainwreck.errors import ControlError, UsageError
from trainwreck.findings import table_audit
from trainwreck.model import Rung, Table, operator_of
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.formats import FORMATS, check_format, write_report
from trainwreck.report.story import story_json, story_text
from trainwreck.subject.studies import study_folder, study_states

app = typer.Typer(
    name="trainwreck",
    help="Plant small bugs in a deep-learning program and in its libraries, train every buggy "
    "version, and tell which bugs crash, which hang, and which nobody would notice.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Jobs = Annotated[int, typer.Option("--jobs", min=1, help="trials at a time")]
Json = Annotated[bool, typer.Option("--json", help="print machine-readable lines")]
Mutants = Annotated[
    int | None, typer.Option("--mutants", min=1, help="only the first N planned mutants")
]
CampaignDir = Annotated[
    Path | None, typer.Option("--campaign", help="campaign folder", show_default=False)
]
Data = Annotated[Path | None, typer.Option("--data", help="folder with the data", exists=False)]


class LedgerBy(StrEnum):
    """What the ledger is drawn by."""

    LIBRARY = "library"
    OPERATOR = "operator"
    PHASE = "phase"
    CONTEXT = "context"

    @property
    def table(self) -> str:
        """The name of the table behind the figure."""
        return "ledger" if self is LedgerBy.LIBRARY else f"ledger-{self.value}"


def _jobs() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _print_version(asked: bool) -> None:
    if asked:
        print(f"trainwreck {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    campaign: CampaignDir = None,
    profile: Annotated[
        str | None, typer.Option(help="settings of [profiles.NAME] on top of the others")
    ] = None,
    python: Annotated[str | None, typer.Option(help="interpreter of the subject")] = None,
    data: Data = None,
    json: Json = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="print the version"),
    ] = False,
) -> None:
    """Options that come before the command."""
    context.obj = Options(campaign, profile, python, data, json)


def _options(context: typer.Context, json: bool = False) -> Options:
    found: Options = context.obj
    return Options(found.campaign, found.profile, found.python, found.data, found.json or json)


@app.command()
def study(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="a bundled study")] = None,
    show_list: Annotated[bool, typer.Option("--list", help="name the studies")] = False,
    profile: Annotated[str, typer.Option(help="quick, paper or tiny")] = "quick",
    mutants: Mutants = None,
    jobs: Jobs = _jobs(),
    campaign: CampaignDir = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """A bundled study from nothing to report.

    Example: trainwreck study keras --mutants 60
    """
    given = _options(context, json)
    if show_list or name is None:
        for state in study_states(given.python):
            print(show.study_json(state) if given.json else show.study_text(state))
        return
    folder = study_folder(name)
    options = Options(
        campaign=campaign or given.campaign,
        profile=None if profile == "quick" else profile,
        python=given.python,
        data=data or given.data,
        json=given.json,
    )
    with options.working(folder, jobs) as work:
        clean = work.baseline()
        work.plan()
        work.run(mutants)
        if not options.json:
            print(show.baseline_text(clean))
        _print_report(work.tables(), options.json)


@app.command("list")
def list_(
    context: typer.Context,
    operator: Annotated[
        list[str] | None, typer.Option(help="only these operators, as ComOR")
    ] = None,
    file: Annotated[str | None, typer.Option(help="only files whose path contains this")] = None,
    phase: Annotated[str | None, typer.Option(help="only lines that run in this phase")] = None,
    rung: Annotated[Rung | None, typer.Option(help="only mutants that got so far")] = None,
    all_: Annotated[bool, typer.Option("--all", help="without the cap per file")] = False,
    uncovered: Annotated[
        bool, typer.Option("--uncovered", help="also lines that the clean run does not execute")
    ] = False,
    json: Json = False,
) -> None:
    """The mutants.

    Example: trainwreck list --operator ComOR --phase learning
    """
    options = _options(context, json)
    wanted = Filter(frozenset(map(operator_of, operator or ())), file or "", phase, rung)
    for planned in listed_mutants(options, wanted, all_, uncovered):
        print(show.mutant_json(planned) if options.json else show.mutant_line(planned.mutant))


@app.command()
def baseline(context: typer.Context, jobs: Jobs = _jobs(), json: Json = False) -> None:
    """Clean runs: coverage by phase, noise, determinism.

    Example: trainwreck baseline --jobs 2
    """
    options = _options(context, json)
    with options.working(jobs=jobs) as work:
        clean = work.baseline()
        work.plan()
    print(show.baseline_json(clean) if options.json else show.baseline_text(clean))


@app.command()
def doctor(context: typer.Context, jobs: Jobs = _jobs(), json: Json = False) -> None:
    """Check the subject by runs whose result is known beforehand.

    The clean program works; it repeats; the agent changes nothing; a certain crash is caught; an
    edit that changes nothing leaves a clean result. Exit code 3 where one of these is not so.

    Example: trainwreck doctor
    """
    options = _options(context, json)
    failed = []
    with options.working(jobs=jobs) as work:
        for check in work.doctor():
            print(checks.check_json(check) if options.json else checks.check_line(check))
            failed += [] if check.passed else [checks.question(check)]
    if failed:
        raise ControlError(
            f"{len(failed)} of the checks failed, first: {failed[0]}",
            "results of this subject cannot be trusted before that is explained",
        )


@app.command()
def run(
    context: typer.Context,
    mutants: Mutants = None,
    jobs: Jobs = _jobs(),
    exact: Annotated[
        bool, typer.Option("--exact", help="use only what is proven; see `audit`")
    ] = False,
    without: Without = None,
    json: Json = False,
) -> None:
    """Run the campaign, or go on with it.

    Rules settle many mutants without a run to the end; what an assumed rule settled is run again
    under --exact.

    Example: trainwreck run --mutants 100 --jobs 2
    """
    options = _options(context, json)
    with options.working(jobs=jobs) as work:
        work.baseline()
        work.plan()
        assert work.settings is not None
        rules = rules_without(work.settings.trials, without, work.progress.say)
        work.run(mutants, rules=rules, exact=exact)
        progress = work.status()
    print(show.status_json(progress) if options.json else show.status_text(progress))


@app.command("audit")
def audit_(
    context: typer.Context,
    sample: Annotated[int, typer.Option("--sample", min=1, help="run N more decisions")] = 20,
    jobs: Jobs = _jobs(),
    json: Json = False,
) -> None:
    """Run again, to the end, a random sample of what was decided without a full run.

    Fails with exit code 5 where a run contradicts a proven rule.

    Example: trainwreck audit --sample 40
    """
    options = _options(context, json)
    with options.working(jobs=jobs) as work:
        audits = work.audit(sample)
    _print_report([table_audit(audits)], options.json)
    check_audits(audits)


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """How far the campaign is.

    Example: trainwreck --campaign studies/keras/.trainwreck status
    """
    options = _options(context, json)
    progress = options.reading().status()
    print(show.status_json(progress) if options.json else show.status_text(progress))


@app.command("show")
def show_(
    context: typer.Context,
    mutant: Annotated[str, typer.Argument(metavar="ID", help="a mutant's id, or its beginning")],
    json: Json = False,
) -> None:
    """One mutant: the bug, what came of it, and how we know.

    Example: trainwreck show 3f9a
    """
    options = _options(context, json)
    story = options.reading().story(mutant)
    print(story_json(story) if options.json else story_text(story))


@app.command("replay")
def replay_(
    context: typer.Context,
    mutant: Annotated[str, typer.Argument(metavar="ID", help="a mutant's id, or its beginning")],
    json: Json = False,
) -> None:
    """Run one mutant again, in the foreground.

    The campaign stays as it is.

    Example: trainwreck replay 3f9a
    """
    options = _options(context, json)

    def echo(chunk: bytes) -> None:
        sys.stderr.buffer.write(chunk)
        sys.stderr.flush()

    with options.working() as work:
        story = work.replay(mutant, echo)
    print(story_json(story) if options.json else story_text(story))


@app.command()
def report(
    context: typer.Context,
    campaigns: Annotated[
        list[Path] | None, typer.Argument(help="campaign folders, side by side", metavar="DIR")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "text",
    out: Annotated[
        Path | None, typer.Option("--out", help="write there; a folder for parquet")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", help="draw a figure: a file .svg, .pdf or .png"),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option("--number", min=1, max=6, help="Figure 1 to 6 instead of the ledger"),
    ] = None,
    by: Annotated[
        LedgerBy, typer.Option("--by", help="the bars of the ledger")
    ] = LedgerBy.OPERATOR,
    json: Json = False,
) -> None:
    """Tables, figures and findings of the campaign so far, or of several side by side.

    Example: trainwreck report --format latex --out tables.tex --figure accuracy.pdf --number 1
    """
    options = _options(context, json)
    check_format(format_, out)
    folders = campaigns or [options.campaign_folder()]
    first, *others = map(Campaign.open, folders)
    tables = first.tables(*others)
    if figure is not None:
        _draw(tables, figure, by.table if number is None else f"figure-{number}")
    text = write_report(tables, "json" if options.json else format_, out)
    print(text or "", end="")


@app.command("export")
def export_(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="may end in .gz or .xz; - prints")],
    logs: Annotated[
        bool, typer.Option("--logs", help="all that the runs printed, not only crashes")
    ] = False,
) -> None:
    """Write the campaign's records and facts as JSON lines.

    Example: trainwreck export results.jsonl.xz
    """
    number = _options(context).reading().export(out, logs=logs)
    if str(out) != "-":
        print(f"{number} mutants written to {out}")


@app.command("import")
def import_(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="from `export`, or made elsewhere; - reads")
    ],
    leave_out_doubtful: Annotated[
        bool, typer.Option("--leave-out-doubtful", help="without what the checks doubt")
    ] = False,
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="without records that cannot be read")
    ] = False,
    json: Json = False,
) -> None:
    """Make an exported campaign anew, or one of records made elsewhere, to be reported on.

    Everything is checked on the way in; what is doubtful is told, and kept unless told otherwise.

    Example: trainwreck --campaign keras import results.jsonl.xz
    """
    options = _options(context, json)
    folder = options.campaign_folder()
    found = Campaign.import_records(
        source, folder, leave_out_doubtful=leave_out_doubtful, skip_unreadable=skip_unreadable
    )
    print(show.imported_json(found) if options.json else show.imported_text(found, folder))


def _draw(tables: Sequence[Table], path: Path, name: str) -> None:
    found = [table for table in tables if table.name == name]
    if not found:
        raise UsageError(
            "the ledger is drawn of one campaign", "--number 1 to 6 draws several side by side"
        )
    draw_figure(found[0], path)


def _print_report(tables: Sequence[Table], as_json: bool) -> None:
    print(write_report(tables, "json" if as_json else "text") or "", end="")
