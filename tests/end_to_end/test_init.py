"""The command `init` on small programs: what it writes, and what it says of those that fail."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwreck.campaign.init.observe import WORK
from trainwreck.cli import starting
from trainwreck.cli.main import run
from trainwreck.subject.settings_file import load_settings

Told = Callable[..., tuple[int, str, str]]

TRAIN = """
import argparse, random

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    random.seed(args.seed)
    weight = random.random()
    for epoch in range(args.epochs):
        weight += 0.1
        print(f"epoch {epoch} val_loss: {1 / weight:.4f}")
    print(f"Test accuracy: {min(weight / 3, 1):.3f}")

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Run init in a folder with files; return the exit code and both outputs, never a traceback."""

    def tell(
        *words: str, files: dict[str, str] | None = None, checked: bool = False
    ) -> tuple[int, str, str]:
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        for name, text in (files if files is not None else {"train.py": TRAIN}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        monkeypatch.chdir(folder)
        monkeypatch.delenv("VIRTUAL_ENV", raising=False)
        monkeypatch.delenv("CONDA_PREFIX", raising=False)
        code = run(["init", *([] if checked else ["--no-doctor"]), *words])
        out, err = capsys.readouterr()
        assert "Traceback (most recent call last)" not in err.split("; it printed:")[0]
        assert not (folder / WORK).exists()
        return code, out, " ".join(err.split())

    return tell


def test_init_writes_settings_with_which_the_doctor_passes(
    told: Told, tmp_path: Path, no_process_is_left: None
) -> None:
    code, out, _ = told(sys.executable, "train.py", "--epochs", "3", checked=True)
    assert code == 0
    settings = load_settings(tmp_path / "mine" / "trainwreck.toml")
    assert settings.subject.command == ("train.py", "--epochs", "3", "--seed", "{seed}")
    assert {m.name: m.pattern for m in settings.subject.metrics} == {
        "test_accuracy": r"Test accuracy: (\S+)",
        "val_loss": r"val_loss: (\S+)",
    }
    assert settings.subject.python == ""
    assert "the result depends on the seed" in out or "seed" in out
    assert "Next: trainwreck run --mutants 50" in out
    assert "takes about" in out


def test_init_never_changes_settings_that_exist(told: Told, tmp_path: Path) -> None:
    code, _, err = told(files={"train.py": TRAIN, "trainwreck.toml": "mine"})
    assert code == 1
    assert "already, and it stays as it is" in err
    assert (tmp_path / "mine" / "trainwreck.toml").read_text() == "mine"


def test_init_prints_its_proposal_as_json(told: Told) -> None:
    code, out, _ = told("--json", "train.py")
    proposal, after = map(json.loads, out.splitlines())
    assert code == 0
    assert proposal["command"] == ["train.py", "--seed", "{seed}"]
    assert proposal["seed"]["way"] == "option"
    assert after["next"] == "trainwreck doctor"


def test_init_runs_again_without_an_option_that_the_program_refuses(
    told: Told, tmp_path: Path
) -> None:
    program = TRAIN.replace('parser.add_argument("--seed", type=int, default=1)', "").replace(
        "random.seed(args.seed)", "random.seed(0)"
    )
    other = "def parser(p):\n    p.add_argument('--seed')\n"
    files = {"train.py": f"import other\n{program}", "other.py": other}
    code, _, err = told("train.py", files=files)
    assert code == 0
    assert "without --seed, which it refuses" in err
    assert not load_settings(tmp_path / "mine" / "trainwreck.toml").subject.takes_seed


def test_init_reads_metrics_from_files_that_the_run_wrote(told: Told, tmp_path: Path) -> None:
    program = (
        "import os\nos.makedirs('logs/run_3')\nopen('logs/run_3/log.csv', 'w').write("
        "'epoch,val_loss\\n1,0.5\\n2,0.4\\n')\nopen('model.bin', 'wb').write(b'1')\n"
    )
    code, _, _ = told("train.py", files={"train.py": program})
    assert code == 0
    (metric,) = load_settings(tmp_path / "mine" / "trainwreck.toml").subject.metrics
    assert (metric.name, metric.file) == ("val_loss", "logs/run_*/log.csv")
    assert '# outputs = ["model.bin"]' in (tmp_path / "mine" / "trainwreck.toml").read_text()
    assert not (tmp_path / "mine" / "logs").exists()


def test_init_proposes_the_phases_of_an_estimator_and_the_libraries_that_train(
    told: Told, tmp_path: Path
) -> None:
    library = tmp_path / "site-packages"
    (library / "sklearn").mkdir(parents=True)
    (library / "sklearn" / "__init__.py").write_text("")
    (library / "sklearn" / "base.py").write_text("class BaseEstimator:\n    pass\n")
    lines = "".join(f"        self.w += {number}\n" for number in range(30))
    (library / "sklearn" / "linear.py").write_text(
        "from sklearn.base import BaseEstimator\nclass Linear(BaseEstimator):\n"
        f"    def fit(self):\n        self.w = 0\n{lines}        return self\n"
    )
    program = (
        "from sklearn.linear import Linear\nrows = [1, 2]\nmodel = Linear()\nmodel.fit()\n"
        "print('accuracy:', model.w / 1000)\n"
    )
    words = (f"PYTHONPATH={library}", sys.executable, "train.py")
    code, _, err = told(*words, files={"train.py": program})
    assert code == 0, err
    subject = load_settings(tmp_path / "mine" / "trainwreck.toml").subject
    assert [(mark.name, mark.line) for mark in subject.phases] == [
        ("preprocessing", 2),
        ("learning", 4),
    ]


@pytest.mark.parametrize(("answer", "is_written"), [("n", False), ("", True), ("Y", True)])
def test_init_asks_on_a_terminal_before_it_writes(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, is_written: bool
) -> None:
    monkeypatch.setattr(starting, "_is_terminal", lambda _: True)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    code, out, _ = told("train.py")
    assert code == 0
    assert (tmp_path / "mine" / "trainwreck.toml").exists() is is_written
    assert ("[metrics.test_accuracy]" in out) is not is_written


def test_init_takes_the_only_program_of_a_folder_and_its_environment(
    told: Told, tmp_path: Path
) -> None:
    files = {"pkg/__init__.py": "", "pkg/__main__.py": TRAIN, "test_a.py": "", "setup.py": ""}
    beside = tmp_path / "mine" / ".venv"
    (beside / "bin").mkdir(parents=True)
    (beside / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (beside / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    (beside / "lib").symlink_to(Path(sys.prefix) / "lib")
    code, _, err = told(files=files)
    assert code == 0, err
    subject = load_settings(tmp_path / "mine" / "trainwreck.toml").subject
    assert subject.command == ("-m", "pkg", "--seed", "{seed}")
    assert subject.python == ".venv/bin/python"


NONE: dict[str, str] = {}
BAD = [
    ((), NONE, 1, "there is no Python program in ", "Change to the folder of your program"),
    ((), {"a.ipynb": "{}"}, 1, "the notebook a.ipynb", "jupyter nbconvert --to script a.ipynb"),
    (("a.ipynb",), {"a.ipynb": "{}"}, 1, "runs the notebook", "jupyter nbconvert --to script"),
    ((), {"a.py": TRAIN, "b.py": TRAIN}, 1, "there are 2 programs", "trainwreck init python a.py"),
    (("nothing-here",), {"a.py": TRAIN}, 1, "no such command", "correct the command"),
    (("--python", "/no/python", "a.py"), {"a.py": TRAIN}, 1, "/no/python", "Python from 3.6"),
    (("--limit", "soon", "a.py"), {"a.py": TRAIN}, 1, "not a time", "Give another value."),
    (("--profile", "tiny", "a.py"), {"a.py": TRAIN}, 1, "without profiles", "Leave out"),
    (("--limits", "1h", "a.py"), {"a.py": TRAIN}, 1, "--limits", "--help"),
    (("a.py",), {"a.py": "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\n"
                         "p.parse_args()"}, 2,
     "needs other arguments; it printed: usage: a.py [-h] data", "Add them behind it"),
    (("a.py",), {"a.py": "import sys\nprint('loss:', float(sys.argv[1]))"}, 2,
     "the program needs other arguments; it printed: Traceback", "Add them behind it"),
    (("a.py",), {"a.py": "raise OSError('[Errno -2] Name or service not known')"}, 2,
     "Name or service not known", "This run may use the network, and did not reach"),
    (("a.py",), {"a.py": "1 / 0"}, 2, "/mine/a.py\", line 1", "run to its end by itself"),
    (("a.py",), {"a.py": "open('data/train.csv')"}, 2,
     "FileNotFoundError: [Errno 2] No such file or directory: 'data/train.csv'", "Put the file"),
    (("a.py",), {"a.py": "import argparse\np = argparse.ArgumentParser()\n"
                         "p.add_argument('--device')\np.parse_args()\n"
                         "raise RuntimeError('Found no NVIDIA driver on your system.')"}, 2,
     "RuntimeError: Found no NVIDIA driver", "Let it use the processor by `--device`"),
    (("--limit", "2s", "a.py"), {"a.py": "import argparse, time\np = argparse.ArgumentParser()\n"
                                         "p.add_argument('--epochs')\np.parse_args()\n"
                                         "while True: time.sleep(0.1)"}, 2,
     "did not end within", "such as `--epochs`, or give it more time with `--limit 1h`"),
    (("--limit", "2s", "a.py"), {"a.py": "import time\nwhile True: time.sleep(0.1)  # hours"}, 2,
     "did not end within", "run `trainwreck init EPOCHS=2 python a.py`, or give it more time"),
    (("a.py",), {"a.py": "open('/no/such/rows.csv')"}, 2, "No such file", "Put /no/such/rows.csv"),
    (("a.py",), {"a.py": "print 'loss: 0.5'"}, 2, "SyntaxError", "It is written for Python 2"),
    (("a.py",), {"a.py": "import nowhere_at_all"}, 2, "ModuleNotFoundError",
     "-m pip install nowhere_at_all`, or name the interpreter that has it: `--python PATH`."),
    (("a.py",), {"a.py": "print('done')"}, 2, "reports no number", "such as `accuracy: 0.87`"),
    (("a.py",), {"a.py": ""}, 2, "reports no number", "such as `accuracy: 0.87`"),
    (("a.py",), {"a.py": "import os\nos.abort()"}, 2, "it ended by", "run to its end by itself"),
    (("a.py",), {"a.py": "input('Go on?')"}, 2, "EOFError", "run without a question"),
    (("a.py",), {"a.py": "import sys\nprint('loss: 1.5')\nsys.exit(3)"}, 2, "exit status 3",
     "run to its end by itself"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "files", "code", "problem", "hint"), BAD, ids=[case[3][:40] for case in BAD]
)
def test_init_answers_a_program_that_it_cannot_use_with_what_to_do(
    told: Told,
    tmp_path: Path,
    no_process_is_left: None,
    words: tuple[str, ...],
    files: dict[str, str],
    code: int,
    problem: str,
    hint: str,
) -> None:
    ended, _, err = told(*words, files=files)
    assert ended == code, err
    assert problem in err
    assert hint in err
    assert not (tmp_path / "mine" / "trainwreck.toml").exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_init_in_a_folder_that_cannot_be_written(told: Told, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o500)
    code, _, err = told(files={})
    assert code == 1
    assert "cannot be written" in err
