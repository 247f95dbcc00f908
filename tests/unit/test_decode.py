"""Bytes to text as the interpreter reads them, and lines to offsets."""

import hashlib

import pytest

from trainwreck.source import LineIndex, UnreadableSource, decode


def test_text_is_utf8_unless_it_says_otherwise() -> None:
    source = decode("x = 'é'\n".encode())
    assert (source.text, source.encoding) == ("x = 'é'\n", "utf-8")


def test_a_byte_order_mark_is_taken_off_and_put_back() -> None:
    content = b"\xef\xbb\xbfx = 1\r\n"
    source = decode(content)
    assert source.text == "x = 1\r\n"
    assert source.encode(source.text) == content


def test_a_coding_line_is_followed() -> None:
    content = b"#!python\n# vim: set fileencoding=latin-1 :\nx = '\xe9'\n"
    source = decode(content)
    assert source.text.endswith("x = 'é'\n")
    assert source.encode(source.text) == content


def test_a_coding_line_below_the_second_is_none() -> None:
    assert decode(b"\n\n# coding: latin-1\n").encoding == "utf-8"


def test_the_hash_is_that_of_the_bytes() -> None:
    content = b"\xef\xbb\xbfx = 1\n"
    assert decode(content).sha == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [b"x = '\xff'\n", b"# coding: no-such-thing\n", b"\xef\xbb\xbf# coding: latin-1\n"],
)
def test_bytes_that_are_no_text_are_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match=r"\w+"):
        decode(content)


def test_lines_of_every_ending_have_their_offsets() -> None:
    index = LineIndex("a\nbb\r\nccc\rdddd")
    assert [index.offset((line, 0)) for line in (1, 2, 3, 4)] == [0, 2, 6, 10]
    assert index.offset((4, 3)) == 13


def test_signs_that_are_line_ends_elsewhere_end_no_line_of_a_program() -> None:
    index = LineIndex("a\x0bb\x0cc\x85d\u2028e\nf")
    assert index.offset((2, 0)) == 10
