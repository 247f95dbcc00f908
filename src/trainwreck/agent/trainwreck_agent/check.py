"""Answers which mutants do not compile, by the interpreter that would run them.

Input: one JSON object per line, {"path", "encoding", "sha256", "alone": [indices], "mutants":
[[[start, end, replacement], …], …]} with offsets into the decoded text. Output: one line each,
{"path", "dropped": [indices]} or {"path", "error": why the clean file does not compile}.

Edits of different mutants never overlap unless they replace the same text, and swapping one
operator for another is a local affair of the grammar. So all mutants of a file are compiled
together first; only where that fails are halves tried, down to single mutants. The mutants
``alone`` are compiled one by one: those of patterns, whose parts forbid one another.
"""

import hashlib
import json
import sys
import warnings

REFUSALS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


def compiles(text, path, edits):
    """Whether the text with all the edits applied is a program."""
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


def dropped(text, path, mutants, alone=()):
    """Indices of the mutants that do not compile by themselves."""
    found = [index for index in alone if not compiles(text, path, mutants[index])]
    alone = set(alone)
    layers = {}
    for index, edits in enumerate(mutants):
        if index in alone:
            continue
        layer = 0
        places = {(start, stop) for start, stop, _ in edits}
        while places & layers.setdefault(layer, (set(), []))[0]:
            layer += 1
        layers[layer][0].update(places)
        layers[layer][1].append(index)
    for _, indices in layers.values():
        found += failing(text, path, mutants, indices)
    return sorted(found)


def failing(text, path, mutants, indices):
    """The mutants among ``indices`` that fail alone, found by halving."""
    edits = [edit for index in indices for edit in mutants[index]]
    if not indices or compiles(text, path, edits):
        return []
    if len(indices) == 1:
        return indices
    middle = len(indices) // 2
    left = failing(text, path, mutants, indices[:middle])
    return left + failing(text, path, mutants, indices[middle:])


def answer(request):
    """The answer for one file."""
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


def main():
    """Requests in, answers out, a line each."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
