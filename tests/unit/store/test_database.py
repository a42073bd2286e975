"""The database opens, migrates itself and keeps its promises."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateTable

from switchroom.store.database import (
    DatabaseError,
    database_url,
    hold,
    migrate,
    migrations_of,
    open_database,
    open_to_read,
    reading,
    reading_together,
    writing,
)
from switchroom.store.tables import metadata


def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    engine = open_database(empty_url)

    tables = set(inspect(engine).get_table_names())

    engine.dispose()
    assert set(metadata.tables) <= tables


# Of expressions in indexes, which only PostgreSQL has here, Alembic can tell nothing on SQLite.
@pytest.mark.filterwarnings("ignore:autogenerate skipping")
def test_the_migrated_schema_is_the_one_in_the_code(empty_url: str) -> None:
    engine = open_database(empty_url)

    with writing(engine) as connection:
        command.check(migrations_of(connection))  # raises when a migration is missing

    engine.dispose()


def test_opening_again_changes_nothing(empty_url: str) -> None:
    url = empty_url
    first = open_database(url)
    with writing(first) as connection:
        connection.execute(
            text("INSERT INTO customers VALUES ('c', 'acme', 'a.example', 'US', TRUE)")
        )
    first.dispose()

    second = open_database(url)
    with second.connect() as connection:
        names = connection.execute(text("SELECT name FROM customers")).scalars().all()
    second.dispose()
    assert names == ["acme"]


def test_sqlite_writes_ahead_and_checks_references(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))

    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_what_is_read_together_is_one_transaction_and_nobody_writes_meanwhile(
    empty_url: str,
) -> None:
    engine = open_database(empty_url)

    with reading_together(engine):
        with reading(engine) as first, reading(engine) as second:
            assert first is second
        with pytest.raises(AssertionError, match="reading_together"), writing(engine):
            pass
        assert engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    with reading(engine) as alone:
        assert alone is not first
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()


def test_a_reference_to_nothing_is_refused_at_commit(empty_url: str) -> None:
    engine = open_database(empty_url)

    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO clients VALUES ('z', 'nobody', 'zeta')"))

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM clients")).scalar() == 0
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_clearly(empty_url: str) -> None:
    url = empty_url
    engine = open_database(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(DatabaseError, match="9999"):
        open_database(url)


def test_reading_migrates_nothing_and_says_what_is_wrong(empty_url: str) -> None:
    url = empty_url
    engine = create_engine(url)
    migrate(engine, "0001")
    engine.dispose()

    with pytest.raises(DatabaseError, match=r"has schema 0001, this version .* reads 0"):
        open_to_read(url)

    with engine.connect() as connection:
        assert "facts" not in inspect(connection).get_table_names()
    engine.dispose()


def test_a_reader_cannot_write(empty_url: str) -> None:
    url = empty_url
    open_database(url).dispose()
    engine = open_to_read(url)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM customers")).scalar() == 0
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            connection.execute(text("DELETE FROM customers"))
    engine.dispose()


def test_a_file_that_is_no_database_is_refused_clearly(tmp_path: Path) -> None:
    (tmp_path / "switchroom.db").write_text("this is not a database" * 100)

    for open_it in (open_database, open_to_read):
        with pytest.raises(DatabaseError, match="not a database"):
            open_it(database_url(tmp_path))


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    open_database(database_url(tmp_path)).dispose()

    assert (tmp_path / "switchroom.db").stat().st_mode & 0o777 == 0o600


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="nowhere"):
        open_database(database_url(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_table_can_be_made_in_postgresql(name: str) -> None:
    # Compiles for the dialect; raises on a type that only SQLite has.
    dialect = make_url("postgresql://").get_dialect()()
    statement = str(CreateTable(metadata.tables[name]).compile(dialect=dialect))

    assert name in statement


def test_of_processes_that_open_an_empty_database_at_once_one_migrates_it(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(open_database, [empty_url] * 4))

    for engine in engines:
        assert set(metadata.tables) <= set(inspect(engine).get_table_names())
        engine.dispose()


def test_who_holds_a_name_is_alone_with_it(engine: Engine) -> None:
    row = text("INSERT INTO customers VALUES (:id, :id, :id, 'US', FALSE)")

    def write(id: str) -> None:
        with writing(engine) as connection:
            hold(connection, "counting", "and more", "counting")
            count = connection.execute(text("SELECT count(*) FROM customers")).scalar()
            connection.execute(row, {"id": f"{id}{count}"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcdefgh"))

    with engine.connect() as connection:
        ids = connection.execute(text("SELECT id FROM customers")).scalars().all()
    assert sorted(id[1] for id in ids) == list("01234567")


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))
    row = text("INSERT INTO customers VALUES (:id, :id, :id, 'US', 0)")

    def write(id: str) -> None:
        with writing(engine) as connection:
            count = connection.execute(text("SELECT count(*) FROM customers")).scalar()
            connection.execute(row, {"id": f"{id}{count}"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcdefgh"))

    with engine.connect() as connection:
        ids = connection.execute(text("SELECT id FROM customers")).scalars().all()
    engine.dispose()
    assert sorted(id[1] for id in ids) == list("01234567")


def test_facts_of_before_are_numbered_for_each_customer(empty_url: str) -> None:
    url = empty_url
    engine = create_engine(url)
    migrate(engine, "0007")
    with engine.begin() as connection:
        for seq, customer_id in enumerate("abaab", 1):
            values = f"{seq}, '{customer_id}', 1.0, 'x.y', '', '{{}}'"
            columns = "seq, customer_id, at, name, call_id, body"
            connection.execute(text(f"INSERT INTO facts ({columns}) VALUES ({values})"))
    engine.dispose()

    engine = open_database(url)
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT customer_id, number FROM facts ORDER BY seq"))
        assert [tuple(row) for row in stored] == [
            ("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2),
        ]  # fmt: skip
        counted = connection.execute(
            text("SELECT customer_id, next_number, oldest_number FROM event_sequences ORDER BY 1")
        )
        assert [tuple(row) for row in counted] == [("a", 4, 1), ("b", 3, 1)]
    engine.dispose()


def test_records_of_before_know_their_agents_and_that_they_live(empty_url: str) -> None:
    engine = create_engine(empty_url)
    migrate(engine, "0011")
    legs = '[{"leg_id":"a","agent_id":"bob"},{"leg_id":"b"},{"leg_id":"c","agent_id":"carol"}]'
    written = {"rung": ("bob", "", "dave", legs), "nobody's": ("", "", "", "[]")}
    numbers = dict.fromkeys(("started_at", "waited_s", "talked_s", "status", "q850"), 0)
    names = (
        "customer_id",
        "client_id",
        "direction",
        "caller",
        "called",
        "text",
        "outcome",
        "ended_by",
    )
    with engine.begin() as connection:
        for call_id, (agent_id, caller, asker, legs_of_it) in written.items():
            row = numbers | dict.fromkeys(names, "") | {"call_id": call_id, "agent_id": agent_id}
            row |= {"caller_agent_id": caller, "asked_by": asker, "legs": legs_of_it}
            values = ", ".join(f":{name}" for name in row)
            statement = text(f"INSERT INTO call_records ({', '.join(row)}) VALUES ({values})")
            connection.execute(statement, row)
    engine.dispose()

    engine = open_database(empty_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT call_id, agent_ids, outcome FROM call_records")
        ).all()
        found = {row.call_id: row.agent_ids for row in rows}
    engine.dispose()
    assert {row.outcome for row in rows} == {"live"}
    assert found["nobody's"] == ""
    assert sorted(found["rung"].split(" ")) == ["", "", "bob", "carol", "dave"]
