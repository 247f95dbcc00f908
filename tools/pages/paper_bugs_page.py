"""Runs the bugs that the study names, or writes docs/paper-bugs.md from those runs.

    python tools/pages/paper_bugs_page.py run FOLDER [STUDY …]
    python tools/pages/paper_bugs_page.py page FOLDER > docs/paper-bugs.md

FOLDER gets one campaign per study and profile, resumable like any other. ``SAME_SEED`` and
``SEEDS`` in the environment say how many clean runs are made with the first seed, and how many
seeds there are. The bugs themselves are in tests/studies/paper_bugs.py.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "studies"))

from paper_bugs import PAPER_BUGS, PaperBug
from study_campaigns import METRIC, at_work, machine_of_campaigns, opened, study_settings
from trainwreck import Campaign
from trainwreck.errors import UsageError
from trainwreck.model import FIRST, Mutant, Outcome, Raised, Rung, Symptom, TrialKind, Verdict
from trainwreck.report.evidence_sentences import evidence
from trainwreck.report.story import story_text
from trainwreck.results.source import ResultSource
from trainwreck.results.story import Story
from trainwreck.source import decode
from trainwreck.stats.describe import mean_and_deviation
from trainwreck.subject.settings import Settings
from trainwreck.subject.studies import cache_folder

SEEDS = int(os.environ.get("SEEDS", "5"))
SAME_SEED = int(os.environ.get("SAME_SEED", "12"))
LEARNING = "learning"
PLANNED = "paper bugs"
"""Key of the campaign's meta table: the mutant of each bug, empty where it is not executed."""

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
    def verdict_and_outcome(self) -> tuple[Verdict, Outcome] | None:
        """Return verdict and outcome, where the bug has run."""
        if self.story is None or self.story.verdict is None or self.story.outcome is None:
            return None
        return self.story.verdict, self.story.outcome


def main(task: str, folder: str, *names: str) -> None:
    """Run the campaigns one after the other, or write the page."""
    if task == "page":
        print(page(Path(folder)), end="")
        return
    for study, profile in profiles():
        if not names or study in names:
            settings = study_settings(study, profile, clean=SEEDS, same_seed=SAME_SEED)
            run(settings, Path(folder) / f"{study}-{profile}", bugs_of(study, profile))


def profiles() -> list[tuple[str, str]]:
    """Return every study with every profile that a bug asks for, in the order of the bugs."""
    return list(dict.fromkeys((bug.study, bug.profile) for bug in PAPER_BUGS))


def bugs_of(study: str, profile: str) -> list[PaperBug]:
    """Return the bugs that are run in one campaign."""
    return [bug for bug in PAPER_BUGS if (bug.study, bug.profile) == (study, profile)]


def run(settings: Settings, folder: Path, bugs: Sequence[PaperBug]) -> None:
    """Run every bug in full: probes report what differs, and no rule decides a bug early."""
    with at_work(settings, folder) as campaign:
        campaign.baseline()
        plan(campaign, bugs)
        campaign.probe()
        campaign.run(rules=())


def plan(campaign: Campaign, bugs: Sequence[PaperBug]) -> None:
    """Plan these bugs and nothing else; report which of them the clean program does not execute."""
    mutants = {bug.title: mutant_of(campaign, bug) for bug in bugs}
    campaign.plan(mutants.values())
    planned = {item.mutant.id for item in campaign.mutants()}
    for mutant in mutants.values():
        if mutant.id not in planned:
            campaign.progress.say(f"the clean program does not execute the line of {mutant.name}")
    ids = {title: m.id if m.id in planned else "" for title, m in mutants.items()}
    with campaign.session() as session:
        session.file.set_meta(PLANNED, ids)


