"""Inserts a row or changes the one that is there, in one statement: nobody comes between."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def insert_or(connection: Connection, table: Table) -> PostgresqlInsert | SqliteInsert:
    """An INSERT of this database that knows ``on_conflict_do_update`` and ``_do_nothing``."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert ``row`` or replace what has its primary key; ``row`` has every column it cares for."""
    keys = [column.name for column in table.primary_key]
    statement = insert_or(connection, table).values(**row)
    changed = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
