"""Cutting a byte stream (TCP, TLS) into messages (RFC 3261 §18.3, RFC 5626 §4.4.1)."""

import re
from typing import Final

from msgspec import Struct

from switchroom.sip.message.limits import MESSAGE_BYTES

_LENGTH: Final = re.compile(
    rb"\r\n(?:content-length|l)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.I
)


class KeepAlive(Struct, frozen=True):
    """The peer sent a CRLF CRLF ping; the answer is one CRLF (RFC 5626 §4.4.1)."""


class FramingError(Struct, frozen=True):
    """Nobody can tell where the next message starts; the connection must be closed."""

    reason: str
    message: bytes
    "The message at fault as far as it is known; parsing it may tell what to answer first."


Frame = bytes | KeepAlive | FramingError

KEEP_ALIVE: Final = KeepAlive()


class Framer:
    """One direction of one connection. Holds 64 KiB and what one ``feed`` brings at most."""

    __slots__ = ("_buffer", "_failed", "_searched", "_wanted")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._wanted = 0
        self._failed = False

    def feed(self, data: bytes) -> list[Frame]:
        """Return what is complete, in order. After a ``FramingError`` nothing comes any more.

        Pings that arrive together are reported as one.
        """
        if self._failed:
            return []
        self._buffer += data
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            if frame is not KEEP_ALIVE or not frames or frames[-1] is not KEEP_ALIVE:
                frames.append(frame)
            if isinstance(frame, FramingError):
                self._failed = True
                self._buffer.clear()
                break
        return frames

    def _next(self) -> Frame | None:
        if not self._wanted:
            if self._skip_empty_lines():
                return KEEP_ALIVE
            if (error := self._measure()) is not None:
                return error
        if not self._wanted or len(self._buffer) < self._wanted:
            return None
        message = bytes(self._buffer[: self._wanted])
        self._drop(self._wanted)
        return message

    def _measure(self) -> FramingError | None:
        """Find out how many bytes the next message has, if its header is complete."""
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n", self._searched)
        if end < 0:
            # The end may straddle two reads: look at the last three bytes again.
            self._searched = max(0, len(buffer) - 3)
            if len(buffer) > MESSAGE_BYTES:
                return self._fail("Header is larger than 65535 bytes", len(buffer))
            return None
        head = end + 4
        length = _content_length(bytes(buffer[:end]))
        if isinstance(length, str):
            return self._fail(length, head)
        if head + length > MESSAGE_BYTES:
            return self._fail("Message is larger than 65535 bytes", head)
        self._wanted = head + length
        return None

    def _skip_empty_lines(self) -> bool:
        """Drop CRLFs before a message (RFC 3261 §7.5); true if there was a ping."""
        buffer = self._buffer
        if not buffer.startswith(b"\r\n"):
            return False
        if buffer.startswith(b"\r\n\r\n"):
            self._drop(4)
            return True
        if len(buffer) > 3 or (len(buffer) == 3 and buffer[2] != 13):
            self._drop(2)
        return False

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._searched = 0
        self._wanted = 0

    def _fail(self, reason: str, size: int) -> FramingError:
        return FramingError(reason, bytes(self._buffer[: min(size, MESSAGE_BYTES)]))


def _content_length(head: bytes) -> int | str:
    """The length in bytes, or why there is none."""
    found = _LENGTH.findall(head)
    if not found:
        return "Missing Content-Length"
    if len(found) > 1:
        return "More than one Content-Length"
    digits = found[0].strip()
    if not digits.isdigit():
        return "Content-Length is not a number"
    return int(digits) if len(digits) < 10 else MESSAGE_BYTES + 1
