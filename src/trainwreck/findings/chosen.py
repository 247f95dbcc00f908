"""The table of mutants that somebody chose, and of bugs that users describe."""

from collections.abc import Iterable

from trainwreck.model import Gap, Judged, Missing, Table


def table_chosen(name: str, chosen: Iterable[Judged], since: str | None = None) -> Table:
    """List what became of each chosen mutant; nothing is counted, as they are no sample.

    Args:
        name: The campaign's name.
        chosen: The verdicts.
        since: The revision whose changed lines choose; None where somebody chose otherwise.

    """
    rows = tuple(
        (
            item.mutant.id,
            item.mutant.name,
            item.verdict.symptom_class,
            item.verdict.rung_class or Missing(Gap.NOT_KNOWN),
            ", ".join(item.verdict.impact) or None,
            item.verdict.decided_by,
        )
        for item in chosen
    )
    which = "that you chose" if since is None else f"on lines changed since {since}"
    return Table(
        "chosen",
        f"Mutants of {name} {which}: {len(rows)}",
        ("Id", "Change", "Symptom", "Rung", "Impact", "Decided by"),
        rows,
        "They were chosen, not drawn at random: no other table, rate or finding counts them.",
    )
