"""Reads from an interpreter's command line what it was started to run."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FILE, MODULE, CODE, INPUT, FORK = "file", "module", "code", "input", "fork"
WITH_VALUE = "WX"
LONG_WITH_VALUE = ("--check-hash-based-pycs",)
RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Variables by which launchers number the processes that train together, often by one command."""


def words_of_process() -> "list[str]":
    """Return the command line after the interpreter; `sys.argv` is not set this early."""
    if hasattr(sys, "orig_argv"):
        return list(sys.orig_argv[1:])
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return os.fsdecode(file.read()).split("\0")[1:-1]
    except OSError:
        return []


def entry_of(words: "Sequence[str]") -> "tuple[str, str]":
    """Return what is run (a file, a module, code, or what comes by standard input) and its name."""
    left = iter(words)
    for word in left:
        if word == "-" or not word.startswith("-"):
            return (INPUT, "") if word == "-" else (FILE, word)
        if word.startswith("--"):
            if word in LONG_WITH_VALUE:
                next(left, "")
            continue
        kind, name = _in_option(word, left)
        if kind:
            return kind, name
    return INPUT, ""


def _in_option(word: str, left: "Iterator[str]") -> "tuple[str, str]":
    """Return what options like ``-Im`` run, or two empty texts; skip the value of others."""
    for position, letter in enumerate(word[1:], 2):
        if letter in "cm" + WITH_VALUE:
            value = word[position:] or next(left, "")
            if letter in WITH_VALUE:
                return "", ""
            return (MODULE, value) if letter == "m" else (CODE, value)
    return "", ""


def rank_of(environment: "Mapping[str, str]") -> "int | None":
    """Return the number that a launcher gave to this process, None where it gave none."""
    texts = [environment[name] for name in RANKS if name in environment]
    return int(texts[0]) if texts and texts[0].isdigit() else None
