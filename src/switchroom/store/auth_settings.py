"""What each customer asks of log-ins, as stored."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, select

from switchroom.identity.model import AuthSettings
from switchroom.store.tables import metadata
from switchroom.store.upsert import upsert

_SETTINGS = metadata.tables["auth_settings"]


def read_settings(connection: Connection, customer_id: str) -> AuthSettings:
    """The customer's settings, or the defaults."""
    query = select(_SETTINGS).where(_SETTINGS.c.customer_id == customer_id)
    row = connection.execute(query).mappings().first()
    return AuthSettings() if row is None else settings_of(dict(row))


def write_settings(connection: Connection, customer_id: str, settings: AuthSettings) -> None:
    """Replace them. The caller has checked them and sees to the audit entry."""
    known = asdict(settings) | {"customer_id": customer_id, "networks": list(settings.networks)}
    upsert(connection, _SETTINGS, known)


def settings_of(row: Mapping[str, Any]) -> AuthSettings:
    columns = {name: row[name] for name in AuthSettings.__struct_fields__}
    return AuthSettings(**(columns | {"networks": tuple(row["networks"])}))
