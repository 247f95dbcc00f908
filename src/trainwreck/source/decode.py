"""Conversion between the bytes of a Python file and its text, as the interpreter does it."""

import hashlib
import io
import tokenize
from dataclasses import dataclass


class UnreadableSource(Exception):
    """The bytes of a file cannot be decoded in the encoding that they declare."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """The decoded text of a file, with its line ends and its encoding.

    ``sha`` is the hash of the file's bytes, not of the text.
    """

    text: str
    encoding: str
    sha: str

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text in this file's encoding, byte order mark included."""
        return text.encode(self.encoding)


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def decode(content: bytes) -> SourceText:
    """Decode the bytes of a Python file.

    The encoding is that of PEP 263: of a byte order mark, else of a coding line, else UTF-8.

    Raises:
        UnreadableSource: The encoding is unknown, or the bytes do not follow it.

    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableSource(str(error)) from None
    return SourceText(text, encoding, hash_of(content))
