"""The first view of a page: the verdict, the ledger, the cost, and what the numbers rest on."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from trainwreck.findings import Fate, JudgedCampaign, Portion, Summary, operator_heads
from trainwreck.model import Judged
from trainwreck.report.html.marks import bar, plain_table, rung_with_name, rungs_of
from trainwreck.report.html.markup import Markup, joined, tag
from trainwreck.report.html.strings import Strings
from trainwreck.report.remarks import remark_text
from trainwreck.report.words import duration

FATES: Mapping[Fate, str] = {
    Fate.UNNOTICED: "The result is a clean run's",
    Fate.HURTS: "No error, and shown to do harm",
    Fate.MAY_HURT: "No error, another result; harm is open",
    Fate.HARMLESS: "No error, another result, shown to be no worse",
    Fate.CRASH: "An error ends the program",
    Fate.HANG: "The program does not end",
    Fate.UNKNOWN: "No error; clean runs do not repeat",
    Fate.NO_VERDICT: "The run proves nothing",
}

ALWAYS = (Fate.UNNOTICED, Fate.HURTS, Fate.CRASH, Fate.HANG)


def overview(
    study: JudgedCampaign, summary: Summary, verdict: Sequence[tuple[str, str]], strings: Strings
) -> Markup:
    """Return the overview; ``verdict`` are the sentences at its top, each with a name."""
    judged = study.judged or study.chosen
    return tag(
        "section",
        tag("h2", "Verdict"),
        tag("dl", *(_sentence(*part, strings) for part in verdict), class_="verdict"),
        _fates(summary.fates),
        _ledger(judged),
        *_ledgers(study, judged, strings),
        _grounds(summary, strings),
        id="/",
        class_="view",
    )


def _sentence(name: str, words: str, strings: Strings) -> Markup:
    return joined(tag("dt", name), tag("dd", strings.shown(words)))


def _fates(fates: Mapping[Fate, Portion]) -> Markup:
    """Return a card for each fate: how many bugs, which share, and what it means."""
    return tag(
        "ul",
        *(
            _card(fate, portion)
            for fate, portion in fates.items()
            if portion.number or fate in ALWAYS
        ),
        class_="cards",
    )


def _card(fate: Fate, portion: Portion) -> Markup:
    chance = portion.chance
    share = None
    if chance is not None:
        ends = f"{100 * chance.low:.0f} to {100 * chance.high:.0f}"
        share = tag("span", f"{100 * chance.share:.1f} %", tag("small", ends), class_="share")
    return tag(
        "li",
        tag(
            "a",
            tag("strong", f"{portion.number:,}"),
            tag("span", str(fate), class_="name"),
            href=f"#/bugs?fate={quote(str(fate))}",
        ),
        share,
        tag("p", FATES[fate]),
        class_=f"card f-{str(fate).replace(' ', '-')}",
    )


def _ledger(judged: Sequence[Judged]) -> Markup:
    """Return the ledger of all judged bugs: one bar, and its legend with numbers."""
    counts = rungs_of(judged)
    total = len(judged)
    legend = (
        tag(
            "li",
            tag("a", rung_with_name(rung), href=f"#/bugs?rung={quote(rung)}"),
            tag("span", f"{number:,}", class_="figure"),
            tag("span", f"{100 * number / total:.1f} %", class_="sub-inline"),
        )
        for rung, number in counts.items()
        if number
    )
    return joined(
        tag("h2", "How far bugs get"),
        bar(counts, "all judged bugs")
        if total
        else tag("p", "No bug is judged yet.", class_="none"),
        tag("ul", *legend, class_="legend") if total else None,
    )


def _ledgers(study: JudgedCampaign, judged: Sequence[Judged], strings: Strings) -> Iterable[Markup]:
    """Yield the ledger by library, operator and phase, each as a table of bars."""
    if not judged:
        return
    roots: dict[str, list[Judged]] = {}
    phases: dict[str, list[Judged]] = {phase: [] for phase in study.phases}
    for item in judged:
        roots.setdefault(item.mutant.root, []).append(item)
        for phase in item.phases:
            phases.setdefault(phase, []).append(item)
    operators = operator_heads(judged).groups(judged)
    groups = {"library": roots, "operator": operators}
    if study.has_phases:
        groups["phase"] = phases
    tables = (_by(name, members, strings) for name, members in groups.items())
    yield tag("div", *tables, class_="ledgers")


def _by(name: str, groups: Mapping[str, Sequence[Judged]], strings: Strings) -> Markup:
    groups = {head: members for head, members in groups.items() if members}
    most = max(map(len, groups.values()), default=1)
    rows = [
        (
            tag("a", strings.shown(head), href=f"#/bugs?{name}={quote(strings.shown(head))}"),
            f"{len(members):,}",
            bar(rungs_of(members), strings.shown(head), max(len(members) / most, 0.02)),
        )
        for head, members in groups.items()
    ]
    note = "A bug counts in every phase in which its line runs." if name == "phase" else None
    return tag(
        "div",
        plain_table((name.capitalize(), "Bugs", "By rung"), rows, f"Ledger by {name}", "bars"),
        tag("p", note, class_="note") if note else None,
    )


def _grounds(summary: Summary, strings: Strings) -> Markup:
    """Return what the numbers rest on: clean runs, controls, digests, containment, cost."""
    sentences = dict.fromkeys(strings.shown(remark_text(r)) for r in summary.remarks)
    doubts = (
        f"{summary.doubtful:,} doubts about imported records are listed under Tables."
        if summary.doubtful
        else None
    )
    return joined(
        tag("h2", "What the numbers rest on"),
        tag(
            "ul",
            *(tag("li", sentence) for sentence in sentences),
            tag("li", doubts) if doubts else None,
            tag("li", f"All runs took {duration(summary.cost)} of processor time."),
            class_="grounds",
        ),
    )
