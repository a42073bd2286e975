"""Cutting streams into messages."""

from collections.abc import Sequence

import pytest

from switchroom.sip.message import KEEP_ALIVE, Framer, FramingError, Malformed, parse
from unit.sip.message.test_parse import INVITE, RINGING


def bytewise(framer: Framer, data: bytes) -> list[object]:
    return [frame for byte in data for frame in framer.feed(bytes([byte]))]


def error_of(frames: Sequence[object]) -> FramingError:
    assert isinstance(frames[-1], FramingError)
    return frames[-1]


def test_messages_come_out_in_order() -> None:
    assert Framer().feed(INVITE + RINGING + INVITE[:50]) == [INVITE, RINGING]


def test_messages_may_come_byte_by_byte() -> None:
    assert bytewise(Framer(), INVITE + RINGING) == [INVITE, RINGING]


def test_a_ping_is_reported() -> None:
    assert bytewise(Framer(), b"\r\n\r\n" + INVITE + b"\r\n\r\n") == [
        KEEP_ALIVE,
        INVITE,
        KEEP_ALIVE,
    ]


def test_pings_that_come_together_are_one() -> None:
    assert Framer().feed(b"\r\n\r\n" * 1000) == [KEEP_ALIVE]


def test_a_single_empty_line_is_skipped() -> None:
    assert bytewise(Framer(), b"\r\n" + INVITE + b"\r\n" + RINGING) == [INVITE, RINGING]


@pytest.mark.parametrize(
    "name", [b"l:", b"L :", b"CONTENT-LENGTH:", b"content-length\t:", b"Content-Length:\r\n "]
)
def test_any_spelling_of_the_length_is_understood(name: bytes) -> None:
    data = INVITE.replace(b"Content-Length:", name)
    assert bytewise(Framer(), data + RINGING) == [data, RINGING]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "Missing Content-Length"),
        (b"X-Content-Length: 4\r\n", "Missing Content-Length"),
        (b"Subject: x\r\n Content-Length: 4\r\n", "Missing Content-Length"),
        (b"Content-Length: -4\r\n", "Content-Length is not a number"),
        (b"Content-Length: \r\n", "Content-Length is not a number"),
        (b"Content-Length: 4\r\nl: 4\r\n", "More than one Content-Length"),
        (b"Content-Length: 65535\r\n", "Message is larger than 65535 bytes"),
        (b"Content-Length: 99999999999999999999\r\n", "Message is larger than 65535 bytes"),
    ],
)
def test_a_stream_without_a_length_is_lost(line: bytes, reason: str) -> None:
    framer = Framer()
    data = INVITE.replace(b"Content-Length: 4\r\n", line)
    error = error_of(framer.feed(RINGING + data)[1:])
    assert error.reason == reason
    assert error.message == data[:-4]
    assert framer.feed(RINGING) == []


def test_what_was_wrong_can_be_answered() -> None:
    error = error_of(Framer().feed(INVITE.replace(b": 4\r\n", b": -4\r\n")))
    found = parse(error.message)
    assert isinstance(found, Malformed)
    assert found.status == 400


def test_a_head_without_end_is_cut_off() -> None:
    framer = Framer()
    frames: list[object] = []
    for _ in range(70):
        frames += framer.feed(b"x" * 1024)
    assert error_of(frames).reason == "Header is larger than 65535 bytes"
    assert len(frames) == 1


def test_a_long_body_in_small_pieces_is_quick() -> None:
    padding = b"X: y\r\n" * 200
    head = INVITE.replace(b"Content-Length: 4\r\n", padding + b"Content-Length: 60000\r\n")[:-4]
    assert bytewise(Framer(), head + b"x" * 60_000) == [head + b"x" * 60_000]