def mutant_of(campaign: Campaign, bug: PaperBug) -> Mutant:
    """Return the only listed mutant that is the bug. Raises UsageError."""
    listed = campaign.mutants(uncovered=True, files=[bug.file])
    mutants = [item.mutant for item in listed if item.mutant.root == bug.root]
    with campaign.session() as session:
        paths = {session.subject.path_of(mutant) for mutant in mutants}
    texts = [decode(path.read_bytes()).text for path in paths]
    matching = [mutant for text in texts for mutant in mutants if bug.is_mutant(mutant, text)]
    if len(matching) != 1:
        raise UsageError(f"{bug.file} has {len(matching)} mutants that are {bug.title}, not one")
    return matching[0]


def page(folder: Path) -> str:
    """Return the page, with tables and sections in the places that the prose names."""
    results = [result for pair in profiles() for result in results_of(folder, *pair)]
    results.sort(key=lambda result: PAPER_BUGS.index(result.bug))
    prose = PROSE.read_text(encoding="utf-8")
    parts = {
        "NUMBER": str(len(PAPER_BUGS)),
        "MACHINE": machine_of_campaigns(),
        "AGREEMENT": agreement(results),
        "CLEAN": clean_table(folder),
        "OVERVIEW": markdown_table(COLUMNS, [row_of(*item) for item in enumerate(results, 1)]),
        "BUGS": "\n\n".join(section_of(*item, folder) for item in enumerate(results, 1)),
    }
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


def campaigns_of(folder: Path) -> dict[str, Campaign]:
    """Return the campaigns that were begun, by study and profile as in ``keras-quick``."""
    names = [f"{study}-{profile}" for study, profile in profiles()]
    return opened({name: folder / name for name in names})


def results_of(folder: Path, study: str, profile: str) -> list[Result]:
    """Return what became of the bugs of one campaign."""
    bugs = bugs_of(study, profile)
    campaign = campaigns_of(folder).get(f"{study}-{profile}")
    if campaign is None:
        return [Result(bug, missing="not run yet") for bug in bugs]
    with campaign.source() as source:
        return [result_of(source, bug) for bug in bugs]


def result_of(source: ResultSource, bug: PaperBug) -> Result:
    """Return what became of one bug."""
    mutant_id = (source.file.meta(PLANNED) or {}).get(bug.title)
    if mutant_id is None:
        return Result(bug, missing="not planned yet")
    if not mutant_id:
        return Result(bug, missing="its line is not executed")
    story = source.story(mutant_id)
    if story.outcome is None or story.verdict is None:
        return Result(bug, story, missing="not run yet")
    clean = [
        seconds
        for _, _, outcome in source.file.outcomes(TrialKind.CLEAN, draw=FIRST)
        if (seconds := learning_seconds(outcome)) is not None
    ]
    here = learning_seconds(story.outcome)
    ratio = here / mean_and_deviation(clean)[0] if clean and here is not None else None
    return Result(bug, story, ratio)


def learning_seconds(outcome: Outcome) -> float | None:
    """Return the processor seconds after the mark of the phase learning, if a run got there."""
    for phase in outcome.phases:
        if phase.name == LEARNING:
            return outcome.cpu_seconds - phase.cpu_seconds
    return None


def agreement(results: Sequence[Result]) -> str:
    """Return a sentence: how many symptoms are the study's, and which are not."""
    ran = [
        (number, result) for number, result in enumerate(results, 1) if result.verdict_and_outcome
    ]
    others = [number for number, result in ran if not is_as_in_study(result)]
    missing = len(results) - len(ran)
    text = f"{len(ran) - len(others)} of {len(ran)} meet the symptom that it reports"
    if others:
        text += f"; number {', '.join(map(str, others))} does not, for a reason given there"
    return text + (f". {missing} have not run." if missing else ".")


def is_as_in_study(result: Result) -> bool:
    """Return whether the symptom is the one that the study reports."""
    return (
        result.verdict_and_outcome is not None
        and result.verdict_and_outcome[0].symptom is result.bug.symptom
    )


