"""Runs the campaigns of docs/wild.md, compares them with another planter, or writes the page.

    python tools/pages/wild.py run FOLDER [EXAMPLE …]      one campaign for each example
    python tools/pages/wild.py check FOLDER [EXAMPLE …]    verdicts against the other planter
    python tools/pages/wild.py page FOLDER > docs/wild.md

FOLDER gets one campaign per example, resumable like any other, and one file of comparisons.
``python examples/upstream.py`` fetches the programs of other projects first.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "studies"))

from example_programs import EXAMPLES, example_programs
from planter import Program, Run, plant_and_run
from study_campaigns import at_work, machine_of_campaigns
from trainwreck import Campaign
from trainwreck.exchange.writer import mutant_fields
from trainwreck.model import (
    FIRST,
    RUN,
    RUNG_CLASSES,
    Context,
    Judged,
    Outcome,
    Rung,
    Symptom,
    Table,
    TrialKind,
)
from trainwreck.report.clean_sentences import covers
from trainwreck.report.sentences import why
from trainwreck.report.text import render_tables
from trainwreck.report.words import duration
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings

MUTANTS = int(os.environ.get("MUTANTS", "60"))
CHECKED = int(os.environ.get("CHECKED", "30"))
WIDTH = 150
PROSE = Path(__file__).with_name("wild.txt")
SLACK = 10.0
"""The limit of a run of the other planter, as a multiple of its clean one."""


@dataclass(frozen=True)
class Compared:
    """One verdict beside a run of the other planter; ``agrees`` is the conclusion."""

    mutant: str
    name: str
    symptom: str
    rung: str
    decided_by: str
    end: str
    reached: bool
    same: bool
    agrees: bool


def main(task: str, folder: str, *names: str) -> None:
    """Run campaigns, or comparisons, one after the other, or write the page."""
    if task == "page":
        print(page(Path(folder)), end="")
        return
    act = {"run": run, "check": check}[task]
    for example in names or example_programs():
        act(Path(folder), example)


def run(folder: Path, example: str) -> None:
    """Run one campaign, from wherever it stands."""
    with at_work(settings_of(example), folder / example) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(MUTANTS)


def settings_of(example: str) -> Settings:
    """Return the settings of an example with one run for each mutant, as the page shows no more."""
    settings = load_settings(EXAMPLES / example / FILE_NAME)
    return replace(settings, trials=replace(settings.trials, seeds=1))


def check(folder: Path, example: str) -> None:
    """Plant bugs of a campaign the other way; keep each comparison when it is made."""
    path = folder / f"{example}.jsonl"
    done = {compared.mutant for compared in comparisons(path)}
    with at_work(settings_of(example), folder / example) as campaign, campaign.session() as session:
        python = Path(session.subject.interpreter.executable)
    program = replace(example_programs()[example], python=python)
    with TemporaryDirectory() as scratch, path.open("a", encoding="utf-8") as file:
        clean = clean_run(program, Path(scratch))
        for item in chosen(campaign.results().study.judged):
            if item.mutant.id not in done:
                file.write(json.dumps(asdict(compare(program, item, clean, Path(scratch)))) + "\n")
                file.flush()


@dataclass(frozen=True)
class Clean:
    """The clean runs of the other planter: their results, and the limit for a run with a bug."""

    results: frozenset[str]
    limit: float


def clean_run(program: Program, scratch: Path) -> Clean:
    """Run the clean program twice the other way. Raises RuntimeError where it does not repeat."""
    runs = [plant_and_run(program, None, scratch, 600) for _ in range(2)]
    results = frozenset(run.result for run in runs)
    if len(results) > 1 or any(run.end != "normal" for run in runs):
        raise RuntimeError(f"{program.folder.name} does not repeat without the tool: {runs}")
    return Clean(results, max(30.0, SLACK * max(run.seconds for run in runs)))


def chosen(judged: Sequence[Judged]) -> list[Judged]:
    """Return the verdicts to check: all rungs take turns."""
    by_rung: dict[str, list[Judged]] = {}
    for item in judged:
        by_rung.setdefault(str(item.verdict.rung), []).append(item)
    turns = [(turn, item) for items in by_rung.values() for turn, item in enumerate(items)]
    return [item for _, item in sorted(turns, key=lambda pair: pair[0])][:CHECKED]


def compare(program: Program, item: Judged, clean: Clean, scratch: Path) -> Compared:
    """Return one verdict beside a run of the other planter."""
    ended = plant_and_run(program, mutant_fields(item.planned), scratch, clean.limit)
    verdict = item.verdict
    same = ended.result in clean.results
    return Compared(
        item.mutant.id,
        item.mutant.name,
        verdict.symptom_class,
        str(verdict.rung),
        str(verdict.decided_by),
        ended.end,
        ended.reached,
        same,
        agrees(item, ended, same),
    )


def agrees(item: Judged, ended: Run, same: bool) -> bool:
    """Return whether the verdict says of the bug what the other planter saw."""
    verdict = item.verdict
    if verdict.symptom is not Symptom.NORMAL or ended.end != "normal":
        return verdict.symptom == ended.end
    if verdict.rung is Rung.PROPAGATED:
        return ended.reached and not same
    if verdict.rung is Rung.UNREACHED:
        return same and not ended.reached
    return same and (ended.reached or verdict.decided_by != RUN)


def comparisons(path: Path) -> list[Compared]:
    """Return the comparisons that were kept."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Compared(**json.loads(line)) for line in lines]


