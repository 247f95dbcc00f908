"""Mutation operators, in families.

To add a family: write a module with its operators, each with a ``sites`` function and examples,
and add them to ``registry.OPERATORS``. One test proves every example.
"""

from trainwreck.operators.base import NUMBER, Change, Operator, Tree, changes_at
from trainwreck.operators.registry import DEFAULT_FAMILY, all_operators, families, families_with

__all__ = [
    "DEFAULT_FAMILY",
    "NUMBER",
    "Change",
    "Operator",
    "Tree",
    "all_operators",
    "changes_at",
    "families",
    "families_with",
]
