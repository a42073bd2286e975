"""Asks the disk once a second to make the journal lasting, away from the loop."""

import os
from threading import Event, Thread

PERIOD_S = 1.0


class JournalSync:
    """A thread that syncs the segment being written and closes finished ones.

    The writer sets ``is_due`` and takes ``failure``; both are single assignments, so no lock.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._finished: list[int] = []
        self._stop = Event()
        self.is_due = False
        self.failure: OSError | None = None
        self._thread = Thread(target=self._run, name="journal-sync", daemon=True)
        self._thread.start()

    def follow(self, file: int) -> None:
        """From now on sync ``file``; the one before is synced and closed soon."""
        self._finished.append(self._file)
        self._file = file

    def stop(self) -> None:
        """Sync and close everything; returns when the disk has answered."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self._sync()
        self._finished.append(self._file)
        self._sync()

    def _sync(self) -> None:
        while self._finished:
            file = self._finished.pop(0)
            self._sync_one(file)
            os.close(file)
        if self.is_due and not self._stop.is_set():
            self.is_due = False
            self._sync_one(self._file)

    def _sync_one(self, file: int) -> None:
        try:
            os.fsync(file)
        except OSError as error:
            self.failure = error
