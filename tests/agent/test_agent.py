"""The agent in real interpreters: every Python from 3.6 to 3.14 that is present."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.errors import TrainwreckError
from trainwreck.model import Mutant, OperatorCode, Outcome, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.mutants.files import application_files, library_files
from trainwreck.mutants.listing import list_mutants
from trainwreck.run.context import RunContext
from trainwreck.run.launcher import TrialRequest, TrialResult, run_trial
from trainwreck.run.limits import Limits
from trainwreck.source import decode
from trainwreck.subject.interpreter import check_compiles, survey
from trainwreck.subject.phase_markers import phase_marks
from trainwreck.subject.settings_file import load_settings

LIMITS = Limits(60, 60, 1 << 30)
VERSIONS = [f"3.{minor}" for minor in range(6, 15)]


def interpreters() -> dict[str, str]:
    """Interpreters by version: on the path, under pyenv, and the one that runs the tests."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        installed = sorted(pyenv.glob(f"{version}.*/bin/python"))
        path = str(installed[-1]) if installed else shutil.which(f"python{version}")
        if path and version not in found:
            found[version] = path
    return found


PYTHONS = interpreters()


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def bench(zoo: Path, python: str = sys.executable) -> RunContext:
    settings = load_settings(zoo / "trainwreck.toml")
    subject = settings.subject
    interpreter = survey(python, ["toylib"], dict(subject.env))
    library = interpreter.libraries["toylib"]
    assert library is not None
    texts = {file.file: file.path.read_text() for file in application_files(zoo)}
    return RunContext(
        subject=subject,
        folder=zoo,
        campaign=zoo.parent / "campaign",
        executable=interpreter.executable,
        bases={"toylib": library.parent},
        covers=(library,),
        marks=phase_marks((), texts),
        data=None,
    )


def mutant_of(context: RunContext, root: str, text: str, operator: OperatorCode) -> Mutant:
    """The first mutant by ``operator`` on the first line that contains ``text``."""
    files = (
        application_files(context.folder)
        if root == "app"
        else library_files(root, context.bases[root] / root)
    )
    for file in files:
        source = decode(file.path.read_bytes())
        for mutant in list_mutants(source, root, file.file, file.module, (3, 6)).mutants:
            line = source.text.splitlines()[mutant.span.line - 1]
            if text in line and mutant.operator is operator:
                return mutant
    raise LookupError(text)


def run_once(context: RunContext, trial: Trial) -> TrialResult:
    return run_trial(TrialRequest(trial, LIMITS), context, Slot(0, context.work / "0"))


def try_out(
    context: RunContext, mutant: Mutant | None = None, kind: TrialKind = TrialKind.MUTANT
) -> TrialResult:
    trial = Trial("zoo", kind if mutant or kind is not TrialKind.MUTANT else TrialKind.CLEAN, 0)
    return run_once(context, replace(trial, mutant=mutant))


def bug(context: RunContext, root: str, text: str, operator: OperatorCode) -> Outcome:
    return try_out(context, mutant_of(context, root, text, operator)).outcome


