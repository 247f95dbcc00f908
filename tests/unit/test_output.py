"""What a program prints: every reported value, and a log of bounded size."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import metric
from trainwreck.model import Metric
from trainwreck.run.limits import LOG_LIMIT
from trainwreck.run.metric_lines import LONGEST_LINE
from trainwreck.run.output import Output

TEXT = b"start\nloss: 3 accuracy: 0.5\r\naccuracy: nan\n\xc3\xa9 accuracy: 1e-3\raccuracy: 7"


def printed(*chunks: bytes, metrics: tuple[Metric, ...] = (metric(),)) -> Output:
    output = Output(metrics)
    for chunk in chunks:
        output.feed(chunk)
    output.close()
    return output


@given(st.lists(st.integers(0, len(TEXT)), max_size=8).map(sorted))
def test_feed_takes_chunks_that_end_anywhere(borders: list[int]) -> None:
    edges = [0, *borders, len(TEXT)]
    output = printed(*(TEXT[start:end] for start, end in pairwise(edges)))
    assert output.steps == {"accuracy": ("0.5", "nan", "1e-3", "7")}
    assert output.log == TEXT
    assert output.size == len(TEXT)


def test_a_number_across_a_border_is_read_whole() -> None:
    assert printed(b"accuracy: 0.", b"75\n").steps["accuracy"] == ("0.75",)


def test_a_progress_bar_gives_a_step_for_each_carriage_return() -> None:
    text = b"\raccuracy: 0.1\raccuracy: 0.2\raccuracy: 0.3\n"
    assert printed(text).steps["accuracy"] == ("0.1", "0.2", "0.3")


def test_several_matches_on_a_line_are_as_many_steps() -> None:
    assert printed(b"accuracy: 1 accuracy: 2\n").steps["accuracy"] == ("1", "2")


def test_steps_keep_values_as_printed() -> None:
    assert printed(b"accuracy: 0.500\n").steps["accuracy"] == ("0.500",)


@pytest.mark.parametrize("text", ["nan", "-inf", "884543", "1e400"])
def test_output_reports_infinite_and_not_a_number_values(text: str) -> None:
    assert printed(f"accuracy: {text}\n".encode()).steps["accuracy"] == (text,)


@pytest.mark.parametrize("text", ["high", "0,5", "1.2.3", "--"])
def test_output_does_not_report_what_is_no_number(text: str) -> None:
    assert printed(f"accuracy: {text}\n".encode()).steps["accuracy"] == ()


def test_output_does_not_report_a_group_that_did_not_match() -> None:
    optional = metric(pattern=r"accuracy:(?: (\d))?")
    assert printed(b"accuracy:\naccuracy: 3\n", metrics=(optional,)).steps["accuracy"] == ("3",)


def test_several_metrics_are_read_from_one_line() -> None:
    both = (metric(), metric("loss", r"loss: (\S+)"), metric("none", "none: (x)"))
    found = printed(b"loss: 3 accuracy: 0.5\n", metrics=both).steps
    assert found == {"accuracy": ("0.5",), "loss": ("3",), "none": ()}


def test_a_last_line_without_an_end_is_read_when_the_program_ends() -> None:
    output = Output([metric()])
    output.feed(b"accuracy: 0.7")
    assert output.steps["accuracy"] == ()
    output.close()
    output.close()
    assert output.steps["accuracy"] == ("0.7",)


def test_a_program_that_prints_nothing_reports_nothing() -> None:
    assert printed().steps == {"accuracy": ()}
    assert printed().log == b""


def test_bytes_that_are_no_text_hide_no_metric() -> None:
    assert printed(b"\xff\xfe\x00 accuracy: 0.7\n").steps["accuracy"] == ("0.7",)


def test_output_bounds_a_line_that_never_ends() -> None:
    output = Output([metric()])
    output.feed(b"accuracy: 0.6 ")
    for _ in range(40):
        output.feed(b"." * LONGEST_LINE)
    output.feed(b" accuracy: 0.7\n")
    assert output.steps["accuracy"] == ("0.7",)


@pytest.mark.parametrize("chunk", [997, 65_536, 3 * LOG_LIMIT])
def test_a_large_output_keeps_head_and_tail(chunk: int) -> None:
    text = b"".join(b"line %09d\n" % number for number in range(200_000))
    output = printed(*(text[start : start + chunk] for start in range(0, len(text), chunk)))
    left_out = len(text) - LOG_LIMIT
    between = b"\n[trainwreck: %d bytes left out]\n" % left_out
    assert output.log == text[: LOG_LIMIT // 2] + between + text[-LOG_LIMIT // 2 :]
    assert output.size == len(text)


@pytest.mark.parametrize("size", [LOG_LIMIT // 2, LOG_LIMIT - 1, LOG_LIMIT])
def test_an_output_within_the_limit_is_kept_whole(size: int) -> None:
    text = bytes(number % 251 for number in range(size))
    assert printed(text[:1000], text[1000:]).log == text


def test_log_names_one_byte_more_than_the_limit() -> None:
    log = printed(b"x" * (LOG_LIMIT + 1)).log
    assert b"[trainwreck: 1 bytes left out]" in log


def test_metrics_in_the_part_that_is_left_out_are_read() -> None:
    filler = b"-" * 100 + b"\n"
    text = filler * 20_000 + b"accuracy: 0.7\n" + filler * 20_000
    output = printed(text)
    assert output.steps["accuracy"] == ("0.7",)
    assert b"accuracy" not in output.log


def test_state_is_a_hash_of_every_printed_state() -> None:
    assert printed(b"loss: 3\n").state is None
    one = printed(b"trainwreck: state=ab12\n").state
    assert one == printed(b"trainwreck: sta", b"te=ab12").state
    others = [
        b"trainwreck: state=ab13\n",
        b"trainwreck: state=ab12\n" * 2,
        b"trainwreck: state=a\n",
    ]
    assert len({one, *(printed(text).state for text in others)}) == 4


def test_a_metric_named_state_reads_its_own_lines() -> None:
    own = metric("state", r"trainwreck: state=(\S+)")
    assert printed(b"trainwreck: state=0.5\n", metrics=(own,)).state is None
