"""Call records are found by what people know of them."""

from functools import reduce

from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.call_facts import answered_call
from switchroom.history.records import CallRecord, apply
from switchroom.store.database import writing
from switchroom.store.records import (
    CANDIDATES_LIMIT,
    RecordFilter,
    find_record,
    newest_records,
    records_beginning,
    upsert_records,
)


def a_record(call_id: str, *, at: float = 1000.0) -> CallRecord:
    record = reduce(apply, answered_call(call_id, at=at), None)
    assert record is not None
    return record


def store(engine: Engine, *records: CallRecord) -> None:
    with writing(engine) as connection:
        upsert_records(connection, records)


def test_record_comes_back_as_it_was_and_later_ones_replace_it(engine: Engine) -> None:
    record = a_record("c1")
    store(engine, replace(record, outcome="live", ended_at=None, legs=()))
    store(engine, record)

    assert find_record(engine, "c1") == record
    assert find_record(engine, "c2") is None


def test_filters_narrow_the_newest_first_list(engine: Engine) -> None:
    made_by_bob = replace(a_record("out", at=3000.0), agent_ids=" bob ")
    store(engine, a_record("old", at=1000.0), a_record("new", at=2000.0), made_by_bob)

    def found(wanted: RecordFilter, limit: int = 10) -> list[str]:
        return [record.call_id for record in newest_records(engine, wanted, limit=limit)]

    assert found(RecordFilter()) == ["out", "new", "old"]
    assert found(RecordFilter(), limit=2) == ["out", "new"]
    assert found(RecordFilter(agent_ids=("bob", "carol"))) == ["out"]
    assert found(RecordFilter(agent_ids=("alice",), since=1500.0)) == ["new"]


def test_id_that_begins_another_one_is_found_exactly(engine: Engine) -> None:
    store(engine, a_record("ab"), a_record("abc"), a_record("a_d"), a_record("AB"))

    assert [record.call_id for record in records_beginning(engine, "ab")] == ["ab"]
    assert [record.call_id for record in records_beginning(engine, "abc")] == ["abc"]
    assert [record.call_id for record in records_beginning(engine, "a_")] == ["a_d"]
    assert records_beginning(engine, "%") == []


def test_ambiguous_beginning_gives_a_few_candidates_only(engine: Engine) -> None:
    store(engine, *[a_record(f"x{n}") for n in range(20)])

    assert len(records_beginning(engine, "x")) == CANDIDATES_LIMIT


def test_nul_in_a_callers_name_is_left_out(engine: Engine) -> None:
    store(engine, replace(a_record("c1"), caller="a\0b"))

    found = find_record(engine, "c1")
    assert found is not None
    assert found.caller == "ab"
