"""What remembering needs from outside: the ledger, where facts become rows."""

from typing import Protocol

from switchroom.foundation.errors import SwitchroomError
from switchroom.history.batch import Batch, Position, StatusRow
from switchroom.history.records import CallRecord


class LedgerError(SwitchroomError):
    """The database took nothing: locked, full or gone. The same batch may be tried again."""

    code = "ledger_error"


class Ledger(Protocol):
    """The database as the recorder sees it. Every call may raise ``LedgerError``."""

    def position(self) -> Position:
        """Up to where the journal has been written down."""
        ...

    def newest_seq(self) -> int:
        """The number of the newest fact; 0 if there never was one."""
        ...

    def live_call_ids(self) -> set[str]:
        """Calls whose snapshot is kept."""
        ...

    def record(self, call_id: str) -> CallRecord | None: ...

    def commit(self, batch: Batch, position: Position) -> int:
        """Write everything in one transaction, all or nothing.

        Returns the sequence number of the batch's first fact; the others count up from it.
        """
        ...

    def make_durable(self) -> bool:
        """Whether everything committed so far now survives a power cut."""
        ...

    def purge(self, before: float, most: int) -> int:
        """Forget facts and ended calls older than ``before`` (Unix seconds), ``most`` of each.

        Returns how many rows are gone.
        """
        ...

    def live_states(self) -> list[bytes]:
        """Kept snapshots of live calls: JSON of ``CallState``."""
        ...

    def abandoned_records(self, most: int) -> list[CallRecord]:
        """Records of calls that have not ended and of which no snapshot is kept."""
        ...

    def registrations(self) -> list[bytes]:
        """Current registrations: JSON of the fact that last added each."""
        ...

    def statuses(self) -> dict[str, StatusRow]:
        """What was last said of agents, by agent id; who is not in it is available and idle."""
        ...
