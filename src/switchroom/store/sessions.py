"""Sessions as stored, with the refresh tokens that were used."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from switchroom.identity.model import Session
from switchroom.store.tables import metadata

_SESSIONS = metadata.tables["sessions"]
_USED = metadata.tables["used_refresh_tokens"]


class DatabaseSessions:
    """The sessions in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        self._connection.execute(insert(_SESSIONS), asdict(session))

    def find(self, session_id: str) -> Session | None:
        return self._one(_SESSIONS.c.id == session_id)

    def by_refresh(self, digest: bytes) -> Session | None:
        """The session whose refresh token this is, now."""
        return self._one(_SESSIONS.c.refresh_hash == digest)

    def by_used_refresh(self, digest: bytes) -> Session | None:
        """The session one of whose former refresh tokens this is."""
        owner = select(_USED.c.session_id).where(_USED.c.hash == digest).scalar_subquery()
        return self._one(_SESSIONS.c.id == owner)

    def rotate(self, old: Session, new: Session) -> bool:
        """Store the new tokens; ``False``: somebody else used the old refresh token first."""
        # The condition decides the race: of two that hold the same token one changes the row.
        done = self._connection.execute(
            update(_SESSIONS)
            .where(
                _SESSIONS.c.id == old.id,
                _SESSIONS.c.refresh_hash == old.refresh_hash,
                _SESSIONS.c.revoked_at.is_(None),
            )
            .values(**asdict(new))
        )
        if done.rowcount != 1:
            return False
        used = {"hash": old.refresh_hash, "session_id": old.id}
        self._connection.execute(insert(_USED), used)
        return True

    def used_refreshes(self, session_id: str) -> int:
        """How often it was refreshed."""
        query = select(func.count()).select_from(_USED).where(_USED.c.session_id == session_id)
        return self._connection.scalar(query) or 0

    def touch(self, session_id: str, access_until: float, now: float) -> None:
        """Let the access token live longer; a use that comes late makes nothing shorter."""
        later = and_(_SESSIONS.c.id == session_id, _SESSIONS.c.last_used_at < now)
        self._connection.execute(
            update(_SESSIONS).where(later).values(access_until=access_until, last_used_at=now)
        )

    def set_mfa(self, session_id: str, now: float) -> None:
        """The second factor was shown in this session just now."""
        self._connection.execute(
            update(_SESSIONS).where(_SESSIONS.c.id == session_id).values(mfa_at=now)
        )

    def live(self, agent_id: str, now: float) -> list[Session]:
        """Those that have not ended, the one used longest ago first."""
        query = (
            select(_SESSIONS)
            .where(
                _SESSIONS.c.agent_id == agent_id,
                _SESSIONS.c.revoked_at.is_(None),
                _SESSIONS.c.ends_at > now,
            )
            .order_by(_SESSIONS.c.last_used_at, _SESSIONS.c.id)
        )
        return [session_of(dict(row)) for row in self._connection.execute(query).mappings()]

    def revoke(self, session_ids: Sequence[str], reason: str, now: float) -> int:
        """End them; those that have ended already stay as they are. Returns how many."""
        if not session_ids:
            return 0
        live = and_(_SESSIONS.c.id.in_(session_ids), _SESSIONS.c.revoked_at.is_(None))
        done = self._connection.execute(
            update(_SESSIONS).where(live).values(revoked_at=now, revoked_reason=reason)
        )
        return done.rowcount

    def _one(self, condition: ColumnElement[bool]) -> Session | None:
        query = select(_SESSIONS).where(condition)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else session_of(dict(row))


def purge_sessions(connection: Connection, before: float, most: int) -> int:
    """Delete sessions that were to end before ``before``, at most ``most``."""
    query = select(_SESSIONS.c.id).where(_SESSIONS.c.ends_at < before)
    ended = connection.scalars(query.order_by(_SESSIONS.c.ends_at).limit(most)).all()
    if not ended:
        return 0
    return connection.execute(delete(_SESSIONS).where(_SESSIONS.c.id.in_(ended))).rowcount


def session_of(row: Mapping[str, Any]) -> Session:
    return Session(**row)
