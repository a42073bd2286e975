"""What strangers write reaches nobody as they wrote it, and is kept exactly where it must be."""

import json

from hypothesis import given
from hypothesis import strategies as st

from switchroom.foundation.text import kept_text, readable, text_again


def as_read(data: bytes) -> str:
    """As the codec reads the bytes of a header."""
    return data.decode("utf-8", "surrogateescape")


def test_bytes_that_are_no_utf8_are_read_as_latin_1() -> None:
    assert readable(as_read(b"J\xfcrgen"), 100) == "Jürgen"


def test_utf8_stays_and_control_characters_go() -> None:
    assert readable("Jürgen\x1b[2J\x00", 100) == "Jürgen?[2J?"


@given(st.binary(max_size=300))
def test_whatever_comes_can_be_written_as_json(data: bytes) -> None:
    text = readable(as_read(data), 100)
    assert len(text) <= 100
    assert json.loads(json.dumps(text).encode()) == text
    assert text.isprintable()


@given(st.binary(max_size=300))
def test_kept_text_comes_back_byte_for_byte(data: bytes) -> None:
    text = as_read(data)
    kept = kept_text(text)
    kept.encode()  # JSON can hold it
    assert text_again(kept) == text
