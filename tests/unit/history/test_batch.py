"""Journal lines become one transaction's rows, with nothing written that is already outdated."""

import msgspec
from msgspec.structs import replace

from fakes.call_facts import CUSTOMER, answered_call, created, dialled, ended
from switchroom.agents.events import AgentStateChanged, State, Status
from switchroom.foundation.events import Fact
from switchroom.history.batch import Batch, Gathering, StatusRow
from switchroom.history.live import CallState, CallStateGone, JournalState
from switchroom.history.records import CallRecord
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved


def line(record: Fact | JournalState) -> bytes:
    return msgspec.json.encode(record)


def gather(gathering: Gathering, *records: Fact | JournalState, commit: bool = True) -> Batch:
    batch = Batch()
    for record in records:
        gathering.add(batch, line(record))
    if commit:
        gathering.committed(batch)
    return batch


def unknown_to_the_database(_call_id: str) -> CallRecord | None:
    return None


def fresh() -> Gathering:
    return Gathering(set(), unknown_to_the_database)


def state(call_id: str, text: str) -> CallState:
    return CallState(call_id, msgspec.Raw(msgspec.json.encode({"text": text})))


def registration(*, is_refresh: bool = False) -> RegistrationAdded:
    return RegistrationAdded(
        at=1.0,
        customer_id=CUSTOMER,
        binding_id="b1",
        extension="1001",
        contact="sip:1001@192.0.2.9",
        hop=("udp", "192.0.2.9", 5060),
        expires_at=61.0,
        registered_at=1.0,
        sip_call_id="register-1",
        cseq=1,
        is_refresh=is_refresh,
    )


def test_facts_keep_their_order_and_their_words() -> None:
    facts = answered_call("c1")
    batch = gather(fresh(), *facts)

    assert [row[2] for row in batch.facts][:2] == ["call.created", "leg.dialled"]
    assert [row[4].encode() for row in batch.facts] == [line(fact) for fact in facts]
    assert batch.facts[0][:4] == (CUSTOMER, 1000.0, "call.created", "c1")
    assert list(batch.records) == ["c1"]
    assert batch.records["c1"].outcome == "answered"


def test_record_goes_on_in_the_next_batch() -> None:
    facts = answered_call("c1")
    gathering = fresh()
    gather(gathering, *facts[:6])

    assert gather(gathering, *facts[6:]).records == gather(fresh(), *facts).records


def test_record_that_memory_has_lost_is_read_back() -> None:
    facts = answered_call("c1")
    before = gather(fresh(), *facts[:6]).records["c1"]
    gathering = Gathering(set(), {"c1": before}.get)

    assert gather(gathering, *facts[6:]).records == gather(fresh(), *facts).records


def test_late_fact_of_an_ended_call_does_not_begin_a_new_record() -> None:
    ended_record = gather(fresh(), *answered_call("c1")).records["c1"]
    gathering = Gathering(set(), {"c1": ended_record}.get)

    batch = gather(gathering, ended("c1", at=1005.0, talked_s=3.0))

    assert batch.records["c1"].started_at == 1000.0


def test_only_the_last_snapshot_of_a_call_is_written() -> None:
    batch = gather(fresh(), state("c1", "old"), state("c1", "new"))

    assert batch.states == {"c1": line(state("c1", "new"))}


def test_call_that_came_and_went_in_one_batch_touches_no_snapshot() -> None:
    batch = gather(fresh(), state("c1", "x"), CallStateGone("c1"))

    assert not batch.states
    assert not batch.gone


def test_stored_snapshot_is_deleted_when_its_call_goes() -> None:
    gathering = fresh()
    gather(gathering, state("c1", "x"))

    assert gather(gathering, CallStateGone("c1")).gone == {"c1"}


def test_batch_that_was_not_committed_leaves_no_trace() -> None:
    gathering = fresh()
    gather(gathering, state("c1", "x"), created("c1"), commit=False)

    assert not gather(gathering, CallStateGone("c1")).gone


def test_registration_is_state_and_news_but_its_refresh_is_state_only() -> None:
    new = gather(fresh(), registration())
    refreshed = gather(fresh(), registration(is_refresh=True))

    assert set(new.registrations) == set(refreshed.registrations) == {"b1"}
    assert [row[2] for row in new.facts] == ["registration.added"]
    assert not refreshed.facts


def test_removed_registration_wins_over_the_one_added_before() -> None:
    removed = RegistrationRemoved(
        at=2.0,
        customer_id=CUSTOMER,
        binding_id="b1",
        extension="1001",
        contact="sip:1001@192.0.2.9",
        reason="expired",
    )
    batch = gather(fresh(), registration(), removed)

    assert batch.registrations == {"b1": None}
    assert [row[2] for row in batch.facts] == ["registration.added", "registration.removed"]


def test_lines_that_make_no_sense_are_counted_and_left_out() -> None:
    batch = Batch()
    gathering = fresh()
    for nonsense in (b"{", b'{"fact":"call.created"', b'{"fact":"call.created","at":"x"}', b"\xff"):
        gathering.add(batch, nonsense)
    gathering.add(batch, b'{"fact":"moon.rose","at":1.0,"customer_id":"","phase":3}')
    gathering.add(batch, b"")

    assert batch.unreadable == 4
    assert [row[2] for row in batch.facts] == ["moon.rose"]
    assert not batch.records


def chose(status: Status, calls: int = 0) -> AgentStateChanged:
    state: State = "ringing" if calls else "idle"
    return AgentStateChanged(
        at=1.0, customer_id=CUSTOMER, agent_id="alice", status=status, state=state, calls=calls
    )


def said(status: Status, calls: int = 0) -> StatusRow:
    return (CUSTOMER, status, "ringing" if calls else "idle", calls, 1.0)


def test_what_was_last_said_of_an_agent_is_stored_if_it_is_new() -> None:
    gathering = fresh()
    first = gather(gathering, chose("away"), chose("busy"), chose("busy", calls=1))
    assert first.statuses == {"alice": said("busy", calls=1)}
    assert len(first.facts) == 3
    assert gather(gathering, chose("busy"), chose("busy", calls=1)).statuses == {}
    assert gather(gathering, chose("busy")).statuses == {"alice": said("busy")}


def test_a_status_that_was_not_stored_comes_again() -> None:
    gathering = fresh()
    gather(gathering, chose("away"), commit=False)
    assert gather(gathering, chose("away")).statuses == {"alice": said("away")}


def touched(batch: Batch) -> list[list[str]]:
    return [row[5].split() for row in batch.facts]


def test_a_call_is_everybodys_whom_it_has_touched_so_far() -> None:
    facts: list[Fact] = [
        created("c1"),
        dialled("c1", "desk"),
        replace(dialled("c1", "mobile"), agent_id="bob"),
        ended("c1"),
    ]

    assert touched(gather(fresh(), *facts)) == [[], ["alice"], ["alice", "bob"], ["alice", "bob"]]


def test_agents_of_a_call_are_known_again_after_a_restart() -> None:
    before = gather(fresh(), created("c1"), dialled("c1", "desk")).records["c1"]
    gathering = Gathering(set(), {"c1": before}.get)

    assert touched(gather(gathering, ended("c1"))) == [["alice"]]


def test_nothing_is_remembered_of_calls_that_ended() -> None:
    gathering = fresh()
    gather(gathering, *answered_call("c1"))

    assert not gathering._open
    assert touched(gather(gathering, chose("away"))) == [["alice"]]
