"""Writes docs/replication.md from the exports: the paper's numbers beside those of its replication.

``python tools/pages/replication.py > docs/replication.md`` trains nothing. It reads every export of
``results/replication``, and that of a successor in ``results`` where there is no newer one. The
page has every study that has an export, with as many mutants as this holds. A study of the paper
without one at the paper's settings may have one at ``quick``.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from trainwreck import Campaign
from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.ranking import functions_of
from trainwreck.model import Judged, Share, Symptom, Table
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.text import render_tables
from trainwreck.stats.describe import exact_interval
from trainwreck.stats.families import benjamini_hochberg
from trainwreck.stats.groups import Chance
from trainwreck.temporary import temporary_folder

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"
PICTURES = ROOT / "docs" / "pictures"
PUBLISHED = Path(__file__).with_name("published.toml")
PROSE = Path(__file__).with_name("replication.txt")
SUCCESSORS = {"keras-2.3": "keras", "tensorflow-1.15": "tensorflow", "theano-1.0": "pytensor"}
"""What one would use today instead of each of the paper's libraries."""
FIGURES = ("figure-1", "figure-2", "figure-3", "figure-4", "figure-5", "figure-6")
SHOWN_FUNCTIONS = 10
FEWEST_BUGS = 3
WIDTH = 118
LEVEL = 0.05
HOUR = 3600.0
NOT_RUN = "*No run of this yet.*"

Symptoms = tuple[int, ...]
"""Numbers of mutants that end normally, crash and hang."""


@dataclass(frozen=True)
class Study:
    """A study's campaign, with what the paper reports of it, if it does."""

    name: str
    campaign: Campaign
    published: Mapping[str, Any]
    settings: str = "quick"

    @cached_property
    def judged(self) -> list[Judged]:
        """Return the verdicts on its sample."""
        return self.campaign.judged()


def main() -> None:
    """Print the page."""
    with studies() as found:
        print(page(found), end="")


@contextmanager
def studies() -> Iterator[list[Study]]:
    """Yield the studies that have an export, those of the paper first."""
    published = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    names = [*SUCCESSORS, *SUCCESSORS.values(), "torch"]
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        found = []
        for name in names:
            own, end = RESULTS / "replication" / name, ".jsonl.xz"
            files = [Path(f"{own}{end}"), Path(f"{own}-quick{end}"), RESULTS / f"{name}{end}"]
            file = next((file for file in files if file.is_file()), None)
            if file is not None:
                Campaign.import_records(file, folder / name)
                is_paper = name in published and file == files[0]
                campaign, settings = Campaign.open(folder / name), "paper" if is_paper else "quick"
                found.append(Study(name, campaign, published.get(name, {}), settings))
        yield found


def page(found: Sequence[Study]) -> str:
    """Return the prose with tables and pictures in the places that it names."""
    old = [study for study in found if study.published]
    parts: dict[str, Callable[[], Iterable[str]]] = {
        "STATE": lambda: [shown(state(found))],
        "SYMPTOMS": lambda: [shown(symptoms(old))],
        "OPERATORS": lambda: map(shown, by_operator(old)),
        "PHASES": lambda: map(shown, by_phase(old)),
        "CAUSES": lambda: of_report(found, "causes"),
        "FINDINGS": lambda: of_each(found, "findings"),
        "FIGURES": lambda: figures(old),
        "LEDGER": lambda: of_each(found, "ledger-operator"),
        "EFFORT": lambda: of_each(found, "effort"),
        "RULES": lambda: of_each(found, "rules"),
        "SUCCESSORS": lambda: [shown(old_and_new(found))],
        "FUNCTIONS": lambda: [shown(table) for table in map(blind_functions, found)],
        "AUDITS": lambda: of_each(found, "audit"),
    }
    text = PROSE.read_text(encoding="utf-8")
    for key, make in parts.items():
        if f"[{key}]" in text:
            text = text.replace(f"[{key}]", "\n\n".join(filter(None, make())) or NOT_RUN)
    return text


def shown(table: Table) -> str:
    """Return a table as text; nothing of one without rows."""
    if not table.rows:
        return ""
    return f"```\n{render_tables([table], WIDTH).strip()}\n```"


def of_report(found: Sequence[Study], name: str) -> Iterator[str]:
    """Yield a table of the report over all studies, side by side."""
    if found:
        first, *others = (study.campaign for study in found)
        yield from (shown(table) for table in first.tables(*others) if table.name == name)


def of_each(found: Iterable[Study], name: str) -> Iterator[str]:
    """Yield a table of the report of each study alone."""
    for study in found:
        for table in study.campaign.tables():
            if table.name == name:
                is_named = study.name in table.title
                title = table.title if is_named else f"{study.name}: {table.title}"
                yield shown(replace(table, title=title))


ORDER = (Symptom.NORMAL, Symptom.CRASH, Symptom.HANG)


def counted(judged: Iterable[Judged]) -> Symptoms:
    """Count the symptoms of mutants that have a verdict."""
    classes = [item.verdict.symptom_class for item in judged]
    normal, crash, hang = (
        classes.count(s.value) for s in (Symptom.NORMAL, Symptom.CRASH, Symptom.HANG)
    )
    return normal, crash, hang


