"""Bytes to text as the interpreter reads them, and lines to offsets."""

import hashlib

import pytest

from trainwreck.source import LineIndex, UnreadableSource, decode


def test_decode_reads_utf8_without_a_coding_line() -> None:
    source = decode("x = 'é'\n".encode())
    assert (source.text, source.encoding) == ("x = 'é'\n", "utf-8")


def test_decode_removes_a_byte_order_mark_and_encode_restores_it() -> None:
    content = b"\xef\xbb\xbfx = 1\r\n"
    source = decode(content)
    assert source.text == "x = 1\r\n"
    assert source.encode(source.text) == content


def test_decode_follows_a_coding_line() -> None:
    content = b"#!python\n# vim: set fileencoding=latin-1 :\nx = '\xe9'\n"
    source = decode(content)
    assert source.text.endswith("x = 'é'\n")
    assert source.encode(source.text) == content


def test_decode_ignores_a_coding_line_below_the_second_line() -> None:
    assert decode(b"\n\n# coding: latin-1\n").encoding == "utf-8"


def test_decode_hashes_the_bytes_and_not_the_text() -> None:
    content = b"\xef\xbb\xbfx = 1\n"
    assert decode(content).sha == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [b"x = '\xff'\n", b"# coding: no-such-thing\n", b"\xef\xbb\xbf# coding: latin-1\n"],
)
def test_decode_refuses_bytes_that_are_no_text_with_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match=r"\w+"):
        decode(content)


def test_line_index_has_the_offsets_of_lines_of_every_ending() -> None:
    index = LineIndex("a\nbb\r\nccc\rdddd")
    assert [index.offset((line, 0)) for line in (1, 2, 3, 4)] == [0, 2, 6, 10]
    assert index.offset((4, 3)) == 13


def test_line_index_ends_no_line_at_a_form_feed_or_separator() -> None:
    index = LineIndex("a\x0bb\x0cc\x85d\u2028e\nf")
    assert index.offset((2, 0)) == 10
