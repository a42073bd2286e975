"""A data directory as a node leaves it: a database filled through the journal."""

from collections.abc import Iterable
from pathlib import Path

from switchroom.drivers.journal import Journal
from switchroom.drivers.recovery import recover
from switchroom.foundation.events import Fact
from switchroom.store.database import database_url, open_database
from switchroom.store.ledger import DatabaseLedger


def remember(directory: Path, facts: Iterable[Fact]) -> None:
    """Put ``facts`` into the database of ``directory`` the way a node does."""
    engine = open_database(database_url(directory))
    ledger = DatabaseLedger(engine)
    folder = directory / "journal"
    segment = recover(ledger, folder).next_segment
    journal = Journal(folder, segment=segment, on_failed=lambda _failure: None)
    for fact in facts:
        journal.add(fact)
    journal.close()
    recover(ledger, folder)
    engine.dispose()
