"""Forgets what is needed no more. Called now and then; each call does little."""

from pathlib import Path

from sqlalchemy import Connection, Engine, select

from switchroom.store.accesskeys import purge_accesskeys
from switchroom.store.database import writing
from switchroom.store.idempotency import purge_idempotency_keys
from switchroom.store.sessions import purge_sessions
from switchroom.store.tables import metadata
from switchroom.store.tickets import purge_tickets
from switchroom.store.vault import Vault

DAY_S = 86_400.0
SESSIONS_KEPT_S = 30 * DAY_S
"After their end, so that people can see where they were logged in."
KEYS_KEPT_S = 90 * DAY_S
"After they expired or were revoked, so that it can be told what they were."
FILES_KEPT_S = 3600.0
"Of passwords, since they were written: longer than any change takes that will refer to them."
UNUSED_KEPT_S = 30 * DAY_S
"Of passwords that nothing refers to: the node may run on another database for a while."

_WITH_SECRETS = tuple(metadata.tables[name] for name in ("trunks", "extensions", "accounts"))


def purge_expired(engine: Engine, now: float, most: int = 500) -> int:
    """Delete what is long over, at most ``most`` of each kind; returns how many rows went.

    Counts of failed log-ins are not among it: log-ins themselves purge those.
    """
    with writing(engine) as connection:
        return (
            purge_tickets(connection, now, most)
            + purge_idempotency_keys(connection, now, most)
            + purge_sessions(connection, now - SESSIONS_KEPT_S, most)
            + purge_accesskeys(connection, now - KEYS_KEPT_S, most)
        )


def sweep_secrets(engine: Engine, directory: Path, now: float) -> int:
    """Mark files with passwords that nothing refers to; remove those marked for long.

    A file that is referred to again loses its marker: somebody has put the right database back.
    Returns how many files are gone. ``directory``: the node's data directory.
    """
    vault = Vault(directory)
    old, marked = vault.names(now - FILES_KEPT_S), vault.marked()
    if not old and not marked:
        return 0
    with engine.connect() as connection:
        unused = old - _named_files(connection)
    vault.unmark(marked.keys() - unused)
    vault.mark(unused - marked.keys(), now)
    return vault.remove(
        name for name in unused & marked.keys() if marked[name] <= now - UNUSED_KEPT_S
    )


def _named_files(connection: Connection) -> set[str]:
    """Names alone: the data directory may have been moved since a reference was written."""
    return {
        reference.rpartition("/")[2]
        for table in _WITH_SECRETS
        for reference in connection.scalars(
            select(table.c.secret).where(table.c.secret.startswith("file:"))
        )
    }
