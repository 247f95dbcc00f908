"""Reads scalars from TensorBoard's event files.

A file is a sequence of records (TFRecord), and a record is a protocol buffer ``Event``. Fields are
numbered as in TensorBoard's ``event.proto``, ``summary.proto`` and ``tensor.proto``.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LONGEST_RECORD = 256 << 20
"""Bytes of a record; a larger number is damage."""
SUMMARY = 5
VALUE = 1
TAG, SIMPLE_VALUE, TENSOR = 1, 2, 8
TYPE, CONTENT = 1, 4
FORMS = {1: "f", 2: "d", 3: "i", 9: "q", 19: "e"}
"""The form of one number by the type of a tensor: float, double, int32, int64, half."""
FLOATS, DOUBLES, INTS, LONGS = 5, 6, 7, 10

Field = tuple[int, int | bytes]
"""The number of a field, and its content: a whole number, or the bytes of anything else."""


def read_scalars(path: Path) -> Iterator[tuple[str, str]]:
    """Yield tag and value of each scalar, in the order of the file, up to a record cut off.

    Raises OSError, and ValueError where the content is none of TensorBoard's.
    """
    with path.open("rb") as file:
        for record in _records(file):
            try:
                yield from _scalars(record)
            except (IndexError, struct.error):
                raise ValueError("a record that is no event of TensorBoard") from None


def _records(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of each complete record; the checksums are not compared."""
    while len(head := file.read(12)) == 12:
        (length,) = struct.unpack("<Q", head[:8])
        if length > LONGEST_RECORD:
            raise ValueError("no event file of TensorBoard")
        content = file.read(length)
        if len(content) < length or len(file.read(4)) < 4:
            return
        yield content


def _scalars(event: bytes) -> Iterator[tuple[str, str]]:
    summaries = (content for number, content in _fields(event) if number == SUMMARY)
    for summary in summaries:
        for number, content in _fields(_bytes(summary)):
            if number == VALUE:
                yield from _scalar(dict(_fields(_bytes(content))))


def _scalar(value: dict[int, int | bytes]) -> Iterator[tuple[str, str]]:
    """Yield tag and value of a summary's value if it is one number."""
    tag = _bytes(value.get(TAG, b"")).decode("utf-8", "replace")
    if SIMPLE_VALUE in value:
        yield tag, _shortest(_bytes(value[SIMPLE_VALUE]))
    elif TENSOR in value:
        number = _number_of_tensor(dict(_fields(_bytes(value[TENSOR]))))
        if number is not None:
            yield tag, number


def _number_of_tensor(tensor: dict[int, int | bytes]) -> str | None:
    """Return the only number of a tensor; None for texts, and for more numbers than one."""
    form = FORMS.get(_whole(tensor.get(TYPE, 0)))
    if form is None:
        return None
    size = struct.calcsize(f"<{form}")
    held = next((tensor[n] for n in (CONTENT, FLOATS, DOUBLES, INTS, LONGS) if n in tensor), None)
    if isinstance(held, int):
        return str(held)
    if held is None or len(held) != size:
        return _packed_whole(held) if held and form in "iq" else None
    if form == "f":
        return _shortest(held)
    return str(struct.unpack(f"<{form}", held)[0])


def _packed_whole(packed: bytes) -> str | None:
    """Return the only whole number of a packed field."""
    number, end = _varint(packed, 0)
    return str(number - (1 << 64) * (number >> 63)) if end == len(packed) else None


def _shortest(single: bytes) -> str:
    """Return the shortest text that is read as this number of single precision."""
    (value,) = struct.unpack("<f", single)
    texts = (f"{value:.{digits}g}" for digits in range(6, 9))
    return next((text for text in texts if _packs_to(text, single)), f"{value:.9g}")


def _packs_to(text: str, single: bytes) -> bool:
    try:
        return struct.pack("<f", float(text)) == single
    except OverflowError:
        return False


def _fields(message: bytes) -> Iterator[Field]:
    """Yield the fields of a message. Raises IndexError or struct.error where it is none."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == 0:
            whole, position = _varint(message, position)
            yield number, whole
            continue
        length = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            length, position = _varint(message, position)
        if length is None or position + length > len(message):
            raise IndexError("a field of no known kind, or one cut off")
        yield number, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """Return the whole number at a position, and the position behind it."""
    number = 0
    for shift in range(0, 70, 7):
        byte = message[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, position
    raise IndexError("a number of too many bytes")


def _bytes(content: int | bytes) -> bytes:
    if isinstance(content, int):
        raise IndexError("a number in place of a text")
    return content


def _whole(content: int | bytes) -> int:
    return content if isinstance(content, int) else 0
