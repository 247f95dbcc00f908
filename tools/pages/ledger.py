"""Runs the campaigns of docs/ledger.md, or writes the page from them.

    python tools/pages/ledger.py run FOLDER [STUDY …]    160 mutants each, with audits
    python tools/pages/ledger.py page FOLDER > docs/ledger.md

FOLDER gets one campaign per study at `quick`, resumable like any other.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from study_campaigns import QUICK, at_work, machine_of_campaigns, study_settings
from trainwreck import Campaign
from trainwreck.findings.audits import Audited, table_audit
from trainwreck.model import Share, Table, TrialKind
from trainwreck.report.figures.ledger import draw_ledger
from trainwreck.report.text import render_tables

SEEDS = int(os.environ.get("SEEDS", "3"))
SAME_SEED = int(os.environ.get("SAME_SEED", "12"))
MUTANTS = int(os.environ.get("MUTANTS", "160"))
AUDITS = int(os.environ.get("AUDITS", "24"))
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
        run(folder_of(Path(folder), study), study)


def folder_of(folder: Path, study: str) -> Path:
    """Return the campaign folder of a study."""
    return folder / f"ledger-{study}"


def run(folder: Path, study: str) -> None:
    """Run one campaign and its audits, from wherever they stand."""
    settings = study_settings(study, QUICK, clean=SEEDS, same_seed=SAME_SEED)
    with at_work(settings, folder) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(MUTANTS)
        missing = AUDITS - len(campaign.read_audits())
        if missing > 0:
            campaign.audit(missing)


def page(folder: Path) -> str:
    """Return the page, with tables in the places that the prose names."""
    prose = PROSE.read_text(encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    summary = []
    for study in STUDIES:
        campaign = Campaign.open(folder_of(folder, study))
        tables = {table.name: table for table in campaign.tables()}
        audits = campaign.read_audits()
        chosen = [table for name, table in tables.items() if name in SHOWN]
        chosen += [table_audit(audits), table_cost(campaign)]
        draw_ledger(tables["ledger-operator"], PICTURES / f"ledger-{study}.svg")
        summary.append(summary_row(study, campaign, audits))
        prose = prose.replace(f"[{study}]", text(chosen))
    return prose.replace("[MACHINE]", machine_of_campaigns()).replace(
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


def summary_row(study: str, campaign: Campaign, audits: Sequence[Audited]) -> tuple[object, ...]:
    """Return numbers of mutants by what decided them, audits, and times in clean runs."""
    judged = campaign.status().done
    with campaign.source() as source:
        runs = {mutant: run for _, mutant, run in source.file.outcomes(TrialKind.MUTANT)}
    clean, probed = (seconds_of(campaign, kind) for kind in (TrialKind.CLEAN, TrialKind.PROBE))
    mean = sum(clean) / len(clean)
    spent = sum(run.cpu_seconds for run in runs.values()) + sum(probed)
    whole = sum(mean if run.settled else run.cpu_seconds for run in runs.values())
    whole += mean * (judged - len(runs))
    return (
        study,
        judged,
        Share(judged - len(runs), judged),
        Share(sum(run.settled != "" for run in runs.values()), judged),
        len(audits),
        sum(bool(audited.disagreement) for audited in audits),
        f"{max(probed) / mean:.2f} clean runs",
        f"{spent / 60:.0f} min",
        f"{whole / 60:.0f} min",
    )


def seconds_of(campaign: Campaign, kind: TrialKind) -> list[float]:
    """Return the processor seconds of each run of a kind."""
    with campaign.source() as source:
        return [outcome.cpu_seconds for _, _, outcome in source.file.outcomes(kind)]


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


def table_cost(campaign: Campaign) -> Table:
    """Return the processor seconds of each kind of run."""
    seconds = {kind: seconds_of(campaign, kind) for kind in TrialKind}
    rows = [
        (kind.value, len(costs), sum(costs) / len(costs), sum(costs))
        for kind, costs in seconds.items()
        if costs
    ]
    done, runs = campaign.status().done, len(seconds[TrialKind.MUTANT])
    return Table(
        "cost",
        "Processor seconds",
        ("", "Runs", "Mean", "In all"),
        tuple(rows),
        f"{done} mutants were settled by {runs} runs of their own.",
    )


def text(tables: Sequence[Table]) -> str:
    """Return tables as a block of plain text, without those that have no row."""
    shown = [table for table in tables if table.rows]
    return f"```\n{render_tables(shown, WIDTH).strip()}\n```"


if __name__ == "__main__":
    main(*sys.argv[1:])
