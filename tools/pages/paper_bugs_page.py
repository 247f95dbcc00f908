"""Runs the bugs that the study names, or writes docs/paper-bugs.md from those runs.

    python tools/pages/paper_bugs_page.py run FOLDER [STUDY …]
    python tools/pages/paper_bugs_page.py page FOLDER > docs/paper-bugs.md

FOLDER gets one campaign per study and profile, resumable like any other. ``SAME_SEED`` and
``SEEDS`` in the environment say how many clean runs are made with the first seed, and how many
seeds there are. The bugs themselves are in tests/studies/paper_bugs.py.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "studies"))

from trainwreck.campaign.execution import Progress

from paper_bugs import PAPER_BUGS, QUICK, PaperBug
from studies import machine
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.early_decisions import find_out
from trainwreck.campaign.run import run_campaign
from trainwreck.campaign.session import Session, open_session
from trainwreck.cli.progress import LiveProgress
from trainwreck.errors import UsageError
from trainwreck.model import (
    FIRST,
    Mutant,
    Outcome,
    PlannedMutant,
    Raised,
    Rule,
    Rung,
    Symptom,
    TrialKind,
    Verdict,
)
from trainwreck.mutants.catalogue import list_files
from trainwreck.mutants.selection import phases_of
from trainwreck.report.sentences import evidence
from trainwreck.report.story import story_text
from trainwreck.results.baseline import read_noise
from trainwreck.results.story import Story, read_story
from trainwreck.source import decode
from trainwreck.stats.describe import mean_and_deviation
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, studies

SEEDS = int(os.environ.get("SEEDS", "5"))
SAME_SEED = int(os.environ.get("SAME_SEED", "12"))
JOBS = 2
METRIC = "accuracy"
LEARNING = "learning"
PLANNED = "paper bugs"
"""Key of the campaign's meta table: the mutant of each bug, or none where it is not executed."""

PRINTED = "\nIt printed, at the end:"
PROSE = Path(__file__).with_name("paper-bugs.txt")
COLUMNS = ("", "bug", "the study", "trainwreck", "shows", "accuracy (clean)", "work", "time")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a bug; ``story`` is None where ``missing`` says why.

    ``learning`` is the processor time of the phase learning as a multiple of the clean one.
    """

    bug: PaperBug
    story: Story | None = None
    learning: float | None = None
    missing: str = ""

    @property
    def told(self) -> tuple[Verdict, Outcome] | None:
        """Verdict and outcome, where the bug has run."""
        if self.story is None or self.story.verdict is None or self.story.outcome is None:
            return None
        return self.story.verdict, self.story.outcome


def main(task: str, folder: str, *names: str) -> None:
    """Run the campaigns one after the other, or write the page."""
    if task == "page":
        print(page(Path(folder)), end="")
        return
    for study, profile in places():
        if not names or study in names:
            bugs = [bug for bug in PAPER_BUGS if (bug.study, bug.profile) == (study, profile)]
            run(settings_of(study, profile), Path(folder) / f"{study}-{profile}", bugs)


def places() -> list[tuple[str, str]]:
    """Every study with every profile that a bug asks for, in the order of the bugs."""
    return list(dict.fromkeys((bug.study, bug.profile) for bug in PAPER_BUGS))


def settings_of(study: str, profile: str) -> Settings:
    """The study's own, with more clean runs."""
    path = studies()[study] / FILE_NAME
    settings = load_settings(path, None if profile == QUICK else profile)
    trials = replace(settings.trials, clean=SEEDS, repeats=SAME_SEED - 1, seeds=1)
    return replace(settings, trials=trials)


def run(settings: Settings, campaign: Path, bugs: Sequence[PaperBug]) -> None:
    """One campaign, from wherever it stands."""
    progress = LiveProgress((METRIC,))
    try:
        with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
            session = open_session(settings, campaign, cache_folder(), None, progress.say)
            run_baseline(session, file, JOBS, progress)
            plan(session, file, bugs, progress)
            run_to_the_end(session, file, progress)
    finally:
        progress.close()


def plan(
    session: Session, file: CampaignFile, bugs: Sequence[PaperBug], progress: Progress
) -> None:
    """Plan these bugs and nothing else; tell which of them the clean program does not execute."""
    executed = file.executed()
    planned: list[PlannedMutant] = []
    ids: dict[str, str] = {}
    for bug in bugs:
        mutant = mutant_of(session, bug)
        phases = phases_of(mutant, executed.get((mutant.root, mutant.file), {}))
        ids[bug.title] = mutant.id if phases else ""
        if phases:
            planned.append(PlannedMutant(mutant, phases))
        else:
            progress.say(f"the clean program does not execute the line of {mutant.name}")
    file.set_plan(planned, [])
    file.set_meta(PLANNED, ids)


