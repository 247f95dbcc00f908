"""Answers which alternatives of a stem are what cold runs of their mutants compile.

Input: one JSON object per line, {"path", "encoding", "sha256", "marked": text, "alternatives":
[as in PROTOCOL.md], "edits": [[[start, end, replacement], …], …]}. The edits make of the clean text
what a cold run compiles, in order, for each alternative. Output: one line each, {"path", "failing":
[[number, reason], …]}, or {"path", "error": why the whole file is of no use}.

With one alternative on and all others off, the tree of the stem must be that of the cold run: the
same nodes, constants and lines. With none on, it must be that of the clean text.
"""

import ast
import hashlib
import json
import os
import re
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from trainwreck_agent.stem.alternatives import with_alternatives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Lines = tuple[int, int]

ON = re.compile(r"__trainwreck_on_([0-9]+)__$")
LINE_ENDS = re.compile("\r\n|\r|\n")
REFUSALS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


def folded(node: "Any", number: "int | None") -> "Any":
    """Return what a choice is where this alternative alone is on; any other node as it is."""
    while isinstance(node, (ast.IfExp, ast.If)) and isinstance(node.test, ast.Name):
        found = ON.match(node.test.id)
        if found is None:
            break
        node = node.body if int(found.group(1)) == number else node.orelse
        node = node[0] if isinstance(node, list) else node
    return node


def difference(choices: "Any", plain: "Any", number: "int | None", lines: "Lines") -> str:
    """Return where a folded tree differs from a plain one; empty where they are equal.

    Only statements on the given lines, first and last, are compared: the others have one text.
    """
    waiting = [(choices, plain)]
    while waiting:
        one, other = waiting.pop()
        one = folded(one, number)
        line = getattr(one, "lineno", 0)
        if type(one) is not type(other) or line != getattr(other, "lineno", 0):
            return "line %d: %s is not %s" % (line, type(one).__name__, type(other).__name__)
        for field in one._fields:
            pair = getattr(one, field, None), getattr(other, field, None)
            if not _collect(pair, waiting, lines):
                return "line %d: %s of %s" % (line, field, type(one).__name__)
    return ""


def _collect(pair: "tuple[Any, Any]", waiting: "list[tuple[Any, Any]]", lines: "Lines") -> bool:
    """Add two parts to those that must be equal; false where they cannot be."""
    one, other = pair
    if isinstance(one, ast.AST):
        waiting.append(pair)
        return True
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_collect(parts, waiting, lines) for parts in _on_lines(one, other, lines))
        )
    return type(one) is type(other) and repr(one) == repr(other)


def _on_lines(one: "list[Any]", other: "list[Any]", lines: "Lines") -> "Iterable[tuple[Any, Any]]":
    """Return the pairs of two lists; of statements, those that may lie on the given lines."""
    if not one or not isinstance(one[0], ast.stmt):
        return zip(one, other)
    starts = [_first_line(statement) for statement in one] + [lines[1] + 1]
    kept = [i for i in range(len(one)) if starts[i] <= lines[1] and starts[i + 1] >= lines[0]]
    return [(one[i], other[i]) for i in kept]


def _first_line(statement: "Any") -> int:
    decorators = getattr(statement, "decorator_list", [])
    return int(min([statement.lineno] + [decorator.lineno for decorator in decorators]))


def applied(text: str, edits: "Sequence[tuple[int, int, str]]") -> str:
    """Return a text with edits, which are in order."""
    pieces, end = [], 0
    for start, stop, replacement in edits:
        pieces += [text[end:start], replacement]
        end = stop
    return "".join(pieces) + text[end:]


def lines_of(text: str, edits: "Sequence[tuple[int, int, str]]") -> "Lines":
    """Return the first and the last line that edits touch; all where there is no edit."""
    if not edits:
        return 1, sys.maxsize - 1
    starts, ends = [edit[0] for edit in edits], [edit[1] for edit in edits]
    return _line_at(text, min(starts)), _line_at(text, max(ends))


def _line_at(text: str, offset: int) -> int:
    return len(LINE_ENDS.findall(text, 0, offset)) + 1


def failing(request: "dict[str, Any]", text: str) -> "list[tuple[int, str]]":
    """Return the alternatives that are not their mutants, with the first difference."""
    encoding, path = request["encoding"], request["path"]
    alternatives = request["alternatives"]
    tree = with_alternatives(
        text.encode(encoding), request["marked"].encode(encoding), path, alternatives
    )
    answers = []
    numbers = [None] + [entry["number"] for entry in alternatives]
    for number, edits in zip(numbers, [[]] + request["edits"]):
        content = applied(text, edits).encode(encoding)
        cold = compile(content, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        reason = difference(tree, cold, number, lines_of(text, edits))
        if reason and number is None:
            raise ValueError(reason)
        if reason:
            answers.append((number, reason))
    compile(tree, path, "exec", dont_inherit=True)
    return answers


def answer(request: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer for one file."""
    path = request["path"]
    try:
        with open(path, "rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != request["sha256"]:
            return {"path": path, "error": "the file has changed"}
        return {"path": path, "failing": failing(request, content.decode(request["encoding"]))}
    except (OSError,) + REFUSALS as error:
        return {"path": path, "error": "%s: %s" % (type(error).__name__, error)}


def main() -> None:
    """Answer each line of standard input with a line of standard output."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
