"""The database schema. Each module of tables is imported here, so ``metadata`` is all of it."""

from switchroom.store.tables import configuration, runtime
from switchroom.store.tables.base import Base

__all__ = ["Base", "configuration", "metadata", "runtime"]

metadata = Base.metadata
