"""Measures how much of the agent's own code its tests run, on every Python that is present.

python tools/agent_coverage.py TEST_FILE…

The agent runs in processes of many interpreters, most of which have no coverage.py, and some of
which are traced by the agent itself. So the tests run in a copy of the sources, where a call before
each statement of the agent writes down its line.
"""

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AGENT = Path("src", "trainwreck", "agent")
COPIED = ("src", "studies", "tests", "tools", "results", "docs")
FILES = ("pyproject.toml", "README.md", "DESIGN.md")
PYTHONPATH = ("tests", "tests/studies", "tools/measures", "src")
FLOOR = 0.85
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
RECORD = "_trainwreck_line_"
RECORDER = """
import os as {record}os
import sys as {record}sys
def {record}(line, seen=set(), os={record}os, prefix="%d.%d" % {record}sys.version_info[:2]):
    if line not in seen:
        seen.add(line)
        file = os.open({lines!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, ("%s {module} %d\\n" % (prefix, line)).encode())
        finally:
            os.close(file)
"""
"""One short write per line: a process that is killed has recorded all that it ran."""

Lines = dict[str, set[int]]


def main() -> int:
    """Run the tests, print the share of each module, and return 1 where it is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="+", help="test files, relative to the repository")
    tests = parser.parse_args().tests
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "repository")
        lines = Path(folder, "lines.txt")
        _copy(copy)
        statements = {
            path.relative_to(copy / AGENT).as_posix(): instrument(path, copy / AGENT, lines)
            for path in sorted((copy / AGENT).rglob("*.py"))
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        command += ["-o", f"pythonpath={' '.join(PYTHONPATH)}"]
        status = subprocess.run(command, cwd=copy, check=False).returncode
        executed = read(lines)
    if status:
        print("The tests failed; nothing is measured.")
        return 1
    return report(statements, executed)


def _copy(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.xz")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)


def instrument(path: Path, agent: Path, lines: Path) -> set[int]:
    """Insert a call before each statement of a file, and return the lines of its statements."""
    tree = ast.parse(path.read_bytes())
    bodies = list(_bodies(tree))
    statements: set[int] = set()
    for body in bodies:
        described = [statement for statement in body if not _is_text(statement)]
        statements |= {statement.lineno for statement in described}
        body[:] = [node for statement in body for node in _recorded(statement)]
    module = path.relative_to(agent).as_posix()
    recorder = RECORDER.format(record=RECORD, lines=str(lines), module=module)
    first = 1 if tree.body and _is_text(tree.body[0]) else 0
    tree.body[first:first] = ast.parse(recorder).body
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    return statements


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements, without the imports for the type checker."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(tree, name, None)
        if isinstance(body, list) and not _is_for_types(tree):
            yield body
    for child in ast.iter_child_nodes(tree):
        if not _is_for_types(tree):
            yield from _bodies(child)


def _is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _recorded(statement: ast.stmt) -> list[ast.stmt]:
    if _is_text(statement):
        return [statement]
    return [*ast.parse(f"{RECORD}({statement.lineno})").body, statement]


def read(lines: Path) -> dict[str, Lines]:
    """Return the executed lines by version of Python, then by module."""
    executed: dict[str, Lines] = defaultdict(lambda: defaultdict(set))
    for line in lines.read_text().splitlines():
        version, module, number = line.split(" ")
        executed[version][module].add(int(number))
    return executed


def report(statements: Lines, executed: dict[str, Lines]) -> int:
    """Print one row per module, and return 1 where one is below the floor on this Python."""
    versions = sorted(executed, key=lambda version: int(version.split(".")[1]))
    print(f"\nStatements of the agent that its tests run, on Python {', '.join(versions)}:")
    print(f"{'module':<45}{'statements':>11}{'any':>8}{HERE:>8}  not run on any")
    below = []
    totals = [0, 0, 0]
    for module, lines in statements.items():
        on_any = set().union(*(executed[version][module] for version in versions)) & lines
        here = executed[HERE][module] & lines
        numbers = (len(lines), len(on_any), len(here))
        totals = [total + number for total, number in zip(totals, numbers, strict=True)]
        missing = ", ".join(map(str, sorted(lines - on_any)))
        print(f"{_row(module, *numbers)}  {missing}".rstrip())
        if lines and len(here) < FLOOR * len(lines):
            below.append(module)
    print(_row("all", *totals))
    if below:
        print(f"Below {FLOOR:.0%} on Python {HERE}: {', '.join(below)}. Add tests for them.")
    return 1 if below else 0


def _row(module: str, statements: int, on_any: int, here: int) -> str:
    shares = [number / statements if statements else 1.0 for number in (on_any, here)]
    return f"{module:<45}{statements:>11}{shares[0]:>8.0%}{shares[1]:>8.0%}"


if __name__ == "__main__":
    sys.exit(main())
