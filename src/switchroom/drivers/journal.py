"""The journal: what must survive a crash is here before the messages about it leave.

``add`` only remembers; ``flush``, once per turn of the loop and before that turn's messages go
out, writes everything with one ``write``. What the kernel has taken survives kill -9; a thread
asks the disk once a second, so a power cut loses at most that much.
"""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from switchroom.drivers.journal_format import (
    PAYLOAD_LIMIT,
    frame,
    segment_numbers,
    segment_path,
)
from switchroom.drivers.journal_sync import JournalSync
from switchroom.foundation.events import Fact
from switchroom.history.batch import Position
from switchroom.history.live import JournalState

SEGMENT_BYTES = 64 * 1024 * 1024
WAITING_BYTES = 16 * 1024 * 1024
"Kept in memory while the disk takes nothing; what comes after that is counted as dropped."


class JournalFailed(Struct, frozen=True):
    """The disk takes nothing. Calls go on, but what happens now would not survive a crash."""

    path: str
    code: str
    "``ENOSPC``, ``EIO``, …"
    text: str


class Journal:
    """Writes segments; one instance per data directory, used by one thread."""

    def __init__(
        self,
        directory: Path,
        *,
        segment: int,
        on_failed: Callable[[JournalFailed], None],
        segment_bytes: int = SEGMENT_BYTES,
        waiting_bytes: int = WAITING_BYTES,
    ) -> None:
        """Begin segment number ``segment``; ``recover`` says which is free.

        ``on_failed`` is told once when writing or syncing begins to fail.

        Raises:
            OSError: the directory or the segment cannot be made.
        """
        self._directory = directory
        self._on_failed = on_failed
        self._segment_bytes = segment_bytes
        self._waiting_bytes = waiting_bytes
        self._records: list[Fact | JournalState] = []
        self._waiting = b""
        self._encoder = msgspec.json.Encoder()
        self.add: Callable[[Fact | JournalState], None] = self._records.append
        "Remember one record for the next flush."
        self.failure: JournalFailed | None = None
        self.failures = 0
        "How often a write or a sync did not succeed."
        self.dropped = 0
        "Records given up because the disk took nothing for too long."
        self.unencodable = 0
        self.written_bytes = 0
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._create(segment)
        self._position = Position(segment, 0)
        self._sync = JournalSync(self._file)

    @property
    def position(self) -> Position:
        """Where the next byte goes; may be read from any thread."""
        return self._position

    def bytes_after(self, position: Position) -> int:
        """How much has been written behind ``position``, over all segments since."""
        total = -position.offset
        if position.segment < self._position.segment:
            for number in segment_numbers(self._directory):
                if position.segment <= number < self._position.segment:
                    total += _size(segment_path(self._directory, number))
        return max(0, total + self._position.offset)

    def flush(self) -> None:
        """Write all records added since the last time. Never raises, never waits for the disk."""
        if self._records:
            self._waiting += self._frame()
        if self._waiting:
            self._write()
        if self._sync.failure is not None:
            self._fail(self._sync.failure)
            self._sync.failure = None

    def close(self) -> None:
        """Flush, wait for the disk, and close."""
        self.flush()
        self._sync.stop()

    def _frame(self) -> bytes:
        records = self._records
        try:
            if len(self._waiting) > self._waiting_bytes:
                self.dropped += len(records)
                return b""
            return self._framed(self._encoder.encode_lines(records))
        except (msgspec.MsgspecError, TypeError, ValueError):
            return self._framed(b"".join(map(self._line, records)))
        finally:
            records.clear()

    def _framed(self, payload: bytes) -> bytes:
        # A reader would not believe it; needs more records in one turn than calls allow.
        if len(payload) > PAYLOAD_LIMIT:
            self.dropped += len(self._records)
            return b""
        return frame(payload)

    def _line(self, record: Fact | JournalState) -> bytes:
        try:
            return self._encoder.encode(record) + b"\n"
        except (msgspec.MsgspecError, TypeError, ValueError):
            self.unencodable += 1
            return b""

    def _write(self) -> None:
        try:
            count = os.write(self._file, self._waiting)
        except OSError as error:
            self._fail(error)
            return
        self.written_bytes += count
        self._sync.is_due = True
        segment, offset = self._position.segment, self._position.offset + count
        self._position = Position(segment, offset)
        self._waiting = self._waiting[count:]
        if self._waiting:
            return  # a full disk takes a part first; the rest follows when there is room
        if offset < self._segment_bytes or self._rotate(segment + 1):
            self.failure = None

    def _rotate(self, number: int) -> bool:
        try:
            following = self._create(number)
        except OSError as error:
            self._fail(error)
            return False  # the old segment grows on; the next flush tries again
        self._file = following
        self._position = Position(number, 0)
        self._sync.follow(following)
        return True

    def _create(self, number: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return os.open(segment_path(self._directory, number), flags, 0o600)

    def _fail(self, error: OSError) -> None:
        self.failures += 1
        if self.failure is not None:
            return
        code = errno.errorcode.get(error.errno or 0, "EIO")
        text = os.strerror(error.errno) if error.errno else str(error)
        self.failure = JournalFailed(str(self._directory), code, text)
        self._on_failed(self.failure)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):  # the recorder is through with it and deletes it
        return path.stat().st_size
    return 0
