"""The mutation operators: one generator each, in one list.

To add one: write a generator that turns a leaf of the syntax tree into changes, give it
examples, and put it into ``OPERATORS``. One test proves every example.
"""

from trainwreck.operators.base import Change, Operator
from trainwreck.operators.table2 import OPERATORS

__all__ = ["OPERATORS", "Change", "Operator"]
