"""Bytes of a Python file to text and back, as the interpreter itself reads them."""

import hashlib
import io
import tokenize
from dataclasses import dataclass


class UnreadableSource(Exception):
    """The bytes are no text in the encoding that they declare."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """Decoded text, line ends untouched, with what is needed to write it back byte for byte."""

    text: str
    encoding: str
    sha: str

    def encode(self, text: str) -> bytes:
        """Another text in the same encoding, byte order mark included."""
        return text.encode(self.encoding)


def hash_of(content: bytes) -> str:
    """What tells a file's content from every other: SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def decode(content: bytes) -> SourceText:
    """Follow PEP 263: byte order mark, then coding line, then UTF-8. Raises UnreadableSource."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableSource(str(error)) from None
    return SourceText(text, encoding, hash_of(content))
