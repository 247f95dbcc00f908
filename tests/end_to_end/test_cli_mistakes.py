"""Every mistake of a user gets one clear message and the right exit code, and loses nothing."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.store.campaign_file import campaign_lock

SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'
range = [0, 1]

[trials]
clean = 1
repeats = 1
seeds = 1
timeout_factor = 2
clean_timeout = 3
"""
TRAIN = "number = 1 + 1\nprint('accuracy:', number / 4)\n"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(TRAIN)
    monkeypatch.chdir(folder)
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and what was said on standard error; never a traceback."""
    code = run(list(arguments))
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return code, said


def test_a_command_that_does_not_exist(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "explode")
    assert code == 1
    assert "there is no command `explode`" in said
    _, said = told(capsys, "basline")
    assert "Run `trainwreck baseline`." in said


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert capsys.readouterr().out.startswith("Usage: trainwreck")


def test_an_option_that_does_not_exist(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "run", "--mutantz", "3")
    assert code == 1
    assert "--mutantz" in said


def test_a_folder_without_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = told(capsys, "run")
    assert code == 1
    assert "there is no trainwreck.toml" in said


def test_a_mistyped_key(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "trainwreck.toml").write_text(SETTINGS.replace("seeds", "seds"))
    code, said = told(capsys, "baseline")
    assert code == 1
    assert "trainwreck.toml:13: `trials.seds` is unknown" in said
    assert "did you mean `seeds`?" in said


def test_an_interpreter_that_is_missing(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "--python", "python3.99", "baseline")
    assert code == 1
    assert "there is no python3.99 on the path, under pyenv or under uv" in said


def test_an_interpreter_that_is_no_python(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "--python", "/bin/cat", "baseline")
    assert code == 1
    assert "`/bin/cat` is no Python" in said


def test_an_interpreter_without_coverage(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    python = str(bare / "bin" / "python")
    code, said = told(capsys, "--python", python, "baseline")
    assert code == 1
    # It has no pip either.
    assert f"uv pip install --python {python} coverage" in said


def test_a_target_that_cannot_be_found(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SETTINGS.replace('name = "tiny"', 'name = "tiny"\ntargets = ["app", "nowhere.there"]')
    (tiny / "trainwreck.toml").write_text(text)
    code, said = told(capsys, "baseline")
    assert code == 1
    assert "the target `nowhere.there` cannot be found" in said


def test_a_metric_that_never_matches(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "train.py").write_text("print('done')\n")
    code, said = told(capsys, "baseline")
    assert code == 2
    assert "the pattern of metric `accuracy` never matched" in said
    assert "    done" in said


def test_a_clean_run_that_crashes(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "train.py").write_text("raise ValueError('no data')\n")
    code = run(["run"])
    said = capsys.readouterr().err
    assert code == 2
    assert "ValueError: no data" in said


def test_a_clean_run_that_hangs(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "train.py").write_text("import time\nprint('waiting')\ntime.sleep(600)\n")
    code, said = told(capsys, "run")
    assert code == 2
    assert "did not end within its limit" in said
    assert "    waiting" in said


def test_a_clean_run_with_an_impossible_value(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").write_text("print('accuracy: 1.5')\n")
    code, said = told(capsys, "run")
    assert code == 2
    assert "`accuracy` is 1.5, outside its range [0.0, 1.0]" in said


def test_a_failed_baseline_can_be_repeated_once_the_program_works(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").write_text("print('accuracy: 1.5')\n")
    assert run(["baseline"]) == 2
    (tiny / "train.py").write_text(TRAIN)
    assert run(["baseline"]) == 0
    assert "Clean program: 2 runs" in capsys.readouterr().out


def test_a_campaign_folder_that_cannot_be_written(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "file").touch()
    code, said = told(capsys, "--campaign", "file/campaign", "run")
    assert code == 1
    assert "cannot be written" in said
    assert "--campaign DIR" in said


def test_a_campaign_that_is_not_there(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["status"], ["report"], ["list"], ["show", "abc"]):
        code, said = told(capsys, *command)
        assert code == 1
        assert "there is no campaign in" in said


def test_a_campaign_of_another_version(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline"]) == 0
    with sqlite3.connect(tiny / ".trainwreck" / "campaign.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    for command in ("run", "status"):
        code, said = told(capsys, command)
        assert code == 1
        assert "made by another version of trainwreck" in said


def test_a_file_that_is_no_campaign(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / ".trainwreck").mkdir()
    (tiny / ".trainwreck" / "campaign.sqlite").write_text("not a database, " * 100)
    code, said = told(capsys, "status")
    assert code == 1
    assert "is damaged" in said


def test_a_campaign_for_a_source_that_changed(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run"]) == 0
    (tiny / "train.py").write_text(TRAIN + "# more\n")
    code, said = told(capsys, "run")
    assert code == 1
    assert "train.py changed" in said


def test_a_campaign_for_settings_that_changed(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["baseline"]) == 0
    (tiny / "trainwreck.toml").write_text(SETTINGS.replace('["train.py"]', '["train.py", "-v"]'))
    code, said = told(capsys, "run")
    assert code == 1
    assert "made with other settings" in said


def test_a_campaign_from_before_strata_says_how_to_go_on(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "trainwreck.toml").write_text(f'{SETTINGS}\n[mutants]\ndraw = "paper"\n')
    assert run(["baseline"]) == 0
    (tiny / "trainwreck.toml").write_text(SETTINGS)
    code, said = told(capsys, "run")
    assert code == 1
    assert 'write `draw = "paper"` under [mutants]' in said


def test_a_campaign_for_other_data(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("some", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.txt").write_text(name)
    assert run(["--data", str(tmp_path / "some"), "baseline"]) == 0
    assert run(["--data", str(tmp_path / "some"), "baseline"]) == 0
    for other in (["--data", str(tmp_path / "other")], []):
        code, said = told(capsys, *other, "run")
        assert code == 1
        assert "made with other data: rows.txt changed" in said
    code, said = told(capsys, "--data", str(tmp_path / "nowhere"), "run")
    assert code == 1
    assert "there is no folder" in said


def test_a_control_that_fails_stops_the_campaign_which_can_go_on(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    # So that the runs share that file.
    (tiny / "trainwreck.toml").write_text(SETTINGS + 'containment = "none"\n')
    (tiny / "train.py").write_text(
        f"with open({str(runs)!r}, 'a+') as file:\n"
        "    file.write('x')\n"
        "    file.seek(0)\n"
        "    assert file.read() != 'xxxxxx', 'the sixth run fails'\n" + TRAIN
    )
    code, said = told(capsys, "run", "--jobs", "1")
    assert code == 3
    assert "AssertionError: the sixth run fails" in said
    assert run(["run", "--jobs", "1"]) == 0


def test_two_runs_on_one_campaign(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with campaign_lock(tiny / ".trainwreck"):
        code, said = told(capsys, "run")
    assert code == 1
    assert "another trainwreck is at work on the campaign" in said


def test_source_files_in_odd_encodings(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny / "latin.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\nsize = 1\n")
    (tiny / "none.py").write_bytes(b"name = '\xe9'\nsize = 2\n")
    (tiny / "strange.py").write_bytes(b"# coding: klingon\nsize = 3\n")
    (tiny / "train.py").write_text("import latin\n" + TRAIN)
    assert run(["run"]) == 0
    assert run(["list", "--uncovered"]) == 0
    captured = capsys.readouterr()
    assert re.search(r"latin\.py:3 +replace `1` with `2`", captured.out)
    assert "none.py" in captured.err
    assert "strange.py: unknown encoding: klingon" in captured.err
    assert "Traceback" not in captured.err


def test_an_id_that_nobody_has(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline"]) == 0
    code, said = told(capsys, "show", "zzzz")
    assert code == 1
    assert "no mutants have an id that begins with `zzzz`" in said


def test_a_program_without_anything_to_mutate(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").write_text("print('accuracy:', '.5')\n")
    code, said = told(capsys, "run")
    assert code == 1
    assert "no executed line of the targets can be mutated" in said


def test_a_program_that_trains_in_an_isolated_python(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").rename(tiny / "body.py")
    (tiny / "train.py").write_text(
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-I', 'body.py'])\n"
    )
    code, said = told(capsys, "run")
    assert code == 1
    assert "`-I`, `-E` or `-S`" in said


def test_a_report_format_that_cannot_be_made(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(capsys, "report", "--format", "html")
    assert code == 1
    assert "html" in said


def test_a_study_that_does_not_exist(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "study", "nothing")
    assert code == 1
    assert "Choose one of keras" in said


SAYS_THAT_IT_BEGINS = """
import sys
from trainwreck.__main__ import main
print("begins", file=sys.stderr, flush=True)
main()
"""
"""The command. While the interpreter itself starts, a Ctrl-C is answered by its own traceback."""


@pytest.mark.usefixtures("no_process_is_left")
def test_ctrl_c_loses_nothing_and_the_same_command_goes_on(tiny: Path, tmp_path: Path) -> None:
    (tiny / "train.py").write_text(
        "import time\nnumber = 1 + 1\nother = 2 + 2 + 2 + 2\ntime.sleep(0.3)\n"
        "print('accuracy:', number / 4)\n"
    )
    command = [sys.executable, "-c", SAYS_THAT_IT_BEGINS, "run", "--jobs", "2"]
    database = tiny / ".trainwreck" / "campaign.sqlite"
    interrupted = 0
    # On a busy machine a command takes seconds to begin: wait for its own progress, not for a time.
    for runs in (None, 0, 2, 5):
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, preexec_fn=listen_to_ctrl_c
        ) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == "begins\n"
            if runs is None:
                time.sleep(0.2)
            else:
                wait_for_runs(process, database, runs)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        assert "Traceback" not in said
        assert process.returncode in (0, 4, -signal.SIGINT), said
        interrupted += process.returncode == 4
        assert not list((tiny / ".trainwreck" / "work").glob("*/app/*"))
    assert interrupted
    ran = finished(database)
    assert subprocess.run(command, check=False, timeout=120).returncode == 0
    after = finished(database)
    assert ran <= after
    assert sum(kind == "mutant" for kind, _, _ in after) == 13


def wait_for_runs(process: "subprocess.Popen[str]", database: Path, runs: int) -> None:
    """Return when the campaign file holds as many runs, or the command has ended."""
    ends = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < ends:
        try:
            if database.exists() and len(finished(database)) >= runs:
                return
        except sqlite3.OperationalError:
            pass  # The tables are being made.
        time.sleep(0.02)


def listen_to_ctrl_c() -> None:
    """Jobs in the background of a shell inherit that they ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finished(database: Path) -> set[tuple[str, str, float]]:
    """Kind, trial and seconds of the runs that an interruption must keep as they are."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT kind, trial_id, seconds FROM run WHERE kind != 'coverage'"
        )
        return set(rows.fetchall())


def test_the_command_runs_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "trainwreck", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert ended.returncode == 0
    assert ended.stdout.startswith("trainwreck ")


def test_a_program_that_takes_its_seed_from_the_clock_is_named_by_doctor(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").write_text(
        "import random, time, uuid\n"
        "random.seed(time.time_ns())\n"
        "name = uuid.uuid4()\n"
        "number = 1 + 1\n"
        "print('accuracy:', random.random())\n"
    )
    assert run(["doctor"]) != 0
    said = capsys.readouterr().out
    assert "No seed reaches `uuid.uuid4` at train.py:3." in said
    assert "another seed in each run to `random.seed` at train.py:2." in said
