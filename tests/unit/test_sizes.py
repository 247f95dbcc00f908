"""Sizes and settings of the subjects, as the study's Tables I and III give them."""

import pytest

from trainwreck.findings import Sized, reported_settings, table_one, table_three
from trainwreck.model import APP, Share, SourceSize

KERAS = Sized(
    "keras",
    {"keras": "2.3.1"},
    [
        SourceSize("keras", "keras/layers.py", 100, 40),
        SourceSize(APP, "train.py", 20, 20),
        SourceSize("keras", "keras/never.py", 60, 0),
        SourceSize("absl", "absl/flags.py", 7, 1),
        SourceSize(APP, "unused.py", 5, 0),
    ],
)


def test_the_application_comes_first_and_its_libraries_by_name() -> None:
    rows = table_one([KERAS]).rows
    assert [row[:2] for row in rows] == [
        ("keras", "application"),
        ("keras", "absl"),
        ("keras", "keras 2.3.1"),
    ]


def test_files_and_statements_are_summed_by_root() -> None:
    table = table_one([KERAS])
    assert table.columns == ("", "", "Files", "LoC", "Covered files", "Covered LoC")
    assert [row[2:] for row in table.rows] == [
        (2, 25, 1, Share(20, 25)),
        (1, 7, 1, Share(1, 7)),
        (2, 160, 1, Share(40, 160)),
    ]


def test_files_that_cannot_be_compiled_count_as_files_and_are_noted() -> None:
    sources = [
        SourceSize("keras", "keras/a.py", 10, 5),
        SourceSize("keras", "keras/python2.py", None, None),
        SourceSize("keras", "keras/template.py", None, None),
    ]
    table = table_one([Sized("s", {}, sources)])
    assert table.rows == (("s", "keras", 3, 10, 1, Share(5, 10)),)
    assert "2 files that this Python cannot compile" in table.note


def test_a_library_without_any_readable_file_is_a_row_of_nothing() -> None:
    table = table_one([Sized("s", {}, [SourceSize("old", "old/a.py", None, None)])])
    assert table.rows == (("s", "old", 1, 0, 0, Share(0, 0)),)


def test_nothing_is_noted_of_files_where_all_can_be_compiled() -> None:
    assert table_one([KERAS]).note == "LoC: statements, as coverage.py counts them."
    assert table_one([]).rows == ()


def test_each_study_has_rows_of_its_own_in_the_given_order() -> None:
    other = Sized("absl", {"keras": "1.0"}, [SourceSize("keras", "keras/a.py", 3, None)])
    rows = table_one([KERAS, other]).rows
    assert [row[0] for row in rows] == ["keras", "keras", "keras", "absl"]
    assert rows[-1] == ("absl", "keras 1.0", 1, 3, 0, Share(0, 3))


def test_table_three_has_a_column_for_each_study_and_a_row_for_each_setting() -> None:
    table = table_three(
        [
            ("theano", {"optimizer": "sgd", "epochs": "3"}),
            ("keras", {"batch size": "32", "epochs": "5", "optimizer": "adam"}),
        ]
    )
    assert table.columns == ("", "theano", "keras")
    assert table.rows == (
        ("optimizer", "sgd", "adam"),
        ("epochs", "3", "5"),
        ("batch size", None, "32"),
    )
    assert table.note == ""


def test_studies_can_be_told_one_by_one() -> None:
    studies = ((name, {"name": name}) for name in ("a", "b"))
    table = table_three(studies)
    assert (table.columns, table.rows) == (("", "a", "b"), (("name", "a", "b"),))


def test_programs_without_settings_are_told_how_to_report_them() -> None:
    table = table_three([("a", {}), ("b", {})])
    assert table.rows == ()
    assert "trainwreck: setting NAME=VALUE" in table.note


SAID = "trainwreck: setting "
LOGS = {
    "alone": (f"{SAID}epochs=3\n", {"epochs": "3"}),
    "without an end": (f"{SAID}epochs=3", {"epochs": "3"}),
    "spaces": (f"{SAID}batch size = 32 \n", {"batch size": "32"}),
    "equals signs": (f"{SAID}flags=device=cpu,x=float32\n", {"flags": "device=cpu,x=float32"}),
    "ends of Windows": (f"{SAID}a=1\r\n{SAID}b=2\r\n", {"a": "1", "b": "2"}),
    "in the middle": (f"loading\n{SAID}a=1\nloss: 3\n{SAID}b=é\nbye\n", {"a": "1", "b": "é"}),
    "twice": (f"{SAID}a=1\n{SAID}b=2\n{SAID}a=3\n", {"a": "3", "b": "2"}),
    "empty": (f"{SAID}a=\n{SAID}b=2\n", {"a": "", "b": "2"}),
    "no value": (f"{SAID}without a value\nb=2\n", {}),
    "within a line": (f"I print {SAID}a=1\n", {}),
    "a metric": ("trainwreck: accuracy=0.5\n", {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("name", LOGS)
def test_settings_are_what_the_program_said_of_itself(name: str) -> None:
    log, settings = LOGS[name]
    assert reported_settings(log) == settings


def test_settings_keep_the_order_in_which_they_were_told() -> None:
    log = "".join(f"trainwreck: setting {name}=1\n" for name in "cabc")
    assert list(reported_settings(log)) == ["c", "a", "b"]


def test_a_setting_after_a_progress_bar_is_read() -> None:
    assert reported_settings("50%\r100%\rtrainwreck: setting size=3\n") == {"size": "3"}
