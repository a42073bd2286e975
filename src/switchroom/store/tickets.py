"""Single-use tickets as stored."""

from sqlalchemy import Connection, delete, func, insert, select

from switchroom.store.tables import metadata

_TICKETS = metadata.tables["tickets"]


class DatabaseTickets:
    """The tickets in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, digest: bytes, kind: str, token_id: str, expires_at: float) -> None:
        row = {"hash": digest, "token_kind": kind, "token_id": token_id, "expires_at": expires_at}
        self._connection.execute(insert(_TICKETS), row)

    def spend(self, digest: bytes, now: float) -> tuple[str, str] | None:
        """Kind and id of the token it stands for; the second time there is none."""
        # One statement finds and deletes it, so of two that show it one gets it.
        row = self._connection.execute(
            delete(_TICKETS)
            .where(_TICKETS.c.hash == digest)
            .returning(_TICKETS.c.token_kind, _TICKETS.c.token_id, _TICKETS.c.expires_at)
        ).first()
        if row is None or now >= row.expires_at:
            return None
        return row.token_kind, row.token_id

    def count(self, token_id: str, now: float) -> int:
        """How many tickets of this token wait to be used."""
        query = (
            select(func.count())
            .select_from(_TICKETS)
            .where(_TICKETS.c.token_id == token_id, _TICKETS.c.expires_at > now)
        )
        return self._connection.scalar(query) or 0


def purge_tickets(connection: Connection, before: float, most: int) -> int:
    """Delete tickets that expired before ``before``, at most ``most``."""
    query = select(_TICKETS.c.hash).where(_TICKETS.c.expires_at < before).limit(most)
    gone = connection.scalars(query).all()
    if not gone:
        return 0
    return connection.execute(delete(_TICKETS).where(_TICKETS.c.hash.in_(gone))).rowcount