@pytest.mark.usefixtures("no_process_is_left")
class TestOnEveryPython:
    def test_a_clean_run_reports_phases_and_metrics(self, zoo: Path, python: str) -> None:
        finished = try_out(bench(zoo, python))
        outcome = finished.outcome
        assert outcome.exit.fine, finished.log.decode()
        assert finished.troubles == ()
        assert [phase.name for phase in outcome.phases] == [
            "preprocessing",
            "constructing",
            "learning",
        ]
        assert len(outcome.steps["accuracy"]) == 3
        assert len(outcome.steps["loss"]) == 3
        assert outcome.hits == 0
        assert not outcome.planted

    def test_a_clean_run_repeats(self, zoo: Path, python: str) -> None:
        context = bench(zoo, python)
        assert try_out(context).outcome.digest == try_out(context).outcome.digest

    def test_a_bug_in_the_library_is_planted_and_counted(self, zoo: Path, python: str) -> None:
        context = bench(zoo, python)
        clean = try_out(context).outcome
        outcome = bug(context, "toylib", "model.bias -= rate", OperatorCode.AsOR)
        assert outcome.planted
        assert outcome.hits == 120
        assert outcome.digest != clean.digest

    def test_a_bug_in_the_main_program_is_planted_and_counted(self, zoo: Path, python: str) -> None:
        outcome = bug(bench(zoo, python), "app", "rate=0.5", OperatorCode.NVR)
        assert outcome.planted
        assert outcome.hits == 3
        assert len(outcome.phases) == 3

    def test_a_bug_in_a_module_of_the_program_is_planted(self, zoo: Path, python: str) -> None:
        outcome = bug(bench(zoo, python), "app", "getsize", OperatorCode.ComOR)
        assert outcome.planted
        assert outcome.hits == 1

    def test_a_crash_has_type_message_and_place(self, zoo: Path, python: str) -> None:
        outcome = bug(bench(zoo, python), "toylib", "if size is None", OperatorCode.ComOR)
        assert outcome.exit.code == 1
        assert outcome.error is not None
        assert (outcome.error.type, outcome.error.message) == (
            "ValueError",
            "a model needs a size",
        )
        assert outcome.place is not None
        assert (outcome.place.file, outcome.place.function) == ("toylib/__init__.py", "__init__")
        assert outcome.phase == "constructing"

    def test_readers_of_source_see_the_bug(self, zoo: Path, python: str) -> None:
        function = bug(bench(zoo, python), "toylib", "return 40 + 2", OperatorCode.ArOR)
        assert function.error is not None
        assert function.error.message == "the reader saw 38"
        whole_class = bug(bench(zoo, python), "toylib", "value = 42", OperatorCode.NVR)
        assert whole_class.error is not None
        assert whole_class.error.type == "AssertionError"

    def test_forked_workers_count_for_themselves(self, zoo: Path, python: str) -> None:
        outcome = bug(bench(zoo, python), "toylib", "return number * 1", OperatorCode.NVR)
        assert outcome.planted
        assert outcome.hits == 3

    def test_a_segmentation_fault_is_a_signal(self, zoo: Path, python: str) -> None:
        outcome = bug(bench(zoo, python), "toylib", "SOUND = True", OperatorCode.BVR)
        assert (str(outcome.exit.ending), outcome.exit.code) == ("signal", 11)
        assert "Segmentation fault" in outcome.stack

    def test_mutants_that_do_not_compile_are_found(self, zoo: Path, python: str) -> None:
        path = zoo / "odd.py"
        path.write_text("a = 1\nb: int = a + 2\ndef f(x=not a): return a is 3\n")
        source = decode(path.read_bytes())
        mutants = list_mutants(source, "app", "odd.py", "odd", (3, 6)).mutants
        (checked,) = check_compiles(survey(python, []), [(path, source, mutants)])
        assert checked.problem == ""
        assert list(checked.mutants) == list(mutants)


