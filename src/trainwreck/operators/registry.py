"""All mutation operators that settings can name, by family."""

from collections.abc import Collection

from trainwreck.operators import table2
from trainwreck.operators.base import Operator

DEFAULT_FAMILY = table2.FAMILY

OPERATORS: tuple[Operator, ...] = (*table2.OPERATORS,)
"""Every operator, family by family. A new family is a module, and its operators at this end."""


def all_operators() -> tuple[Operator, ...]:
    """Return every operator of every family."""
    return OPERATORS


def families() -> dict[str, tuple[str, ...]]:
    """Return the names of the operators of each family."""
    names: dict[str, tuple[str, ...]] = {}
    for operator in all_operators():
        names[operator.family] = (*names.get(operator.family, ()), operator.name)
    return names


def families_with(names: Collection[str]) -> tuple[Operator, ...]:
    """Return all operators of the families to which the named operators belong."""
    chosen = {operator.family for operator in all_operators() if operator.name in names}
    return tuple(operator for operator in all_operators() if operator.family in chosen)
