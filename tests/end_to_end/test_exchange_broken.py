"""Of a broken file nothing is kept, and what is wrong is told with its line."""

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchanging import refused
from trainwreck.campaign.transfer import import_into, import_records
from trainwreck.errors import UsageError
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.usefixtures("no_home")


Change = Callable[[list[bytes]], list[bytes]]


def in_fact(table: str, **changes: Any) -> Change:
    """The last fact of a table with other columns."""

    def change(lines: list[bytes]) -> list[bytes]:
        facts = [i for i, line in enumerate(lines) if f'"table":"{table}"'.encode() in line]
        fact = json.loads(lines[facts[-1]])
        fact["row"].update(changes)
        return [*lines[: facts[-1]], json.dumps(fact).encode(), *lines[facts[-1] + 1 :]]

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "in the middle of a line": (lambda lines: [*lines[:-5], lines[-5][:40]], "truncated"),
    "without an end": (lambda lines: lines[:-1], "the file ends before its last record"),
    "without a fact": (lambda lines: [*lines[:-3], lines[-1]], "ends before its last record"),
    "not JSON": (lambda lines: [*lines[:3], b"hello", *lines[3:]], ":4: not a whole record"),
    "a list": (lambda lines: [*lines[:3], b"[]", *lines[3:]], "Expected `object`"),
    "not UTF-8": (lambda lines: [*lines[:3], b'{"kind":"\xff"}', *lines[3:]], ":4: "),
    "no subject": (lambda lines: lines[1:], ":1: the first record must be of kind `subject`"),
    "a mutant twice": (
        lambda lines: [*lines[:11], lines[10], *lines[11:]],
        ":12: not a whole record: the id .* is that of line 11",
    ),
    "a wrong mutant": (
        lambda lines: [*lines[:10], lines[10].replace(b'"line":1', b'"line":"1"'), *lines[11:]],
        r":11: .*`\$.line`",
    ),
    "a fact twice": (
        lambda lines: [*lines[:-1], lines[-2], lines[-1]],
        "UNIQUE constraint failed: log.trial_id",
    ),
    "a wrong time": (in_fact("run", seconds="2"), r"`run`: .*`\$.seconds`"),
    "a wrong value": (in_fact("run", steps='{"accuracy": ["x"]}'), "`x` of accuracy is no number"),
    "a wrong column": (in_fact("run", colour=1), "other columns than this version: .*colour"),
    "another id": (in_fact("mutant", id="0" * 16), "is not the id of this mutant"),
    "a wrong setting": (in_fact("meta", key="metrics", value="5"), "`value` of `metrics`"),
    "a wrong log": (in_fact("log", base64="%"), "either a `text` or `base64`"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_of_a_broken_export_nothing_is_kept(tmp_path: Path, records: Path, name: str) -> None:
    change, problem = BROKEN[name]
    source = tmp_path / "broken.jsonl"
    source.write_bytes(b"\n".join(change(records.read_bytes().splitlines())))
    said = refused(source, tmp_path / "copy")
    assert said.startswith(str(source))
    with pytest.raises(UsageError, match=problem):
        import_records(source, tmp_path / "copy")
    assert import_records(records, tmp_path / "copy").mutants == 6


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.jsonl", b"", "it is empty"),
        ("a.jsonl", b"\n\n", "it is empty"),
        ("a.jsonl.gz", gzip.compress(b"", mtime=0), "it is empty"),
        ("a.jsonl.gz", b"no gzip at all", "cannot be read: Not a gzipped file"),
        ("a.jsonl.xz", b"no xz at all", "cannot be read: Input format not supported"),
        ("a.jsonl", b'{"kind":"subject","records":2}', ":1: records of version 2; .* reads 1"),
        ("a.jsonl", b'{"kind":"subject","facts":"3"}', r":1: .*`\$.facts`"),
        (
            "a.jsonl",
            b'{"kind":"subject","facts":3}\n{"kind":"fact","table":"x","row":1}',
            ":2: .*no table",
        ),
        ("a.jsonl", b'{"kind":"subject"}', "nor records of another tool"),
    ],
)
def test_files_that_are_something_else_are_refused(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name, tmp_path / "copy")
    with pytest.raises(UsageError, match=problem):
        import_records(tmp_path / name, tmp_path / "copy")


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.jsonl", tmp_path / "copy")
    assert "Is a directory" in refused(tmp_path, tmp_path / "copy")


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_packed_file_that_is_cut_off_is_refused(
    tmp_path: Path, records: Path, pack: Callable[[bytes], bytes]
) -> None:
    source = tmp_path / f"a.{'gz' if pack is gzip.compress else 'xz'}"
    packed = pack(records.read_bytes())
    source.write_bytes(packed[: len(packed) * 2 // 3])
    assert "broken after this line" in refused(source, tmp_path / "copy")
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 40] = bytes(40)
    source.write_bytes(damaged)
    assert refused(source, tmp_path / "copy").startswith(str(source))


def test_a_campaign_file_that_is_open_can_be_filled(tmp_path: Path, records: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        assert import_into(file, records).mutants == 6


def test_a_packed_file_of_nonsense_is_refused(tmp_path: Path, records: Path) -> None:
    packed = bytearray(gzip.compress(records.read_bytes()))
    packed[10:40] = b"\xff" * 30
    (tmp_path / "a.gz").write_bytes(packed)
    assert "cannot be read: Error -3" in refused(tmp_path / "a.gz", tmp_path / "copy")


def test_an_open_campaign_file_is_empty_after_a_failure(tmp_path: Path, records: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"\n".join(records.read_bytes().splitlines()[:-1]))
    with CampaignFile.open(tmp_path, create=True) as file:
        with pytest.raises(UsageError, match="ends before its last record"):
            import_into(file, source)
        assert (file.planned_number(), file.finished_ids(), file.meta("subject")) == (
            0,
            set(),
            None,
        )
        assert import_into(file, records).mutants == 6
