"""Where phases begin, and how much a run may use."""

import pytest

from trainwreck.errors import UsageError
from trainwreck.model import PhaseMark
from trainwreck.run.limits import SHORTEST_TIME, Limits
from trainwreck.subject.phase_markers import phase_marks

PROGRAM = """\
# phase: preprocessing
import data
if data:
    #phase:  model building
    build()
x = 1  # phase: of no statement
# phase: learning   \n"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_comments_mark_phases(line_end: str) -> None:
    marks = phase_marks([], {"train.py": PROGRAM.replace("\n", line_end)})
    assert marks == {"train.py": ((1, "preprocessing"), (4, "model building"), (7, "learning"))}


def test_every_file_has_its_own_marks() -> None:
    texts = {"a.py": "# phase: one\n", "b.py": "\n# phase: two\n", "c.py": "x = 1\n"}
    assert phase_marks([], texts) == {"a.py": ((1, "one"),), "b.py": ((2, "two"),)}


def test_settings_win_over_comments() -> None:
    marks = phase_marks([PhaseMark("all", "b.py", 3)], {"a.py": PROGRAM, "b.py": "x = 1\n" * 3})
    assert marks == {"b.py": ((3, "all"),)}


def test_marks_come_in_the_order_of_lines() -> None:
    settings = [PhaseMark("late", "a.py", 9), PhaseMark("early", "a.py", 2)]
    texts = {"a.py": "x = 1\n" * 9}
    assert phase_marks(settings, texts) == {"a.py": ((2, "early"), (9, "late"))}


@pytest.mark.parametrize(
    ("line", "problem"),
    [(900, "which has 5 lines"), (6, "which has 5 lines"), (4, "after which nothing runs")],
)
def test_a_phase_after_the_last_statement_of_its_file_is_a_usage_error(
    line: int, problem: str
) -> None:
    text = "x = 1\ny = 2\nz = 3\n\n# The end.\n"
    with pytest.raises(UsageError) as caught:
        phase_marks([PhaseMark("learning", "train.py", line)], {"train.py": text})
    assert caught.value.what == (
        f"the phase `learning` begins at line {line} of `train.py`, {problem}"
    )
    assert caught.value.hint.startswith("Correct the line under [phases]")
    assert phase_marks([PhaseMark("learning", "train.py", 3)], {"train.py": text})


def test_a_phase_in_a_file_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"`learning` begins in `trian\.py`"):
        phase_marks([PhaseMark("learning", "trian.py", 1)], {"train.py": ""})


@pytest.mark.parametrize("text", ["# phases: x\n", "# phase:\n", "'# phase: x'\n", "# a phase: x"])
def test_phase_marks_ignore_other_comments(text: str) -> None:
    assert phase_marks([], {"a.py": text}) == {}


def test_limits_from_clean_are_a_multiple_of_the_slowest_clean_run() -> None:
    limits = Limits.from_clean(seconds=30.0, cpu_seconds=20.0, factor=5.0, memory=7)
    assert (limits.seconds, limits.cpu_seconds, limits.memory) == (150.0, 100.0, 7)


def test_limits_from_clean_leave_time_to_start() -> None:
    limits = Limits.from_clean(seconds=0.1, cpu_seconds=0.0, factor=2.0, memory=7)
    assert (limits.seconds, limits.cpu_seconds) == (SHORTEST_TIME, SHORTEST_TIME)
