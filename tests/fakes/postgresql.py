"""A private PostgreSQL for the tests: its own cluster in a new directory, gone afterwards.

Debian's programs are enough; no server that already runs is touched, and no TCP port is opened.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, make_url, select, text
from sqlalchemy.exc import DBAPIError

from switchroom.store.database import open_database
from switchroom.store.tables import metadata

_USER = "postgres"
_TEMPLATE = "switchroom_template"
_START_S = 60.0
_PR_SET_PDEATHSIG = 1
"prctl(2)"
_EMPTY = ";".join(f"DELETE FROM {name}" for name in metadata.tables)
"References are checked at the end, so the order does not matter."
_SHAPE = """
    SELECT string_agg(
        concat(c.relname, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY c.oid, a.attnum
    ),
    (SELECT version_num FROM alembic_version)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace
"""
_QUICK = {
    # Nothing of it has to survive the tests.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "",
    "autovacuum": "off",
}


def program(name: str) -> Path | None:
    """One of PostgreSQL's server programs; Debian keeps those beside the path, by version."""
    if found := shutil.which(name):
        return Path(found)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return places[-1] if places else None


def missing() -> str:
    """Why there can be no PostgreSQL here; empty if there can."""
    if program("initdb") is None or program("postgres") is None:
        return "PostgreSQL is not installed (apt-get install postgresql)"
    if os.getuid() == 0 and not _has_user():
        return f"PostgreSQL does not run as root, and there is no user {_USER}"
    return ""


class Cluster:
    """A running server; ``new_database`` gives each test one of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._administration = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self._free: list[str] = []
        self._engines: dict[str, Engine] = {}
        self._do(f"CREATE DATABASE {_TEMPLATE}")
        engine = open_database(self.url(_TEMPLATE))
        with engine.connect() as connection:
            self._shape = _shape(connection)
            self._born_with = _rows(connection)
        engine.dispose()

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of a database, through the socket in the cluster's directory."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self._directory}"

    @contextmanager
    def new_database(self) -> Iterator[str]:
        """The URL of a database with the newest schema and nothing in it.

        Emptied afterwards and given to the next test, which is 30 times faster than a new one; a
        database whose schema has changed, or that is still in use, is thrown away.
        """
        name = self._free.pop() if self._free else self._create(_TEMPLATE)
        try:
            yield self.url(name)
        finally:
            if self._is_emptied(name):
                self._free.append(name)
            else:
                self._engine(name).dispose()
                self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def engine(self, url: str) -> Engine:
        """An engine on a database of ours, which outlives the test: to compile statements and to
        connect is most of what a small test would cost."""
        return self._engine(make_url(url).database or "")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a database without any table."""
        name = self._create("template1")
        try:
            yield self.url(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        for engine in (self._administration, *self._engines.values()):
            engine.dispose()

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        # Three times as fast as the default, since nothing is flushed here.
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _is_emptied(self, name: str) -> bool:
        """Whether the database is as it was made; not if it is in use or its schema has changed."""
        engine = self._engine(name)
        if engine.pool.checkedout():  # type: ignore[attr-defined]  # ours has one that counts
            return False
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
                if _shape(connection) != self._shape:
                    return False
                connection.exec_driver_sql(_EMPTY)
                for table, rows in self._born_with.items():
                    connection.execute(table.insert(), rows)
        except DBAPIError:
            return False
        return True

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            self._engines[name] = create_engine(self.url(name))
        return self._engines[name]

    def _do(self, statement: str) -> None:
        with self._administration.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A new cluster, started; stopped and deleted afterwards. Look at ``missing()`` before."""
    directory = Path(tempfile.mkdtemp(prefix="switchroom-pg-"))
    if os.getuid() == 0:
        shutil.chown(directory, _USER)
    try:
        server = _start(directory)
        try:
            cluster = Cluster(directory)
            yield cluster
            cluster.close()
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing is worth a checkpoint
            server.wait(30)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _shape(connection: Connection) -> tuple[Any, ...]:
    """What changes when anybody changes a column, an index or the schema's revision."""
    return tuple(connection.exec_driver_sql(_SHAPE).one())


def _rows(connection: Connection) -> dict[Table, list[dict[str, Any]]]:
    """What migrations themselves have put into our tables."""
    found = {
        table: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in metadata.sorted_tables
    }
    return {table: rows for table, rows in found.items() if rows}


def _start(directory: Path) -> "subprocess.Popen[bytes]":
    data, log = directory / "data", directory / "log"
    initdb = [str(program("initdb")), "-D", str(data), "-U", _USER, "-A", "trust", "-N"]
    subprocess.run(
        [*initdb, "-E", "UTF8", "--locale=C"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=directory,
        user=_runs_as(),
    )
    command = [str(program("postgres")), "-D", str(data), "-k", str(directory)]
    command += [word for name, value in _QUICK.items() for word in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=directory,
            stdout=output,
            stderr=output,
            user=_runs_as(),
            preexec_fn=_die_with_parent,
        )
    _wait(server, directory, log)
    return server


def _wait(server: "subprocess.Popen[bytes]", directory: Path, log: Path) -> None:
    ends_at = time.monotonic() + _START_S
    engine = create_engine(f"postgresql+psycopg://{_USER}@/postgres?host={directory}")
    try:
        while True:
            try:
                engine.connect().close()
            except Exception as error:
                if server.poll() is not None or time.monotonic() > ends_at:
                    server.kill()
                    raise RuntimeError(f"PostgreSQL: {error}\n{log.read_text()}") from error
                time.sleep(0.05)  # between two looks at another program
            else:
                return
    finally:
        engine.dispose()


def _die_with_parent() -> None:
    """Whoever kills the tests without a warning must not leave a server behind."""
    with suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _runs_as() -> str | None:
    return _USER if os.getuid() == 0 else None


def _has_user() -> bool:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True
