"""Values of metrics in what programs print, as both sides of the wall read them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import metric
from guest import agent_module
from trainwreck.model import Metric, Stream
from trainwreck.run import metric_lines
from trainwreck.run.metric_lines import WINDOW_LINES, LineReader, number_in
from trainwreck.run.output import Output

GUEST = agent_module("metric_lines")

EVALUATION = metric(pattern=r"Evaluation:\s+.*acc (\S+)")
TEXT_CNN = """\
2016-02-05T10:31:10: step 99, loss 0.58, acc 0.69
Evaluation:
2016-02-05T10:31:11: step 100, loss 0.57, acc 0.71

2016-02-05T10:31:12: step 101, loss 0.56, acc 0.72
Evaluation:
2016-02-05T10:31:13: step 200, loss 0.55, acc 0.73
"""


def values_in(text: str, *metrics: Metric) -> list[str]:
    """The values of one metric, by default `accuracy: `."""
    (values,) = read([text], metrics or (metric(),)).values()
    return values


def read(pieces: Sequence[str], metrics: Sequence[Metric]) -> dict[str, list[str]]:
    steps: dict[str, list[str]] = {}
    reader = LineReader(metrics, steps)
    for piece in pieces:
        reader.feed(piece)
    reader.close()
    return steps


def reported(pieces: Sequence[str], metrics: Sequence[Metric]) -> list[list[tuple[str, str]]]:
    """What the guest reports, line by line; an unfinished last line is none."""
    reports: list[list[tuple[str, str]]] = []
    orders = [(m.name, m.pattern, m.spans_lines) for m in metrics]
    reader = GUEST._LineReader(orders, reports.append)
    for piece in pieces:
        reader.feed(piece)
    return reports


# Patterns over several lines


def test_a_pattern_over_two_lines_reads_the_evaluation_and_no_training_step() -> None:
    assert values_in(TEXT_CNN, EVALUATION) == ["0.71", "0.73"]


def test_the_guest_reports_a_value_when_the_line_ends_that_completes_it() -> None:
    pieces = TEXT_CNN.splitlines(keepends=True)
    numbers = [len(reported(pieces[:n], (EVALUATION,))) for n in range(len(pieces) + 1)]
    assert numbers == [0, 0, 0, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
def test_a_pattern_over_lines_reads_every_kind_of_line_end(end: str) -> None:
    assert values_in(f"Evaluation:{end}step 1, acc 0.5{end}", EVALUATION) == ["0.5"]


def test_a_match_within_a_line_comes_before_one_over_lines() -> None:
    spaced = metric(pattern=r"accuracy:\s*([^,]+)")
    text = "accuracy: 0.5\naccuracy:\n0.25, and more\n"
    assert values_in(text, spaced) == ["0.5", "0.25"]


def test_a_pattern_without_a_line_end_stays_on_its_line() -> None:
    greedy = metric(pattern=r"accuracy: ([^,]+)")
    assert values_in("accuracy: 0.5\n0.25, and more\n", greedy) == ["0.5"]
    assert values_in("accuracy: \n0.5\n", greedy) == []


def test_a_value_over_lines_is_read_once_however_long_the_output_goes_on() -> None:
    assert values_in("Evaluation:\nacc 0.5\n" + "more\n" * 50, EVALUATION) == ["0.5"]


@pytest.mark.parametrize(("between", "found"), [(0, 1), (WINDOW_LINES - 2, 1), (WINDOW_LINES, 0)])
def test_a_match_over_lines_has_a_window(between: int, found: int) -> None:
    anywhere = metric(pattern=r"(?s)Evaluation:.*?acc (\S+)")
    text = "Evaluation:\n" + "---\n" * between + "acc 0.5\n"
    assert len(values_in(text, anywhere)) == found


def test_a_value_over_lines_on_the_last_line_without_an_end_is_read() -> None:
    assert values_in("Evaluation:\nacc 0.5", EVALUATION) == ["0.5"]


@pytest.mark.parametrize(
    ("pattern", "spans"),
    [
        (r"loss: (\S+)", False),
        (r"loss:\s*(\S+)", True),
        (r"loss:\n(\S+)", True),
        ("loss:\n(.+)", True),
        (r"(?is)loss(.+)", True),
        (r"(?i)loss(.+)", False),
        (r"C:\\new (\d+)", False),
        (r"C:\\\n(\d+)", True),
        (r"loss[^,]+, (\d+)", False),
    ],
)
def test_patterns_span_lines_where_they_name_a_line_end(pattern: str, spans: bool) -> None:
    re.compile(pattern)
    assert metric(pattern=pattern).spans_lines is spans


# Numbers as programs print them


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", "0.5"),
        ("1e-3", "1e-3"),
        (".5", ".5"),
        ("5.", "5."),
        ("-2.5E+08", "-2.5E+08"),
        ("nan", "nan"),
        ("-inf", "-inf"),
        ("Infinity,", "Infinity"),
        ("0.57,", "0.57"),
        ("0.57]", "0.57"),
        ("0.57.", "0.57"),
        ("87.5%", "87.5"),
        ("87.5%)", "87.5"),
        ("1,234.5", "1234.5"),
        ("12,345,678", "12345678"),
        ("'0.52'}", "0.52"),
        ("'0.52',", "0.52"),
        ("(0.5)", "0.5"),
        ("[0.5]", "0.5"),
        ("tensor(0.53)", "0.53"),
        ("tensor(0.53,", "0.53"),
        ("tensor(0.53, device='cuda:0', grad_fn=<NllLossBackward0>)", "0.53"),
        ("tensor([0.53])", "0.53"),
        ("tensor(nan)", "nan"),
        ("np.float32(0.5)", "0.5"),
        ("numpy.float64(1e-05),", "1e-05"),
        ("Array(0.5, dtype=float32)", "0.5"),
        ("tf.Tensor(0.5, shape=(), dtype=float32)", "0.5"),
        ("array([0.5], dtype=float32)", "0.5"),
        ("jnp.bfloat16(0.5)", "0.5"),
    ],
)
def test_numbers_are_read_as_programs_print_them(text: str, number: str) -> None:
    assert number_in(text) == GUEST._number_in(text) == number
    float(number)


@pytest.mark.parametrize(
    "text",
    ["", "-", "high", "0,5", "0,123", "1,23", "1,2345", "1.2.3", "5/10", "0.5s", "12ms", "[0.5,",
     "(0.5,", "tensor([0.5, 0.6])", "tensor([0.5,", "epoch(3)", "v1.0", "0x1f", "2016-02-05",
     "10:31", "nano", "None", "%", "1e", "array([], dtype=float32)"],
)  # fmt: skip
def test_what_is_no_single_number_is_not_read(text: str) -> None:
    assert number_in(text) is GUEST._number_in(text) is None


@given(st.text("0123456789.,-+eE%()[]'nainf tensor", max_size=14))
def test_numbers_that_python_reads_stay_as_they_are(text: str) -> None:
    number = number_in(text)
    assert number == GUEST._number_in(text)
    try:
        float(text)
    except ValueError:
        assert number is None or float(number) == float(number) or "nan" in number.lower()
    else:
        assert number == text


# What only a terminal shows


def test_colours_hide_no_value() -> None:
    assert values_in("\x1b[1maccuracy:\x1b[0m \x1b[32m0.5\x1b[0m\n") == ["0.5"]
    assert values_in("\x1b]8;;http://host\x1b\\accuracy: 0.5\x1b]8;;\x1b\\\n") == ["0.5"]


def test_a_pattern_that_names_the_colour_still_matches() -> None:
    green = metric(pattern=r"\x1b\[32m(\S+)\x1b")
    assert values_in("accuracy \x1b[32m0.5\x1b[0m\n", green) == ["0.5"]


def test_backspaces_of_a_progress_bar_hide_no_value() -> None:
    text = "1/2 [=>..] - accuracy: 0.5\b\b\b\b\b\b\r2/2 [====] - accuracy: 0.75\n"
    assert values_in(text) == ["0.5", "0.75"]


def test_a_rich_table_and_a_progress_bar_give_their_values() -> None:
    row = metric(pattern=r"accuracy\s+│\s+(\S+)")
    assert values_in("┃ loss     │ 0.25 ┃\n┃ accuracy │ 0.5  ┃\n", row) == ["0.5"]
    bar = metric(pattern=r"acc=(\S+)")
    text = "\r 50%|███  | 1/2 [00:01<00:01,  1.0s/it, acc=0.5]\r100%|█████| 2/2 [00:02, acc=0.75]"
    assert values_in(text, bar) == ["0.5", "0.75"]


# Streams


def test_a_metric_of_one_stream_is_not_read_from_the_other() -> None:
    out, errors = (
        replace(metric(stream.value), stream=stream, pattern=r"accuracy: (\S+)")
        for stream in Stream
    )
    output = Output((out, errors, metric("both", r"accuracy: (\S+)")))
    assert output.apart
    output.feed(b"accuracy: ")
    output.feed_errors(b"accuracy: 0.25\n")
    output.feed(b"0.5\n")
    output.close()
    assert output.steps == {"stdout": ("0.5",), "stderr": ("0.25",), "both": ("0.25", "0.5")}
    assert output.log == b"accuracy: accuracy: 0.25\n0.5\n"


def test_streams_are_one_text_unless_a_metric_names_one() -> None:
    assert not Output((metric(),)).apart


# Both sides of the wall

PARTS = st.sampled_from(
    ["Evaluation:", "acc ", "accuracy: ", "0.5", "1,234.5,", "nan", "x", " ", "\n", "\r", "\r\n",
     "\n\n", "\x1b[1m", "\x1b[0m", "\b", "é", "tensor(", ")", "loss"],
)  # fmt: skip
METRICS = (
    metric(),
    replace(EVALUATION, name="evaluation"),
    metric("any", r"(?s)Evaluation.*?(\d\.\d)"),
    metric("greedy", r"loss\s*([^x]*)x"),
    metric("empty", r"(\d*)"),
    metric("end", r"(\S+)\n"),
    metric("coloured", r"\x1b\[1m(\S+)"),
)


@given(st.lists(PARTS, max_size=60).map("".join), st.lists(st.integers(0, 200), max_size=8))
def test_the_guest_reports_the_values_that_the_log_holds(text: str, borders: list[int]) -> None:
    text += "\n"  # The guest is asked nothing about a last line without an end.
    edges = sorted({0, len(text), *(border for border in borders if border < len(text))})
    pieces = [text[start:end] for start, end in pairwise(edges)]
    reports = reported(pieces, METRICS)
    steps = read([text], METRICS)
    for name, values in steps.items():
        assert [v for report in reports for n, v in report if n == name] == values
    output = Output(METRICS)
    for piece in pieces:
        output.feed(piece.encode())
    output.close()
    assert output.steps == {name: tuple(values) for name, values in steps.items()}


def test_both_sides_have_the_same_limits_and_forms() -> None:
    names = ("LONGEST_LINE", "WINDOW_LINES", "WINDOW_SIZE", "LINE_ENDS", "CODES", "DRESSED")
    for name in names:
        assert getattr(GUEST, name) == getattr(metric_lines, name)
