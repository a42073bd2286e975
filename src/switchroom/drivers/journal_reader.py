"""Follows the journal from a position on, across segments, without ever waiting."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from switchroom.drivers.journal_format import (
    HEADER,
    PAYLOAD_LIMIT,
    Scan,
    scan,
    segment_numbers,
    segment_path,
)
from switchroom.history.batch import Position

PIECE = 256 * 1024
"Bytes read at once: about seven hundred facts, so that other threads are not kept waiting."


def end_of_journal(directory: Path) -> Position:
    """Behind the last byte that is there; what is being written may be there in part."""
    newest = max(segment_numbers(directory), default=0)
    with suppress(FileNotFoundError):
        return Position(newest, segment_path(directory, newest).stat().st_size)
    return Position()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the journal; empty payloads and the same position when there is nothing new."""

    payloads: list[bytes]
    position: Position
    "Where the next piece begins."
    lost: int
    "Damaged bytes that were skipped."


class JournalReader:
    """Reads pieces of the journal in order.

    ``newest`` tells the segment that is being written, ``None`` when nobody writes any more. Only
    older ones are ever given up as unfinished.
    """

    __slots__ = ("_directory", "_newest")

    def __init__(self, directory: Path, newest: Callable[[], int | None]) -> None:
        self._directory = directory
        self._newest = newest

    def read(self, position: Position) -> Piece:
        """The next piece from ``position`` on.

        Raises:
            OSError: the disk does not give the journal back.
        """
        lost = 0
        while True:
            # Asked before reading: a segment that is old now can only have been finished before.
            newest = self._newest()
            is_final = newest is None or position.segment < newest
            found = self._scan(position, is_final=is_final)
            lost += found.lost
            after = Position(position.segment, position.offset + found.used)
            following = self._next_segment(after) if is_final and not found.payloads else None
            if following is None:
                return Piece(found.payloads, after, lost)
            position = following

    def _scan(self, position: Position, *, is_final: bool) -> Scan:
        try:
            segment = os.open(segment_path(self._directory, position.segment), os.O_RDONLY)
        except FileNotFoundError:
            return Scan()
        try:
            length = PIECE
            while True:
                piece = os.pread(segment, length, position.offset)
                is_whole = len(piece) < length
                found = scan(piece, is_final=is_final and is_whole)
                if found.used or is_whole or length > PAYLOAD_LIMIT + HEADER.size:
                    return found
                length *= 2
        finally:
            os.close(segment)

    def _next_segment(self, position: Position) -> Position | None:
        numbers = segment_numbers(self._directory)
        number = next((n for n in numbers if n > position.segment), None)
        return None if number is None else Position(number, 0)
