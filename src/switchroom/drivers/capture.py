"""The capture: the latest SIP messages of this node, in a few files of limited size.

Cheap enough to be always on: a message is only remembered, and written together with others.
Passwords' traces are masked before anything reaches the disk.
"""

import os
from pathlib import Path
from typing import Literal

from switchroom.drivers.capture_format import capture_numbers, capture_path, holds_secrets, masked
from switchroom.foundation.leg import Hop

Direction = Literal["in", "out"]

FILE_BYTES = 16 * 1024 * 1024
WAITING_BYTES = 64 * 1024
"Written at the latest when so much has been remembered."


class Capture:
    """Writes what ``add`` remembers; used by one thread."""

    def __init__(self, directory: Path, *, file_bytes: int = FILE_BYTES, files: int = 2) -> None:
        """Go on with the newest capture in ``directory``; older than ``files`` are deleted.

        Raises:
            OSError: the directory or the file cannot be made.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._file_bytes = file_bytes
        self._files = files
        self._waiting: list[tuple[float, Direction, Hop, bytes]] = []
        self._waiting_bytes = 0
        self._number = max(capture_numbers(directory), default=1)
        self._file = self._open(self._number)
        self._size = os.fstat(self._file).st_size
        self.dropped = 0
        "Messages that the disk did not take."
        self._delete_old()

    def add(self, at: float, direction: Direction, hop: Hop, message: bytes) -> None:
        """Remember one message; ``at`` is Unix time in seconds, ``hop`` the peer."""
        self._waiting.append((at, direction, hop, message))
        self._waiting_bytes += len(message)
        if self._waiting_bytes > WAITING_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is remembered. Never raises: a capture is worth less than a call."""
        if not self._waiting:
            return
        count = len(self._waiting)
        text = b"".join([part for entry in self._waiting for part in _parts(*entry)])
        # Looked at once for all of them: few messages hold anything secret.
        if holds_secrets(text):
            safe = [(at, way, hop, masked(message)) for at, way, hop, message in self._waiting]
            text = b"".join([part for entry in safe for part in _parts(*entry)])
        self._waiting.clear()
        self._waiting_bytes = 0
        try:
            if self._size + len(text) > self._file_bytes and self._size:
                self._rotate()
            self._size += os.write(self._file, text)
        except OSError:
            self.dropped += count

    def close(self) -> None:
        self.flush()
        os.close(self._file)

    def _rotate(self) -> None:
        following = self._open(self._number + 1)
        os.close(self._file)
        self._file, self._size = following, 0
        self._number += 1
        self._delete_old()

    def _delete_old(self) -> None:
        for number in capture_numbers(self._directory)[: -self._files]:
            capture_path(self._directory, number).unlink(missing_ok=True)

    def _open(self, number: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        return os.open(capture_path(self._directory, number), flags, 0o600)


def _parts(at: float, direction: Direction, hop: Hop, message: bytes) -> tuple[bytes, bytes, bytes]:
    transport, address, port = hop
    head = f"--- {at:.6f} {direction} {transport}:{address}:{port} {len(message)} ---\r\n"
    return head.encode(), message, b"\r\n"
