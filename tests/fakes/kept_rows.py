"""What a database had at the beginning of a test, to be put back as often as the test likes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection, connect
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, delete, insert, select

from switchroom.store.database import FILE_NAME
from switchroom.store.tables import metadata


class SqliteRows:
    """A copy of the whole file in memory. It may be put into another file of the same schema."""

    def __init__(self) -> None:
        self._copy: Connection | None = None

    @property
    def are_kept(self) -> bool:
        return self._copy is not None

    def keep(self, directory: Path) -> None:
        """Remember what the database in this directory has now."""
        self._copy = connect(":memory:", check_same_thread=False)
        with closing(connect(directory / FILE_NAME)) as file:
            file.backup(self._copy)

    def copy_to(self, engine: Engine) -> None:
        """Put it into a database of another kind, which is empty."""
        with TemporaryDirectory() as name:
            file = Path(name) / FILE_NAME
            assert self._copy is not None, "nothing is kept"
            with closing(connect(file)) as copy:
                self._copy.backup(copy)
            source = create_engine(f"sqlite:///{file}")
            with source.connect() as reading, engine.begin() as writing:
                for table in metadata.sorted_tables:
                    if rows := [dict(row) for row in reading.execute(select(table)).mappings()]:
                        writing.execute(delete(table))  # what migrations have put there
                        writing.execute(insert(table), rows)
            source.dispose()

    def put_back(self, directory: Path) -> None:
        """Undo everything since then."""
        assert self._copy is not None, "nothing is kept"
        with closing(connect(directory / FILE_NAME)) as file:
            self._copy.backup(file)


class PostgresqlRows:
    """A copy of every table that has rows, in a schema of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._put_back = ""

    def keep(self) -> None:
        """Remember what the database has now."""
        statements = [f"DELETE FROM {table}" for table in metadata.tables]
        with self._engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"CREATE TABLE kept.{table} AS SELECT * FROM {table}")
                if connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first():
                    statements.append(f"INSERT INTO {table} SELECT * FROM kept.{table}")
        self._put_back = ";".join(statements)

    def put_back(self) -> None:
        """Undo everything since then."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(self._put_back)

    def forget(self) -> None:
        """Leave the database as it was made, but for its rows."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS kept CASCADE")


@contextmanager
def postgresql_rows(engine: Engine) -> Iterator[PostgresqlRows]:
    """Forgotten at the end of the block."""
    rows = PostgresqlRows(engine)
    try:
        yield rows
    finally:
        rows.forget()
