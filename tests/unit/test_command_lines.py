"""Commands as people type them, for init: subject/command_lines.py."""

import sys
from pathlib import Path

import pytest

from trainwreck.errors import UsageError
from trainwreck.subject.command_lines import read_command_line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text("print('loss: 0.5')\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").write_text("")
    (tmp_path / "other.sh").write_text("echo nothing\n")
    (tmp_path / "two.sh").write_text("python train.py\npython src/main.py\n")
    (tmp_path / "run.sh").write_text(
        "#!/usr/bin/env bash\nset -e\nexport SIZE=3\nEPOCHS=2\n"
        'cd "$(dirname "$0")"\nOMP_NUM_THREADS=1 python -u train.py \\\n'
        '  --epochs $EPOCHS --size "${SIZE}" "$@"\n'
    )
    (tmp_path / "shell.sh").write_text("python train.py --out $HOME/out\n")
    (tmp_path / "note.ipynb").write_text("{}")
    return tmp_path


COMMANDS = [
    ("train.py", ["train.py"]),
    ("./train.py --epochs 3", ["train.py", "--epochs", "3"]),
    ("src/main.py", ["src/main.py"]),
    ("src/../train.py", ["train.py"]),
    ("python train.py --epochs 3", ["train.py", "--epochs", "3"]),
    ("python -u -W ignore train.py", ["-u", "-W", "ignore", "train.py"]),
    ("python -m pkg -x", ["-m", "pkg", "-x"]),
    ("-m pkg", ["-m", "pkg"]),
    ("pkg", ["pkg"]),
    ("time python train.py", ["train.py"]),
    ("torchrun --nproc-per-node 2 train.py",
     ["-m", "torch.distributed.run", "--nproc-per-node", "2", "train.py"]),
    ("accelerate launch train.py --a b",
     ["-m", "accelerate.commands.accelerate_cli", "launch", "train.py", "--a", "b"]),
    ("CUDA_VISIBLE_DEVICES=0 A=b python train.py", ["train.py"]),
    ("./run.sh --lr 0.1", ["-u", "train.py", "--epochs", "2", "--size", "3", "--lr", "0.1"]),
    ("bash run.sh", ["-u", "train.py", "--epochs", "2", "--size", "3"]),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "command"), COMMANDS, ids=lambda value: str(value))
def test_command_as_it_is_typed_becomes_that_of_the_settings(
    folder: Path, typed: str, command: list[str]
) -> None:
    assert list(read_command_line(typed.split(), folder).command) == command


def test_variables_and_interpreters_of_a_typed_command(folder: Path) -> None:
    line = read_command_line(["A=1", "env", "B=2", sys.executable, "train.py"], folder)
    assert line.env == (("A", "1"), ("B", "2"))
    assert line.python == sys.executable
    assert read_command_line(["./run.sh"], folder).env == (
        ("SIZE", "3"),
        ("OMP_NUM_THREADS", "1"),
    )


SCRIPTS = {
    "python train.py --epochs 2 2>&1 | tee log.txt": ["train.py", "--epochs", "2"],
    "python train.py > out.log 2>&1 &": ["train.py"],
    'python train.py --note "a > b; c | d"': ["train.py", "--note", "a > b; c | d"],
    "if true; then python train.py; fi": ["train.py"],
    "[ -f done ] || (time python train.py)": ["train.py"],
    'train() { python train.py "$@"; }': ["train.py", "--x", "1"],
    "python train.py --lr ${LR:-0.1} --size ${3:-7} $2": [
        "train.py", "--lr", "0.1", "--size", "7", "1",
    ],
    'ARGS="--a 1 --b"; python train.py $ARGS': ["train.py", "--a", "1", "--b"],
    "NOTE=it\\'s; python train.py $NOTE": ["train.py", "it's"],
    'NAME="two words"; python train.py "$NAME"': ["train.py", "two words"],
    "srun --gres=gpu:1 nice -n 5 python train.py": ["train.py"],
    "timeout 1h stdbuf -oL python train.py": ["train.py"],
    'cd "$(dirname "${BASH_SOURCE[0]}")" && python train.py': ["train.py"],
    "cd $SLURM_SUBMIT_DIR; python train.py": ["train.py"],
    "cd /no/such/folder; python train.py": ["train.py"],
    "python train.py; cd src": ["train.py"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "command"), SCRIPTS.items(), ids=lambda value: str(value))
def test_command_of_a_script_is_read_as_a_shell_does(
    folder: Path, text: str, command: list[str]
) -> None:
    (folder / "job.sh").write_text(f"#!/bin/bash\n{text}\n")
    line = read_command_line(["bash", "job.sh", "--x", "1"], folder)
    assert list(line.command) == command


