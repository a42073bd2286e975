"""What the journal says is in the database exactly once, however the process dies."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event, text

from fakes.call_facts import CUSTOMER, answered_call, created, ended
from interop.programs import until
from switchroom.calls.snapshot import CallSnapshot
from switchroom.drivers.journal import Journal
from switchroom.drivers.journal_format import segment_numbers
from switchroom.drivers.recorder import PERIOD_S, Recorder
from switchroom.drivers.recorder_protocol import Progress
from switchroom.drivers.recovery import LiveCall, Recovered, recover
from switchroom.drivers.transcript import Transcript
from switchroom.foundation.events import Fact
from switchroom.history.batch import Batch, Position
from switchroom.history.closing import closing_facts
from switchroom.history.live import CallState, CallStateGone, JournalState
from switchroom.history.numbered import NumberedFact
from switchroom.history.ports import LedgerError
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.store.database import database_url as sqlite_url
from switchroom.store.database import open_database
from switchroom.store.facts import facts_after
from switchroom.store.ledger import DatabaseLedger
from switchroom.store.records import RecordFilter, find_record, newest_records


@dataclass
class Node:
    """A data directory, and what of a node writes into it."""

    directory: Path
    engine: Engine
    journal: Journal
    started: list[Recorder] = field(default_factory=list)

    @property
    def ledger(self) -> DatabaseLedger:
        return DatabaseLedger(self.engine)

    def say(self, *records: Fact | JournalState) -> None:
        for record in records:
            self.journal.add(record)
        self.journal.flush()

    def record(self, ledger: DatabaseLedger | None = None, **options: Any) -> Recorder:
        recorder = Recorder(
            ledger or self.ledger,
            self.directory,
            lambda: self.journal.position,
            utc_now=lambda: 2000.0,
            **options,
        )
        self.started.append(recorder)
        recorder.start()
        return recorder

    def transcript(self) -> Transcript:
        return Transcript(self.ledger, self.directory, lambda: self.journal.position.segment)

    def restart(self) -> Recovered:
        """What kill -9 and a new start find; the old journal simply ends."""
        found = recover(self.ledger, self.directory)
        self.journal.close()
        self.journal = Journal(
            self.directory, segment=found.next_segment, on_failed=lambda _failure: None
        )
        return found

    def facts(self) -> list[NumberedFact]:
        return facts_after(self.engine, 0, limit=10_000)


@pytest.fixture
def node(tmp_path: Path, engine: Engine) -> Iterator[Node]:
    directory = tmp_path / "journal"
    journal = Journal(directory, segment=1, on_failed=lambda _failure: None)
    made = Node(directory, engine, journal)
    yield made
    for recorder in made.started:
        recorder.stop()
    made.journal.close()


def bodies(*facts: Fact) -> list[str]:
    return [msgspec.json.encode(fact).decode() for fact in facts]


def snapshot(call_id: str) -> CallSnapshot:
    return CallSnapshot(
        call_id, CUSTOMER, "caller", "in", "1", "2", arrived_at=1.0, phase="ringing", legs=()
    )


def state(call_id: str) -> CallState:
    return CallState(call_id, msgspec.Raw(msgspec.json.encode(snapshot(call_id))))


def registration(binding_id: str) -> RegistrationAdded:
    return RegistrationAdded(
        at=1.0,
        customer_id=CUSTOMER,
        binding_id=binding_id,
        extension="1001",
        contact="sip:1001@192.0.2.9",
        hop=("udp", "192.0.2.9", 5060),
        expires_at=61.0,
        registered_at=1.0,
        sip_call_id="register-1",
        cseq=1,
    )


def test_flushed_facts_and_records_reach_the_database(node: Node) -> None:
    facts = answered_call("c1")
    recorder = node.record()
    node.say(*facts)

    assert recorder.wait(node.journal.position, timeout_s=10)
    assert [fact.body for fact in node.facts()] == bodies(*facts)
    assert [fact.seq for fact in node.facts()] == list(range(1, len(facts) + 1))
    record = find_record(node.engine, "c1")
    assert record is not None
    assert [leg.outcome for leg in record.legs] == ["answered", "answered", *["elsewhere"] * 2]


def test_stop_writes_down_everything_flushed_before(node: Node) -> None:
    recorder = node.record()
    node.say(*answered_call("c1"), *answered_call("c2"))
    recorder.stop()

    assert len(node.facts()) == 2 * len(answered_call("c1"))


def test_listener_is_told_how_far_the_facts_are(node: Node) -> None:
    heard: list[Progress] = []
    node.say(*answered_call("c1"))
    recorder = node.record(report=heard.append)
    node.say(*answered_call("c2"))
    recorder.stop()

    assert heard[-1].newest_seq == heard[-1].written_facts == len(node.facts())
    assert heard[-1].position == node.journal.position


def test_one_that_begins_tells_what_another_has_written(node: Node) -> None:
    node.say(*answered_call("c1"))
    node.transcript().step()
    heard: list[Progress] = []
    node.record(report=heard.append).stop()

    assert (heard[0].newest_seq, heard[0].written_facts) == (len(node.facts()), 0)


def test_what_happens_while_somebody_follows_is_written_soon(node: Node) -> None:
    recorder = node.record()
    node.say(*answered_call("c1"))
    assert recorder.wait(node.journal.position, timeout_s=10)
    recorder.hurry(is_followed=True)
    began, rounds = time.monotonic(), 10
    for number in range(rounds):
        node.say(*answered_call(f"followed-{number}"))
        assert recorder.wait(node.journal.position, timeout_s=10)

    assert time.monotonic() - began < rounds * PERIOD_S / 2


def test_consumed_segments_are_deleted(node: Node) -> None:
    node.journal._segment_bytes = 2000
    recorder = node.record()
    for number in range(20):
        node.say(*answered_call(f"c{number}"))
    assert recorder.wait(node.journal.position, timeout_s=10)
    recorder.stop()

    assert segment_numbers(node.directory) == [node.journal.position.segment]
    assert len(newest_records(node.engine, RecordFilter(), limit=100)) == 20


LOCK = {
    "sqlite": ["BEGIN EXCLUSIVE"],
    "postgresql": ["BEGIN", "LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"],
}
IMPATIENT = {"sqlite": "PRAGMA busy_timeout = 1", "postgresql": "SET lock_timeout = 1"}
"A millisecond instead of ten seconds, or for ever."


def test_database_that_is_locked_for_a_while_gets_everything_later(
    node: Node, impatient: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.drivers.recorder.LONGEST_PAUSE_S", 0.05)
    with node.engine.connect() as blocker:
        blocker.exec_driver_sql("COMMIT")
        for statement in LOCK[node.engine.dialect.name]:
            blocker.exec_driver_sql(statement)
        recorder = node.record(DatabaseLedger(impatient))
        node.say(*answered_call("c1"))
        until(lambda: recorder.progress.failure, "the recorder finds the database locked")
        assert "lock" in str(recorder.progress.failure)
        assert not recorder.wait(node.journal.position, timeout_s=0)
        blocker.exec_driver_sql("ROLLBACK")
        blocker.exec_driver_sql("BEGIN")

    assert recorder.wait(node.journal.position, timeout_s=10)
    recorder.stop()
    assert recorder.progress.failure is None
    assert [fact.body for fact in node.facts()] == bodies(*answered_call("c1"))


@pytest.fixture
def impatient(database_url: str) -> Iterator[Engine]:
    """The same database; whoever waits here for a lock soon fails."""
    made = open_database(database_url)
    made.dispose()

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(IMPATIENT[made.dialect.name])
        cursor.close()
        connection.commit()

    event.listen(made, "connect", prepare)
    yield made
    made.dispose()


class DyingLedger(DatabaseLedger):
    """Dies at a chosen commit, before or after the transaction took place."""

    def __init__(self, engine: Engine, *, at: int, is_after: bool) -> None:
        super().__init__(engine)
        self._left = at
        self._is_after = is_after

    def commit(self, batch: Batch, position: Position) -> int:
        self._left -= 1
        if self._left != 0:
            return super().commit(batch, position)
        if self._is_after:
            super().commit(batch, position)
        raise LedgerError("killed")


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_facts_are_there_exactly_once_after_dying_around_a_commit(
    node: Node, at: int, is_after: bool
) -> None:
    facts = [fact for n in range(3) for fact in answered_call(f"c{n}")]
    ledger = DyingLedger(node.engine, at=at, is_after=is_after)
    transcript = Transcript(ledger, node.directory, lambda: 1)
    for fact in facts[: at - 1]:
        node.say(fact)
        transcript.step()
    node.say(facts[at - 1])
    with pytest.raises(LedgerError):
        transcript.step()
    node.say(*facts[at:])

    node.restart()

    assert [fact.body for fact in node.facts()] == bodies(*facts)
    assert [fact.seq for fact in node.facts()] == list(range(1, len(facts) + 1))
    records = newest_records(node.engine, RecordFilter(), limit=10)
    assert [record.outcome for record in records] == ["answered"] * 3


def test_transaction_broken_in_the_middle_leaves_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_arguments: object) -> None:
        raise KeyboardInterrupt  # the nearest to dying between the insert and the position

    monkeypatch.setattr("switchroom.store.live.keep_registrations", break_off)
    node.say(*answered_call("c1"))
    with pytest.raises(KeyboardInterrupt):
        node.transcript().step()
    monkeypatch.undo()

    assert node.facts() == []
    assert node.restart().facts_loaded == len(answered_call("c1"))


def test_restart_finds_live_calls_and_registrations(node: Node) -> None:
    node.say(state("over"), state("lives"), registration("b1"), registration("b2"))
    node.transcript().step()
    node.say(CallStateGone("over"), state("new"))
    node.say(
        RegistrationRemoved(
            at=2.0,
            customer_id=CUSTOMER,
            binding_id="b1",
            extension="1001",
            contact="sip:1001@192.0.2.9",
            reason="unregistered",
        )
    )

    found = node.restart()

    assert found.calls == [LiveCall(snapshot("lives"), ()), LiveCall(snapshot("new"), ())]
    assert found.useless_snapshots == []
    assert found.registrations == [registration("b2")]
    assert node.restart().calls == found.calls


def test_restart_after_a_torn_write_loses_only_what_was_torn(node: Node) -> None:
    node.say(created("c1"))
    with (node.directory / "0000000001.log").open("ab") as torn:
        torn.write(b"\xffSJ1\x00\x00\x10\x00torn")

    found = node.restart()

    assert (found.facts_loaded, found.lost_bytes, found.next_segment) == (1, 12, 2)


def test_numbers_go_on_after_a_restart_and_segments_are_never_reused(node: Node) -> None:
    node.say(created("c1"))
    node.restart()
    node.say(ended("c1", by="system", status=480, q850=41))
    recorder = node.record()
    assert recorder.wait(node.journal.position, timeout_s=10)
    recorder.stop()

    assert [fact.seq for fact in node.facts()] == [1, 2]
    record = find_record(node.engine, "c1")
    assert record is not None
    assert record.outcome == "failed"
    assert node.restart().next_segment == 3


@pytest.mark.parametrize(
    "body", ["{}", '{"state":"call.kept","call_id":"c1","call":{"call_id":"c1"}}']
)
def test_call_whose_snapshot_cannot_be_read_is_abandoned(node: Node, body: str) -> None:
    node.say(created("c1"), state("c1"))
    node.transcript().step()
    with node.engine.begin() as connection:
        connection.execute(text("UPDATE live_calls SET body = :body"), {"body": body})

    found = node.restart()

    assert (found.calls, found.unreadable) == ([], 1)
    assert found.useless_snapshots == ["c1"]
    assert [record.call_id for record in found.abandoned] == ["c1"]


def test_leg_that_cannot_be_read_does_not_cost_the_call(node: Node) -> None:
    node.say(CallState("c1", state("c1").call, {"leg": msgspec.Raw(b"[1]")}))

    found = node.restart()

    assert found.calls == [LiveCall(snapshot("c1"), ())]
    assert (found.unreadable, found.useless_snapshots) == (1, [])


def test_old_facts_and_ended_calls_are_purged_and_open_calls_stay(node: Node) -> None:
    node.say(*answered_call("old", at=100.0), created("open", at=101.0))
    node.say(*answered_call("new", at=1900.0))
    node.transcript().step()

    while node.ledger.purge(1000.0, most=3):
        pass

    assert {fact.call_id for fact in node.facts()} == {"new"}
    records = newest_records(node.engine, RecordFilter(), limit=10)
    assert [record.call_id for record in records] == ["new", "open"]


def test_recorder_purges_what_is_older_than_its_days(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.drivers.recorder.PURGE_EVERY_S", 0.0)
    node.say(*answered_call("old", at=100.0), *answered_call("new", at=1999.0))
    recorder = node.record(keep_days=100 / 86_400)
    assert recorder.wait(node.journal.position, timeout_s=10)
    recorder.stop()

    assert {fact.call_id for fact in node.facts()} == {"new"}


def test_call_without_a_snapshot_is_found_so_that_it_can_be_closed(node: Node) -> None:
    node.say(created("vanished"), created("lives"), state("lives"), *answered_call("over"))

    found = node.restart()
    assert [record.call_id for record in found.abandoned] == ["vanished"]
    node.say(*closing_facts(found.abandoned[0], at=5000.0))

    assert node.restart().abandoned == []
    record = find_record(node.engine, "vanished")
    assert record is not None
    assert record.ended_at == 5000.0


WRITER = """
import sys
from pathlib import Path
from fakes.call_facts import created
from switchroom.drivers.journal import Journal

journal = Journal(Path(sys.argv[1]), segment=1, on_failed=print, segment_bytes=100_000)
for number in range(1_000_000):
    journal.add(created(f"c{number}"))
    journal.flush()
    print(number, flush=True)
"""


def test_kill_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    paths = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    ) as writer:
        assert writer.stdout is not None
        for said in writer.stdout:
            if int(said) == 700:
                break
        writer.kill()
        last = int([b"700", *writer.stdout.read().split(b"\n")[:-1]][-1])

    engine = open_database(sqlite_url(tmp_path))
    found = recover(DatabaseLedger(engine), directory)
    facts = facts_after(engine, 0, limit=1_000_000)
    engine.dispose()

    assert found.lost_bytes == 0
    assert last + 1 <= len(facts) <= last + 2
    assert [fact.call_id for fact in facts] == [f"c{n}" for n in range(len(facts))]
