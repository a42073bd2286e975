"""Writes many rows with few statements, for what calls produce all day.

One statement carries up to 128 rows: the database is entered, and Python's lock released
and taken again, once per statement and not once per row.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite

Row = tuple[Any, ...]

_STEPS = (128, 32, 8, 2, 1)
_VARIABLES_LIMIT = 999
"Bound values that every build of SQLite takes in one statement."


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows``, each with all columns in the table's order."""
    _write(connection, table, rows, is_upsert=False)


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows`` or, where the primary key exists already, replace what is there."""
    _write(connection, table, rows, is_upsert=True)


def _write(connection: Connection, table: Table, rows: Sequence[Row], *, is_upsert: bool) -> None:
    done = 0
    for step in _STEPS:
        if step * len(table.columns) > _VARIABLES_LIMIT:
            continue
        while len(rows) - done >= step:
            text, names = _statement(table, step, connection.dialect, is_upsert)
            values = tuple(chain.from_iterable(rows[done : done + step]))
            bound = dict(zip(names, values, strict=True)) if names else values
            connection.exec_driver_sql(text, bound)
            done += step


@lru_cache(maxsize=64)
def _statement(
    table: Table, count: int, dialect: Dialect, is_upsert: bool
) -> tuple[str, tuple[str, ...]]:
    """SQL for ``count`` rows, and the values' names if this driver wants names."""
    names = [[f"{column.name}_{row}" for column in table.columns] for row in range(count)]
    values = [
        {
            column.name: bindparam(name, type_=column.type)
            for column, name in zip(table.columns, row, strict=True)
        }
        for row in names
    ]
    statement: Any = insert(table).values(values)
    if is_upsert:
        make = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        made = make(table).values(values)
        keys = [column.name for column in table.primary_key]
        changed = {c.name: made.excluded[c.name] for c in table.columns if c.name not in keys}
        statement = made.on_conflict_do_update(index_elements=keys, set_=changed)
    compiled = statement.compile(dialect=dialect)
    if compiled.positional:
        return str(compiled), ()
    return str(compiled), tuple(name for row in names for name in row)
