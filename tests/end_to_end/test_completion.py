"""`--print-completion`: what bash and zsh offer for a word that somebody has begun to type."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from trainwreck.cli.commands import COMMANDS
from trainwreck.cli.completion import completion_script
from trainwreck.cli.main import run
from trainwreck.errors import ExitCode

BASH = """
eval "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_trainwreck
printf '%s\\n' "${COMPREPLY[@]}"
"""
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")


def offered(folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of the words after `trainwreck`."""
    command = ["bash", "--norc", "-c", BASH, "bash", "trainwreck", *words]
    return _printed("bash", command, folder).split()


def _printed(shell: str, command: list[str], folder: Path) -> str:
    environment = {**os.environ, "SCRIPT": completion_script(shell), "HOME": str(folder)}
    options = {"capture_output": True, "text": True, "timeout": 120, "check": True}
    return str(subprocess.run(command, cwd=folder, env=environment, **options).stdout)  # type: ignore[call-overload]


def test_print_completion_prints_the_script_of_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--print-completion", "bash"]) == 0
    assert capsys.readouterr().out == completion_script("bash")


def test_print_completion_names_its_shells(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--print-completion", "csh"]) == ExitCode.USAGE
    assert "`--print-completion csh`: not one of bash, zsh" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["re"], ["replay", "report"]),
        (["--pri"], ["--print-completion"]),
        (["--campaign", "there", "sta"], ["status"]),
        (["run", "--with"], ["--without"]),
        (["--json", "list", "--operator", "Lo"], ["LogOR"]),
        (["list", "--rung", "ha"], ["hang"]),
        (["report", "--format", "s"], ["summary", "sqlite", "stryker", "sarif"]),
        (["power", "--format", "s"], []),
        (["report", "--format", "csv", "--by", "ph"], ["phase"]),
        (["study", "ten"], ["tensorflow", "tensorflow-1.15"]),
        (["run", "--only", "a"], ["a folder", "a file"]),
        (["merge", "a"], ["a folder"]),
        (["list", "--file", "a"], []),
        (["unknown", "--"], []),
        (["run", "$(touch ran)"], []),
    ],
)
def test_bash_completes_commands_options_and_values(
    tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").touch()
    assert sorted(offered(tmp_path, *words)) == sorted(" ".join(expected).split())
    assert not (tmp_path / "ran").exists()


def test_bash_completes_every_option_of_every_command(tmp_path: Path) -> None:
    for command in COMMANDS:
        own = {argument.name for argument in command.arguments if argument.is_option}
        assert own <= set(offered(tmp_path, command.name, "--"))


@needs_zsh
def test_the_script_for_zsh_is_read_by_zsh(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(completion_script("zsh"))
    _printed("zsh", ["zsh", "-n", "script"], tmp_path)
