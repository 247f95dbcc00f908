"""The bugs of a summary as text: place, change, what came of each, and the command to see more."""

import shlex
from collections.abc import Iterator, Sequence
from math import isfinite

from trainwreck.findings import Fate, MetricDifferences, RankedBug, SeedPair
from trainwreck.model import (
    MODULE_LEVEL,
    RUN,
    TIME,
    UNKNOWN_PHASE,
    Compared,
    Context,
    Impact,
    Mutant,
    ProbeCounts,
    Rung,
    operator_name,
)
from trainwreck.report.evidence_sentences import differing
from trainwreck.report.page import Page
from trainwreck.report.printable import one_line

MOST_PAIRS = 30
"""Seeds whose differences are listed."""

LONGEST_CHANGE = 240
"""Characters of a change; `show` has all of it."""

INDENT = "    "


def bug_lines(bugs: Sequence[RankedBug], command: str, page: Page) -> Iterator[str]:
    """Yield the lines of bugs, numbered, none wider than the page unless it holds a command.

    Args:
        bugs: The bugs.
        command: The beginning of a command line that reads the campaign.
        page: The page.

    """
    for number, bug in enumerate(bugs, 1):
        yield ""
        head = f"{number:>2}. "
        mutant = bug.item.mutant
        yield from page.lines(_place(mutant, page.width - len(head)), head, INDENT)
        yield from page.lines(_change(bug), INDENT, INDENT + "  ")
        yield from page.lines(fate_words(bug), INDENT, INDENT + "  ")
        for differences in bug.differences:
            yield from _difference_lines(differences, page)
        yield INDENT + page.whole(f"{command} show {shlex.quote(mutant.id)}")


def _place(mutant: Mutant, room: int) -> str:
    """Return file, line and function; a path that is too long loses folders in its middle."""
    where = "module level" if mutant.function == MODULE_LEVEL else one_line(mutant.function)
    line = f":{mutant.span.line}"
    path = shortened_path(one_line(mutant.file), room - len(line))
    return f"{path}{line}, {where}" if where else f"{path}{line}"


def shortened_path(path: str, room: int) -> str:
    """Return a path with at most ``room`` letters, unless its file alone has more."""
    first, *folders, name = ["", *path.split("/")] if "/" not in path else path.split("/")
    if len(path) <= room or not folders:
        return path
    while folders:
        folders.pop(0)
        text = "/".join([first, "…", *folders, name])
        if len(text) <= room:
            return text
    return f"…/{name}"


def _change(bug: RankedBug) -> str:
    mutant = bug.item.mutant
    change = one_line(mutant.change or "change not known", LONGEST_CHANGE)
    parts = [f"{change} [{operator_name(mutant.operator)}]"]
    parts += [] if mutant.context is Context.UNKNOWN else [mutant.context]
    phases = [one_line(phase) for phase in bug.phases if phase != UNKNOWN_PHASE]
    parts += [f"runs in {', '.join(phases)}"] if phases else []
    return "; ".join(parts)


def fate_words(bug: RankedBug) -> str:
    """Return rung or impact, with the proof of it in short."""
    verdict = bug.item.verdict
    chosen = "chosen by you; " if bug.is_chosen else ""
    if bug.fate is not Fate.UNNOTICED:
        impact = ", ".join(verdict.impact) or "not compared with further seeds"
        return f"{chosen}{impact}{_time(verdict.compared)}"
    how = ", in a run to its end" if verdict.rung is Rung.MASKED else ""
    if verdict.decided_by != RUN:
        how = f", by the rule {verdict.decided_by} ({verdict.certainty})"
    probes = [item for item in verdict.evidence if isinstance(item, ProbeCounts)]
    proof = f": {differing(probes[0])}" if probes and probes[0].evaluations else ""
    return one_line(f"{chosen}{verdict.rung_class}{how}{proof}", LONGEST_CHANGE)


def _time(compared: Sequence[Compared]) -> str:
    """Return how the time changed, where that is shown."""
    slower = [c.ratio for c in compared if c.measure == TIME and c.impact is Impact.SLOWER]
    ratio = next(filter(None, slower), None)
    return f"; processor time {ratio:.2g} times that of clean runs" if ratio else ""


def _difference_lines(differences: MetricDifferences, page: Page) -> list[str]:
    """Return the differences in one metric: their mean, and each by its seed."""
    compared, finite = differences.compared, differences.finite
    parts = []
    if finite:
        parts.append(f"mean {_signed(sum(finite) / len(finite))}")
    elif compared and compared.difference is not None:
        parts.append(f"difference of means {_signed(compared.difference)}")
    if compared and compared.margin is not None:
        parts.append(f"margin {compared.margin:.3g}")
    if differences.pairs:
        shown = " ".join(map(_pair, differences.pairs[:MOST_PAIRS]))
        more = len(differences.pairs) - MOST_PAIRS
        parts.append(f"by seed {shown}" + (f" and {more} more" if more > 0 else ""))
    text = ", ".join(parts) or "no run reports it as clean runs do"
    return page.lines(f"{differences.metric.name}: {text}", INDENT, INDENT + "  ")


def _pair(pair: SeedPair) -> str:
    if isfinite(pair.difference):
        return _signed(pair.difference)
    return f"{pair.value:.4g} (clean {pair.clean:.4g})"


def _signed(number: float) -> str:
    return f"{number:+.3g}" if number else "0"
