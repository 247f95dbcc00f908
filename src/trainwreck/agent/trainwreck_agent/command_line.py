"""Reads from an interpreter's command line what it was started to run."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    rest = without_options(words)
    if not rest or rest[0] == "-":
        return INPUT, ""
    kind = {"-m": MODULE, "-c": CODE}.get(rest[0])
    return (kind, "".join(rest[1:2])) if kind else (FILE, rest[0])


def without_options(words: "Sequence[str]") -> "list[str]":
    """Return the words from what is run on: a file, ``-``, or ``-m`` or ``-c`` and its value."""
    left = list(words)
    while left and left[0] != "-" and left[0].startswith("-"):
        word = left.pop(0)
        letter, value = _valued_letter(word)
        if letter and letter in "cm":
            return ["-" + letter, *([value] if value else []), *left]
        if (letter and not value) or word in LONG_WITH_VALUE:
            del left[:1]
    return left


def _valued_letter(word: str) -> "tuple[str, str]":
    """Return the first letter of options like ``-uWerror`` that has a value, and that value."""
    if not word.startswith("--"):
        for position, letter in enumerate(word[1:], 2):
            if letter in "cm" + WITH_VALUE:
                return letter, word[position:]
    return "", ""


def rank_of(environment: "Mapping[str, str]") -> "int | None":
    """Return the number that a launcher gave to this process, None where it gave none."""
    texts = [environment[name] for name in RANKS if name in environment]
    return int(texts[0]) if texts and texts[0].isdigit() else None
