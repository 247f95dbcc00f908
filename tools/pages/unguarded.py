"""Writes docs/unguarded.md from the export in results/unguarded/.

python tools/pages/unguarded.py > docs/unguarded.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from realbugs import markdown, text
from trainwreck import Campaign
from trainwreck.findings.comparisons import Trajectory, every_report
from trainwreck.findings.measured_checks import Observations, Observed
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.model import Selection, Share, Table
from trainwreck.results.power import read_observations
from trainwreck.stats.describe import exact_interval
from trainwreck.temporary import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
EXPORT = ROOT / "results" / "unguarded" / "scikit-learn.jsonl.xz"
MACHINE = EXPORT.with_name("machine.txt")
TESTS = ROOT / "studies" / "unguarded" / "scikit-learn" / "smallest"
PROSE = Path(__file__).with_name("unguarded.txt")
UPSTREAM, SMALLEST = "upstream", "smallest-"


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug that changes what the training prints; ``noticed`` is None where no test has run."""

    seen: Observed
    ends: str
    noticed: bool | None

    @property
    def id(self) -> str:
        """Return the id of the mutant."""
        return self.seen.item.mutant.id

    @property
    def place(self) -> str:
        """Return its file and line."""
        mutant = self.seen.item.mutant
        return f"`{mutant.file.rpartition('/')[2]}:{mutant.span.line}`"

    @property
    def change(self) -> str:
        """Return the change and the function that has it."""
        mutant = self.seen.item.mutant
        return text(f"{mutant.change} in `{mutant.function}`")


def main() -> None:
    """Print the page."""
    print(page(EXPORT), end="")


def page(export: Path) -> str:
    """Return the prose with what the export shows in the places that it names."""
    with temporary_folder() as folder:
        Campaign.import_records(export, folder / "campaign")
        campaign = Campaign.open(folder / "campaign")
        tables = {table.name: table for table in campaign.power()}
        with campaign.source() as source:
            seen = read_observations(source)
            chosen = read_observations(source, Selection.CHOSEN)
            versions = dict(source.file.meta("versions") or {})
    own = {check.name: check for check in seen.own}
    bugs = list(bugs_of(seen, own[UPSTREAM]))
    drawn = {bug.id for bug in bugs}
    both = {bug.id: bug for each in (seen, chosen) for bug in bugs_of(each, own[UPSTREAM])}
    further = [bug for bug in both.values() if bug.id not in drawn]
    survivors = [bug for bug in bugs if bug.noticed is False]
    examples = [*survivors, *(bug for bug in further if bug.noticed is False)]
    parts = {
        "VERSION": versions.get("sklearn", ""),
        "MACHINE": MACHINE.read_text(encoding="utf-8").strip(),
        "SUMMARY": summary(seen, bugs, own[UPSTREAM]),
        "VERIFIED": verified(tables),
        "SURVIVORS": table(survivors),
        "FURTHER": about(further),
        "TESTS": "\n\n".join(chapters(examples, own)),
        "NOTICED": table([bug for bug in bugs if bug.noticed]),
        "LEFT": left(bugs),
    }
    prose = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


def bugs_of(seen: Observations, upstream: OwnCheck) -> Iterable[Bug]:
    """Yield the bugs that change a printed value, in the order of the plan."""
    check = every_report(0.0)
    for mutant in seen.mutants:
        if seen.alarm(check, mutant.first, mutant.kind):
            noticed = upstream.noticed.get(mutant.item.mutant.id)
            yield Bug(mutant, ends_of(mutant.first, seen.reference.golden), noticed)


def ends_of(run: Trajectory, golden: Trajectory) -> str:
    """Return the last values that differ from those of the golden run."""
    parts = []
    for metric, its in golden.values.items():
        mine = run.values.get(metric, ())[-1:]
        if list(mine) != list(its[-1:]):
            parts.append(f"{metric} {mine[0] if mine else 'none':.4g} ({its[-1]:.4g})")
    return ", ".join(parts) or "the same values, after other ones"


def summary(seen: Observations, bugs: Sequence[Bug], upstream: OwnCheck) -> str:
    """Return the sentences that a maintainer can quote."""
    ran = [bug for bug in bugs if bug.noticed is not None]
    caught = sum(bool(bug.noticed) for bug in ran)
    low, high = exact_interval(caught, len(ran))
    alarms = upstream.alarms
    most = exact_interval(alarms.count, alarms.total)[1]
    return (
        f"{len(seen.mutants)} bugs change the result without an error, {len(bugs)} of them in "
        f"values that the training prints.\n"
        f"The tests ran on {len(ran)} of these {len(bugs)}: they notice **{caught} of {len(ran)}** "
        f"({100 * low:.0f} to {100 * high:.0f} %),\nand {len(ran) - caught} pass both. "
        f"On the clean library the tests failed in {alarms.count} of {alarms.total} runs "
        f"(at most {100 * most:.0f} %).\nIntervals are exact, 95 %, and take bugs as independent."
    )


def verified(tables: Mapping[str, Table]) -> str:
    """Return how many answers of computed checks the same training gave when it ran again."""
    agree = tables["power-verified"].rows[-1][2]
    assert isinstance(agree, Share)
    low, high = exact_interval(agree.count, agree.total)
    return f"{agree.count} of {agree.total} ({100 * low:.0f} to {100 * high:.0f} %)"


def table(bugs: Sequence[Bug]) -> str:
    """Return a table of Markdown with a row for each bug."""
    rows = [(bug.place, bug.change, bug.ends) for bug in bugs]
    return markdown(("place", "change", "ends with"), rows)


def about(further: Sequence[Bug]) -> str:
    """Return what became of bugs that were chosen by hand, and are no part of the figures above."""
    ran = [bug for bug in further if bug.noticed is not None]
    passed = [bug for bug in ran if not bug.noticed]
    return (
        f"{len(ran)} more bugs were chosen by hand, as their lines looked unguarded; the tests "
        f"notice {len(ran) - len(passed)} of them.\nThey are in no figure above, and these pass:"
        f"\n\n{table(passed)}"
    )


def chapters(survivors: Sequence[Bug], own: dict[str, OwnCheck]) -> Iterable[str]:
    """Yield for each test the bugs that only it notices, and its text."""
    for name, check in own.items():
        hits = [bug for bug in survivors if check.noticed.get(bug.id)]
        if not name.startswith(SMALLEST) or not hits:
            continue
        file = TESTS / f"test_{name.removeprefix(SMALLEST).replace('-', '_')}.py"
        lines = [f"* {bug.place}: {bug.change}" for bug in hits]
        passed = check.alarms.total - check.alarms.count
        lines.append(f"* clean library: passed in {passed} of {check.alarms.total} runs")
        code = file.read_text(encoding="utf-8").strip()
        title = name.removeprefix(SMALLEST).replace("-", " ").capitalize()
        yield "\n".join([f"### {title}", "", *lines, "", "```python", code, "```"])


def left(bugs: Sequence[Bug]) -> str:
    """Return a sentence on the bugs that the tests have not seen."""
    rest = sum(bug.noticed is None for bug in bugs)
    if not rest:
        return "The tests ran on every drawn bug that changes what the training prints."
    return f"The tests have not run on {rest} of the bugs."


if __name__ == "__main__":
    main()