@pytest.mark.usefixtures("no_process_is_left")
class TestTheGuest:
    def test_it_refuses_a_file_that_is_not_the_mutants(self, zoo: Path) -> None:
        context = bench(zoo)
        mutant = mutant_of(context, "toylib", "return 40 + 2", OperatorCode.ArOR)
        with pytest.raises(TrainwreckError, match="has changed since its mutants were listed"):
            try_out(context, replace(mutant, source_sha="0" * 64))

    def test_the_environments_own_sitecustomize_still_runs(self, zoo: Path) -> None:
        (zoo.parent / "library" / "sitecustomize.py").write_text(
            "import builtins\nbuiltins.mine = 1"
        )
        train = zoo / "train.py"
        train.write_text(train.read_text() + "\nassert mine == 1\n")
        finished = try_out(bench(zoo))
        assert finished.outcome.exit.fine, finished.log.decode()

    def test_the_program_sees_its_own_names_only(self, zoo: Path) -> None:
        (zoo / "train.py").write_text(
            "import sys, os\n"
            "print('accuracy: 1')\n"
            "assert sys.argv[0] == 'train.py', sys.argv\n"
            "assert sys.path[0] == os.getcwd(), sys.path\n"
            "assert __name__ == '__main__'\n"
            "assert sys.modules['__main__'].__dict__ is globals()\n"
            "assert not any('trainwreck/agent' in entry for entry in sys.path), sys.path\n"
        )
        finished = try_out(bench(zoo))
        assert finished.outcome.exit.fine, finished.log.decode()

    def test_a_program_may_run_as_a_module(self, zoo: Path) -> None:
        context = bench(zoo)
        subject = replace(context.subject, command=("-m", "train", "--seed", "{seed}"))
        outcome = bug(replace(context, subject=subject), "app", "rate=0.5", OperatorCode.NVR)
        assert outcome.planted
        assert outcome.hits == 3

    def test_spawned_workers_run_the_bug_of_the_main_program(self, zoo: Path) -> None:
        (zoo / "train.py").write_text(
            "import multiprocessing\n"
            "def work(number):\n"
            "    return number + 1\n"
            "if __name__ == '__main__':\n"
            "    with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
            "        print('accuracy:', sum(pool.map(work, [1, 2])))\n"
        )
        outcome = bug(bench(zoo), "app", "return number", OperatorCode.ArOR)
        assert outcome.steps["accuracy"] == ("1",)
        assert outcome.hits == 2

    def test_exit_statuses_are_the_programs_own(self, zoo: Path) -> None:
        for ending, code in (("sys.exit(4)", 4), ("sys.exit()", 0), ("sys.exit('no')", 1)):
            (zoo / "train.py").write_text(f"import sys\nprint('accuracy: 1')\n{ending}\n")
            assert try_out(bench(zoo)).outcome.exit.code == code

    def test_a_traceback_shows_no_frame_of_the_agent(self, zoo: Path) -> None:
        (zoo / "train.py").write_text("def f():\n    raise KeyError(1)\nf()\n")
        log = try_out(bench(zoo)).log.decode()
        assert "KeyError: 1" in log
        assert "trainwreck_agent" not in log

    def test_seeds_reach_the_generators_of_python_and_the_environment(self, zoo: Path) -> None:
        (zoo / "train.py").write_text(
            "import os, random\n"
            "print('accuracy:', random.random(), os.environ['TRAINWRECK_SEED'], hash('a'))\n"
        )
        first, second = try_out(bench(zoo)), try_out(bench(zoo))
        other = run_once(bench(zoo), Trial("zoo", TrialKind.CLEAN, 1))
        assert first.log == second.log
        assert first.log.split()[1] != other.log.split()[1]
        assert other.log.split()[2] == b"1"

    def test_executed_lines_are_told_by_phase(self, zoo: Path) -> None:
        finished = try_out(bench(zoo), kind=TrialKind.COVERAGE)
        assert finished.outcome.exit.fine, finished.log.decode()
        assert set(finished.covered) == {"import", "preprocessing", "constructing", "learning"}
        learning = finished.covered["learning"]
        assert ("toylib", "toylib/__init__.py") in learning
        assert ("app", "train.py") in learning
        assert ("app", "notes.py") not in learning

    @pytest.mark.parametrize("kind", ["fork", "spawn"])
    def test_lines_of_workers_that_are_terminated_are_not_lost(self, zoo: Path, kind: str) -> None:
        (zoo / "train.py").write_text(
            "import multiprocessing, time\n"
            "def work(pipe):\n"
            "    pipe.send(1)\n"
            "    time.sleep(600)\n"
            "if __name__ == '__main__':\n"
            f"    context = multiprocessing.get_context({kind!r})\n"
            "    here, there = context.Pipe()\n"
            "    worker = context.Process(target=work, args=(there,))\n"
            "    worker.start()\n"
            "    print('accuracy:', here.recv())\n"
            "    worker.terminate()\n"
            "    worker.join()\n"
            "    print('ended by', worker.exitcode)\n"
        )
        finished = try_out(bench(zoo), kind=TrialKind.COVERAGE)
        assert "ended by -15" in finished.log.decode()
        assert 3 in finished.covered["import"]["app", "train.py"]

    def test_running_without_the_agent_gives_the_same_metrics(self, zoo: Path) -> None:
        with_agent = try_out(bench(zoo)).outcome
        without = try_out(replace(bench(zoo), agent=False)).outcome
        assert without.exit.fine
        assert without.steps == with_agent.steps

    def test_daemons_of_the_program_are_ended_with_it(self, zoo: Path) -> None:
        (zoo / "train.py").write_text(
            "import subprocess, sys\n"
            "print('accuracy: 1', flush=True)\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],\n"
            "                 start_new_session=True)\n"
        )
        assert try_out(bench(zoo)).outcome.exit.fine
