"""Prints measures of how easily a stranger finds the way through the code, as a Markdown table.

`python tools/measures/house.py [--static] [REVISION ...]`, such as `house.py ce6df19 HEAD`; a dot
is the working tree. ``--static`` leaves out what has to run trainwreck.
"""

import argparse
import ast
import os
import re
import resource
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

import words
from checkout import PACKAGE, WORKING_TREE, Checkout, Function, checked_out

GUEST = "agent"

SESSION = re.compile(r"\b(Desk|Session)\b")
FILE = re.compile(r"\bCampaignFile\b")
FACT = re.compile(r"\bfirst_hit\b")
"""A fact of a run that came late, so each file that mentions it had to be changed for it."""
HELP_RUNS = 5

Value = int | float | str


def vague_names(checkout: Checkout) -> Value:
    """Count the places where a vague name is bound, per 1,000 lines."""
    names = [name for tree in checkout.trees for _, name in words.bound_names(tree)]
    return round(1000 * sum(name in words.VAGUE for name in names) / checkout.line_count, 1)


def question_openings(checkout: Checkout) -> Value:
    """Return the share of docstrings that open with a question word."""
    questions = [item for item in checkout.docstrings if words.QUESTION.match(item.text.strip())]
    return percent(len(questions), len(checkout.docstrings))


def no_verb_openings(checkout: Checkout) -> Value:
    """Return the share of functions' docstrings that open with no imperative verb."""
    documented = [item for item in checkout.docstrings if isinstance(item.owner, Function)]
    return percent(sum(not words.opens_well(item) for item in documented), len(documented))


def banned_words(checkout: Checkout) -> Value:
    """Count the banned words in docstrings, comments and messages."""
    violations = (
        violation
        for path, text in checkout.sources.items()
        for violation in words.check_python(text, str(path))
    )
    return sum(violation.rule is words.Rule.WORD for violation in violations)


def comment_share(checkout: Checkout) -> Value:
    """Return the share of lines with a comment."""
    lines = sum(1 for text in checkout.sources.values() for _ in words.comments(text))
    return percent(lines, checkout.line_count, digits=1)


def files_of_a_fact(checkout: Checkout) -> Value:
    """Count the files, SQL included, that mention a fact of a run; none mean that it is gone."""
    files = (file for file in (checkout.folder / PACKAGE).rglob("*.*") if file.suffix != ".pyc")
    return sum(bool(FACT.search(file.read_text(encoding="utf-8"))) for file in files) or "gone"


def carriers(checkout: Checkout, *patterns: re.Pattern[str]) -> int:
    """Count the signatures with parameters whose annotations have each of the patterns."""
    signatures = [_annotations(function) for function in checkout.functions()]
    return sum(all(pattern.search(text) for pattern in patterns) for text in signatures)


def _annotations(function: Function) -> str:
    """Return the annotations of all parameters, in one text."""
    parameters = (node for node in ast.walk(function.args) if isinstance(node, ast.arg))
    return " ".join(ast.unparse(node.annotation) for node in parameters if node.annotation)


def constructions(checkout: Checkout, name: str) -> int:
    """Count the calls of a class by its name."""
    calls = (node.func for node in checkout.nodes() if isinstance(node, ast.Call))
    return sum(name in (getattr(call, "id", ""), getattr(call, "attr", "")) for call in calls)


def shared_class_names(checkout: Checkout) -> Value:
    """Count the names that several classes have."""
    names = Counter(node.name for node in checkout.nodes() if isinstance(node, ast.ClassDef))
    return sum(count > 1 for count in names.values())


def function_lines(checkout: Checkout) -> Value:
    """Return the median and the 90th percentile of the lines of functions, decorators apart."""
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1 for node in checkout.functions()
    )
    return f"{median(lengths):.0f}, {lengths[-(-len(lengths) * 9 // 10) - 1]}"


def largest_package(checkout: Checkout) -> Value:
    """Return number of modules and name of the largest package, the guest apart."""
    modules = (path for path in checkout.sources if path.name != "__init__.py")
    counts = Counter(path.parent for path in modules if GUEST not in path.parts)
    package, count = max(counts.items(), key=lambda item: item[1])
    return f"{count} (`{package}`)"


def readme_size(checkout: Checkout) -> Value:
    """Return words and lines of the README."""
    text = (checkout.folder / "README.md").read_text(encoding="utf-8")
    return f"{len(text.split())}, {len(text.splitlines())}"


def contracts(checkout: Checkout) -> Value:
    """Count the rules on imports that are checked."""
    settings = tomllib.loads((checkout.folder / "pyproject.toml").read_text(encoding="utf-8"))
    return len(settings["tool"]["importlinter"]["contracts"])


def call_depth(checkout: Checkout) -> Value:
    """Return the number of trainwreck's frames from the command to the start of a trial."""
    return run_python(checkout, str(Path(__file__).parent / "call_depth.py")).stdout.strip()


def help_modules(checkout: Checkout) -> Value:
    """Count the modules that are imported to print the help."""
    report = run_python(checkout, "-X", "importtime", "-m", "trainwreck", "--help").stderr
    return sum(line.startswith("import time:") for line in report.splitlines()[1:])


def help_seconds(checkout: Checkout) -> Value:
    """Return the least processor seconds that printing the help took in several runs."""
    return f"{min(_help_cpu_seconds(checkout) for _ in range(HELP_RUNS)):.2f}"


def _help_cpu_seconds(checkout: Checkout) -> float:
    before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    run_python(checkout, "-m", "trainwreck", "--help")
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before


def run_python(checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter with the checkout's package in place of the installed one."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(checkout.folder / "src")},
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        check=True,
    )


STATIC: dict[str, Callable[[Checkout], Value]] = {
    "vague variable names per 1,000 lines": vague_names,
    "docstrings that open with a question word": question_openings,
    "functions' docstrings that open with no verb": no_verb_openings,
    "banned words in docstrings, comments and messages": banned_words,
    "lines with a comment": comment_share,
    "files that mention `first_hit`, a late fact of a run": files_of_a_fact,
    "signatures with Desk or Session": lambda checkout: carriers(checkout, SESSION),
    "signatures with CampaignFile": lambda checkout: carriers(checkout, FILE),
    "signatures with both": lambda checkout: carriers(checkout, SESSION, FILE),
    "constructions of Evidence": lambda checkout: constructions(checkout, "Evidence"),
    "class names used more than once": shared_class_names,
    "lines of a function: median, 90th percentile": function_lines,
    "modules in the largest package, the guest apart": largest_package,
    "rules on imports": contracts,
    "README: words, lines": readme_size,
}
BY_RUNNING: dict[str, Callable[[Checkout], Value]] = {
    "calls from the command to a trial's process": call_depth,
    "modules imported by `trainwreck --help`": help_modules,
    "processor seconds of `trainwreck --help`": help_seconds,
}


def percent(part: int, whole: int, digits: int = 0) -> str:
    """Format a share."""
    return f"{100 * part / max(whole, 1):.{digits}f} %"


def main(arguments: list[str]) -> None:
    """Print the table of one or several revisions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revisions", nargs="*", default=[WORKING_TREE])
    parser.add_argument("--static", action="store_true", help="run nothing of the revisions")
    options = parser.parse_args(arguments)
    measures = STATIC if options.static else STATIC | BY_RUNNING
    columns = []
    for revision in options.revisions:
        with checked_out(revision) as checkout:
            columns.append([measure(checkout) for measure in measures.values()])
    heads = ["before", "after"] if len(columns) == 2 else options.revisions
    print(words.table(["measure", *heads], zip(measures, *columns, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
