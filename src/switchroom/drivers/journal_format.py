"""How the journal looks on disk: segments of frames, each with its length and checksum.

A frame is a header (mark, payload length, CRC-32 of the payload; big-endian) and a payload of JSON
lines. The mark cannot occur inside JSON text, so a reader finds the next frame after damage.
"""

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

MARK = b"\xffSJ1"
HEADER = struct.Struct(">4sII")
PAYLOAD_LIMIT = 64 * 1024 * 1024
"Longest payload in bytes that a reader believes."

_SEGMENT_NAME = re.compile(r"(\d{10})\.log\Z")


def frame(payload: bytes) -> bytes:
    """``payload`` as it is written: with its header."""
    return HEADER.pack(MARK, len(payload), crc32(payload)) + payload


@dataclass(slots=True)
class Scan:
    """What was found in a piece of a segment."""

    payloads: list[bytes] = field(default_factory=list)
    used: int = 0
    "Bytes that need not be read again."
    lost: int = 0
    "Bytes among them that were damaged."


def scan(piece: bytes, *, is_final: bool) -> Scan:
    """Find all whole frames in ``piece``.

    A damaged frame is skipped up to the next readable one. An unfinished last frame is left for
    later, or counted as lost if ``is_final``: nothing more will be written behind it.
    """
    found = Scan()
    while found.used < len(piece):
        payload = _payload_at(piece, found.used)
        if payload is not None:
            found.payloads.append(payload)
            found.used += HEADER.size + len(payload)
            continue
        following = _next_frame(piece, found.used + 1)
        if following is None:
            break
        found.lost += following - found.used
        found.used = following
    if is_final:
        found.lost += len(piece) - found.used
        found.used = len(piece)
    return found


def segment_path(directory: Path, number: int) -> Path:
    return directory / f"{number:010}.log"


def segment_numbers(directory: Path) -> list[int]:
    """Numbers of the segments in ``directory``, oldest first."""
    if not directory.is_dir():
        return []
    matches = (_SEGMENT_NAME.match(path.name) for path in directory.iterdir())
    return sorted(int(match[1]) for match in matches if match)


def _payload_at(piece: bytes, start: int) -> bytes | None:
    end_of_header = start + HEADER.size
    if end_of_header > len(piece):
        return None
    mark, length, checksum = HEADER.unpack_from(piece, start)
    if mark != MARK or length > PAYLOAD_LIMIT or end_of_header + length > len(piece):
        return None
    payload = piece[end_of_header : end_of_header + length]
    return payload if crc32(payload) == checksum else None


def _next_frame(piece: bytes, start: int) -> int | None:
    while (start := piece.find(MARK, start)) >= 0:
        if _payload_at(piece, start) is not None:
            return start
        start += 1
    return None
