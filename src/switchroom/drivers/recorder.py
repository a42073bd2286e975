"""The recorder: writes down in the database what the journal says.

Each batch is one transaction that also stores the journal position, so nothing is lost or doubled
however the process dies. When the database fails the journal simply grows, and the recorder tries
again. It runs beside the node in a process of its own, see ``recorder_process``.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event, Thread

from msgspec.structs import replace

from switchroom.drivers.clock import Clock
from switchroom.drivers.recorder_protocol import Progress
from switchroom.drivers.transcript import Transcript, Written
from switchroom.history.batch import Position
from switchroom.history.ports import Ledger

PERIOD_S = 0.5
"Pause between batches when the recorder has caught up."
FOLLOWED_PERIOD_S = 0.04
"The same while somebody follows: how late facts are told, against transactions per second."
LONGEST_PAUSE_S = 5.0
"Longest pause between attempts while the database fails."
DAY_S = 86_400.0
PURGE_EVERY_S = 25.0
"Old facts are looked for so often."
PURGED_AT_ONCE = 2000
PURGES_PER_ROUND = 20
"More than the busiest node writes in the time between, in steps that nobody notices."


class Recorder:
    """Follows one journal in a thread; ``start`` it once, ``stop`` it at the end."""

    def __init__(
        self,
        ledger: Ledger,
        directory: Path,
        end: Callable[[], Position],
        *,
        utc_now: Callable[[], float],
        keep_days: float = 90.0,
        report: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        """Be ready.

        Args:
            end: Up to where the journal has been flushed.
            utc_now: Unix seconds, asked from the thread.
            keep_days: 0 keeps for ever.
            report: Told, from the thread, of every step and of every failure.
        """
        self._ledger = ledger
        self._directory = directory
        self._end = end
        self._utc_now = utc_now
        self._keep_s = keep_days * DAY_S
        self._report = report
        self._transcript: Transcript | None = None
        self._monotonic = Clock().monotonic
        self._purged_at = self._monotonic()
        self._is_followed = False
        self._is_last = False
        self._wake = Event()
        self._changed = Condition()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self.progress = Progress()

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
            self.write_now()

    def write_now(self) -> None:
        """Do not pause: somebody waits for what has been flushed so far."""
        self._wake.set()

    def wait(self, position: Position, timeout_s: float) -> bool:
        """Whether everything before ``position`` was in the database within ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self.progress.position >= position, timeout_s)

    def _run(self) -> None:
        pause_s = 0.0  # how far the last one came is told at once
        while True:
            self._wake.wait(pause_s)
            self._wake.clear()
            is_last = self._is_last
            try:
                self._round()
                self._tell(replace(self.progress, failure=None))
                pause_s = FOLLOWED_PERIOD_S if self._is_followed else PERIOD_S
            except Exception as error:
                # Whatever it is: the journal keeps everything, and the ledger knows how far.
                self._transcript = None
                failure = f"{type(error).__name__}: {error}"
                failures = self.progress.failures + 1
                self._tell(replace(self.progress, failures=failures, failure=failure))
                pause_s = min(max(pause_s, PERIOD_S) * 2, LONGEST_PAUSE_S)
            if is_last:
                return

    def _round(self) -> None:
        if self._transcript is None:
            self._transcript = Transcript(
                self._ledger, self._directory, lambda: self._end().segment
            )
            # One that died may have written more than it told.
            self._tell(replace(self.progress, newest_seq=self._ledger.newest_seq()))
        # What is flushed meanwhile waits for the next round: few large transactions, not many.
        end = self._end()
        while self._transcript.position < end:
            written = self._transcript.step()
            if written is None:
                break
            self._tell(self._with(written))
        self._tell(replace(self.progress, position=self._transcript.position))
        # By the clock, not by pauses: those are cut short when somebody waits.
        now = self._monotonic()
        if self._keep_s and now - self._purged_at >= PURGE_EVERY_S:
            self._purged_at = now
            self._purge()

    def _with(self, written: Written) -> Progress:
        last, batch = self.progress, written.batch
        return Progress(
            written.position,
            written.newest_seq if batch.facts else last.newest_seq,
            last.written_facts + len(batch.facts),
            last.unreadable + batch.unreadable,
            last.lost_bytes + written.lost_bytes,
            last.failures,
            last.failure,
        )

    def _tell(self, progress: Progress) -> None:
        if progress == self.progress:
            return
        with self._changed:
            self.progress = progress
            self._changed.notify_all()
        self._report(progress)

    def _purge(self) -> None:
        before = self._utc_now() - self._keep_s
        for _ in range(PURGES_PER_ROUND):
            if self._ledger.purge(before, PURGED_AT_ONCE) < PURGED_AT_ONCE:
                return