def test_variables_and_environment_of_a_script(folder: Path) -> None:
    activate = folder / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text("")
    python = activate.with_name("python")
    python.write_text("")
    (folder / "job.sh").write_text(
        "export PYTHONPATH=$PWD/src:$NO_SUCH DAY=$(date +%F)\nsource .venv/bin/activate\n"
        "OTHER=1\nA=2 taskset -c 0 env B=3 python train.py\n"
    )
    line = read_command_line(["./job.sh"], folder)
    assert line.env == (("PYTHONPATH", "./src:"), ("A", "2"), ("B", "3"))
    assert line.python == str(python)


SCRIPT_MISTAKES = [
    ("cd src && python main.py", "starts `python main.py` in ", "Change to it with `cd "),
    ("python pre.py\npython train.py --a 1\npython score.py", "3 Python programs: `python pre.py`",
     "`trainwreck init python train.py --a 1`"),
    ("srun -n 4 python train.py", "starts no Python program", "Give the command"),
    ("for s in 1 2; do python train.py --seed $s; done", "`$s` depends on the shell", "values"),
    ("python train.py --out $(date +%F)", "`$(date +%F)` depends on the shell", "values"),
    ("cat in.csv | python train.py", "feeds `python train.py` on its standard", "read a file"),
    ("python train.py < in.csv > out", "feeds `python train.py` on its standard", "read a file"),
    ("python train.py --a 1 <<END\n1,2\nEND", "feeds `python train.py --a 1` on", "read a file"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem", "hint"), SCRIPT_MISTAKES, ids=lambda value: value)
def test_script_that_cannot_be_read_is_answered_with_what_to_do(
    folder: Path, text: str, problem: str, hint: str
) -> None:
    (folder / "job.sh").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_command_line(["bash", "job.sh"], folder)
    assert problem in caught.value.what
    assert hint in caught.value.hint


MISTAKES = [
    ("trian.py", "there is no file `trian.py` in ", "did you mean `train.py`?"),
    ("python", "runs no program", "Name the Python file."),
    ("no-such-command train.py", "no such command", "correct the command"),
    ("no-such-python/bin/python train.py", "there is no interpreter", "Correct the command"),
    ("python3.99 train.py", "there is no interpreter `python3.99` on the path", "--python PATH"),
    ("python note.ipynb", "runs the notebook `note.ipynb`", "jupyter nbconvert --to script"),
    ("python -E train.py", "option `-E`", "Give `"),
    ("python /etc/passwd.py", "there is no file", "Change to the folder"),
    ("python ../train.py", "there is no file", "Change to the folder"),
    ("bash -c pwd", "`bash` runs no script", "Give the Python file"),
    ("bash other.sh", "other.sh starts no Python program", "Give the command of the one"),
    ("bash two.sh", "two.sh starts 2 Python programs", "Give the command of the one"),
    ("bash shell.sh", "depends on the shell", "Give the command with its values"),
    ("bash gone.sh", "there is no file `gone.sh`", "Change to the folder"),
    ("A=1", "names no program", "Give the Python file"),
    ("ls -l", "trainwreck runs Python files", "Give the Python file"),
]


@pytest.mark.parametrize(("typed", "problem", "hint"), MISTAKES, ids=lambda value: value)
def test_command_that_runs_no_program_is_answered_with_what_to_do(
    folder: Path, typed: str, problem: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read_command_line(typed.split(), folder)
    assert problem in caught.value.what
    assert hint in caught.value.what + caught.value.hint


def test_program_outside_of_the_folder_is_refused(folder: Path) -> None:
    inside = folder / "src"
    with pytest.raises(UsageError, match="is outside of"):
        read_command_line(["python", "../train.py"], inside)


def test_scripts_that_start_one_another_end(folder: Path) -> None:
    (folder / "a.sh").write_text("env env bash b.sh\n")
    (folder / "b.sh").write_text("./a.sh\n")
    with pytest.raises(UsageError):
        read_command_line(["bash", "a.sh"], folder)


@pytest.mark.process
def test_runner_is_asked_for_its_interpreter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = folder / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\ntest "$1 $2 $3" = "run --with rich" || exit 3\necho /made/by/uv\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
    line = read_command_line(["uv", "run", "--with", "rich", "train.py", "--epochs", "3"], folder)
    assert (line.command, line.python) == (("train.py", "--epochs", "3"), "/made/by/uv")
    with pytest.raises(UsageError, match="names no interpreter"):
        read_command_line(["uv", "run", "train.py"], folder)
    with pytest.raises(UsageError, match="there is no program `poetry` on the path"):
        read_command_line(["poetry", "run", "python", "train.py"], folder)
