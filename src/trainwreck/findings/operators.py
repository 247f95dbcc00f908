"""Table II: the mutation operators, with the number of mutants of each."""

from collections.abc import Sequence

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.model import Gap, Missing, Table
from trainwreck.operators import Operator, all_operators

NOTE = "Each example shows one replacement; the numbers are those of judged mutants."


def table_two(studies: Sequence[JudgedCampaign]) -> Table:
    """List the operators with an example, and the number of their mutants in each campaign."""
    heads = operator_heads(item for study in studies for item in study.judged)
    groups = [heads.groups(study.judged) for study in studies]
    by_name = {operator.name: operator for operator in all_operators()}
    rows = tuple(
        (head, *_described(by_name.get(head)), *(len(group[head]) for group in groups))
        for head in heads.heads
    )
    columns = ("", "Replaces", "For example", *(study.name for study in studies))
    return Table("table-2", "Table II: mutation operators", columns, rows, NOTE)


def _described(operator: Operator | None) -> tuple[object, object]:
    """Return what an operator replaces, with an example; both are missing for another tool's."""
    if operator is None:
        return Missing(Gap.NOT_KNOWN), Missing(Gap.NOT_KNOWN)
    return operator.title, _example(operator)


def _example(operator: Operator) -> str:
    source, mutated = next(example for example in operator.examples if example[1])
    return f"{source.strip()} → {mutated[0].strip()}"
