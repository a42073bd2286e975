"""The recorder: a thread that writes down in the database what the journal says.

Each batch is one transaction that also stores the journal position, so nothing is lost or doubled
however the process dies. When the database fails the journal simply grows, and the recorder tries
again. Only this thread talks to the database here; the loop never waits for it.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Protocol

from switchroom.drivers.transcript import Transcript, Written
from switchroom.history.batch import Position
from switchroom.history.ports import Ledger

PERIOD_S = 0.5
"Pause between batches when the recorder has caught up."
FOLLOWED_PERIOD_S = 0.04
"The same while somebody follows: how late facts are told, against transactions per second."
BREATH_S = 0.0005
"Rest within a batch: whoever waits for the interpreter goes on, instead of for 5 ms at each step."
LONGEST_PAUSE_S = 5.0
"Longest pause between attempts while the database fails."
DAY_S = 86_400.0
PURGE_EVERY_S = 25.0
"Old facts are looked for so often."
PURGED_AT_ONCE = 2000
PURGES_PER_ROUND = 20
"More than the busiest node writes in the time between, in steps that nobody notices."


class WrittenJournal(Protocol):
    """The end of the journal that is still growing."""

    @property
    def position(self) -> Position: ...


class Recorder:
    """Follows one journal; ``start`` it once, ``stop`` it before the journal closes for good."""

    def __init__(
        self,
        ledger: Ledger,
        directory: Path,
        journal: WrittenJournal,
        *,
        utc_now: Callable[[], float],
        keep_days: float = 90.0,
    ) -> None:
        """``utc_now``: Unix seconds, asked from the thread. ``keep_days``: 0 keeps for ever."""
        self._ledger = ledger
        self._directory = directory
        self._journal = journal
        self._utc_now = utc_now
        self._keep_s = keep_days * DAY_S
        self._transcript: Transcript | None = None
        self._position = Position()
        self._unpurged_s = 0.0
        self._is_followed = False
        self._is_last = False
        self._wake = Event()
        self._changed = Condition()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self.on_written: Callable[[int], None] | None = None
        "Told, from the thread, up to which number facts are in the database."
        self.failure: str | None = None
        "Why the database takes nothing right now; ``None`` if it does."
        self.failures = 0
        self.written_facts = 0
        self.unreadable = 0
        "Journal lines that made no sense."
        self.lost_bytes = 0
        "Damaged bytes of the journal that were skipped."

    @property
    def position(self) -> Position:
        """Up to where the journal is in the database."""
        return self._position

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write down what has been flushed so far, unless the database fails; then end."""
        self._is_last = True
        self._wake.set()
        self._thread.join()

    def hurry(self, *, is_followed: bool) -> None:
        """Write more often as long as somebody follows."""
        self._is_followed = is_followed
        if is_followed:
            self._wake.set()

    def wait(self, position: Position, timeout_s: float) -> bool:
        """Whether everything before ``position`` was in the database within ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._position >= position, timeout_s)

    def _run(self) -> None:
        _stand_back()
        pause_s = PERIOD_S
        while True:
            self._wake.wait(pause_s)
            self._wake.clear()
            is_last = self._is_last
            try:
                self._round(pause_s)
                self.failure = None
                pause_s = FOLLOWED_PERIOD_S if self._is_followed else PERIOD_S
            except Exception as error:
                # Whatever it is: the journal keeps everything, and the ledger knows how far.
                self._transcript = None
                self.failures += 1
                self.failure = f"{type(error).__name__}: {error}"
                pause_s = min(max(pause_s, PERIOD_S) * 2, LONGEST_PAUSE_S)
            if is_last:
                return

    def _round(self, pause_s: float) -> None:
        if self._transcript is None:
            newest = self._journal
            self._transcript = Transcript(
                self._ledger,
                self._directory,
                lambda: newest.position.segment,
                lambda: self._wake.wait(BREATH_S),
            )
        # What is flushed meanwhile waits for the next round: few large transactions, not many.
        end = self._journal.position
        while self._transcript.position < end:
            written = self._transcript.step()
            if written is None:
                break
            self._count(written)
            self._moved(self._transcript.position)
            if self.on_written is not None and written.batch.facts:
                self.on_written(written.newest_seq)
        self._moved(self._transcript.position)
        self._unpurged_s += pause_s
        if self._keep_s and self._unpurged_s >= PURGE_EVERY_S:
            self._unpurged_s = 0.0
            self._purge()

    def _count(self, written: Written) -> None:
        self.lost_bytes += written.lost_bytes
        self.unreadable += written.batch.unreadable
        self.written_facts += len(written.batch.facts)

    def _moved(self, position: Position) -> None:
        with self._changed:
            self._position = position
            self._changed.notify_all()

    def _purge(self) -> None:
        before = self._utc_now() - self._keep_s
        for _ in range(PURGES_PER_ROUND):
            if self._ledger.purge(before, PURGED_AT_ONCE) < PURGED_AT_ONCE:
                return


def _stand_back() -> None:
    """From now on this thread interrupts nobody who has work (``SCHED_BATCH``, sched(7)).

    Each time the loop enters the kernel it lends out the interpreter for a moment. A thread that
    the scheduler lets in then keeps it for 5 ms, and one turn of the loop enters it many times.
    """
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
