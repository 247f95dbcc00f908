"""Readers get damaged files: they read them or refuse them, and raise nothing else.

FUZZ in the environment is the number of damaged files for each reader.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canary import ZOO
from fuzzed import READERS

NUMBER = int(os.environ.get("FUZZ", "40"))
FRAMES = [["train.py", 1, "fit"]]
EVENTS = (
    {"event": "start", "pid": 1, "parent": 0, "python": "3.11", "argv": ["a"], "main": True},
    {"event": "planted", "path": "train.py", "module": "__main__"},
    {"event": "phase", "name": "learning", "wall": 1.0, "cpu": 1.0, "hits": 0},
    {"event": "hit", "wall": 1.0, "cpu": 1.0, "hits": 1},
    {
        "event": "report",
        "metrics": ["loss"],
        "values": ["1"],
        "wall": 1.0,
        "cpu": 1.0,
        "hits": 1,
        "checkpoint": None,
    },
    {
        "event": "failure",
        "wall": 1.0,
        "cpu": 1.0,
        "hits": 1,
        "type": "ValueError",
        "message": "no",
        "frames": FRAMES,
        "chain": [["ValueError", "no", [["train.py", 1, "fit", "x = 1"]]]],
    },
    {"event": "settled", "rule": "horizon"},
    {"event": "work", "counts": {"epochs": 3}},
    {"event": "observation", "name": "a", "value": [1]},
    {"event": "digest", "parameters": "0", "models": 1, "unread": [], "covers": []},
    {"event": "end", "wall": 2.0, "cpu": 2.0, "hits": 1},
)
JSON_TEXTS = ["null", "[]", "{}", "-1", "1e999", "NaN", '""', "true", "[" * 3000, "9" * 40]
PIECES = st.binary(max_size=6) | st.sampled_from(
    [text.encode() for text in JSON_TEXTS] + [b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"\n", b'"']
)
Damage = tuple[float, int, bytes]
"""Where something is damaged, the number of bytes that go, and what comes instead."""

DAMAGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), PIECES), min_size=1, max_size=8)


def damaged(content: bytes, damages: list[Damage]) -> bytes:
    for place, gone, piece in damages:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + gone :]
    return content


Sound = Callable[[str], bytes]


@pytest.fixture(scope="module")
def sound(campaign: Path, records: Path, tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Return the content of a sound file for each reader."""
    copy = shutil.copy(campaign / "campaign.sqlite", tmp_path_factory.mktemp("sound"))
    contents = {
        "settings": (ZOO / "program" / "trainwreck.toml").read_bytes(),
        "events": "".join(json.dumps(event) + "\n" for event in EVENTS).encode(),
        "source": (ZOO / "program" / "acts.py").read_bytes()[:3000],
        "records": records.read_bytes(),
        "campaign": Path(copy).read_bytes(),
    }
    return contents.__getitem__


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=NUMBER, suppress_health_check=list(HealthCheck))
@given(damages=DAMAGES)
def test_readers_read_or_refuse_damaged_files(
    sound: Sound, reader: str, damages: list[Damage]
) -> None:
    with TemporaryDirectory() as folder:
        READERS[reader](damaged(sound(reader), damages), Path(folder))


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=NUMBER)
@given(content=st.binary(max_size=200))
def test_readers_read_or_refuse_any_bytes(reader: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        READERS[reader](content, Path(folder))


@pytest.mark.parametrize("reader", READERS)
def test_readers_read_sound_files(sound: Sound, reader: str, tmp_path: Path) -> None:
    READERS[reader](sound(reader), tmp_path)
