"""Copies the journal into the ledger, piece by piece, each in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from switchroom.drivers.journal_format import segment_numbers, segment_path
from switchroom.drivers.journal_reader import JournalReader, Piece
from switchroom.history.batch import Batch, Gathering, Position
from switchroom.history.ports import Ledger


@dataclass(frozen=True, slots=True)
class Written:
    """What one transaction has added."""

    position: Position
    "Where the journal goes on behind it."
    first_seq: int
    batch: Batch
    lost_bytes: int
    "Damaged bytes of the journal that were skipped."

    @property
    def newest_seq(self) -> int:
        """The number of the last fact written so far."""
        return self.first_seq + len(self.batch.facts) - 1


class Transcript:
    """Begins where the ledger says that the last one ended.

    After an exception it must be thrown away: whether the last transaction took place is then
    known to the ledger only.
    """

    __slots__ = ("_directory", "_gathering", "_ledger", "_reader", "position")

    def __init__(
        self,
        ledger: Ledger,
        directory: Path,
        newest_segment: Callable[[], int | None],
    ) -> None:
        """``newest_segment``: the one still being written, ``None`` if there is none.

        Raises:
            LedgerError: the database does not answer.
        """
        self._ledger = ledger
        self._directory = directory
        self._reader = JournalReader(directory, newest_segment)
        self._gathering = Gathering(ledger.live_call_ids(), ledger.record)
        self.position = ledger.position()

    def step(self) -> Written | None:
        """Write down the next piece; ``None`` when there is nothing new.

        Raises:
            LedgerError: the database took nothing.
            OSError: the journal cannot be read.
        """
        piece = self._reader.read(self.position)
        if piece.position == self.position:
            return None
        batch = self._gathered(piece)
        first_seq = self._ledger.commit(batch, piece.position)
        self._gathering.committed(batch)
        has_left_segment = piece.position.segment != self.position.segment
        self.position = piece.position
        if has_left_segment:
            self.sweep()
        return Written(piece.position, first_seq, batch, piece.lost)

    def _gathered(self, piece: Piece) -> Batch:
        batch = Batch()
        add = self._gathering.add
        for payload in piece.payloads:
            for line in payload.split(b"\n"):
                add(batch, line)
        return batch

    def sweep(self) -> None:
        """Delete finished segments, once what they said survives a power cut."""
        numbers = segment_numbers(self._directory)
        finished = [number for number in numbers if number < self.position.segment]
        if finished and self._ledger.make_durable():
            for number in finished:
                segment_path(self._directory, number).unlink(missing_ok=True)