def mutant_of(session: Session, bug: PaperBug) -> Mutant:
    """The listed mutant that is the bug: exactly one, as tests/test_paper_bugs.py checks."""
    (source,) = [file for file in session.files if (file.root, file.file) == (bug.root, bug.file)]
    text = decode(source.path.read_bytes()).text
    operators = session.settings.mutants.operators
    (listing,) = list_files([source], session.interpreter, operators, session.cache)
    found = [mutant for mutant in listing.mutants if bug.is_mutant(mutant, text)]
    if len(found) != 1:
        raise UsageError(f"{source.path} has {len(found)} mutants that are {bug.title}, not one")
    return found[0]


def run_to_the_end(session: Session, file: CampaignFile, progress: Progress) -> None:
    """Run every planned bug in full; probes only tell what differs, and no rule settles a bug."""
    find_out(session, file, [planned.mutant for planned in file.mutants()], [Rule.PROBE], progress)
    run_campaign(session, file, None, JOBS, progress, rules=())


def page(folder: Path) -> str:
    """The page, with tables and sections in the places that the prose names."""
    results = [result for place in places() for result in results_of(folder, *place)]
    results.sort(key=lambda result: PAPER_BUGS.index(result.bug))
    prose = PROSE.read_text(encoding="utf-8")
    parts = {
        "NUMBER": str(len(PAPER_BUGS)),
        "MACHINE": machine(),
        "AGREEMENT": agreement(results),
        "CLEAN": clean_table(folder),
        "OVERVIEW": markdown_table(COLUMNS, [row_of(*item) for item in enumerate(results, 1)]),
        "BUGS": "\n\n".join(section_of(*item, folder) for item in enumerate(results, 1)),
    }
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


@contextmanager
def campaign_of(folder: Path, study: str, profile: str) -> Iterator[CampaignFile | None]:
    """The campaign of a study at a profile, or None where it was not run."""
    path = folder / f"{study}-{profile}"
    if not path.is_dir():
        yield None
        return
    with CampaignFile.open(path) as file:
        yield file


def results_of(folder: Path, study: str, profile: str) -> list[Result]:
    """What became of the bugs of one campaign."""
    bugs = [bug for bug in PAPER_BUGS if (bug.study, bug.profile) == (study, profile)]
    with campaign_of(folder, study, profile) as file:
        if file is None:
            return [Result(bug, missing="not run yet") for bug in bugs]
        return [result_of(file, bug) for bug in bugs]


def result_of(file: CampaignFile, bug: PaperBug) -> Result:
    """What became of one bug."""
    mutant_id = (file.meta(PLANNED) or {}).get(bug.title)
    if mutant_id is None:
        return Result(bug, missing="not planned yet")
    if not mutant_id:
        return Result(bug, missing="its line is not executed")
    story = read_story(file, mutant_id)
    if story.outcome is None or story.verdict is None:
        return Result(bug, story, missing="not run yet")
    clean = [
        seconds
        for _, _, outcome in file.outcomes(TrialKind.CLEAN, draw=FIRST)
        if (seconds := learning_seconds(outcome)) is not None
    ]
    here = learning_seconds(story.outcome)
    ratio = here / mean_and_deviation(clean)[0] if clean and here is not None else None
    return Result(bug, story, ratio)


def learning_seconds(outcome: Outcome) -> float | None:
    """Processor seconds after the mark of the phase learning, where the run came so far."""
    for phase in outcome.phases:
        if phase.name == LEARNING:
            return outcome.cpu_seconds - phase.cpu_seconds
    return None


def agreement(results: Sequence[Result]) -> str:
    """How many symptoms are the study's, and which are not."""
    ran = [(number, result) for number, result in enumerate(results, 1) if result.told]
    others = [number for number, result in ran if not is_as_in_study(result)]
    missing = len(results) - len(ran)
    text = f"{len(ran) - len(others)} of {len(ran)} meet the symptom that it reports"
    if others:
        text += f"; number {', '.join(map(str, others))} does not, for a reason given there"
    return text + (f". {missing} have not run." if missing else ".")


def is_as_in_study(result: Result) -> bool:
    """Whether the symptom is the one that the study reports."""
    return result.told is not None and result.told[0].symptom is result.bug.symptom


