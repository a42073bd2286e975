"""The database schema. Each module of tables is imported here, so ``metadata`` is all of it."""

from switchroom.store.tables import audit, authority, configuration, groupcalls, identity, runtime
from switchroom.store.tables.base import Base

__all__ = [
    "Base",
    "audit",
    "authority",
    "configuration",
    "groupcalls",
    "identity",
    "metadata",
    "runtime",
]

metadata = Base.metadata
