"""What people write as `command`, and the command that the message names."""

from pathlib import Path

import pytest
from test_settings_mistakes import LEAST, mistake

from trainwreck.subject.commands import divide_command
from trainwreck.subject.settings_file import load_settings

TABLE = """
"python train.py --epochs 3" -> must be a list of strings -> Write `command = ["train.py", "--epochs", "3"]`.
["python", "train.py"] -> begins with the interpreter `python` -> Write `command = ["train.py"]`.
["python3.11", "train.py", "-v"] -> begins with the interpreter `python3.11` -> Write `command = ["train.py", "-v"]` and `python = "python3.11"` under [subject].
["/opt/env/bin/python", "-u", "train.py"] -> begins with the interpreter `/opt/env/bin/python` -> Write `command = ["-u", "train.py"]` and `python = "/opt/env/bin/python"` under [subject].
["python", "-m", "pkg.train"] -> begins with the interpreter `python` -> Write `command = ["-m", "pkg.train"]`.
["python"] -> begins with the interpreter `python` -> Write `command = ["train.py"]`.
["-E", "train.py"] -> has the option `-E` of Python, with which there is no agent: it starts by `PYTHONPATH` and `sitecustomize`, which are then left out -> Write `command = ["train.py"]`.
["-W", "error", "-uI", "train.py"] -> has the option `-I` of Python, with which there is no agent: it starts by `PYTHONPATH` and `sitecustomize`, which are then left out -> Write `command = ["-W", "error", "train.py"]`.
["-i", "train.py"] -> has the option `-i` of Python, after which Python waits for what somebody types -> Write `command = ["train.py"]`.
["-x", "-u", "train.py"] -> has the option `-x` of Python, which leaves out the first line of the agent's file, not of the program's -> Write `command = ["-u", "train.py"]`.
["--version"] -> has the option `--version` of Python, with which Python runs no program -> Write `command = ["train.py"]`.
["-Z", "train.py"] -> begins with `-Z`, which is no option of Python -> Write the Python file first, or `-m` and a module.
["-u"] -> has no program after the options of Python -> Write `command = ["train.py"]`.
["-"] -> reads its program from standard input, which is empty in a run -> Write the program into a file, and name that file.
["-c"] -> has no text after `-c` -> Write `command = ["-c", "import train"]`.
["train.py --epochs 3"] -> has several words in one text -> Write `command = ["train.py", "--epochs", "3"]`.
["torchrun", "--nproc-per-node", "2", "train.py"] -> runs `torchrun`, which is no Python file -> Write `command = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "train.py"]`.
["accelerate", "launch", "train.py"] -> runs `accelerate`, which is no Python file -> Write `command = ["-m", "accelerate.commands.accelerate_cli", "launch", "train.py"]`.
["uv", "run", "train.py"] -> runs `uv run`, which is no Python file -> Write `command = ["train.py"]`, and set `python` under [subject] to the interpreter that uv made, `.venv/bin/python`.
["poetry", "run", "python", "train.py"] -> runs `poetry run`, which is no Python file -> Write `command = ["train.py"]`, and set `python` under [subject] to the interpreter that `poetry env info --executable` names.
["notebook.ipynb"] -> runs the notebook `notebook.ipynb` -> Run `jupyter nbconvert --to script notebook.ipynb`, and name the file that it writes.
["bash", "train.sh"] -> runs `bash`, but trainwreck runs Python itself -> Write the Python file that it runs, with its arguments; set variables in `env`.
["./train.sh"] -> runs `./train.sh`, but trainwreck runs Python itself -> Write the Python file that it runs, with its arguments; set variables in `env`.
["--epochs", "3"] -> begins with `--epochs` -> Write the Python file first, or `-m` and a module.
["-m"] -> has no module after `-m` -> Write `command = ["-m", "package.train"]`.
"""  # noqa: E501


@pytest.mark.parametrize("row", TABLE.strip().splitlines(), ids=lambda row: row.split(" ->")[0])
def test_a_command_that_cannot_be_run_is_answered_with_the_one_that_was_meant(
    tmp_path: Path, row: str
) -> None:
    command, problem, hint = row.split(" -> ")
    error = mistake(tmp_path, LEAST.replace('["train.py"]', command))
    assert f"trainwreck.toml:3: `subject.command` {problem}" in error.what
    assert error.hint == hint


@pytest.mark.parametrize(
    "command",
    [
        '["./train.py"]',
        '["src/my train.py"]',
        '["-m", "pkg.train", "-u"]',
        '["python_train.py"]',
        '["-m", "torch.distributed.run", "train.py"]',
        '["tools/torchrun.py"]',
        '["-u", "train.py"]',
        '["-Werror", "-X", "dev", "-OO", "train.py", "-E"]',
        '["-W", "ignore", "-m", "pkg.train"]',
        '["-uc", "import train"]',
        '["folder"]',
    ],
)
def test_a_command_that_can_be_run_is_taken(tmp_path: Path, command: str) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(LEAST.replace('["train.py"]', command), encoding="utf-8")
    assert load_settings(file).subject.command


@pytest.mark.parametrize(
    ("words", "options", "program"),
    [
        (["train.py", "-u"], [], ["train.py", "-u"]),
        (["-u", "-W", "error", "a.py"], ["-u", "-W", "error"], ["a.py"]),
        (["-uWerror", "-Xdev", "-OO", "a.py"], ["-uWerror", "-Xdev", "-OO"], ["a.py"]),
        (["-um", "pkg", "-v"], ["-u"], ["-m", "pkg", "-v"]),
        (["-mpkg"], [], ["-m", "pkg"]),
        (["-Ocprint(1)", "x"], ["-O"], ["-c", "print(1)", "x"]),
        (
            ["--check-hash-based-pycs", "never", "a.py"],
            ["--check-hash-based-pycs", "never"],
            ["a.py"],
        ),
        (["-", "x"], [], ["-", "x"]),
        (["-X"], ["-X"], []),
    ],
)
def test_options_of_python_are_divided_from_the_program(
    words: list[str], options: list[str], program: list[str]
) -> None:
    assert divide_command(words) == (options, program)
