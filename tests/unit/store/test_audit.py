"""The audit log is one chain, whoever writes at once, and whatever is done to it is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from fakes.locked_database import refusing_writes
from switchroom.history.audit import AuditEntry, Head
from switchroom.store.audit import (
    AuditFilter,
    DecisionLog,
    append,
    entries,
    verify,
)
from switchroom.store.database import writing

ENTRY = AuditEntry(at=1000.0, customer_id="acme", action="agents:update", decision="done")


def write(engine: Engine, count: int, **said: str) -> None:
    for number in range(count):
        with writing(engine) as connection:
            append(connection, replace(ENTRY, target_id=f"agent-{number}", at=1e9 / 7, **said))


def do(engine: Engine, *statements: str) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_empty_log_is_whole(engine: Engine) -> None:
    verdict = verify(engine)

    assert (verdict.entries, verdict.broken) == (0, None)


def test_what_was_written_verifies_and_comes_back_newest_first(engine: Engine) -> None:
    write(engine, 3)
    write(engine, 2, actor_id="alice")

    verdict = verify(engine)

    assert (verdict.entries, verdict.broken) == (5, None)
    found = entries(engine, AuditFilter(actor_id="alice"), limit=10)
    assert [entry.seq for entry in found] == [5, 4]
    assert verdict.head == Head(5, found[0].hash)
    assert entries(engine, AuditFilter(customer_id="other"), limit=10) == []
    assert len(entries(engine, AuditFilter(customer_id="acme", since=1000.0), limit=4)) == 4


def test_an_entry_goes_with_its_change(engine: Engine) -> None:
    write(engine, 1)

    def fail() -> None:
        with writing(engine) as connection:
            append(connection, ENTRY)
            raise RuntimeError("the change fails")

    with pytest.raises(RuntimeError):
        fail()

    assert verify(engine).entries == 1


def test_writers_at_once_make_one_line(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write(engine, 10), range(8)))

    verdict = verify(engine)
    assert (verdict.entries, verdict.broken) == (80, None)


TAMPERED = {
    "a text": ("UPDATE audit SET after = '{}' WHERE seq = 3", 3),
    "an actor": ("UPDATE audit SET actor_id = 'bob' WHERE seq = 1", 1),
    "a time": ("UPDATE audit SET at = at + 1 WHERE seq = 6", 6),
    "the first": ("DELETE FROM audit WHERE seq = 1", 1),
    "one inside": ("DELETE FROM audit WHERE seq = 4", 4),
    "the last": ("DELETE FROM audit WHERE seq = 6", 6),
    "all": ("DELETE FROM audit", 1),
    "the head": ("DELETE FROM audit_head", 1),
    "a customer": ("UPDATE audit SET customer_id = 'other' WHERE seq = 2", 2),
}


@pytest.mark.parametrize(("statement", "seq"), TAMPERED.values(), ids=TAMPERED)
def test_what_is_changed_or_deleted_is_found(engine: Engine, statement: str, seq: int) -> None:
    write(engine, 6)

    do(engine, statement)

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == seq


def test_two_that_change_places_are_found(engine: Engine) -> None:
    write(engine, 6)

    do(
        engine,
        "UPDATE audit SET seq = 100 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 100",
    )

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 3


def test_one_that_is_slipped_in_is_found(engine: Engine) -> None:
    write(engine, 6)
    copy = ", ".join(c for c in COLUMNS if c != "seq")

    do(engine, f"INSERT INTO audit (seq, {copy}) SELECT 7, {copy} FROM audit WHERE seq = 6")

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 7


def test_a_deletion_that_closes_the_gap_is_found(engine: Engine) -> None:
    write(engine, 6)

    do(
        engine,
        "DELETE FROM audit WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 5",
        "UPDATE audit SET seq = 5 WHERE seq = 6",
        "UPDATE audit_head SET seq = 5",
    )

    broken = verify(engine).broken
    assert broken is not None
    assert broken.seq == 3


def test_a_chain_written_anew_is_found_by_a_head_noted_down(engine: Engine) -> None:
    write(engine, 6)
    noted = verify(engine).head

    do(engine, "DELETE FROM audit", "DELETE FROM audit_head")
    assert verify(engine).broken is None  # nothing inside can show that
    write(engine, 7, actor_id="bob")

    assert verify(engine).broken is None
    broken = verify(engine, noted).broken
    assert broken is not None
    assert broken.seq == 6


def test_a_long_chain_is_walked_in_pieces(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchroom.store.audit.READ_AT_ONCE", 4)
    write(engine, 13)

    assert verify(engine).entries == 13
    do(engine, "UPDATE audit SET reason = 'x' WHERE seq = 11")
    verdict = verify(engine)
    assert verdict.broken is not None
    assert (verdict.entries, verdict.broken.seq) == (10, 11)


def test_decisions_that_repeat_are_written_once_with_their_number(engine: Engine) -> None:
    log = DecisionLog(engine)
    refused = replace(ENTRY, decision="refused", actor_id="mallory")

    for _ in range(50):
        log.note(refused)
    log.settle(1030.0)
    assert verify(engine).entries == 1
    log.settle(1061.0)
    log.note(replace(refused, at=1062.0))
    log.note(replace(refused, at=1063.0))
    log.close()

    found = entries(engine, AuditFilter(actor_id="mallory"), limit=10)
    assert [entry.repeated for entry in found] == [1, 0, 49, 0]
    assert verify(engine).broken is None


def test_what_was_done_waits_until_the_database_takes_it(engine: Engine) -> None:
    log = DecisionLog(engine)
    with capture_logs() as logged, refusing_writes(engine):
        for number in range(3):
            log.done(replace(ENTRY, target_id=f"call-{number}", after={"password": "hunter2"}))
        log.note(replace(ENTRY, decision="refused", target_id="call-3"))
        log.settle(1001.0)

    assert [one["entry"]["target_id"] for one in logged] == [f"call-{n}" for n in range(4)]
    assert {one["log_level"] for one in logged} == {"error"}
    assert "hunter2" not in str(logged)
    assert verify(engine).entries == 0

    log.settle(1002.0)
    log.settle(1003.0)
    found = entries(engine, AuditFilter(), limit=10)
    assert [one.target_id for one in found] == ["call-3", "call-2", "call-1", "call-0"]
    assert verify(engine).broken is None


def test_what_is_about_to_be_shown_must_be_written(engine: Engine) -> None:
    log = DecisionLog(engine)
    with refusing_writes(engine), pytest.raises(OperationalError):
        log.permit(replace(ENTRY, decision="allowed"))

    log.settle(1002.0)
    assert verify(engine).entries == 0


def test_what_waits_is_bounded_and_the_rest_is_in_the_log(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.store.audit.WAITING_LIMIT", 2)
    log = DecisionLog(engine)
    with capture_logs() as logged, refusing_writes(engine):
        for number in range(3):
            log.done(replace(ENTRY, target_id=f"call-{number}"))
    log.close()

    assert [one["waits"] for one in logged] == [True, True, False]
    assert verify(engine).entries == 2


def test_an_entry_that_is_never_taken_holds_up_no_other(engine: Engine) -> None:
    log = DecisionLog(engine)
    with capture_logs() as logged:
        log.done(replace(ENTRY, target_id="bad", at=None))
        log.done(replace(ENTRY, target_id="good"))
        log.settle(1002.0)

    assert [one.target_id for one in entries(engine, AuditFilter(), limit=10)] == ["good"]
    assert logged[-1]["entry"]["target_id"] == "bad"


COLUMNS = (
    "seq", "at", "customer_id", "actor_id", "token_kind", "token_id", "source", "action",
    "decision", "resource", "target_id", "before", "after", "reason", "repeated", "request_id",
    "previous", "hash",
)  # fmt: skip
