"""Whose an event is follows from its own row and from the teams as they are now."""

import json

import msgspec

from switchroom.agents.events import AgentStateChanged
from switchroom.app.facts import kinds
from switchroom.directory.events import FACTS, Belongs
from switchroom.foundation.events import Fact, name_of
from switchroom.live.event import Event, EventReader, Roster, StoredFact
from switchroom.permissions.model import Row
from switchroom.sip.events import RegistrationRemoved

READER = EventReader(kinds())
ROSTER = Roster(
    {"alice": frozenset({"sales"}), "bob": frozenset({"support"})}, {"1001": ("x1", "alice")}
)


def event(fact: Fact, agent_ids: str = "", customer_id: str = "acme") -> Event | None:
    body = msgspec.json.encode(fact).decode()
    name = name_of(type(fact))
    stored = StoredFact(9, 4, customer_id, name, frozenset(agent_ids.split()), body)
    return READER.event(stored, ROSTER)


STATE = AgentStateChanged(
    at=1.5, customer_id="acme", agent_id="alice", status="away", state="idle", calls=0
)


def test_an_event_is_its_fact_with_number_and_place() -> None:
    found = event(STATE, " alice ")

    assert found is not None
    assert found.row == Row("acme", frozenset({"alice"}), frozenset({"sales"}))
    assert json.loads(found.text) == {
        "number": 4,
        "type": "agent.state_changed",
        "at": 1.5,
        "resource": "agent_status",
        "id": "alice",
        "data": json.loads(msgspec.json.encode(STATE)),
    }


def test_a_call_belongs_to_all_teams_of_all_its_agents() -> None:
    found = event(STATE, " alice bob carol ")

    assert found is not None
    assert found.row.tag_ids == {"sales", "support"}


def test_a_registration_is_its_extensions_and_that_is_its_agents() -> None:
    gone = RegistrationRemoved(
        at=1.0, customer_id="acme", binding_id="b", extension="1001", contact="c", reason="expired"
    )
    found, unknown = event(gone), event(msgspec.structs.replace(gone, extension="1002"))

    assert found is not None
    assert unknown is not None
    assert (found.id, found.row.owner_ids) == ("x1", frozenset({"alice"}))
    assert found.row.tag_ids == {"sales"}
    assert (unknown.id, unknown.row) == ("1002", Row("acme"))


def test_a_configured_thing_says_whose_it_is_and_was() -> None:
    fact = FACTS["groups"]["updated"](
        at=1.0,
        customer_id="acme",
        id="g1",
        name="g",
        tag_ids=("new",),
        was=Belongs(tag_ids=("old",)),
    )
    found = event(fact)

    assert found is not None
    assert found.was is not None
    assert found.row.tag_ids == {"new"}
    assert found.was.tag_ids == {"old"}
    assert set(json.loads(found.hidden_text)) == {"number", "type", "resource", "id"}


def test_what_cannot_be_placed_is_nobodys_event() -> None:
    nobodys = [
        event(STATE, customer_id=""),
        READER.event(StoredFact(1, 1, "acme", "moon.rose", frozenset(), "{}"), ROSTER),
        READER.event(StoredFact(1, 1, "acme", "call.ended", frozenset(), "{}"), ROSTER),
    ]

    assert nobodys == [None, None, None]
