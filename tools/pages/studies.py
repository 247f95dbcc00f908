"""Runs the campaigns of docs/studies.md, or writes the page from them.

    python tools/pages/studies.py run FOLDER [STUDY …]     forty mutants each, at `quick`
    python tools/pages/studies.py paper FOLDER STUDY …     clean runs alone, at `paper`
    python tools/pages/studies.py page FOLDER > docs/studies.md

FOLDER gets one campaign per study and profile, resumable like any other. ``SAME_SEED`` and
``SEEDS`` in the environment say how many clean runs are made with the first seed, and how many
seeds there are.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from study_campaigns import METRIC, QUICK, at_work, machine_of_campaigns, opened, study_settings
from trainwreck import Campaign
from trainwreck.findings import Sized, reported_settings, table_four, table_one, table_three
from trainwreck.model import FIRST_SEED, Outcome, Table, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.model.trials import warming_trial
from trainwreck.report.text import render_tables
from trainwreck.report.words import amount, duration
from trainwreck.results.report import reported_by
from trainwreck.run.child import Stopped
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import studies

SEEDS = int(os.environ.get("SEEDS", "10"))
SAME_SEED = int(os.environ.get("SAME_SEED", "21"))
MUTANTS = 40
WIDTH = 130
WIDEST = 250
FIRST_MINUTES = 180.0
PROSE = Path(__file__).with_name("studies.txt")
PHASES = ("preprocessing", "constructing", "learning")


def main(task: str, folder: str, *names: str) -> None:
    """Run campaigns one after the other, or write the page."""
    if task == "page":
        print(page(Path(folder)), end="")
        return
    profile, mutants = (QUICK, MUTANTS) if task == "run" else ("paper", 0)
    for study in names or studies():
        run(Path(folder), study, profile, mutants)


def run(folder: Path, study: str, profile: str, mutants: int) -> None:
    """Run one campaign, from wherever it stands."""
    settings = study_settings(study, profile, clean=SEEDS, same_seed=SAME_SEED)
    with at_work(settings, folder / f"{study}-{profile}") as campaign:
        campaign.baseline()
        if mutants:
            campaign.plan()
            campaign.run(mutants)


def page(folder: Path) -> str:
    """Return the page, with tables in the places that the prose names."""
    prose = PROSE.read_text(encoding="utf-8")
    quick, paper = campaigns_at(folder, QUICK), campaigns_at(folder, "paper")
    tables = {
        "MACHINE": machine_of_campaigns(),
        "CLEAN": text(table_clean(quick, QUICK), table_clean(paper, "paper")),
        "PHASES": text(table_phases(quick)),
        "ONE": text(table_one(sized(quick))),
        "THREE": text(
            table_three(settings_of(quick)), table_three(settings_at_paper(folder)), width=WIDEST
        ),
        "FOUR": text(table_symptoms(quick)),
    }
    for name, table in tables.items():
        prose = prose.replace(f"[{name}]", table)
    return prose


def campaigns_at(folder: Path, profile: str) -> dict[str, Campaign]:
    """Return the campaigns of all studies that were run at a profile."""
    return opened({study: folder / f"{study}-{profile}" for study in studies()})


def text(*tables: Table, width: int = WIDTH) -> str:
    """Return tables as a block of plain text, without those that have no row."""
    shown = [table for table in tables if table.rows]
    return f"```\n{render_tables(shown, width).strip()}\n```"


def table_clean(campaigns: dict[str, Campaign], profile: str) -> Table:
    """Return what clean runs report, and how well they repeat."""
    rows = [(study, *clean_row(campaign)) for study, campaign in campaigns.items()]
    columns = (
        "",
        "Accuracy over seeds",
        "Seeds",
        "Same-seed runs",
        "Digests",
        "Processor",
        "Memory",
    )
    title = f"Clean runs at `{profile}`"
    return Table("clean", title, columns, tuple(rows), "± one standard deviation.")


def clean_row(campaign: Campaign) -> tuple[object, ...]:
    """Return the accuracy over seeds, and the determinism check of the first seed."""
    first: dict[int, float] = {}
    memory = 0
    with campaign.source() as source:
        for draw, _, outcome in source.file.outcomes(TrialKind.CLEAN):
            first.setdefault(draw.seed, outcome.metrics[METRIC])
            memory = max(memory, outcome.peak_rss)
    baseline = campaign.read_baseline()
    determinism = next(c for c in baseline.determinism_checks if c.seed == FIRST_SEED)
    values = list(first.values())
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    spent = f"{baseline.cpu_seconds[0]:.1f} ± {baseline.cpu_seconds[1]:.1f} s"
    accuracy = f"{mean:.4f} ± {variance**0.5:.4f}" if len(values) > 1 else f"{mean:.4f}"
    same_seed = determinism.runs
    return accuracy, len(values), same_seed, len(determinism.digests), spent, amount(memory)


def table_phases(campaigns: dict[str, Campaign]) -> Table:
    """Return the seconds of processor that clean runs spend in each phase."""
    rows = [
        (study, *map(duration, phase_seconds(campaign))) for study, campaign in campaigns.items()
    ]
    return Table(
        "phases",
        "Seconds of processor of a clean run by phase",
        ("", "import", *PHASES),
        tuple(rows),
    )


def phase_seconds(campaign: Campaign) -> list[float]:
    """Return the mean processor seconds of each phase, import first."""
    with campaign.source() as source:
        clean = [outcome for _, _, outcome in source.file.outcomes(TrialKind.CLEAN)]
    runs = [seconds_by_phase(outcome) for outcome in clean]
    return [sum(run.get(name, 0.0) for run in runs) / len(runs) for name in ("import", *PHASES)]


def seconds_by_phase(outcome: Outcome) -> dict[str, float]:
    """Return the processor seconds of a run from the beginning of each phase to the next one."""
    begins = {"import": 0.0} | {phase.name: phase.cpu_seconds for phase in outcome.phases}
    ends = [*list(begins.values())[1:], outcome.cpu_seconds]
    return {name: end - begins[name] for name, end in zip(begins, ends, strict=True)}


def sized(campaigns: dict[str, Campaign]) -> Iterator[Sized]:
    """Yield the sources of every study."""
    for study, campaign in campaigns.items():
        with campaign.source() as source:
            yield Sized(study, source.file.meta("versions") or {}, source.file.sources())


def settings_of(campaigns: dict[str, Campaign]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the settings that every study printed at `quick`."""
    for study, campaign in campaigns.items():
        with campaign.source() as source:
            yield f"{study} (quick)", reported_by(source)


