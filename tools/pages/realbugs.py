"""Writes docs/realbugs.md from the exports in results/realbugs/.

python tools/pages/realbugs.py > docs/realbugs.md
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck import Campaign
from trainwreck.findings.comparisons import Needs, Trajectory
from trainwreck.findings.measured_checks import standard_checks
from trainwreck.model import Judged, OwnBug, Rung, Selection
from trainwreck.results.judged_campaign import judge_chosen
from trainwreck.results.power import read_observations
from trainwreck.results.source import ResultSource
from trainwreck.temporary import temporary_folder

RESULTS = Path(__file__).resolve().parents[2] / "results" / "realbugs"
MACHINE = RESULTS / "machine.txt"
PROSE = Path(__file__).with_name("realbugs.txt")
GOLDEN = ("first report within 0.01", "every report within 0.05", "final value within 2 deviations")
"""The checks that the summary names."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one bug.

    ``ends`` is the last value of the metric that shows it, beside that of the clean run with the
    same seed. ``alarms`` says of each check whether it noticed, None where it has no answer.
    """

    program: str
    item: Judged
    seeds: int
    ends: str
    alarms: dict[str, bool | None]

    @property
    def bug(self) -> OwnBug:
        """Return the bug as its settings describe it."""
        assert isinstance(self.item.mutant, OwnBug)
        return self.item.mutant

    @property
    def noticed(self) -> str:
        """Return how many of the checks with an answer noticed it."""
        answers = [alarm for alarm in self.alarms.values() if alarm is not None]
        return f"{sum(answers)} of {len(answers)}"


def main() -> None:
    """Print the page."""
    print(page(sorted(RESULTS.glob("*.jsonl.xz"), key=program_of)), end="")


def program_of(export: Path) -> str:
    """Return the name of the program that an export is of."""
    return export.name.removesuffix(".jsonl.xz")


def page(exports: Sequence[Path]) -> str:
    """Return the prose with the tables in the places that it names."""
    found = [each for export in exports for each in found_in(export)]
    parts = {
        "MACHINE": MACHINE.read_text(encoding="utf-8").strip(),
        "SUMMARY": summary(found),
        "BUGS": markdown(
            ("", "program", "bug", "shows", "ends with", "rung", "impact", "noticed by"),
            rows(found),
        ),
        "ONE_SEED": one_seed(found),
        "CHECKS": markdown(("", *check_names(found)), check_rows(found)),
        "CHANGES": "\n".join(changes(found)),
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


def found_in(export: Path) -> list[Found]:
    """Return what became of the bugs of one export, in the order of its settings."""
    with temporary_folder() as folder:
        Campaign.import_records(export, folder / "campaign")
        with Campaign.open(folder / "campaign").source() as source:
            return list(found_by(program_of(export), source))


def found_by(program: str, source: ResultSource) -> Iterable[Found]:
    """Yield what became of each bug of one campaign."""
    seen = read_observations(source, Selection.CHOSEN)
    observed = {each.item.mutant.id: each for each in seen.mutants}
    checks = standard_checks(seen.reports)
    has_seeds = len(seen.seeds) > 1
    for item in judge_chosen(source.evidence, ()):
        known = observed.get(item.mutant.id)
        run = known.first if known else None
        alarms: dict[str, bool | None] = {}
        for check in checks:
            is_asked = has_seeds or check.needs is not Needs.SEEDS
            alarm = seen.alarm(check, known.first, known.kind) if known else False
            alarms[check.name] = alarm if is_asked else None
        ends = ends_of(item, run, seen.reference.golden)
        yield Found(program, item, len(seen.seeds), ends, alarms)


def ends_of(item: Judged, run: Trajectory | None, golden: Trajectory) -> str:
    """Return the last value of the metric that shows a bug, and that of the golden run."""
    if item.verdict.divergence is None or run is None:
        return ""
    metric = item.verdict.divergence.metric
    values = run.values.get(metric), golden.values.get(metric)
    return " for ".join(f"{each[-1]:.4g}" if each else "none" for each in values)


def summary(found: Sequence[Found]) -> str:
    """Return the sentences that a maintainer can quote."""
    silent = [each for each in found if each.item.verdict.rung is Rung.PROPAGATED]
    lines = [
        f"{len(found)} bugs of {len({each.program for each in found})} programs; "
        f"{len(silent)} of them change the result without an error. Of these,",
        "",
    ]
    for name in GOLDEN:
        answers = [each.alarms[name] for each in silent if each.alarms[name] is not None]
        if answers:
            lines.append(
                f'* the check "{name}" notices {sum(map(bool, answers))} of {len(answers)};'
            )
    unnoticed = sum(not any(each.alarms.values()) for each in silent)
    lines.append(f"* {unnoticed} are noticed by no check, as no printed value shows them.")
    return "\n".join(lines)


def rows(found: Sequence[Found]) -> Iterable[Sequence[str]]:
    """Yield a row of the overview for each bug."""
    for number, each in enumerate(found, 1):
        verdict = each.item.verdict
        impact = "one seed" if each.seeds < 2 else ", ".join(verdict.impact)
        link = f"[{text(each.bug.label)}]({each.bug.link})"
        rung = verdict.rung or verdict.symptom_class
        begin = str(number), each.program, link, shown(each.item), each.ends
        yield *begin, str(rung), impact, each.noticed


def shown(item: Judged) -> str:
    """Return where a run first leaves the clean ones."""
    divergence = item.verdict.divergence
    if divergence is None:
        return "in parameters alone" if item.verdict.rung is Rung.PROPAGATED else ""
    return f"report {divergence.step} of {divergence.metric}"


def one_seed(found: Sequence[Found]) -> str:
    """Return a sentence on bugs without an impact; empty where each has one."""
    if all(each.seeds > 1 for each in found):
        return ""
    return (
        "*One seed*: bug and clean program ran with the first seed alone, so that the effect over\n"
        "seeds was not tested. *undecided*: the seeds that ran show neither harm nor none."
    )


def check_names(found: Sequence[Found]) -> Sequence[str]:
    """Return the names of the checks, in their order."""
    return list(found[0].alarms)


def check_rows(found: Sequence[Found]) -> Iterable[Sequence[str]]:
    """Yield for each bug which check raises an alarm."""
    marks = {True: "✓", False: "", None: "?"}
    for number, each in enumerate(found, 1):
        yield str(number), *(marks[alarm] for alarm in each.alarms.values())


def changes(found: Sequence[Found]) -> Iterable[str]:
    """Yield for each bug its file and its edit."""
    for number, each in enumerate(found, 1):
        bug = each.bug
        before, after = one_line(bug.original or ""), one_line(bug.replacement or "")
        yield f"{number}. {bug.link}  "
        yield f"   `{bug.file}`: `{before}` becomes {f'`{after}`' if after else 'nothing'}."


def one_line(code: str) -> str:
    """Return code without the blanks between its words and lines."""
    return " ".join(code.split())


def text(words: str) -> str:
    """Return words that are only text in a cell of a table."""
    return words.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")


def markdown(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [columns, ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
