"""Columns of the files that programs write."""

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwreck.run import table_files
from trainwreck.run.event_files import read_scalars
from trainwreck.run.table_files import Column, read_column


def column(folder: Path, name: str, content: str | bytes, wanted: str) -> Column:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_column(path, wanted)


LIGHTNING = """\
epoch,step,train_loss,val_loss
0,49,0.75,
0,49,,0.625
1,99,0.5,
1,99,,0.375
"""


# CSV


def test_a_column_with_gaps_has_the_values_between_them(tmp_path: Path) -> None:
    assert column(tmp_path, "metrics.csv", LIGHTNING, "val_loss") == Column(("0.625", "0.375"))
    assert column(tmp_path, "metrics.csv", LIGHTNING, "epoch").values == ("0", "0", "1", "1")


def test_a_missing_column_is_answered_with_those_that_are_there(tmp_path: Path) -> None:
    found = column(tmp_path, "metrics.csv", LIGHTNING, "loss")
    assert found == Column((), ("epoch", "step", "train_loss", "val_loss"))


def test_a_column_without_a_number_is_there_and_has_no_values(tmp_path: Path) -> None:
    assert column(tmp_path, "a.csv", "a,b\nx,1\n,2\n", "a") == Column()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_file_has_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = f"epoch{delimiter}val loss\n1{delimiter}0.5\n".replace("\n", "\r\n")
    assert column(tmp_path, "a.csv", text, "val loss").values == ("0.5",)
    assert column(tmp_path, "a.csv", text, "loss").names == ("epoch", "val loss")


def test_a_csv_file_has_quotes_a_mark_of_its_encoding_and_values_of_tensors(
    tmp_path: Path,
) -> None:
    text = '\ufeff"loss, all" , acc\n"1,234.5",tensor(0.5)\n,87.5%\n0.25\n'
    assert column(tmp_path, "a.csv", text, "loss, all").values == ("1234.5", "0.25")
    assert column(tmp_path, "a.csv", text, "acc").values == ("0.5", "87.5")


def test_a_header_that_comes_again_is_no_value(tmp_path: Path) -> None:
    assert column(tmp_path, "a.csv", "a\n1\na\n2\n", "a").values == ("1", "2")


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00\x01\x02", b"a\n" + b'"' * 200_000])
def test_a_csv_file_without_the_column_raises_nothing(tmp_path: Path, content: bytes) -> None:
    assert column(tmp_path, "a.csv", content, "loss").values == ()


def test_what_was_read_before_a_broken_row_counts(tmp_path: Path) -> None:
    found = column(tmp_path, "a.csv", "a\n1\n2\n" + "x" * 200_000 + "\n3\n", "a")
    assert found.values == ("1", "2")
    assert "field larger than" in found.problem


# JSON

TRAINER_STATE = """\
{"best_metric": null, "epoch": 2.0, "is_local_process_zero": true,
 "log_history": [
  {"epoch": 1.0, "loss": 0.75, "step": 10},
  {"epoch": 1.0, "eval_loss": 0.50, "eval_accuracy": 0.5, "step": 10},
  {"epoch": 2.0, "eval_loss": 2.5e-1, "eval_accuracy": 0.75, "step": 20}]}
"""


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ("eval_loss", ("0.50", "2.5e-1")),
        ("log_history.eval_loss", ("0.50", "2.5e-1")),
        ("epoch", ("2.0",)),
        ("log_history.epoch", ("1.0", "1.0", "2.0")),
        ("is_local_process_zero", ()),
        ("log_history", ()),
    ],
)
def test_a_document_is_searched_from_its_top_and_then_in_its_lists(
    tmp_path: Path, wanted: str, values: tuple[str, ...]
) -> None:
    assert column(tmp_path, "trainer_state.json", TRAINER_STATE, wanted).values == values


def test_a_missing_key_is_answered_with_those_of_numbers(tmp_path: Path) -> None:
    found = column(tmp_path, "trainer_state.json", TRAINER_STATE, "val_loss")
    assert found.names == (
        *("epoch", "log_history.epoch", "log_history.loss", "log_history.step"),
        *("log_history.eval_loss", "log_history.eval_accuracy"),
    )


def test_json_lines_have_nested_keys_gaps_and_broken_lines(tmp_path: Path) -> None:
    lines = [
        '{"step": 1, "eval": {"loss": 0.5}}',
        '{"step": 2}',
        "",
        '{"step": 3, "eval": {"loss": NaN}, "eval.acc": "87.5%"}',
        '{"step": 4, "eval": {"loss"',
    ]
    text = "\n".join(lines)
    assert column(tmp_path, "log.jsonl", text, "eval.loss").values == ("0.5", "NaN")
    assert column(tmp_path, "log.jsonl", text, "eval.acc").values == ("87.5",)
    assert column(tmp_path, "log.txt", text, "step").values == ("1", "2", "3")
    assert column(tmp_path, "log.jsonl", text, "loss").names == ("step", "eval.loss", "eval.acc")


