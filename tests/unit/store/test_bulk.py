"""Rows arrive whole and in order, however many there are and whatever the database."""

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql

from switchroom.store.bulk import _statement, insert_rows, upsert_rows
from switchroom.store.database import writing
from switchroom.store.tables.runtime import call_records, facts, live_calls


def test_any_number_of_rows_is_inserted_in_order(engine: Engine) -> None:
    first = 1
    for count in (0, 1, 2, 3, 31, 128, 129, 307):
        rows = [(n, "c", 1.5, "x", "", f"{n}", "", n) for n in range(first, first + count)]
        with writing(engine) as connection:
            insert_rows(connection, facts, rows)
            stored = connection.execute(select(facts).where(facts.c.seq >= first)).all()
        assert [tuple(row) for row in stored] == rows
        first += count


def test_upsert_replaces_what_is_there(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert_rows(connection, live_calls, [("a", "old"), ("b", "old")])
        upsert_rows(connection, live_calls, [("b", "new"), ("c", "new")])
        stored = connection.execute(select(live_calls).order_by(live_calls.c.call_id)).all()

    assert [tuple(row) for row in stored] == [("a", "old"), ("b", "new"), ("c", "new")]


def test_postgresql_gets_the_same_with_names() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    text, names = _statement(call_records, 2, dialect, True)

    assert "ON CONFLICT (call_id) DO UPDATE SET customer_id = excluded.customer_id" in text
    assert "%(call_id_1)s" in text
    assert names[:2] == ("call_id_0", "customer_id_0")
