"""A batch is written all or not at all, and the database's faults come back as one error."""

import pytest
from sqlalchemy import Engine, text

from fakes.call_facts import answered_call
from switchroom.history.batch import Batch, Position
from switchroom.history.ports import Ledger, LedgerError
from switchroom.history.records import CallRecord, apply
from switchroom.store.facts import facts_after, newest_facts
from switchroom.store.ledger import DatabaseLedger


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return DatabaseLedger(engine)


def one_call(call_id: str) -> Batch:
    record: CallRecord | None = None
    for fact in answered_call(call_id):
        record = apply(record, fact)
    assert record is not None
    return Batch(
        facts=[("customer-1", 1.0, "call.created", call_id, "{}"), ("", 2.0, "x.y", "", "{}")],
        records={call_id: record},
        states={call_id: b'{"state":"call.kept"}'},
        registrations={"b1": b"{}"},
        statuses={"alice": "away", "ben": "available"},
    )


def test_new_database_begins_at_the_beginning(ledger: Ledger) -> None:
    assert ledger.position() == Position(0, 0)
    assert ledger.live_call_ids() == set()
    assert ledger.record("c1") is None


def test_batch_comes_back_as_it_was(ledger: Ledger, engine: Engine) -> None:
    batch = one_call("c1")

    assert ledger.commit(batch, Position(3, 17)) == 1
    assert ledger.commit(one_call("c2"), Position(3, 99)) == 3

    assert ledger.position() == Position(3, 99)
    assert ledger.record("c1") == batch.records["c1"]
    assert ledger.live_call_ids() == {"c1", "c2"}
    assert ledger.live_states() == [b'{"state":"call.kept"}'] * 2
    assert ledger.registrations() == [b"{}"]
    assert ledger.statuses() == {"alice": "away"}
    assert [fact.seq for fact in facts_after(engine, 1, limit=2)] == [2, 3]
    assert [fact.seq for fact in newest_facts(engine, limit=2)] == [3, 4]


def test_what_is_gone_is_deleted(ledger: Ledger) -> None:
    ledger.commit(one_call("c1"), Position(1, 1))
    gone = Batch(gone={"c1"}, registrations={"b1": None}, statuses={"alice": "available"})
    ledger.commit(gone, Position(1, 2))

    assert ledger.live_states() == []
    assert ledger.registrations() == []
    assert ledger.statuses() == {}


def test_numbers_are_not_used_again_after_a_purge(ledger: Ledger) -> None:
    ledger.commit(one_call("c1"), Position(1, 1))
    assert ledger.purge(before=10_000.0, most=100) == 3
    assert ledger.purge(before=10_000.0, most=100) == 0

    assert ledger.commit(one_call("c2"), Position(1, 2)) == 3


def test_committed_batches_can_be_made_durable(ledger: Ledger) -> None:
    ledger.commit(one_call("c1"), Position(1, 1))

    assert ledger.make_durable()


def test_fault_of_the_database_is_told_as_one_and_changes_nothing(
    ledger: Ledger, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE registrations"))

    with pytest.raises(LedgerError, match="registrations"):
        ledger.commit(one_call("c1"), Position(1, 1))
    assert ledger.position() == Position(0, 0)
    assert newest_facts(engine, limit=10) == []


def test_facts_dated_in_the_future_do_not_keep_old_ones_from_being_purged(
    ledger: Ledger, engine: Engine
) -> None:
    times = [9_000_000_000.0] * 5 + [2.0, 1.0]
    ledger.commit(Batch(facts=[("", at, "x.y", "", "{}") for at in times]), Position(1, 1))

    assert [ledger.purge(before=10_000.0, most=1) for _ in range(3)] == [1, 1, 0]
    assert [fact.at for fact in newest_facts(engine, limit=10)] == times[:5]
