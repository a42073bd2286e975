"""What identity has to tell the audit log, as entries of it."""

from msgspec.structs import asdict
from sqlalchemy import Connection

from switchroom.history.audit import AuditEntry
from switchroom.identity.model import AuditNote
from switchroom.store.audit import append


def append_notes(connection: Connection, *notes: AuditNote) -> None:
    """Append them in the transaction of the change, and last of all in it."""
    append(connection, *(AuditEntry(**asdict(note)) for note in notes))
