"""Docstring."""
from __future__ import annotations
import sys
def f(x: undefined) -> nothing: return x
print(f.__annotations__, __doc__)
print(compile("def g(x: u): pass", "c", "exec").co_flags & 0x1000000 or 0)
