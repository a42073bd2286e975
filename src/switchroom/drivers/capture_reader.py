"""Finds the messages of a call in the capture, and what in them explains a failure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from switchroom.drivers.capture_format import ENTRY, capture_numbers, capture_path

MESSAGES_LIMIT = 5000
"Messages of one call that are shown at most."

SAFE_BYTES = 1300
"A longer request may be cut into fragments on its way over UDP (RFC 3261 section 18.1.1)."

_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*([^\s]+)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^cseq[ \t]*:[ \t]*\d+[ \t]+([A-Za-z]+)", re.IGNORECASE | re.MULTILINE)
_CONNECTION = re.compile(rb"^c=IN IP4 ([0-9.]{7,15})", re.MULTILINE)
_ON_HOLD = "0.0.0.0"


@dataclass(frozen=True)
class CapturedMessage:
    """One SIP message as it was on the wire, save for masked credentials."""

    at: float
    "Unix time in seconds."
    is_incoming: bool
    transport: str
    address: str
    "Numeric address of the peer."
    port: int
    content: bytes

    @property
    def peer(self) -> str:
        return f"{self.transport}:{self.address}:{self.port}"

    @cached_property
    def call_id(self) -> str:
        match = _CALL_ID.search(self._head)
        return match[1].decode("utf-8", "replace") if match else ""

    @cached_property
    def summary(self) -> str:
        """``INVITE``, ``180 Ringing``, ``200 OK (INVITE)``; with ``+ SDP`` if it carries one."""
        words = self.content.split(b"\r\n", 1)[0].decode("utf-8", "replace").split(" ")
        text = words[0]
        if text == "SIP/2.0":
            method = _CSEQ.search(self._head)
            about = f" ({method[1].decode()})" if method and words[1:2] >= ["2"] else ""
            text = " ".join(words[1:]) + about
        return f"{text} + SDP" if self.media_address else text

    @cached_property
    def media_address(self) -> str:
        """Where its session description wants media; empty without one."""
        head, _, body = self.content.partition(b"\r\n\r\n")
        match = _CONNECTION.search(body) if b"application/sdp" in head.lower() else None
        return match[1].decode() if match else ""

    @property
    def media_elsewhere(self) -> bool:
        """Whether the peer wants media at another address than its packets come from."""
        media = self.media_address
        return self.is_incoming and media not in ("", _ON_HOLD, self.address)

    @property
    def may_be_fragmented(self) -> bool:
        """Whether it is a request of ours too long for one packet of an unknown path (18.1.1)."""
        is_request = not self.is_incoming and not self.content.startswith(b"SIP/2.0 ")
        return is_request and self.transport == "udp" and len(self.content) > SAFE_BYTES

    @property
    def _head(self) -> bytes:
        return self.content.partition(b"\r\n\r\n")[0]


def messages_of(directory: Path, call_ids: Collection[str]) -> list[CapturedMessage]:
    """All captured messages with one of these SIP Call-IDs, oldest first.

    At most ``MESSAGES_LIMIT``. Files that vanish or are damaged meanwhile are passed over.
    """
    wanted = set(call_ids)
    found: list[CapturedMessage] = []
    for message in _all(directory):
        if message.call_id in wanted:
            found.append(message)
            if len(found) == MESSAGES_LIMIT:
                break
    return found


def _all(directory: Path) -> Iterator[CapturedMessage]:
    for number in capture_numbers(directory):
        try:
            text = capture_path(directory, number).read_bytes()
        except FileNotFoundError:
            continue  # rotated away while we read the one before
        yield from _messages(text)


def _messages(text: bytes) -> Iterator[CapturedMessage]:
    place = 0
    while place < len(text):
        entry = ENTRY.match(text, place) or ENTRY.search(text, place)
        if entry is None:
            return
        end = entry.end() + int(entry["length"])
        if text[end : end + 2] != b"\r\n":
            place = entry.end()  # torn by a crash: go on with the next one
            continue
        yield CapturedMessage(
            at=float(entry["at"]),
            is_incoming=entry["direction"] == b"in",
            transport=entry["transport"].decode(),
            address=entry["address"].decode(),
            port=int(entry["port"]),
            content=text[entry.end() : end],
        )
        place = end + 2
