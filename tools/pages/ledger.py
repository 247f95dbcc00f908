"""Runs the campaigns of docs/ledger.md, or writes the page from them.

    python tools/pages/ledger.py run FOLDER [STUDY …]    160 mutants each, with audits
    python tools/pages/ledger.py page FOLDER > docs/ledger.md

FOLDER gets one campaign per study at `quick`, resumable like any other.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from studies import machine
from trainwreck.campaign.audit import audit
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.run import run_campaign
from trainwreck.campaign.session import open_session
from trainwreck.cli.progress import LiveProgress
from trainwreck.findings import table_audit
from trainwreck.model import Share, Table, TrialKind
from trainwreck.report.figures.ledger import draw_ledger
from trainwreck.report.text import render_tables
from trainwreck.results.audits import read_audits
from trainwreck.results.judged_campaign import judge_all
from trainwreck.results.report import report_tables
from trainwreck.results.status import read_status
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder
from trainwreck.subject.studies import studies as bundled

SEEDS = int(os.environ.get("SEEDS", "3"))
SAME_SEED = int(os.environ.get("SAME_SEED", "12"))
MUTANTS = int(os.environ.get("MUTANTS", "160"))
AUDITS = int(os.environ.get("AUDITS", "24"))
JOBS = 2
WIDTH = 118
STUDIES = ("keras-2.3", "keras")
PROSE = Path(__file__).with_name("ledger.txt")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main(task: str, folder: str, *names: str) -> None:
    """Run campaigns one after the other, or write the page and its pictures."""
    if task == "page":
        print(page(Path(folder)), end="")
        return
    for study in names or STUDIES:
        run(Path(folder), study)


def run(folder: Path, study: str) -> None:
    """One campaign and its audits, from wherever they stand."""
    settings = load_settings(bundled()[study] / FILE_NAME)
    trials = replace(settings.trials, clean=SEEDS, repeats=SAME_SEED - 1, seeds=1)
    settings = replace(settings, trials=trials)
    progress = LiveProgress(("accuracy",))
    campaign = folder / f"ledger-{study}"
    with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
        session = open_session(settings, campaign, cache_folder(), None, progress.say)
        run_baseline(session, file, JOBS, progress)
        make_plan(session, file, progress)
        run_campaign(session, file, MUTANTS, JOBS, progress)
        missing = AUDITS - len(read_audits(file))
        if missing > 0:
            audit(session, file, missing, JOBS, progress)


def page(folder: Path) -> str:
    """The page, with tables in the places that the prose names."""
    prose = PROSE.read_text(encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    summary = []
    for study in STUDIES:
        with CampaignFile.open(folder / f"ledger-{study}") as file:
            tables = {table.name: table for table in report_tables(file)}
            chosen = [table for name, table in tables.items() if name in SHOWN]
            chosen += [table_audit(read_audits(file)), table_cost(file)]
            draw_ledger(tables["ledger-operator"], PICTURES / f"ledger-{study}.svg")
            summary.append(summary_row(study, file))
        prose = prose.replace(f"[{study}]", text(chosen))
    return prose.replace("[MACHINE]", machine()).replace(
        "[SUMMARY]", text([Table("summary", "In short", SUMMARY, tuple(summary))])
    )


SUMMARY = (
    "",
    "Mutants",
    "No run",
    "Ended early",
    "Audited",
    "Disagree",
    "Probed run",
    "Processor",
    "All to the end",
)


def summary_row(study: str, file: CampaignFile) -> tuple[object, ...]:
    """Mutants, how they were settled, audits, and times as multiples of a clean run."""
    judged = judge_all(file)
    runs = {mutant: run for _, mutant, run in file.outcomes(TrialKind.MUTANT)}
    early = sum(run.settled != "" for run in runs.values())
    clean = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
    probed = [outcome.cpu_seconds for _, _, outcome in file.outcomes(TrialKind.PROBE)]
    mean = sum(clean) / len(clean)
    spent = sum(run.cpu_seconds for run in runs.values()) + sum(probed)
    whole = sum(mean if run.settled else run.cpu_seconds for run in runs.values())
    whole += mean * (len(judged) - len(runs))
    audits = read_audits(file)
    return (
        study,
        len(judged),
        Share(len(judged) - len(runs), len(judged)),
        Share(early, len(judged)),
        len(audits),
        sum(bool(audited.disagreement) for audited in audits),
        f"{max(probed) / mean:.2f} clean runs",
        f"{spent / 60:.0f} min",
        f"{whole / 60:.0f} min",
    )


SHOWN = (
    "ledger",
    "ledger-operator",
    "ledger-phase",
    "ledger-context",
    "rules",
    "effort",
    "divergence",
    "distance",
)


def table_cost(file: CampaignFile) -> Table:
    """Processor seconds of each kind of run."""
    rows = []
    for kind in TrialKind:
        costs = [outcome.cpu_seconds for _, _, outcome in file.outcomes(kind)]
        if costs:
            rows.append((kind.value, len(costs), sum(costs) / len(costs), sum(costs)))
    done = read_status(file).done
    return Table(
        "cost",
        "Processor seconds",
        ("", "Runs", "Mean", "In all"),
        tuple(rows),
        f"{done} mutants were settled by {rows_of(rows, 'mutant')} runs of their own.",
    )


def rows_of(rows: list[tuple[str, int, float, float]], kind: str) -> int:
    """How many runs there were of a kind."""
    return next((number for name, number, _, _ in rows if name == kind), 0)


def text(tables: list[Table]) -> str:
    """Tables as a block of plain text; those without a row are left out."""
    return f"```\n{render_tables([each for each in tables if each.rows], WIDTH).strip()}\n```"


if __name__ == "__main__":
    main(*sys.argv[1:])
