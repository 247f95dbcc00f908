"""The summary of a campaign for a user as text: five lines, silent bugs, bugs that hurt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from trainwreck.findings import Fate, Portion, RankedBug, Summary
from trainwreck.findings.fates import HARM, OPEN
from trainwreck.model import (
    APP,
    MASKED_VALUES,
    RUNG_CLASSES,
    CampaignCost,
    Controls,
    DigestCovers,
    Remark,
    Repeatability,
)
from trainwreck.report.bug_list import bug_lines
from trainwreck.report.clean_sentences import covers
from trainwreck.report.page import Page
from trainwreck.report.remarks import remark_text
from trainwreck.report.words import counted, duration, joined

LISTED = 10
"""Bugs of each list."""

COLUMN = 11
"""The width of the column with the names of the five lines."""

KNOWN_BY = (DigestCovers, Repeatability, Controls, CampaignCost)
"""The remarks that the fifth line holds."""


def summary_text(summary: Summary, command: str = "trainwreck", page: Page | None = None) -> str:
    """Return the summary for a reader.

    Args:
        summary: The summary.
        command: The beginning of a command line that reads this campaign.
        page: The page; what is longer than a line of it goes on in the next one.

    """
    page = page or Page()
    lines = [*page.lines(f"{summary.name}: {_title(summary)}"), ""]
    lines += verdict_lines(summary, page)
    lines += _notes(summary, page)
    if summary.silent:
        heading = _heading("Silent bugs", "end as a clean run does", summary.silent)
        lines += ["", *page.lines(heading)]
        lines += bug_lines(summary.silent[:LISTED], command, page)
    if summary.harmful:
        what = "change the result without an error"
        lines += ["", *page.lines(_heading("Bugs that hurt, or may", what, summary.harmful))]
        lines += page.lines(_how_to_read(summary))
        lines += bug_lines(summary.harmful[:LISTED], command, page)
    lines += ["", *(f"  {page.whole(line)}" for line in _further(summary, command))]
    return "\n".join(lines) + "\n"


def _title(summary: Summary) -> str:
    number = summary.judged or summary.chosen
    if not number:
        return f"no bug has a verdict yet, of {counted(summary.planned, 'planned mutant')}"
    return f"what became of {counted(number, 'bug')}"


def verdict_lines(summary: Summary, page: Page) -> list[str]:
    """Return the verdict on a campaign in five lines, or fewer where no bug has run."""
    others = " " * (COLUMN + 2)
    return [
        line
        for name, text in verdict_texts(summary)
        for line in page.lines(text, f"  {name:<{COLUMN}}", others)
    ]


def verdict_texts(summary: Summary) -> list[tuple[str, str]]:
    """Return the lines of the verdict, each with its name."""
    lines = [("bugs", _bugs(summary))]
    if summary.judged or summary.chosen:
        lines += [
            ("unnoticed", _unnoticed(summary)),
            ("hurt", _hurt(summary)),
            ("noticed", _noticed(summary)),
        ]
    return [*lines, ("known by", _known_by(summary))]


def _bugs(summary: Summary) -> str:
    """Say how many bugs have a verdict, and where they are."""
    where = joined([f"{number} in {_root(root)}" for root, number in _largest(summary.roots)])
    chosen = counted(summary.chosen, "bug")
    if not summary.judged:
        if not summary.chosen:
            return f"{summary.planned:,} planned, none has run"
        return f"{chosen} that you chose, no sample: no rate follows from them ({where})"
    number = summary.judged - summary.fates[Fate.NO_VERDICT].number
    text = f"{number:,} of {summary.planned:,} planned have a verdict: {where}"
    if summary.stands_for:
        text += f"; they stand for {summary.stands_for:,} on executed lines"
    if summary.chosen:
        text += f"; {chosen} that you chose are listed below, and counted nowhere"
    return text


def _root(root: str) -> str:
    return "the program" if root == APP else root


def _largest(roots: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(roots.items(), key=lambda pair: (pair[0] != APP, -pair[1], pair[0]))


def _unnoticed(summary: Summary) -> str:
    number = summary.fates[Fate.UNNOTICED].number
    ends = "ends" if number == 1 else "end"
    rungs = [f"{summary.rungs[r]} {r}" for r in reversed(RUNG_CLASSES) if summary.rungs.get(r)]
    text = f"{_share(summary, Fate.UNNOTICED)} {ends} as a clean run does"
    if summary.rungs.get(MASKED_VALUES):
        text += ", as far as is compared"
    return f"{text}: {joined(rungs)}" if rungs else text


def _hurt(summary: Summary) -> str:
    """Say how many change the result, for the worse or perhaps so."""
    harm, may = summary.fates[Fate.HURTS].number, summary.fates[Fate.MAY_HURT].number
    verb = "makes" if harm == 1 else "make"
    impacts = [f"{summary.worst[i]} {i}" for i in HARM if summary.worst.get(i)]
    text = f"{_share(summary, Fate.HURTS)} {verb} the result worse without an error"
    text += f": {joined(impacts)}" if impacts else ""
    if may:
        left = [str(impact) for impact in OPEN if summary.impacts.get(impact)]
        text += f". {may} more may ({joined(left, 'or') or 'no further seeds have run'})"
    if harmless := summary.fates[Fate.HARMLESS].number:
        text += f". {harmless} {'changes' if harmless == 1 else 'change'} it without harm"
    if unknown := summary.fates[Fate.UNKNOWN].number:
        text += f". Of {unknown} it is not known, as clean runs never repeat"
    return text


def _noticed(summary: Summary) -> str:
    crash, hang = (summary.fates[fate].number for fate in (Fate.CRASH, Fate.HANG))
    return (
        f"{_share(summary, Fate.CRASH)} {'crashes' if crash == 1 else 'crash'}, "
        f"{_share(summary, Fate.HANG)} {'hangs' if hang == 1 else 'hang'}"
    )


def _share(summary: Summary, fate: Fate) -> str:
    """Return a number with its share and interval; of none, the largest share that is left."""
    return portion_text(summary.fates[fate])


def portion_text(portion: Portion) -> str:
    """Return a number with its share and its interval: ``12 (6 %, 3 to 11 %)``."""
    number = f"{portion.number:,}" if portion.number else "none"
    if portion.chance is None:
        return number
    share, low, high = map(_percent, portion.chance)
    if not portion.number:
        return f"{number} (at most {high} %)"
    return f"{number} ({share} %, {low} to {high} %)"


def _percent(share: float) -> str:
    percentage = 100 * share
    return f"{percentage:.0f}" if percentage >= 1 or not percentage else f"{percentage:.1f}"


def _known_by(summary: Summary) -> str:
    """Say what was compared with clean runs, whether these agree, and what all runs cost."""
    parts: list[str] = []
    for remark in sorted(summary.remarks, key=lambda remark: not isinstance(remark, DigestCovers)):
        match remark:
            case DigestCovers():
                parts.append(covers(remark))
            case Repeatability():
                parts.append(_repeatability(remark))
            case Controls(runs=runs, new=0):
                parts.append(f"{counted(runs, 'control')} between bugs ended as they did.")
            case _:
                pass
    cost = f"All runs took {duration(summary.cost)} of processor time"
    complete = [remark for remark in summary.remarks if isinstance(remark, CampaignCost)]
    if complete and complete[0].complete > complete[0].spent:
        spent, full = duration(complete[0].spent), duration(complete[0].complete)
        cost += f"; first runs {spent}, where complete ones would have taken {full}"
    return " ".join([*parts, f"{cost}."])


def _repeatability(remark: Repeatability) -> str:
    """Say how far clean runs repeat; of runs that were watched only where some differ."""
    if remark.agreeing < remark.watched:
        return remark_text(remark)
    return remark_text(replace(remark, watched=0))


def _notes(summary: Summary, page: Page) -> list[str]:
    """Return warnings, doubts and containment, a paragraph each."""
    texts = [_interval_note(summary)] if summary.is_sample else []
    texts += [remark_text(remark) for remark in summary.remarks if _is_note(remark)]
    if summary.doubtful:
        texts.append(
            f"{counted(summary.doubtful, 'doubt')} about the imported records: "
            "`report --paper` lists them."
        )
    lines = [page.lines(text, "  ", "  ") for text in texts if text]
    return ["", *(line for paragraph in lines for line in paragraph)] if lines else []


def _is_note(remark: Remark) -> bool:
    if isinstance(remark, Controls):
        return remark.new > 0
    return not isinstance(remark, KNOWN_BY)


def _interval_note(summary: Summary) -> str:
    level = f"{100 * (1 - summary.alpha):g} %"
    return f"In brackets: the share of all bugs, and its {level} interval, robust to files."


def _heading(title: str, what: str, bugs: Sequence[RankedBug]) -> str:
    number = f"{len(bugs):,}"
    shown = number if len(bugs) <= LISTED else f"{LISTED} of {number}"
    return f"{title}: {shown} that {what}"


def _how_to_read(summary: Summary) -> str:
    good = joined([f"{metric.name} {metric.better}" for metric in summary.metrics])
    text = "Each number is the difference from the clean run with the same seed."
    return f"{text} Better is: {good}." if good else text


def _further(summary: Summary, command: str) -> Iterator[str]:
    """Yield the commands that show more."""
    rows: list[tuple[str, str]] = []
    if not (summary.judged or summary.chosen):
        rows.append(("to run them", "run"))
    if len(summary.silent) > LISTED:
        rows.append(("more silent bugs", "list --fate silent"))
    if len(summary.harmful) > LISTED:
        for fate in (Fate.HURTS, Fate.MAY_HURT):
            if summary.fates[fate].number:
                words = "more that hurt" if fate is Fate.HURTS else "more that may"
                rows.append((words, f"list --fate {fate.replace(' ', '-')}"))
    rows.append(("the study's tables", "report --paper"))
    width = max(len(text) for text, _ in rows)
    return (f"{text:<{width}}  {command} {words}" for text, words in rows)
