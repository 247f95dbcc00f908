"""What `--help` and `status` import: they answer at once, so they import little."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset(
    ["matplotlib", "numpy", "pandas", "parso", "psutil", "pyarrow", "rich", "scipy", "subprocess"]
)
NOT_FOR_HELP = HEAVY | {"msgspec", "sqlite3", "platformdirs", "trainwreck.model"}
NOT_FOR_STATUS = HEAVY | {
    "platformdirs",
    "trainwreck.engine",
    "trainwreck.exchange",
    "trainwreck.findings",
    "trainwreck.mutants",
    "trainwreck.operators",
    "trainwreck.run",
    "trainwreck.source",
    "trainwreck.subject",
}
PRINT_MODULES = """
import sys
from trainwreck.cli.main import run
code = run(sys.argv[1:])
print("imported:", *sys.modules)
sys.exit(code)
"""


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command imported, in a process of its own."""
    command = [sys.executable, "-c", PRINT_MODULES, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    *printed, modules = ended.stdout.splitlines()
    assert printed
    return set(modules.split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_imports_of_help_and_version(arguments: list[str]) -> None:
    modules = imported(*arguments)
    assert "trainwreck.cli.commands" in modules
    assert NOT_FOR_HELP & modules == set()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_imports_of_status(campaign: Path, options: list[str]) -> None:
    modules = imported("status", "--campaign", str(campaign), *options)
    assert "trainwreck.results.status" in modules
    assert NOT_FOR_STATUS & modules == set()


def test_imports_of_a_report_are_noticed(campaign: Path) -> None:
    modules = imported("report", "--paper", "--campaign", str(campaign))
    assert {"numpy", "rich", "trainwreck.findings"} <= modules