def page(folder: Path) -> str:
    """Return the page: two tables over all examples, then two silent bugs of each."""
    campaigns = {
        example: Campaign.open(folder / example)
        for example in example_programs()
        if (folder / example).is_dir()
    }
    campaigns = {name: each for name, each in campaigns.items() if each.status().done}
    judged = {example: campaign.results().study.judged for example, campaign in campaigns.items()}
    found = [found_row(example, judged[example], folder) for example in campaigns]
    costs = [cost_of(campaign) for campaign in campaigns.values()]
    costs.append(
        Cost(
            sum(cost.spent for cost in costs),
            sum(cost.whole for cost in costs),
            sum(cost.needed for cost in costs),
        )
    )
    rows = [cost.row(name) for name, cost in zip([*campaigns, "in all"], costs, strict=True)]
    tables = {
        "MACHINE": machine_of_campaigns(),
        "FOUND": text(Table("found", "What became of the bugs", FOUND, tuple(found))),
        "COST": text(Table("cost", "Processor time of the first runs", COST, tuple(rows))),
        "BUGS": "\n".join(
            bugs_of(example, campaign, judged[example]) for example, campaign in campaigns.items()
        ),
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, table in tables.items():
        prose = prose.replace(f"[{name}]", table)
    return prose


FOUND = ("", "Bugs", *RUNG_CLASSES, "agree")
COST = ("", "First runs", "To the end", "Share", "Least", "No run", "Early", "Complete", "Probes")


def found_row(example: str, judged: Sequence[Judged], folder: Path) -> tuple[object, ...]:
    """Return the rungs of one example's bugs, and how many verdicts the other planter confirms."""
    rungs = Counter(str(item.verdict.rung_class) for item in judged)
    compared = comparisons(folder / f"{example}.jsonl")
    agree = f"{sum(each.agrees for each in compared)} of {len(compared)}"
    return (example, len(judged), *(rungs[name] for name in RUNG_CLASSES), agree)


@dataclass(frozen=True)
class Cost:
    """Processor seconds of first runs: ``spent``, and what they would be run to the end.

    ``needed`` is the part of bugs that show: no rule could leave out their runs.
    """

    spent: float
    whole: float
    needed: float
    no_run: int = 0
    early: tuple[int, float] = (0, 0.0)
    complete: tuple[int, float] = (0, 0.0)
    probes: float = 0.0

    def row(self, name: str) -> tuple[object, ...]:
        """Return the row of the table."""
        parts = [f"{runs} in {duration(seconds)}" for runs, seconds in (self.early, self.complete)]
        if not self.complete[0]:
            parts = ["", ""]
        share, least = (f"{part / self.whole:.2f}" for part in (self.spent, self.needed))
        probes = duration(self.probes) if self.probes else ""
        times = duration(self.spent), duration(self.whole)
        return (name, *times, share, least, self.no_run or "", *parts, probes)


def cost_of(campaign: Campaign) -> Cost:
    """Return what the first runs of a campaign's mutants took, and what they took it for."""
    done = campaign.status().done
    by_mutant = first_runs(campaign)
    runs = list(by_mutant.values())
    shown = [item.mutant.id for item in campaign.results().study.judged if shows(item)]
    with campaign.source() as source:
        outcomes = {kind: [o for *_, o in source.file.outcomes(kind)] for kind in KINDS}
    clean, probes = (seconds(outcomes[kind]) for kind in KINDS)
    mean = clean / len(outcomes[TrialKind.CLEAN])
    early = [outcome for outcome in runs if outcome.settled]
    complete = [outcome for outcome in runs if not outcome.settled]
    no_run = done - len(runs)
    return Cost(
        seconds(runs) + probes,
        seconds(complete) + mean * (len(early) + no_run),
        seconds([by_mutant[mutant] for mutant in shown]),
        no_run,
        (len(early), seconds(early)),
        (len(complete), seconds(complete)),
        probes,
    )


KINDS = (TrialKind.CLEAN, TrialKind.PROBE)


def shows(item: Judged) -> bool:
    """Return whether a bug changes the end of its run or the result."""
    return item.verdict.symptom is not Symptom.NORMAL or item.verdict.rung is Rung.PROPAGATED


def first_runs(campaign: Campaign) -> dict[str, Outcome]:
    """Return the first run of every mutant that has one."""
    with campaign.source() as source:
        found = source.file.outcomes(TrialKind.MUTANT, draw=FIRST)
        first: dict[str, Outcome] = {}
        for _, mutant, outcome in found:
            if mutant is not None:
                first.setdefault(mutant, outcome)
    return first


def seconds(outcomes: Sequence[Outcome]) -> float:
    """Return the processor seconds of all runs together."""
    return sum(outcome.cpu_seconds for outcome in outcomes)


def bugs_of(example: str, campaign: Campaign, judged: Sequence[Judged]) -> str:
    """Return two silent bugs of an example, of two functions where there are, with their diffs."""
    silent = [item for item in judged if item.verdict.rung is Rung.MASKED]
    by_function: dict[tuple[str, str], Judged] = {}
    for item in sorted(silent, key=_dullness):
        by_function.setdefault((item.mutant.file, item.mutant.function), item)
    shown = list(by_function.values())[:2]
    bugs = [bug(item, campaign.story(item.mutant.id).diff) for item in shown]
    compared = campaign.status().covers
    return "\n".join([f"### {example}\n", f"{covers(compared)}\n" if compared else "", *bugs])


DULL = (Context.DEFAULT, Context.DEFAULT_PART, Context.ANNOTATION)
"""Contexts in which a bug waits for a caller; code that ran says more."""


def _dullness(item: Judged) -> tuple[bool, bool, bool]:
    """Return a key that puts code first that runs while the program learns."""
    while_learning = "learning" in item.planned.phases
    return item.mutant.context in DULL, not while_learning, not item.mutant.function


def bug(item: Judged, diff: str) -> str:
    """Return a silent bug: its name, its diff, and how it is known."""
    return f"{item.mutant.name}. {why(item.verdict)}\n\n```diff\n{diff.strip()}\n```\n"


def text(*tables: Table) -> str:
    """Return tables as a block of plain text."""
    return f"```\n{render_tables(list(tables), WIDTH).strip()}\n```"


if __name__ == "__main__":
    main(*sys.argv[1:])
