"""Table II: the mutation operators, and how many mutants each of them made."""

from collections import Counter
from collections.abc import Sequence

from trainwreck.findings.study import Study
from trainwreck.model import Table
from trainwreck.operators import OPERATORS, Operator

NOTE = "Examples are of what each operator does; the numbers are those of judged mutants."


def table_two(studies: Sequence[Study]) -> Table:
    """The operators with an example, and their mutants in each study."""
    numbers = [Counter(item.mutant.operator for item in study.judged) for study in studies]
    rows = tuple(
        (each.code, each.title, _example(each), *(number[each.code] for number in numbers))
        for each in OPERATORS
    )
    columns = ("", "Replaces", "For example", *(study.name for study in studies))
    return Table("table-2", "Table II: mutation operators", columns, rows, NOTE)


def _example(operator: Operator) -> str:
    source, made = next(example for example in operator.examples if example[1])
    return f"{source.strip()} → {made[0].strip()}"
