"""The digest reads large values without a copy of them, and its hash does not depend on that."""

import hashlib
import sys
import tracemalloc

import numpy
import pytest

from guest import ROOT

sys.path.insert(0, str(ROOT / "src" / "trainwreck" / "agent"))

from trainwreck_agent.digest import LARGEST_COPY, Digest, hash_of

LARGE = numpy.arange(8 * LARGEST_COPY // 8, dtype="f8").reshape(-1, 64)


def plain_hash(array: numpy.ndarray) -> bytes:
    return hashlib.sha256(f"{array.dtype} {array.shape};".encode() + array.tobytes()).digest()


ARRAYS = {
    "contiguous": LARGE,
    "by columns": numpy.asfortranarray(LARGE),
    "every second": LARGE[::2, ::3],
    "of times": LARGE.astype("M8[s]"),
    "of fields": LARGE[:, :2].copy().view([("a", "f8"), ("b", "f8")])["b"],
    "one number": numpy.array(2.5),
    "empty": LARGE[:0].T,
    "empty rows": LARGE[:, :0].astype("M8[s]"),
    "few rows": numpy.asfortranarray(LARGE[:, :2].T),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_of_an_array_give_the_hash_of_all_its_bytes(name: str) -> None:
    assert hash_of([ARRAYS[name]]).digest() == plain_hash(ARRAYS[name])


@pytest.mark.parametrize("name", ["contiguous", "by columns", "every second", "of times"])
def test_an_array_is_not_copied_as_a_whole(name: str) -> None:
    tracemalloc.start()
    try:
        hash_of([ARRAYS[name]])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * LARGEST_COPY  # One slice goes as the next one is made.


def test_bytes_that_may_change_count_as_those_that_may_not() -> None:
    assert hash_of([bytearray(b"trees")]).digest() == hash_of([b"trees"]).digest()


def test_a_model_that_is_read_in_part_adds_nothing() -> None:
    def broken(_: object):
        yield b"first"
        raise OSError("gone")

    def fine(_: object):
        return [b"values"]

    both, alone = Digest(), Digest()
    for digest, reads in ((both, (broken, fine)), (alone, (fine,))):
        for read in reads:
            digest.remember(object(), read)
    assert both.read()["parameters"] == alone.read()["parameters"]