def clean_table(folder: Path) -> str:
    """Return what the clean runs of every campaign report."""
    rows = []
    for name, campaign in campaigns_of(folder).items():
        study, _, profile = name.rpartition("-")
        baseline = campaign.read_baseline()
        noise = next(noise for noise in baseline.noise if noise.metric == METRIC)
        mean, deviation = baseline.cpu_seconds
        accuracy = f"{noise.mean:.4f} ± {noise.deviation:.4f}"
        spent = f"{mean:.1f} ± {deviation:.1f} s"
        rows.append((f"`{study}`", f"`{profile}`", str(baseline.runs), accuracy, spent))
    return markdown_table(("study", "profile", "clean runs", "accuracy", "processor time"), rows)


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def row_of(number: int, result: Result) -> tuple[str, ...]:
    """Return one row of the overview."""
    bug = result.bug
    begin = (str(number), f"{bug.study}, {bug.title}", bug.fate)
    if result.verdict_and_outcome is None:
        return (*begin, result.missing, "", "", "", "")
    verdict, outcome = result.verdict_and_outcome
    symptom = verdict.symptom_class
    if verdict.symptom is Symptom.NORMAL:
        symptom += f", {verdict.rung or 'rung unknown'}"
    if not is_as_in_study(result):
        symptom = f"**{symptom}**"
    return (
        *begin,
        symptom,
        where_it_shows(verdict, outcome),
        accuracy_of(result),
        work_of(verdict),
        time_of(verdict, result.learning),
    )


def crash_of(verdict: Verdict) -> str:
    """Return the exception and its line, or else the evidence in words."""
    raised = next((item for item in verdict.evidence if isinstance(item, Raised)), None)
    if raised is None:
        return evidence(verdict)
    return f"{raised.type} at {raised.file}:{raised.line}" if raised.file else raised.type


def where_it_shows(verdict: Verdict, outcome: Outcome) -> str:
    """Return where the run leaves the clean ones."""
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


def accuracy_of(result: Result) -> str:
    """Return the last reported accuracy against clean runs."""
    assert result.story is not None
    assert result.story.outcome is not None
    value = result.story.outcome.metrics.get(METRIC)
    clean = [noise for noise in result.story.clean if noise.metric == METRIC]
    if value is None or not clean:
        return "none"
    return f"{value:,g} ({clean[0].mean:.3f} ± {clean[0].deviation:.3f})"


def work_of(verdict: Verdict) -> str:
    """Return what was done that clean runs do not do, or the other way round."""
    if verdict.effort is None:
        return ""
    counts = verdict.effort.work.items()
    changed = [f"{name} {here} (clean: {clean})" for name, (here, clean) in counts if here != clean]
    return ", ".join(changed) or "the same"


def time_of(verdict: Verdict, learning: float | None) -> str:
    """Return the processor time against clean runs."""
    if verdict.effort is None:
        return ""
    whole = f"{verdict.effort.cpu_ratio:.2f}"
    return f"{whole}; learning {learning:.2f}" if learning is not None else whole


def section_of(number: int, result: Result, folder: Path) -> str:
    """Return a bug's section: place, story, cause, and where the study says otherwise."""
    bug = result.bug
    parts = [f"## {number}. {bug.title}"]
    parts.append(f"`{bug.study}` at `{bug.profile}`. The study: {bug.fate}. {bug.note}".rstrip())
    if result.story is not None:
        story = story_text(result.story).partition(PRINTED)[0].strip()
        parts.append(f"```diff\n{without_paths(story, folder)}\n```")
    if result.missing:
        parts.append(f"No verdict: {result.missing}.")
    parts.append(bug.cause)
    if result.verdict_and_outcome is not None and not is_as_in_study(result):
        symptom = result.verdict_and_outcome[0].symptom
        parts.append(f"**The study calls it {bug.symptom}, trainwreck {symptom}.** {bug.differs}")
    elif bug.differs:
        parts.append(bug.differs)
    return "\n\n".join(part.rstrip() for part in parts)


def without_paths(text: str, folder: Path) -> str:
    """Remove the paths of one machine from a text: campaigns, environments, home."""
    for path, name in (
        (folder.resolve(), "CAMPAIGNS"),
        (cache_folder().resolve(), "CACHE"),
        (Path.home(), "~"),
    ):
        text = text.replace(str(path), name)
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])
