"""The text of a guard, and that its comparisons are those whose power was measured."""

import unittest
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import many_mutants
from trainwreck.campaign.guard import nothing_to_guard
from trainwreck.campaign.package_versions import imported
from trainwreck.findings.comparisons import Reference, Trajectory, Usual
from trainwreck.findings.guarding import Guard, GuardCheck, only_metrics
from trainwreck.findings.measured_checks import (
    CleanTrajectories,
    Observations,
    Observed,
    standard_checks,
)
from trainwreck.model import Judged, PlannedMutant, Rung, Share, Symptom, Verdict
from trainwreck.report.guard import guard_text
from trainwreck.report.guard_body import (
    kind_of_machine,
    problem_of,
    read_values,
    versions_of,
)
from trainwreck.stats.groups import Chance

CHECKS = [check for check in standard_checks(3) if check.form]
NUMBERS = st.sampled_from([0.0, 1.0, 1.005, 1.0005, 1.000005, 1.05, 3.0, nan, inf, -inf])
RUNS = st.dictionaries(st.sampled_from(["loss", "accuracy"]), st.lists(NUMBERS, max_size=3))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@given(run=RUNS, golden=RUNS)
def test_guard_raises_an_alarm_where_the_measured_check_does(
    check: object, run: dict[str, list[float]], golden: dict[str, list[float]]
) -> None:
    (check,) = [each for each in CHECKS if each is check]
    usual = {"loss": Usual(1.0, 0.01, 9)}
    known = Reference(Trajectory(golden, {}), usual)
    data: dict[str, object] = {
        "golden": {name: list(map(repr, values)) for name, values in golden.items()},
        "usual": {name: (each.mean, each.deviation) for name, each in usual.items()},
    }
    problem = problem_of(run, data, check.form, check.limits)
    assert bool(problem) == check.alarm(Trajectory(run, {}), known)


def guard(subject: str = "x", pattern: str = r"loss: (\S+)") -> Guard:
    return Guard(
        subject=subject,
        checks=tuple(GuardCheck(check, Share(3, 4), Share(0, 60)) for check in CHECKS),
        noticed=Share(3, 4),
        chance=Chance(0.75, 0.3, 0.95),
        bugs=("a", "b", "c"),
        files=1,
        command=("train.py", 'say "hello"', "'''"),
        folder="..",
        env={"A": '"""\\'},
        golden={"loss": ("0.5", "nan")},
        usual={"loss": Usual(0.5, 0.01, 9)},
        patterns={"loss": (pattern, "")},
        machine=kind_of_machine(),
        versions=versions_of(["pytest"]),
        seconds=60.0,
    )


@pytest.mark.parametrize("subject", ["plain", '"""\nraise SystemExit', "back\\", '"'])
def test_guard_text_is_python_whatever_a_program_is_called(subject: str) -> None:
    text = guard_text(guard(subject, pattern="\"\"\"(\\d+)'''"))
    names: dict[str, object] = {}
    exec(compile(text, "guard", "exec"), names)
    tests = [name for name in names if name.startswith("test_")]
    assert len(tests) == len(CHECKS)
    data = names["DATA"]
    assert isinstance(data, dict)
    assert data["env"] == {"A": '"""\\'}
    assert data["patterns"] == {"loss": ("\"\"\"(\\d+)'''", "")}
    assert str(names["__doc__"]).count("3 of 4; false alarms: 0 of 60 clean runs, at most 5 %")


def test_guard_reads_numbers_as_programs_print_them() -> None:
    text = "loss: 0.5\r\x1b[32mloss: 1,234.5,\x1b[0m\nloss: nan\nloss: 87%\nloss: none\n"
    assert str(read_values(text, r"loss: (\S+)")) == "[0.5, 1234.5, nan, 87.0]"


def test_guard_skips_on_another_kind_of_machine_and_says_why() -> None:
    names: dict[str, object] = {}
    exec(compile(guard_text(guard()), "guard", "exec"), names)
    data, check = names["DATA"], names["check"]
    assert isinstance(data, dict)
    assert callable(check)
    data["machine"] = {**kind_of_machine(), "machine": "pdp11"}
    with pytest.raises(unittest.SkipTest, match=r"another kind of machine \(machine: .*not pdp11"):
        check(data, "every report", 0.0)


@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        (
            {"pytest": "1.0"},
            rf"measured with other versions \(pytest {pytest.__version__}, not 1.0",
        ),
        ({"a-package-of-nobody": "2"}, r"a-package-of-nobody not installed, not 2\)"),
    ],
)
def test_guard_skips_with_other_versions_and_names_them(
    versions: dict[str, str], reason: str
) -> None:
    names: dict[str, object] = {}
    exec(compile(guard_text(guard()), "guard", "exec"), names)
    data, check = names["DATA"], names["check"]
    assert isinstance(data, dict)
    assert callable(check)
    assert data["versions"] == {"pytest": pytest.__version__}
    data["versions"] = versions
    with pytest.raises(unittest.SkipTest, match=reason):
        check(data, "every report", 0.0)


def test_guard_gives_an_interval_only_where_bugs_lie_in_several_files() -> None:
    assert "it notices 3.\nAll lie in one file." in guard_text(guard())
    assert "interval" not in guard_text(guard()).partition("import math")[0]
    text = guard_text(replace(guard(), files=3, left_out=("accuracy",)))
    assert "it notices 3.\nThe 95 % interval of the share is 30 to 95 %; it allows" in text
    assert "their 3 files" in text
    assert "Metrics that are read from files are left out: accuracy." in text


def observations(loss: float, *clean: float) -> Observations:
    """One bug with this loss, whose printed value is as ever; clean runs after the golden one."""

    def run(value: float) -> Trajectory:
        return Trajectory({"loss": [value], "printed": [1.0]}, {})

    (mutant, *_) = many_mutants(1)
    verdict = Verdict(mutant.id, Symptom.NORMAL, Rung.PROPAGATED)
    bug = Observed(Judged(PlannedMutant(mutant, ()), verdict), run(loss), run(loss))
    runs = CleanTrajectories([run(1.0), *map(run, clean)], [run(1.0)])
    return Observations("x", [bug], {"": runs}, metrics=("loss", "printed"))


@pytest.mark.parametrize(
    ("seen", "printed", "reason"),
    [
        (observations(2.0, 1.0), "printed", "read from files: `loss`"),
        (observations(2.0, 1.0, 1.5), "loss", "also raises an alarm in clean runs"),
        (observations(2.0), "loss", "too few clean runs"),
        (observations(1.0, 1.0), "loss", "no check notices a bug of this campaign"),
    ],
)
def test_guard_says_why_there_is_nothing_to_guard(
    seen: Observations, printed: str, reason: str
) -> None:
    assert reason in nothing_to_guard(only_metrics(seen, {printed}), seen).what


def test_guard_reads_the_names_of_packages_from_imports() -> None:
    text = "import numpy as np, torch.nn\nfrom  sklearn.svm import SVC\n# import x\n    import os\n"
    assert set(imported([text])) == {"numpy", "torch", "sklearn", "os"}
