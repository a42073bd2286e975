"""A batch is written all or not at all, and the database's faults come back as one error."""

import pytest
from sqlalchemy import Engine, text

from fakes.call_facts import answered_call
from switchroom.history.batch import Batch, Position
from switchroom.history.ports import Ledger, LedgerError
from switchroom.history.records import CallRecord, apply
from switchroom.live.sequence import EventSequence
from switchroom.store.facts import facts_after, newest_facts
from switchroom.store.ledger import DatabaseLedger
from switchroom.store.sequences import sequence_of


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return DatabaseLedger(engine)


AWAY = ("customer-1", "away", "idle", 0, 1.0)
IDLE = ("customer-1", "available", "idle", 0, 2.0)


def one_call(call_id: str) -> Batch:
    record: CallRecord | None = None
    for fact in answered_call(call_id):
        record = apply(record, fact)
    assert record is not None
    return Batch(
        facts=[
            ("customer-1", 1.0, "call.created", call_id, "{}", " alice "),
            ("", 2.0, "x.y", "", "{}", ""),
        ],
        records={call_id: record},
        states={call_id: b'{"state":"call.kept"}'},
        registrations={"b1": b"{}"},
        statuses={"alice": AWAY},
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
    assert ledger.statuses() == {"alice": AWAY}
    assert [fact.seq for fact in facts_after(engine, 1, limit=2)] == [2, 3]
    assert [fact.seq for fact in newest_facts(engine, limit=2)] == [3, 4]


def test_what_is_gone_is_deleted(ledger: Ledger) -> None:
    ledger.commit(one_call("c1"), Position(1, 1))
    gone = Batch(gone={"c1"}, registrations={"b1": None}, statuses={"alice": IDLE})
    ledger.commit(gone, Position(1, 2))

    assert ledger.live_states() == []
    assert ledger.registrations() == []
    assert ledger.statuses() == {"alice": IDLE}


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
    ledger.commit(Batch(facts=[("", at, "x.y", "", "{}", "") for at in times]), Position(1, 1))

    assert [ledger.purge(before=10_000.0, most=1) for _ in range(3)] == [1, 1, 0]
    assert [fact.at for fact in newest_facts(engine, limit=10)] == times[:5]


def numbers(engine: Engine, customer_id: str) -> list[int]:
    found = newest_facts(engine, limit=1000)
    return [fact.number for fact in found if fact.customer_id == customer_id]


def sequence(engine: Engine, customer_id: str) -> EventSequence:
    with engine.connect() as connection:
        return sequence_of(connection, customer_id)


def facts_of(*customer_ids: str, at: float = 1.0) -> Batch:
    return Batch(facts=[(one, at, "x.y", "", "{}", "") for one in customer_ids])


def test_each_customer_has_numbers_of_its_own_without_holes(ledger: Ledger, engine: Engine) -> None:
    ledger.commit(facts_of("a", "b", "a"), Position(1, 1))
    ledger.commit(facts_of("b", "a", "c", "b"), Position(1, 2))

    assert numbers(engine, "a") == [1, 2, 3]
    assert numbers(engine, "b") == [1, 2, 3]
    assert numbers(engine, "c") == [1]
    assert sequence(engine, "b").newest == 3
    assert sequence(engine, "a").epoch != sequence(engine, "b").epoch != ""
    assert sequence(engine, "nobody") == EventSequence("nobody")


def test_a_purge_says_where_the_sequence_begins_now(ledger: Ledger, engine: Engine) -> None:
    ledger.commit(facts_of("a", "b", "a"), Position(1, 1))
    ledger.commit(facts_of("a", "b", at=99.0), Position(1, 2))
    epoch = sequence(engine, "a").epoch

    assert ledger.purge(before=50.0, most=100) == 3

    assert sequence(engine, "a") == EventSequence("a", epoch, oldest=3, newest=3)
    assert sequence(engine, "b").oldest == 2
    assert ledger.purge(before=100.0, most=100) == 2
    assert sequence(engine, "a") == EventSequence("a", epoch, oldest=4, newest=3)
    ledger.commit(facts_of("a"), Position(1, 3))
    assert numbers(engine, "a") == [4]


def test_numbers_go_on_over_more_customers_than_are_asked_at_once(
    ledger: Ledger, engine: Engine
) -> None:
    customers = [f"customer-{n}" for n in range(1201)]
    ledger.commit(facts_of(*customers), Position(1, 1))
    ledger.commit(facts_of(*customers), Position(1, 2))

    assert sequence(engine, "customer-1200").newest == 2
    assert numbers(engine, "customer-1200") == [2]
