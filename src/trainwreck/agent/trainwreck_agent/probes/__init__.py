"""Watches a clean run: would a mutant have computed another value?

The names are those of the builtins that a probed text calls.
"""

SEEN = "__trainwreck_seen__"
OPERAND = "__trainwreck_operand__"
VALUE = "__trainwreck_value__"
LEFT = "__trainwreck_left__"
ASSIGN = "__trainwreck_assign__"
DEFAULT = "__trainwreck_default__"
TAKEN = "__trainwreck_taken__"
BEGIN = "__trainwreck_begin__"
PART = "__trainwreck_part__"
WHOLE = "__trainwreck_whole__"
STORED = "__trainwreck_stored__"
READ = "__trainwreck_read__"
MOST_DIFFERING = 1000
"""Evaluations that differ after which a mutant's are compared no more: one proves as much.

An expression in the innermost loop of a program in plain Python is evaluated millions of times.
"""