def clean_table(folder: Path) -> str:
    """What the clean runs of every campaign report."""
    rows = []
    for study, profile in places():
        with campaign_of(folder, study, profile) as file:
            if file is None:
                continue
            noise = next(each for each in read_noise(file) if each.metric == METRIC)
            clean = [outcome for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
            mean, deviation = mean_and_deviation([outcome.cpu_seconds for outcome in clean])
            accuracy = f"{noise.mean:.4f} ± {noise.deviation:.4f}"
            spent = f"{mean:.1f} ± {deviation:.1f} s"
            rows.append((f"`{study}`", f"`{profile}`", str(len(clean)), accuracy, spent))
    return markdown_table(("study", "profile", "clean runs", "accuracy", "processor time"), rows)


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def row_of(number: int, result: Result) -> tuple[str, ...]:
    """One row of the overview."""
    bug = result.bug
    begin = (str(number), f"{bug.study}, {bug.title}", bug.fate)
    if result.told is None:
        return (*begin, result.missing, "", "", "", "")
    verdict, outcome = result.told
    told = verdict.symptom.value
    if verdict.symptom is Symptom.NORMAL:
        told += f", {verdict.rung or 'rung not told apart'}"
    if not is_as_in_study(result):
        told = f"**{told}**"
    return (
        *begin,
        told,
        where_it_shows(verdict, outcome),
        accuracy_of(result),
        work_of(verdict),
        time_of(verdict, result.learning),
    )


def where_it_shows(verdict: Verdict, outcome: Outcome) -> str:
    """Where the run leaves the clean ones."""
    if verdict.symptom is Symptom.HANG:
        return f"stopped while {outcome.phase}"
    if verdict.symptom is Symptom.CRASH:
        return crash_of(verdict)
    if verdict.divergence is not None:
        divergence = verdict.divergence
        clean = " or ".join(divergence.clean) or "none"
        value = divergence.value or "none"
        return f"{divergence.metric}, report {divergence.step}: {value} (clean: {clean})"
    return "in the final parameters" if verdict.rung is Rung.PROPAGATED else "nowhere"


def crash_of(verdict: Verdict) -> str:
    """The exception and its line, or else the evidence in words."""
    raised = next((item for item in verdict.evidence if isinstance(item, Raised)), None)
    if raised is None:
        return evidence(verdict)
    return f"{raised.type} at {raised.file}:{raised.line}" if raised.file else raised.type


def accuracy_of(result: Result) -> str:
    """The last reported accuracy against clean runs."""
    assert result.story is not None
    assert result.story.outcome is not None
    value = result.story.outcome.metrics.get(METRIC)
    clean = [noise for noise in result.story.clean if noise.metric == METRIC]
    if value is None or not clean:
        return "none"
    return f"{value:,g} ({clean[0].mean:.3f} ± {clean[0].deviation:.3f})"


def work_of(verdict: Verdict) -> str:
    """What was done that clean runs do not do, or the other way round."""
    if verdict.effort is None:
        return ""
    counts = verdict.effort.work.items()
    changed = [f"{name} {here} (clean: {clean})" for name, (here, clean) in counts if here != clean]
    return ", ".join(changed) or "the same"


def time_of(verdict: Verdict, learning: float | None) -> str:
    """Processor time against clean runs."""
    if verdict.effort is None:
        return ""
    whole = f"{verdict.effort.cpu_ratio:.2f}"
    return f"{whole}; learning {learning:.2f}" if learning is not None else whole


def section_of(number: int, result: Result, folder: Path) -> str:
    """A bug's own section: its place, its story, its cause, and where the study says otherwise."""
    bug = result.bug
    parts = [f"## {number}. {bug.title}"]
    parts.append(f"`{bug.study}` at `{bug.profile}`. The study: {bug.fate}. {bug.note}".rstrip())
    if result.story is not None:
        told = story_text(result.story).partition(PRINTED)[0].strip()
        parts.append(f"```diff\n{without_paths(told, folder)}\n```")
    if result.missing:
        parts.append(f"No verdict: {result.missing}.")
    parts.append(bug.cause)
    if result.told is not None and not is_as_in_study(result):
        symptom = result.told[0].symptom
        parts.append(f"**The study calls it {bug.symptom}, trainwreck {symptom}.** {bug.differs}")
    elif bug.differs:
        parts.append(bug.differs)
    return "\n\n".join(part.rstrip() for part in parts)


def without_paths(text: str, folder: Path) -> str:
    """The text without the paths of one machine: campaigns, environments, home."""
    for path, name in (
        (folder.resolve(), "CAMPAIGNS"),
        (cache_folder().resolve(), "CACHE"),
        (Path.home(), "~"),
    ):
        text = text.replace(str(path), name)
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])