def test_a_history_of_lists_has_a_step_for_each_member(tmp_path: Path) -> None:
    text = '{"loss": [0.5, 0.25], "acc": [true, null, "x"]}'
    assert column(tmp_path, "history.json", text, "loss").values == ("0.5", "0.25")
    assert column(tmp_path, "history.json", text, "acc").values == ()


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "nothing\nmore\n", "3", "null", "[]"])
def test_a_json_file_without_the_key_raises_nothing(tmp_path: Path, text: str) -> None:
    assert column(tmp_path, "a.json", text, "loss").values == ()


def test_a_json_file_of_any_size_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "LARGEST", 3)
    assert "larger than" in column(tmp_path, "a.json", '{"loss": 1}', "loss").problem


def test_an_unreadable_file_is_a_problem_and_no_error(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json", "events.out.tfevents.1.host", "a"):
        assert "No such file" in read_column(tmp_path / name, "loss").problem


# TensorBoard: written by hand, after the definitions of its messages


def varint(number: int) -> bytes:
    text = b""
    while number > 127:
        text += bytes([number & 127 | 128])
        number >>= 7
    return text + bytes([number])


def message(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def event(*values: bytes) -> bytes:
    summary = b"".join(message(1, value) for value in values)
    content = b"\x09" + struct.pack("<d", 1.5) + whole(2, 300) + message(5, summary)
    return struct.pack("<QI", len(content), 0) + content + b"\0\0\0\0"


def simple(tag: str, value: float) -> bytes:
    return message(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value)


def tensor(tag: str, content: bytes) -> bytes:
    return message(1, tag.encode()) + message(9, b"\x0a\x00") + message(8, content)


VERSION = message(3, b"brain.Event:2")
EVENTS = (
    struct.pack("<QI", len(VERSION), 0) + VERSION + b"\0\0\0\0"
    + event(simple("loss", 0.1), simple("é", 1.0))
    + event(tensor("loss", whole(1, 1) + message(4, struct.pack("<f", 0.2))))
    + event(tensor("loss", whole(1, 1) + message(5, struct.pack("<f", 0.3))))
    + event(tensor("loss", whole(1, 2) + message(6, struct.pack("<d", 0.1))))
    + event(tensor("loss", whole(1, 2) + varint(6 << 3 | 1) + struct.pack("<d", 0.5)))
    + event(tensor("steps", whole(1, 9) + message(10, varint(300))))
    + event(tensor("steps", whole(1, 9) + message(10, varint((1 << 64) - 2))))
    + event(tensor("steps", whole(1, 3) + message(4, struct.pack("<i", -7))))
    + event(tensor("text", whole(1, 7) + message(8, b"hello")))
    + event(tensor("histogram", whole(1, 2) + message(4, struct.pack("<3d", 1, 2, 3))))
    + event(simple("loss", float("nan")), simple("loss", float("inf")))
)  # fmt: skip
LOSSES = ("0.1", "0.2", "0.3", "0.1", "0.5", "nan", "inf")


def test_scalars_are_read_from_events_as_old_and_new_writers_write_them(tmp_path: Path) -> None:
    name = "events.out.tfevents.1.host"
    assert column(tmp_path, name, EVENTS, "loss") == Column(LOSSES)
    assert column(tmp_path, name, EVENTS, "steps").values == ("300", "-2", "-7")
    assert column(tmp_path, name, EVENTS, "text").values == ()
    assert column(tmp_path, name, EVENTS, "acc").names == ("loss", "é", "steps")


@given(st.integers(0, len(EVENTS)))
def test_an_event_file_that_was_cut_off_has_the_scalars_up_to_there(length: int) -> None:
    scalars = read_scalars(_Bytes(EVENTS[:length]))  # type: ignore[arg-type]
    found = tuple(value for tag, value in scalars if tag == "loss")
    assert found == LOSSES[: len(found)]


class _Bytes:
    """A path whose file holds these bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


@given(st.binary(max_size=80), st.integers(0, len(EVENTS)))
def test_events_with_damage_raise_nothing_but_value_errors(damage: bytes, at: int) -> None:
    broken = EVENTS[:at] + damage + EVENTS[at + len(damage) :]
    try:
        list(read_scalars(_Bytes(broken)))  # type: ignore[arg-type]
    except ValueError:
        return
