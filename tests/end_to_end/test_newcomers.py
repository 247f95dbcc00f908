"""What a first-time user does on a foreign program: each works, or is answered with one hint."""

import importlib.machinery
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trainwreck.cli.main import run

SETTINGS = """
[subject]
name = "foreign"
command = ["train.py"]
{subject}

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
clean_timeout = {seconds}
"""
TRAIN = "number = 1 + 1\nprint('accuracy:', number / 4)\n"

Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Run a command on a foreign program; return the exit code and what it said, never a traceback.

    ``subject`` are further lines of [subject], ``name`` is the folder's name.
    """

    def tell(
        *arguments: str,
        program: str | bytes = TRAIN,
        subject: str = "",
        seconds: int = 20,
        name: str = "foreign",
        more: str = "",
    ) -> tuple[int, str]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        text = program.encode() if isinstance(program, str) else program
        (folder / "train.py").write_bytes(text)
        settings = SETTINGS.format(subject=subject, seconds=seconds) + more
        if "command" in subject:
            settings = settings.replace('command = ["train.py"]\n', "", 1)
        (folder / "trainwreck.toml").write_text(settings, encoding="utf-8")
        monkeypatch.chdir(folder)
        code = run(list(arguments or ["baseline"]))
        said = capsys.readouterr().err
        assert "Traceback (most recent call last)" not in said.split("; it printed:")[0]
        return code, " ".join(said.split())

    return tell


PROGRAMS = [
    ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'",
     "-m pip install nowhere_at_all`, or set `python` under [subject] to the interpreter that has"),
    ("raise ModuleNotFoundError(\"No module named 'cv2'\")",
     "No module named 'cv2'", "-m pip install opencv-python`"),
    ("answer = input('Continue? ')", "EOFError: EOF when reading a line",
     "Make the program run without a question: pass the answer in `command` or in `env`."),
    ("open('../data/rows.csv')", "No such file or directory: '../data/rows.csv'",
     "Put the file into "),
    ("open('/no/such/data/rows.csv')", "No such file or directory: '/no/such/data/rows.csv'",
     "Put /no/such/data/rows.csv there, or give the program the path of its data"),
    ("open('result.txt', 'w').write('accuracy: 0.5')", "the program printed nothing",
     "Print the value, or read it from a `file`."),
    ("print('done')\nopen('result.txt', 'w').write('accuracy: 0.5')",
     "no line of the output holds a number", "Make the program print the value."),
    ("", "the program printed nothing", "Print the value, or read it from a `file`."),
    ("print('accuracy: 0,75')", "its group held no number: accuracy: (\\S+) found `0,75`",
     "Put the parentheses around the number alone."),
    ("print('Accuracy: 0.75')", "lines that hold numbers: Accuracy: 0.75", "Correct the pattern."),
    ("print('accuracy:\\n   0.75')", "lines that hold numbers: 0.75", "Correct the pattern."),
    ("print('accuracy: nan')", "metric `accuracy` is not a number",
     "Make the clean program reach a number first."),
    ("import os, time\nos.fork() and os._exit(0)\nos.setsid()\ntime.sleep(60)",
     "the program printed nothing", "Print the value, or read it from a `file`."),
    ("print 'accuracy: 0.5'", "SyntaxError",
     "Set `python` under [subject] to a Python that the program is written for."),
    ("import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\np.parse_args()",
     "SystemExit: 2", "Correct `command` under [subject]: the program refuses its arguments."),
    ("raise MemoryError", "MemoryError", "Raise `memory` under [trials]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "problem", "hint"), PROGRAMS, ids=lambda text: text[:40].replace("\n", " ")
)
def test_a_program_that_does_not_work_is_answered_with_what_to_do(
    told: Told, program: str, problem: str, hint: str
) -> None:
    code, said = told(program=program)
    assert code == 2
    assert problem in said
    assert hint in said


def test_a_program_that_never_ends_is_stopped_and_the_limit_is_named(told: Told) -> None:
    code, said = told(program="import time\nwhile True: time.sleep(1)", seconds=2)
    assert code == 2
    assert "it did not end within its limit" in said
    assert "Raise `clean_timeout` under [trials], now 2 seconds" in said


SUBJECTS = [
    ('command = ["trian.py"]', "the command runs `trian.py`, which is no file in ",
     "did you mean `train.py`? Correct `command` under [subject]."),
    ('command = ["."]', "the command runs `.`, which is a folder",
     "Write the Python file, or `-m` and the package."),
    ('targets = ["app", "import-linter"]', "the target `import-linter` cannot be found",
     "Write `importlinter`, which programs import."),
    ('targets = ["app", "nowhere"]', "the target `nowhere` cannot be found",
     "Install it there, or correct `targets` or `python` under [subject]."),
    ('targets = ["train"]', "the target `train` cannot be found",
     "Write `app` for the program's own files."),
    ('targets = ["app", "rich.nothing"]', "the target `rich.nothing` has no Python file",
     "Name a package or module that is written in Python, or `app` for the program."),
    ('python = "python2.7.99"', "python2.7.99", ""),
    ('python = "/"', "`/`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "problem", "hint"), SUBJECTS, ids=lambda text: text[:40])
def test_a_subject_that_cannot_be_found_is_answered_before_anything_runs(
    told: Told, subject: str, problem: str, hint: str
) -> None:
    code, said = told(subject=subject)
    assert code == 1
    assert problem in said
    assert hint in said


@pytest.mark.parametrize(
    ("patterns", "problem"),
    [
        ('["trian.py"]', "`trian.py` of `exclude` matches no further file of the targets"),
        ('["train.py", "*.py"]', "`*.py` of `exclude` matches no further file of the targets"),
        ('["*.py"]', "`exclude` leaves no file of the targets"),
        ('["/train.py"]', "must hold paths inside the folder of the program"),
    ],
)
def test_files_that_cannot_be_left_out_are_refused(
    told: Told, tmp_path: Path, patterns: str, problem: str
) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "other.txt").touch()
    code, said = told(more=f"[mutants]\nexclude = {patterns}\n")
    assert code == 1
    assert problem in said


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ("[]", {"sums.py", "train.py", "watch/__init__.py", "watch/loss.py"}),
        ('["watch"]', {"sums.py", "train.py"}),
        ('["watch/l*"]', {"sums.py", "train.py", "watch/__init__.py"}),
        ('["watch/", "sums.py"]', {"train.py"}),
    ],
)
def test_files_that_are_left_out_have_no_mutants(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    patterns: str,
    left: set[str],
) -> None:
    (tmp_path / "watch").mkdir()
    for name in ("train.py", "sums.py", "watch/__init__.py", "watch/loss.py"):
        (tmp_path / name).write_text(TRAIN)
    more = f"[mutants]\nexclude = {patterns}\n" if patterns != "[]" else ""
    settings = SETTINGS.format(subject="", seconds=20) + more
    (tmp_path / "trainwreck.toml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    assert run(["list", "--uncovered", "--json"]) == 0
    assert {json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()} == left


def test_a_target_that_is_compiled_only_has_no_python_file(told: Told, tmp_path: Path) -> None:
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    (tmp_path / f"compiled{suffix}").touch()
    code, said = told(subject=f'targets = ["compiled"]\nenv = {{ PYTHONPATH = "{tmp_path}" }}')
    assert code == 1
    assert "the target `compiled` has no Python file" in said


def test_a_module_that_is_not_there_is_named_after_m(told: Told) -> None:
    code, said = told(subject='command = ["-m", "nowhere_at_all.train"]')
    assert code == 2
    assert "nowhere_at_all" in said
    assert "-m pip install nowhere_at_all`" in said


def test_a_phase_beyond_the_end_of_its_file_is_refused(told: Told) -> None:
    code, said = told(more='[phases]\nlearning = "train.py:900"\n')
    assert code == 1
    assert "the phase `learning` begins at line 900 of `train.py`, which has 2 lines" in said


WORKING = [
    ({"program": "print('accuracy: 5e-1', 1 + 1)"}, "scientific notation"),
    ({"program": "print('accuracy: 75%', 1 + 1)"}, "a percent sign"),
    ({"program": "print('accuracy: \\x1b[32m0.5\\x1b[0m', 1 + 1)"}, "colours"),
    ({"program": "for n in range(3):\n    print('\\r', n, 'accuracy:', n / 4, end='')"}, "bars"),
    ({"program": "import sys\nprint('accuracy:', 2 / 4, file=sys.stderr)"}, "standard error"),
    ({"program": b"\xef\xbb\xbfnumber = 1 + 1\r\nprint('accuracy:', number / 4)\r\n"}, "BOM, CRLF"),
    ({"name": "mein Prögramm ü"}, "spaces and other letters"),
    ({"program": "import os\nassert os.path.exists('train.py')\n" + TRAIN}, "its own folder"),
    ({"subject": 'command = ["./train.py"]'}, "a path with a dot"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "what"), WORKING, ids=[what for _, what in WORKING])
def test_what_other_programs_do_works(told: Told, case: dict[str, str], what: str) -> None:
    code, said = told(**case)
    assert (code, what) == (0, what), said


def test_a_target_that_is_a_module_of_one_file_works(told: Told, tmp_path: Path) -> None:
    (tmp_path / "toolbox.py").write_text("def half(x):\n    return x / 2\n")
    code, said = told(
        program="import toolbox\nprint('accuracy:', toolbox.half(1))\n",
        subject=f'targets = ["toolbox"]\nenv = {{ PYTHONPATH = "{tmp_path}" }}',
    )
    assert code == 0, said


def test_a_script_need_not_be_executable(told: Told, tmp_path: Path) -> None:
    code, said = told()
    assert not os.access(tmp_path / "foreign" / "train.py", os.X_OK)
    assert code == 0, said


def test_a_changed_setting_is_named_with_both_values(told: Told) -> None:
    assert told()[0] == 0
    code, said = told("run", subject="threads = 2\n")
    assert code == 1
    assert "was made with other settings: `subject.threads` was 1 and is 2" in said
    code, said = told("run", subject='env = { TOKEN = "secret" }\n')
    assert code == 1
    assert "was made with other settings: `subject.env.TOKEN` changed" in said
    assert "secret" not in said


def test_of_a_changed_table_only_the_keys_that_differ_are_named(told: Told) -> None:
    program = "print('accuracy:', 0.5)\nprint('loss:', 0.25)\n"
    loss, by_line = "[metrics.loss]\npattern = 'loss: ({})'\n", r"\S+"
    assert told(program=program)[0] == 0
    _, said = told("run", program=program, more=loss.format(by_line))
    assert "was made with other settings: `subject.metrics.loss` is new Use another" in said
    assert told(program=program, more=loss.format(by_line), name="second")[0] == 0
    _, said = told("run", program=program, more=loss.format("[0-9.]+"), name="second")
    change = 'is "loss: ([0-9.]+)" Use another folder'
    assert '`subject.metrics.loss.pattern` was "loss: (' in said
    assert change in said
    _, said = told("run", program=program, name="second")
    assert "other settings: `subject.metrics.loss` has gone Use another folder" in said


def test_the_folder_of_the_program_is_no_campaign_and_the_message_names_it(told: Told) -> None:
    assert told()[0] == 0
    for path, hint in (
        (".", "Name its own folder: .trainwreck."),
        (".trainwreck/campaign.sqlite", "Name the campaign's folder, .trainwreck."),
        ("nowhere", "or begin with `trainwreck init COMMAND`, which writes one for your program."),
    ):
        code, said = told("report", path)
        assert code == 1
        assert hint in said
