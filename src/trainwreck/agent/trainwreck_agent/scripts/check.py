"""Answers which mutants do not compile, as the interpreter that would run them.

Input: one JSON object per line, {"path", "encoding", "sha256", "alone": [indices], "mutants":
[[[start, end, replacement], …], …]} with offsets into the decoded text. Output: one line each,
{"path", "dropped": [indices]} or {"path", "error": why the clean file does not compile}.

Edits of different mutants never overlap unless they replace the same text. To swap one operator
for another is a local change of the grammar. So all mutants of a file are compiled together
first. Only where that fails, halves are tried, down to single mutants. The mutants ``alone`` are
compiled one by one: those of patterns, whose parts exclude each other.
"""

import hashlib
import json
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Edits = Sequence[tuple[int, int, str]]

REFUSALS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


def compiles(text: str, path: str, edits: "Edits") -> bool:
    """Return whether the text compiles with all the edits applied."""
    pieces, end = [], 0
    for start, stop, replacement in sorted(edits):
        pieces += [text[end:start], replacement]
        end = stop
    source = "".join(pieces) + text[end:]
    try:
        compile(source, path, "exec", dont_inherit=True)
    except REFUSALS:
        return False
    return True


def dropped(
    text: str, path: str, mutants: "Sequence[Edits]", alone: "Iterable[int]" = ()
) -> "list[int]":
    """Return the indices of the mutants that do not compile by themselves."""
    indices = [index for index in alone if not compiles(text, path, mutants[index])]
    for layer in layers(mutants, frozenset(alone)):
        indices += failing(text, path, mutants, layer)
    return sorted(indices)


def layers(mutants: "Sequence[Edits]", excluded: "frozenset[int]") -> "list[list[int]]":
    """Split the mutants into lists within which no two replace the same text."""
    spans: "list[set[tuple[int, int]]]" = []
    indices: "list[list[int]]" = []
    for index, edits in enumerate(mutants):
        if index in excluded:
            continue
        own = {(start, stop) for start, stop, _ in edits}
        layer = 0
        while layer < len(spans) and own & spans[layer]:
            layer += 1
        if layer == len(spans):
            spans.append(set())
            indices.append([])
        spans[layer] |= own
        indices[layer].append(index)
    return indices


def failing(text: str, path: str, mutants: "Sequence[Edits]", indices: "list[int]") -> "list[int]":
    """Return the mutants among ``indices`` that fail alone, by halving."""
    edits = [edit for index in indices for edit in mutants[index]]
    if not indices or compiles(text, path, edits):
        return []
    if len(indices) == 1:
        return indices
    middle = len(indices) // 2
    left = failing(text, path, mutants, indices[:middle])
    return left + failing(text, path, mutants, indices[middle:])


def answer(request: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer for one file."""
    path = request["path"]
    try:
        with open(path, "rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != request["sha256"]:
            return {"path": path, "error": "the file has changed"}
        text = content.decode(request["encoding"])
        compile(text, path, "exec", dont_inherit=True)
    except (OSError,) + REFUSALS as error:
        return {"path": path, "error": "%s: %s" % (type(error).__name__, error)}
    return {"path": path, "dropped": dropped(text, path, request["mutants"], request["alone"])}


def main() -> None:
    """Answer each line of standard input with a line of standard output."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
