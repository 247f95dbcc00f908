"""Runs the campaigns of docs/studies.md, or writes the page from them.

    python tools/pages/studies.py run FOLDER [STUDY …]     forty mutants each, at `quick`
    python tools/pages/studies.py paper FOLDER STUDY …     clean runs alone, at `paper`
    python tools/pages/studies.py page FOLDER > docs/studies.md

FOLDER gets one campaign per study and profile, resumable like any other. ``SAME_SEED`` and
``SEEDS`` in the environment say how many clean runs are made with the first seed, and how many
seeds there are.
"""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from trainwreck.results.studies import read_settings, read_studies

from trainwreck import __version__
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.run import run_campaign
from trainwreck.campaign.session import open_session
from trainwreck.cli.progress import LiveProgress
from trainwreck.findings import Sized, reported_settings, table_four, table_one, table_three
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.model import FIRST_SEED, Table, TrialKind
from trainwreck.model.trials import warming_trial
from trainwreck.report.text import amount, duration, render_tables
from trainwreck.results.baseline import Baseline, read_baseline
from trainwreck.results.judged_campaign import judge_all
from trainwreck.run.child import Stopped
from trainwreck.run.launcher import run_trial
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, studies

SEEDS = int(os.environ.get("SEEDS", "10"))
SAME_SEED = int(os.environ.get("SAME_SEED", "21"))
MUTANTS = 40
JOBS = 2
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
    profile, mutants = (None, MUTANTS) if task == "run" else ("paper", 0)
    for study in names or studies():
        run(Path(folder), study, profile, mutants)


def run(folder: Path, study: str, profile: str | None, mutants: int) -> None:
    """One campaign, from wherever it stands."""
    settings = load_settings(studies()[study] / FILE_NAME, profile)
    trials = replace(settings.trials, clean=SEEDS, repeats=SAME_SEED - 1, seeds=1)
    settings = replace(settings, trials=trials)
    progress = LiveProgress(("accuracy",))
    campaign = folder / f"{study}-{profile or 'quick'}"
    with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
        session = open_session(settings, campaign, cache_folder(), None, progress.say)
        run_baseline(session, file, JOBS, progress)
        if mutants:
            make_plan(session, file, progress)
            run_campaign(session, file, mutants, JOBS, progress)


def page(folder: Path) -> str:
    """The page, with tables in the places that the prose names."""
    prose = PROSE.read_text(encoding="utf-8")
    tables = {
        "MACHINE": machine(),
        "CLEAN": text(table_clean(folder, "quick"), table_clean(folder, "paper")),
        "PHASES": text(table_phases(folder)),
        "ONE": text(table_one(sized(folder))),
        "THREE": text(
            table_three(settings_of(folder)), table_three(settings_at_paper(folder)), width=WIDEST
        ),
        "FOUR": text(table_symptoms(folder)),
    }
    for name, table in tables.items():
        prose = prose.replace(f"[{name}]", table)
    return prose


def text(*tables: Table, width: int = WIDTH) -> str:
    """Tables as a block of plain text; those without a row are left out."""
    return f"```\n{render_tables([each for each in tables if each.rows], width).strip()}\n```"


@contextmanager
def campaign_of(folder: Path, study: str, profile: str) -> Iterator[CampaignFile | None]:
    """The campaign of a study, or None where it was not run."""
    path = folder / f"{study}-{profile}"
    if not path.is_dir():
        yield None
        return
    with CampaignFile.open(path) as file:
        yield file


def table_clean(folder: Path, profile: str) -> Table:
    """What clean runs report, and how well they repeat."""
    rows = []
    for study in studies():
        with campaign_of(folder, study, profile) as file:
            if file is not None:
                rows.append((study, *clean_row(file)))
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