def settings_at_paper(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the same at `paper`, from the first minutes of a run that is then ended."""
    for study, path in studies().items():
        settings = load_settings(path / FILE_NAME, "paper")
        printed = folder / f"{study}-paper.txt"
        if not printed.exists():
            printed.write_text(beginning_of(settings, folder / "beginning"), encoding="utf-8")
        yield f"{study} (paper)", reported_settings(printed.read_text(encoding="utf-8"))


def beginning_of(settings: Settings, folder: Path) -> str:
    """Return what a run prints until its settings are complete, or for some minutes at most."""
    printed = bytearray()

    def settings_are_printed() -> bool:
        return b"epoch number=" in printed or b"Traceback" in printed

    limits = Limits(FIRST_MINUTES, FIRST_MINUTES, settings.trials.memory)
    # No step of a campaign ends a run by what it prints, so the trial is run by hand.
    with at_work(settings, folder) as campaign, campaign.session() as session, suppress(Stopped):
        request = TrialRequest(warming_trial(session.id), limits)
        context = session.subject.context
        slot = Slot(0, context.work / "0")
        run_trial(request, context, slot, settings_are_printed, printed.extend)
    return printed.decode("utf-8", "replace")


def table_symptoms(campaigns: dict[str, Campaign]) -> Table:
    """Return Table IV over all studies, with how far the bugs got."""
    rows: list[tuple[object, ...]] = []
    for study, campaign in campaigns.items():
        judged = campaign.results().study
        rungs = [str(item.verdict.rung or "rung unknown") for item in judged.judged]
        counts = {rung: rungs.count(rung) for rung in ("unreached", "masked", "propagated")}
        for root, *cells in table_four([judged]).rows:
            last = counts.values() if root == "in all" else ("", "", "")
            rows.append((study, root, *cells, *last))
    columns = ("", "", "Normal", "Crash", "Hang", "Total", "unreached", "masked", "propagated")
    return Table("table-4", "Table IV: symptoms", columns, tuple(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
