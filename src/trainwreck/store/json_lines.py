"""Lines of JSON in files that may be compressed."""

import gzip
import json
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

import msgspec

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model.json_values import change_texts

Noun = TypeVar("Noun")

BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""Exceptions of compressed files that are cut off or are something else."""


class _Kind(msgspec.Struct):
    kind: str


_kind = msgspec.json.Decoder(_Kind)
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class BadLine(Exception):
    """A line that cannot be read; the message names the field where there is one."""


def encode(kind: str, fields: Mapping[str, Any]) -> bytes:
    """Return one line, its kind first; floats are written so that they read back unchanged."""
    try:
        return msgspec.json.encode({"kind": kind, **fields}) + b"\n"
    except UnicodeEncodeError:  # Half of a surrogate pair, which JSON cannot hold.
        text = json.dumps(fields, default=msgspec.to_builtins, ensure_ascii=False)
        return encode(kind, json.loads(text.encode("utf-8", "replace")))


def changed_line(line: bytes, change: Callable[[str], str]) -> bytes:
    """Return a line with every text in it changed; an unchanged line keeps its bytes."""
    value = json.loads(line)
    changed = change_texts(value, change)
    return line if changed == value else json.dumps(changed).encode()


def kind_of(line: bytes) -> str:
    """Return the kind of a line. Raises BadLine unless it is a JSON object with a kind."""
    try:
        line.decode("utf-8")
        return _kind.decode(line).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(str(error)) from None


def decode(line: bytes, kind: type[Noun]) -> Noun:
    """Read a line as a noun of type ``kind``. Raises BadLine, with the field."""
    decoder = _decoders.setdefault(kind, msgspec.json.Decoder(kind))
    try:
        noun: Noun = decoder.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadLine(str(error)) from None
    return noun


@contextmanager
def writing(out: Path) -> Iterator[IO[bytes]]:
    """Open a file to write lines to; `-` is standard output, `.gz` and `.xz` are compressed.

    The same lines give the same bytes. A file that was there before stays as it was until
    everything is written. Raises UsageError.
    """
    if str(out) == "-":
        with _naming("standard output"):
            yield _standard(sys.stdout, "output")
            sys.stdout.flush()
        return
    partial = out if out.exists() and not out.is_file() else out.with_name(f"{out.name}.partial")
    try:
        with _naming(str(out)):
            with partial.open("wb") as plain, _packed(plain, out.suffix) as target:
                yield target
            if partial != out:
                partial.replace(out)
    finally:
        if partial != out:
            partial.unlink(missing_ok=True)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Raise UsageError with this name where writing fails, unless the reader has left."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Name another file, or free space there."
        raise UsageError(f"{name} cannot be written: {error.strerror or error}", hint) from error


def _standard(stream: TextIO | None, name: str) -> IO[bytes]:
    """Return the bytes of a standard stream, which a shell may have closed."""
    if stream is None:
        raise UsageError(f"standard {name} is closed", "Name a file instead of `-`.")
    return stream.buffer


@contextmanager
def _packed(plain: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    if suffix == ".gz":
        with gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed:
            yield packed  # type: ignore[misc]
    elif suffix == ".xz":
        with lzma.open(plain, "wb") as packed_well:
            yield packed_well
    else:
        yield plain


def _awaited(lines: IO[bytes]) -> Iterator[bytes]:
    """Yield lines that may come from a terminal, and so never."""
    while True:
        with INTERRUPTS.interruptible():
            line = lines.readline()
        if not line:
            return
        yield line


def read_lines(source: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (number, line) for each line that is not blank, from 1. Raises UsageError."""
    opens: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
    number = 0
    try:
        opened = opens.get(source.suffix, open)
        with (
            nullcontext(_awaited(_standard(sys.stdin, "input")))
            if str(source) == "-"
            else opened(source, "rb") as lines
        ):
            for number, line in enumerate(lines, 1):
                INTERRUPTS.check()
                if line.strip():
                    yield number, line
    except BROKEN as error:
        raise UsageError(_broken(source, number, error)) from None


def _broken(source: Path, number: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{source} cannot be read: {error.strerror}"
    if number:
        return f"{source}:{number}: the file is broken after this line: {error}"
    return f"{source} cannot be read: {error}"
