"""A cursor says exactly what its holder has missed, and what nobody can give him any more."""

import pytest

from switchroom.live.sequence import Cursor, EventSequence, cursor_of

SEQUENCE = EventSequence("acme", "ab12", oldest=5, newest=9)


@pytest.mark.parametrize("cursor", [Cursor("ab12", 7), Cursor("0", 0), SEQUENCE.end])
def test_a_cursor_can_be_written_and_read(cursor: Cursor) -> None:
    assert cursor_of(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "7", "ab12-", "-7", "ab12-7-7", "ab12-x", "ab12-" + "9" * 19,
                                  "AB12-7", "ab12-7\n", "ab12-٣"])  # fmt: skip
def test_what_is_no_cursor_is_none(text: str) -> None:
    found = cursor_of(text)

    assert found is None or str(found) == text


@pytest.mark.parametrize(
    ("cursor", "loss"),
    [
        (Cursor("ab12", 9), ""),
        (Cursor("ab12", 4), ""),
        (Cursor("ab12", 3), "purged"),
        (Cursor("ab12", 10), "ahead"),
        (Cursor("cd34", 7), "epoch"),
        (Cursor("0", 0), "purged"),
        (Cursor("0", 7), "epoch"),
    ],
)
def test_what_is_missing_is_said(cursor: Cursor, loss: str) -> None:
    assert SEQUENCE.loss(cursor) == loss


def test_a_sequence_in_which_nothing_has_happened_has_an_end_to_go_on_from() -> None:
    empty = EventSequence("acme")

    assert str(empty.end) == "0-0"
    assert empty.loss(empty.end) == ""
    assert EventSequence("acme", "ab12", 1, 3).loss(empty.end) == ""
    assert SEQUENCE.loss(SEQUENCE.start) == ""
