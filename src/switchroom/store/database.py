"""Opens the database: pragmas of SQLite, transactions, migrations to the newest schema."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError

from switchroom.foundation.errors import SwitchroomError

FILE_NAME = "switchroom.db"
BUSY_TIMEOUT_MS = 10_000
"How long a connection waits for another's write lock, in milliseconds."

_JSON: dict[str, Any] = {"json_deserializer": msgspec.json.decode}
"A configuration has many small columns of JSON."
_MIGRATIONS = Path(__file__).parent / "migrations"
_IMMEDIATE = "switchroom_begin_immediate"
_TOGETHER: ContextVar[Connection | None] = ContextVar("reading_together", default=None)
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
)
_READER_PRAGMAS = ("PRAGMA query_only = ON", _PRAGMAS[-1])


class DatabaseError(SwitchroomError):
    """The database cannot be opened or migrated."""

    code = "database"


def database_url(directory: Path) -> str:
    """URL of the SQLite database in a node's data directory."""
    return f"sqlite:///{directory / FILE_NAME}"


def open_database(url: str) -> Engine:
    """Return an engine whose schema is the newest; call ``dispose()`` when done.

    Args:
        url: SQLAlchemy URL; ``sqlite://`` is an empty database in memory.

    Raises:
        DatabaseError: The file cannot be opened, or a newer version of Switchroom wrote it.
    """
    engine = _engine(url)
    try:
        migrate(engine)
    except (DBAPIError, CommandError) as error:
        engine.dispose()
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise DatabaseError(f"cannot open the database {engine.url!r}: {cause}") from error
    return engine


def open_migrated(url: str) -> Engine:
    """Return an engine on a database that another process has just opened; it is not tried yet."""
    return _engine(url)


def open_to_read(url: str) -> Engine:
    """Return an engine on a database that exists, and change nothing in it, not even its schema.

    Raises:
        DatabaseError: The file cannot be read, or another version of Switchroom wrote it.
    """
    engine = _engine(url, writable=False)
    try:
        with engine.connect() as connection:
            scripts = ScriptDirectory.from_config(migrations_of(connection))
            has = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseError(f"cannot read the database {engine.url!r}: {error.orig}") from error
    if has != scripts.get_current_head():
        engine.dispose()
        raise DatabaseError(
            f"the database {engine.url!r} has schema {has or 'none'}, this version of Switchroom"
            f" reads {scripts.get_current_head()}: use the version that runs the node on it"
        )
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision``. Two processes may do so at once: one waits."""
    with writing(engine) as connection:
        hold(connection, "migrations")
        config = migrations_of(connection)
        command.upgrade(config, revision)


def migrations_of(connection: Connection) -> Config:
    """Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def reading_together(engine: Engine) -> Iterator[None]:
    """What this thread reads inside comes out of one transaction, and costs one.

    Nobody may write inside: a thread that holds one connection and waits for a second keeps the
    next one from ending.
    """
    with engine.connect() as connection:
        before = _TOGETHER.set(connection)
        try:
            yield
        finally:
            _TOGETHER.reset(before)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads; inside of ``reading_together`` the one of its block."""
    together = _TOGETHER.get()
    if together is not None and together.engine is engine:
        yield together
        return
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: committed at the end, rolled back on an exception.

    Takes SQLite's write lock at once. A transaction that begins by reading could not wait for
    the lock later: SQLite refuses it when another has written meanwhile.
    """
    assert _TOGETHER.get() is None, "nothing may be written inside of reading_together"
    with engine.connect().execution_options(**{_IMMEDIATE: True}) as connection, connection.begin():
        yield connection


def hold(connection: Connection, *names: str) -> None:
    """Until the transaction's end nobody else holds one of these names.

    For what is read first and written later: a count, or a whole that has to stay consistent. On
    SQLite whoever writes is alone in any case.
    """
    if connection.dialect.name != "postgresql":
        return
    digests = (sha256(name.encode("utf-8", "replace")).digest()[:8] for name in names)
    # In one order everywhere, so that two that hold several never wait for each other.
    for key in sorted(int.from_bytes(digest, signed=True) for digest in digests):
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def _engine(url: str, *, writable: bool = True) -> Engine:
    if not url.startswith("sqlite"):
        # A server may have closed a connection that lay idle; ask before it is used.
        options = {} if writable else {"postgresql_readonly": True}
        return create_engine(url, pool_pre_ping=True, execution_options=options, **_JSON)
    in_memory = url in {"sqlite://", "sqlite:///:memory:"}
    engine = create_engine(url, poolclass=StaticPool if in_memory else None, **_JSON)
    if writable and not in_memory:
        _keep_private(engine)
    event.listen(engine, "connect", _prepare_sqlite if writable else _prepare_to_read)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _keep_private(engine: Engine) -> None:
    """Make a missing file readable for its owner only: it holds hashes of passwords."""
    if path := engine.url.database:
        with suppress(OSError):  # SQLite says better what is wrong
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    _execute(connection, _PRAGMAS)


def _prepare_to_read(connection: Any, _record: object) -> None:
    _execute(connection, _READER_PRAGMAS)


def _execute(connection: Any, pragmas: Iterable[str]) -> None:
    # Python's sqlite3 would begin transactions on its own and leave DDL outside of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE)
    if immediate:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # Takes no lock, so it has no error to translate; SQLAlchemy's way costs ten times as much.
    dbapi_connection = connection.connection.dbapi_connection
    assert dbapi_connection is not None
    dbapi_connection.execute("BEGIN")
