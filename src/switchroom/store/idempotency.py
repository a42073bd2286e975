"""Answers by ``Idempotency-Key``: the repetition of a POST gets what the first one got.

A key belongs to one principal. It is reserved before the work begins, so of two that come at once
one works and the other is told so.
"""

from typing import Final

from sqlalchemy import Connection, Engine, delete, func, select, update

from switchroom.foundation.repetition import Kept, KeyState
from switchroom.store.database import hold, writing
from switchroom.store.tables import metadata
from switchroom.store.upsert import insert_or

KEPT_FOR_S: Final = 86_400.0
"A repetition after a day is a new request."
WORK_LIMIT_S: Final = 300.0
"A request that has not answered by then died with its process; the key may be used again."
KEYS_LIMIT: Final = 10_000
"Of one principal."
BODY_LIMIT: Final = 262_144
"Characters of an answer that are kept; the key of a longer one is released."

_KEYS = metadata.tables["idempotency_keys"]


class DatabaseIdempotencyKeys:
    """Keys of all principals; may be asked from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, principal: str, key: str, request_hash: bytes, now: float) -> KeyState:
        """Take the key for a request that begins now, unless it was taken before."""
        with writing(self._engine) as connection:
            hold(connection, f"idempotency:{principal}")
            row = connection.execute(
                select(_KEYS).where(_KEYS.c.principal == principal, _KEYS.c.key == key)
            ).first()
            if row is not None and now < row.expires_at:
                return _state(row.request_hash, request_hash, row.status, row.body)
            if row is None and _count(connection, principal) >= KEYS_LIMIT:
                return "too_many"
            _reserve(connection, principal, key, request_hash, now)
            return "new"

    def keep(self, principal: str, key: str, status: int, body: str, now: float) -> None:
        """Store the answer; a repetition gets it."""
        if len(body) > BODY_LIMIT:
            self.release(principal, key)
            return
        with writing(self._engine) as connection:
            connection.execute(
                update(_KEYS)
                .where(_KEYS.c.principal == principal, _KEYS.c.key == key)
                .values(status=status, body=body, expires_at=now + KEPT_FOR_S)
            )

    def release(self, principal: str, key: str) -> None:
        """Forget the key: the request came to nothing and may be tried again."""
        with writing(self._engine) as connection:
            unfinished = _KEYS.c.status == 0
            connection.execute(
                delete(_KEYS).where(_KEYS.c.principal == principal, _KEYS.c.key == key, unfinished)
            )


def purge_idempotency_keys(connection: Connection, before: float, most: int) -> int:
    """Delete keys that expired before ``before``, at most ``most``."""
    query = select(_KEYS.c.principal, _KEYS.c.key).where(_KEYS.c.expires_at < before)
    gone = connection.execute(query.order_by(_KEYS.c.expires_at).limit(most)).all()
    for row in gone:
        connection.execute(
            delete(_KEYS).where(_KEYS.c.principal == row.principal, _KEYS.c.key == row.key)
        )
    return len(gone)


def _state(known_hash: bytes, request_hash: bytes, status: int, body: str) -> KeyState:
    if known_hash != request_hash:
        return "other_body"
    return Kept(status, body) if status else "at_work"


def _count(connection: Connection, principal: str) -> int:
    query = select(func.count()).select_from(_KEYS).where(_KEYS.c.principal == principal)
    return connection.scalar(query) or 0


def _reserve(
    connection: Connection, principal: str, key: str, request_hash: bytes, now: float
) -> None:
    row = {"request_hash": request_hash, "status": 0, "body": "", "expires_at": now + WORK_LIMIT_S}
    statement = insert_or(connection, _KEYS).values(principal=principal, key=key, **row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["principal", "key"], set_=row)
    )
