"""Python source text: decoded from bytes, parsed to a syntax tree, addressed by offsets."""

from trainwreck.source.decode import SourceText, UnreadableSource, decode, hash_of
from trainwreck.source.lines import LineIndex
from trainwreck.source.parse import Parsed, parse

__all__ = ["LineIndex", "Parsed", "SourceText", "UnreadableSource", "decode", "hash_of", "parse"]
