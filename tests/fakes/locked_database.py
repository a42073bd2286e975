"""A database that can be read and takes nothing, as one that is locked, full or a replica."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import OperationalError as LockedError
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def refusing_writes(engine: Engine) -> Iterator[None]:
    """While the block runs no statement that writes gets through to the database of ``engine``."""

    def refuse(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object
    ) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            raise OperationalError(statement, parameters, LockedError("database is locked"))

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
