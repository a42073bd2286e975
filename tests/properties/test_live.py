"""A snapshot and the events after it are what a fresh snapshot says, whatever happens when."""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fakes.call_facts import CUSTOMER
from switchroom.agents.events import AgentStateChanged
from switchroom.app.facts import kinds
from switchroom.calls import events
from switchroom.directory.events import FACTS
from switchroom.foundation.events import Fact
from switchroom.history.batch import Batch, Gathering
from switchroom.history.records import CallRecord
from switchroom.live.snapshot import LiveAgent, LiveCall, Picture, Snapshot, apply
from switchroom.store.picture import live_call

CALLS = st.sampled_from(["c1", "c2"])
LEGS = st.sampled_from(["", "caller", "desk", "mobile"])
AGENTS = st.sampled_from(["", "alice", "bob"])
AT = st.floats(1000.0, 2000.0)


def made(kind: type[Fact], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    return st.builds(kind, at=AT, customer_id=st.just(CUSTOMER), **fields)


CALL = {"call_id": CALLS, "client_id": st.just("zeta")}
LEG = CALL | {"leg_id": LEGS, "agent_id": AGENTS}
SOME: dict[type[Fact], st.SearchStrategy[Fact]] = {
    events.CallCreated: made(
        events.CallCreated,
        **LEG,
        direction=st.just("in"),
        caller=st.just("1"),
        called=st.just("2"),
        origin=st.sampled_from(["trunk", "command"]),
        origin_id=AGENTS,
    ),
    events.LegDialled: made(
        events.LegDialled, **LEG, address=st.just("extension:1"), contact=st.just("sip:1@h")
    ),
    events.LegRang: made(events.LegRang, **LEG),
    events.LegPickedUp: made(events.LegPickedUp, **LEG),
    events.LegFinished: made(
        events.LegFinished,
        **LEG,
        outcome=st.sampled_from(["busy", "answered"]),
        status=st.just(486),
        q850=st.just(17),
    ),
    events.CallTaken: made(events.CallTaken, **LEG, caller=st.just("3")),
    events.CallConnected: made(events.CallConnected, **LEG, waited_s=st.just(1.0)),
    events.CallEnded: made(
        events.CallEnded, **CALL, status=st.just(200), q850=st.just(16), by=st.just("caller")
    ),
    events.CallRefused: made(
        events.CallRefused,
        call_id=st.just("refused"),
        caller=st.just("1"),
        called=st.just("2"),
        status=st.just(404),
        text=st.just("no"),
    ),
    AgentStateChanged: made(
        AgentStateChanged,
        agent_id=st.sampled_from(["alice", "bob"]),
        status=st.sampled_from(["available", "away"]),
        state=st.sampled_from(["idle", "on_call"]),
        calls=st.integers(0, 2),
    ),
}


class Stored:
    """What the recorder has written: the other way to the same knowledge."""

    def __init__(self) -> None:
        self._records: dict[str, CallRecord] = {}
        self._gathering = Gathering(set(), self._records.get)
        self.agents = {"alice": LiveAgent("alice"), "bob": LiveAgent("bob")}
        self.touched: list[str] = []

    def write(self, facts: Sequence[Fact]) -> None:
        batch = Batch()
        for fact in facts:
            self._gathering.add(batch, msgspec.json.encode(fact))
        self._gathering.committed(batch)
        assert not batch.unreadable
        self._records.update(batch.records)
        self.touched = [row[5] for row in batch.facts]
        for agent_id, (_, status, state, calls, _) in batch.statuses.items():
            said = (agent_id, status, state, calls)
            self.agents[agent_id] = LiveAgent(*said)  # type: ignore[arg-type]

    @property
    def calls(self) -> dict[str, LiveCall]:
        found = self._records.values()
        return {one.call_id: live_call(one) for one in found if one.ended_at is None}


def begun_calls(facts: list[Fact]) -> list[Fact]:
    """As the node says it: a call begins once, and nothing is said of it before or after."""
    kept, live, over = list[Fact](), set[str](), set[str]()
    for fact in facts:
        call_id = getattr(fact, "call_id", None)
        if isinstance(fact, events.CallCreated):
            if call_id in live or call_id in over:
                continue
            live.add(fact.call_id)
        elif isinstance(fact, events.CallEnded):
            if call_id not in live:
                continue
            live.discard(fact.call_id)
            over.add(fact.call_id)
        elif isinstance(fact, events.CallRefused):
            pass
        elif isinstance(fact, events.CallFact) and call_id not in live:
            continue
        kept.append(fact)
    return kept


@given(st.lists(st.one_of(*SOME.values()), max_size=40).map(begun_calls), st.data())
def test_snapshot_and_events_are_a_fresh_snapshot(facts: list[Fact], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(facts)))
    stored = Stored()
    stored.write(facts[:cut])
    picture = Picture(Snapshot(stored.calls, stored.agents))
    known = {id: set(call.agent_ids) for id, call in picture.calls.items()}
    for fact in facts[cut:]:
        picture.apply(fact)
        stored.write([fact])
        assert picture.calls == stored.calls
        assert picture.agents == stored.agents
        if (call := picture.calls.get(getattr(fact, "call_id", ""))) is not None:
            known.setdefault(call.call_id, set()).update(stored.touched[0].split())
            # Only legs that were dialled are known to the call, and all real ones are.
            assert call.agent_ids <= known[call.call_id]


def test_every_kind_of_fact_about_calls_and_agents_takes_part() -> None:
    live = {
        kind.fact for kind in kinds().values() if kind.fact.resource in {"calls", "agent_status"}
    }

    assert live == set(SOME)


def test_agents_come_and_go() -> None:
    def said(happening: str) -> Fact:
        kind = FACTS["agents"][happening]  # type: ignore[index]
        return kind(at=1.0, customer_id=CUSTOMER, id="carol", name="carol@acme.example")

    snapshot = apply(Snapshot(), said("created"))
    assert snapshot.agents == {"carol": LiveAgent("carol")}
    assert apply(snapshot, said("updated")) == snapshot
    assert apply(snapshot, said("deleted")) == Snapshot()
