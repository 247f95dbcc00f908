"""Answers which mutants compile to the bytecode of the clean file, as the interpreter runs them.

Input as for check.py; with "moved", code may begin on other lines. Output: one line each, {"path",
"same": [indices]}. Positions are left out of the comparison; everything that decides what the code
does is in it.
"""

import hashlib
import json
import sys
import types
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST_LINE = "co_firstlineno"
PARTS = (
    "co_name",
    "co_code",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_flags",
    "co_argcount",
    "co_kwonlyargcount",
    "co_posonlyargcount",
    FIRST_LINE,
    "co_exceptiontable",
)


def meaning(value: object, parts: "tuple[str, ...]" = PARTS) -> "list[Any]":
    """Return what decides the effect of a code object or constant, as plain comparable data."""
    if isinstance(value, types.CodeType):
        return [getattr(value, part, None) for part in parts] + [
            meaning(constant, parts) for constant in value.co_consts
        ]
    if isinstance(value, tuple):
        return ["tuple"] + [meaning(item, parts) for item in value]
    if isinstance(value, frozenset):
        return ["frozenset"] + sorted(repr(meaning(item, parts)) for item in value)
    return [type(value).__name__, repr(value)]


def answer(request: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer for one file; no mutant is the same where the file cannot be read."""
    path = request["path"]
    same: "list[int]" = []
    try:
        with open(path, "rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() == request["sha256"]:
            text = content.decode(request["encoding"])
            parts = tuple(p for p in PARTS if p != FIRST_LINE or not request.get("moved"))
            clean = meaning(compile(text, path, "exec", dont_inherit=True), parts)
            for index, edits in enumerate(request["mutants"]):
                changed = text
                for start, stop, replacement in sorted(edits, reverse=True):
                    changed = changed[:start] + replacement + changed[stop:]
                if meaning(compile(changed, path, "exec", dont_inherit=True), parts) == clean:
                    same.append(index)
    except (OSError, SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        pass
    return {"path": path, "same": same}


def main() -> None:
    """Answer each line of standard input with a line of standard output."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