def state(found: Iterable[Study]) -> Table:
    """Return how much of each study has run."""
    rows = []
    for study in found:
        status, (mean, _) = study.campaign.status(), study.campaign.read_baseline().cpu_seconds
        wanted: object = sum(study.published["total"]) if study.published else None
        rows.append(
            (
                study.name,
                study.settings,
                wanted,
                status.planned,
                len(study.judged),
                sum(fate_of(item.verdict) is Fate.UNNOTICED for item in study.judged),
                round(status.cost / HOUR, 2),
                round(len(study.judged) * mean / HOUR, 2),
            )
        )
    columns = (
        "",
        "Settings",
        "Paper",
        "Planned",
        "Judged",
        "Unnoticed",
        "Took, h",
        "Mutants alone, h",
    )
    return Table("state", "Mutants of each study", columns, tuple(rows))


def compared(name: str, title: str, rows: Sequence[tuple[str, Symptoms, Symptoms]]) -> Table:
    """Compare the shares of crashes, published and here; rows have a head and both counts."""
    cases = [(head, theirs, ours) for head, theirs, ours in rows if sum(theirs) and sum(ours)]
    ps = [_p_of(theirs, ours) for _, theirs, ours in cases]
    adjusted = benjamini_hochberg(ps)
    cells = []
    for (head, theirs, ours), p in zip(cases, adjusted, strict=True):
        total, crashes = sum(ours), ours[1]
        cells.append(
            (
                head,
                Share(theirs[1], sum(theirs)),
                *_share(crashes, total),
                theirs[2],
                ours[2],
                "differs" if p is not None and p < LEVEL else "no difference shown",
            )
        )
    columns = ("", "Crash, paper", "Crash, here", "95 % interval", "Hang, paper", "Hang, here", "")
    return Table(name, title, columns, tuple(cells), NOTE)


NOTE = (
    "Fisher's exact test of crashes among all, at 5 % after Benjamini and Hochberg over the rows. "
    "Intervals are those of Clopper and Pearson; mutants of one file are not independent."
)


def _p_of(theirs: Symptoms, ours: Symptoms) -> float:
    from numpy import array
    from scipy.stats import fisher_exact

    rows = array([[counts[1], sum(counts) - counts[1]] for counts in (theirs, ours)])
    return float(fisher_exact(rows).pvalue)


def symptoms(old: Iterable[Study]) -> Table:
    """Return Table IV beside the paper's."""
    rows = [(s.name, tuple(s.published["total"]), counted(s.judged)) for s in old]
    return compared("symptoms", "Table IV: crashes and hangs among all mutants", rows)


def by_operator(old: Iterable[Study]) -> Iterator[Table]:
    """Yield Table V of each study beside the paper's."""
    for study in old:
        rows = [
            (
                code,
                tuple(theirs),
                counted(item for item in study.judged if item.mutant.operator == code),
            )
            for code, theirs in study.published["operators"].items()
        ]
        yield compared(f"operators-{study.name}", f"Table V: {study.name}, by operator", rows)


def by_phase(old: Iterable[Study]) -> Iterator[Table]:
    """Yield Table VI of each study beside the paper's; a mutant counts in each of its phases."""
    for study in old:
        rows = [
            (phase, tuple(theirs), counted(item for item in study.judged if phase in item.phases))
            for phase, theirs in study.published["phases"].items()
        ]
        yield compared(f"phases-{study.name}", f"Table VI: {study.name}, by phase", rows)


def figures(old: Sequence[Study]) -> Iterator[str]:
    """Draw the paper's figures of its own studies; yield the lines that show them."""
    if not old:
        return
    first, *others = (study.campaign for study in old)
    for table in first.tables(*others):
        if table.name in FIGURES and table.rows:
            picture = PICTURES / f"replication-{table.name}.svg"
            draw_figure(table, picture)
            yield f"![{table.title}](pictures/{picture.name})"


def old_and_new(found: Iterable[Study]) -> Table:
    """Return the shares of symptoms of each library of the paper beside its successor's."""
    studies = {study.name: study for study in found}
    rows = []
    for old, new in SUCCESSORS.items():
        if old in studies and new in studies:
            for name in (old, new):
                judged = studies[name].judged
                unnoticed = sum(fate_of(item.verdict) is Fate.UNNOTICED for item in judged)
                crashes = counted(judged)[1]
                rows.append((name, *_share(crashes, len(judged)), *_share(unnoticed, len(judged))))
    columns = ("", "Crash", "95 % interval", "Unnoticed", "95 % interval")
    return Table("successors", "The paper's libraries, and their successors", columns, tuple(rows))


def blind_functions(study: Study) -> Table:
    """Return the functions of a study in which most bugs go unnoticed."""
    functions = [f for f in functions_of(study.judged) if f.judged >= FEWEST_BUGS]
    rows = [
        (f.file, f.name, f"{f.unnoticed} of {f.judged}", _share(f.unnoticed, f.judged)[1])
        for f in functions[:SHOWN_FUNCTIONS]
    ]
    columns = ("File", "Function", "Unnoticed", "95 % interval")
    title = f"{study.name}: functions in which most bugs go unnoticed, of those with {FEWEST_BUGS}"
    return Table(f"functions-{study.name}", title, columns, tuple(rows))


def _share(count: int, total: int) -> tuple[object, object]:
    return Share(count, total), Chance(
        count / total if total else 0.0, *exact_interval(count, total)
    )


if __name__ == "__main__":
    main()