def clean_row(file: CampaignFile) -> tuple[object, ...]:
    """Accuracy once per seed; the determinism check of the first seed."""
    first: dict[int, float] = {}
    memory = 0
    for draw, _, outcome in file.outcomes(TrialKind.CLEAN):
        first.setdefault(draw.seed, outcome.metrics["accuracy"])
        memory = max(memory, outcome.peak_rss)
    baseline = read_baseline(file)
    determinism = determinism_of(baseline)
    values = list(first.values())
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    spent = f"{baseline.cpu_seconds[0]:.1f} ± {baseline.cpu_seconds[1]:.1f} s"
    accuracy = f"{mean:.4f} ± {variance**0.5:.4f}" if len(values) > 1 else f"{mean:.4f}"
    same_seed = determinism.runs
    return accuracy, len(values), same_seed, len(determinism.digests), spent, amount(memory)


def determinism_of(baseline: Baseline) -> DeterminismCheck:
    """That of the seed with which mutants run."""
    return next(c for c in baseline.determinism_checks if c.seed == FIRST_SEED)


def table_phases(folder: Path) -> Table:
    """Seconds of processor that clean runs spend in each phase."""
    rows = []
    for study in studies():
        with campaign_of(folder, study, "quick") as file:
            if file is None:
                continue
            clean = [outcome for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
            starts = [
                [0.0, *(phase.cpu_seconds for phase in outcome.phases), outcome.cpu_seconds]
                for outcome in clean
            ]
            spent = [
                sum(times[index + 1] - times[index] for times in starts) / len(starts)
                for index in range(len(PHASES) + 1)
            ]
            rows.append((study, *(duration(seconds) for seconds in spent)))
    return Table(
        "phases",
        "Seconds of processor of a clean run by phase",
        ("", "import", *PHASES),
        tuple(rows),
    )


def sized(folder: Path) -> Iterator[Sized]:
    """The sources of every study."""
    for study in studies():
        with campaign_of(folder, study, "quick") as file:
            if file is not None:
                yield Sized(study, file.meta("versions") or {}, file.sources())


def settings_of(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """What every study reported of itself at `quick`."""
    for study in studies():
        with campaign_of(folder, study, "quick") as file:
            if file is not None:
                yield f"{study} (quick)", read_settings(file)


def settings_at_paper(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The same at `paper`, from the first minutes of a run that is then ended."""
    for study, place in studies().items():
        settings = load_settings(place / FILE_NAME, "paper")
        printed = folder / f"{study}-paper.txt"
        if not printed.exists():
            printed.write_text(beginning_of(settings, folder / "beginning"), encoding="utf-8")
        yield f"{study} (paper)", reported_settings(printed.read_text(encoding="utf-8"))


def beginning_of(settings: Settings, campaign: Path) -> str:
    """What a run prints until its settings are complete, or for some minutes at most."""
    printed = bytearray()

    def settings_are_there() -> bool:
        return b"epoch number=" in printed or b"Traceback" in printed

    limits = Limits(FIRST_MINUTES, FIRST_MINUTES, settings.trials.memory)
    session = open_session(settings, campaign, cache_folder(), None, print_aside)
    trial = warming_trial(session.subject_id)
    with suppress(Stopped):
        run_trial(trial, session.context, limits, 0, None, settings_are_there, printed.extend)
    return printed.decode("utf-8", "replace")


def print_aside(said: str) -> None:
    """Progress, out of the way of the page."""
    print(said, file=sys.stderr)


def table_symptoms(folder: Path) -> Table:
    """Table IV over all studies, with how far the bugs got."""
    rows: list[tuple[object, ...]] = []
    for study in studies():
        with campaign_of(folder, study, "quick") as file:
            if file is None:
                continue
            judged = judge_all(file)
            found = table_four(read_studies([file]))
            rungs = [str(item.verdict.rung or "not told apart") for item in judged]
            counts = {rung: rungs.count(rung) for rung in ("unreached", "masked", "propagated")}
            for root, *cells in found.rows:
                last = counts.values() if root == "in all" else ("", "", "")
                rows.append((study, root, *cells, *last))
    columns = ("", "", "Normal", "Crash", "Hang", "Total", "unreached", "masked", "propagated")
    return Table("table-4", "Table IV: symptoms", columns, tuple(rows))


def machine() -> str:
    """Processor, system, version."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    cpu = next(models, platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory} GB, {platform.system()}; "
        f"trainwreck {__version__}, {JOBS} trials at a time"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
