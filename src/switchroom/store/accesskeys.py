"""Access keys as stored."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, func, insert, select, update

from switchroom.identity.model import AccessKey
from switchroom.store.tables import metadata

_KEYS = metadata.tables["accesskeys"]


class DatabaseAccessKeys:
    """The access keys in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: AccessKey) -> None:
        self._connection.execute(insert(_KEYS), _row(key))

    def find(self, key_id: str, customer_id: str) -> AccessKey | None:
        """The key, held until the transaction's end."""
        query = select(_KEYS).where(_KEYS.c.id == key_id, _KEYS.c.customer_id == customer_id)
        row = self._connection.execute(query.with_for_update()).mappings().first()
        return None if row is None else key_of(dict(row))

    def change(self, key: AccessKey) -> None:
        """Store the key as it is now."""
        self._connection.execute(update(_KEYS).where(_KEYS.c.id == key.id).values(**_row(key)))

    def delete(self, key_id: str) -> None:
        self._connection.execute(delete(_KEYS).where(_KEYS.c.id == key_id))

    def touch(self, key_id: str, now: float) -> None:
        """The key was used just now."""
        self._connection.execute(update(_KEYS).where(_KEYS.c.id == key_id).values(last_used_at=now))

    def count(self, owner_id: str, customer_id: str, now: float) -> int:
        """How many keys of this owner are good."""
        query = (
            select(func.count())
            .select_from(_KEYS)
            .where(
                _KEYS.c.owner_id == owner_id,
                _KEYS.c.customer_id == customer_id,
                _KEYS.c.revoked_at.is_(None),
                _KEYS.c.expires_at > now,
            )
        )
        return self._connection.scalar(query) or 0


def purge_accesskeys(connection: Connection, before: float, most: int) -> int:
    """Delete keys that expired or were revoked before ``before``, at most ``most``."""
    dead = (_KEYS.c.expires_at < before) | (_KEYS.c.revoked_at < before)
    ids = connection.scalars(select(_KEYS.c.id).where(dead).limit(most)).all()
    if not ids:
        return 0
    return connection.execute(delete(_KEYS).where(_KEYS.c.id.in_(ids))).rowcount


def key_of(row: Mapping[str, Any]) -> AccessKey:
    lists = {name: tuple(row[name]) for name in ("ceiling", "networks")}
    return AccessKey(**(dict(row) | lists))


def _row(key: AccessKey) -> dict[str, Any]:
    return asdict(key) | {"ceiling": list(key.ceiling), "networks": list(key.networks)}
