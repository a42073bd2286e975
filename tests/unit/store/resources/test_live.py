"""Calls in lists, single and counted, are exactly those whose events somebody gets."""

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.call_facts import answered_call, created, dialled, ended
from fakes.people import People
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.calls.events import CallFact
from switchroom.directory.listing import Wanted
from switchroom.history.batch import Batch, Gathering, Position
from switchroom.live.event import EventReader, row_of
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Authority, Binding, Role, Scope, Statement
from switchroom.store.database import writing
from switchroom.store.events import DatabaseEvents
from switchroom.store.ledger import DatabaseLedger
from switchroom.store.picture import one_view, read_picture
from switchroom.store.records import RecordFilter, newest_records
from switchroom.store.resources.live import read_specs
from switchroom.store.resources.reading import ReadService
from switchroom.store.resources.repository import Repository

PEOPLE = {"alice": ["sales"], "bob": ["sales", "late"], "carol": ["support"], "dave": [], "al": []}
CATALOG = catalog()


@pytest.fixture
def calls(engine: Engine) -> ReadService:
    """Alice, Bob and Carol are rung and Alice answers; a groupcall of Dave's that rings Carol."""
    people = People(engine)
    for customer in ("acme", "globex"):
        people.customer(customer)
    for agent, tags in PEOPLE.items():
        people.agent(agent, tag_ids=tags)
    people.agent("eve", "globex", tag_ids=["sales"])
    everybody = [
        replace(dialled("ring", f"desk of {agent}"), agent_id=agent)
        for agent in ("alice", "bob", "carol")
    ]
    write(engine, [created("ring"), *everybody, *answered_call("ring", phones=["desk"])[2:]])
    asked = replace(created("asked"), leg_id="", origin="command", origin_id="dave")
    write(engine, [asked, replace(dialled("asked", "desk"), agent_id="carol")])
    write(engine, [created("nobody's"), ended("nobody's", status=404)])
    foreign = [created("foreign"), replace(dialled("foreign", "desk"), agent_id="eve")]
    write(engine, foreign, "globex")
    spec = next(spec for spec in read_specs() if spec.noun == "calls")
    return ReadService(engine, CATALOG, Repository(spec))


def write(engine: Engine, facts: list[CallFact], customer_id: str = "acme") -> None:
    """Store facts as the recorder does."""
    ledger = DatabaseLedger(engine)
    batch, gathering = Batch(), Gathering(set(), ledger.record)
    for fact in facts:
        gathering.add(batch, msgspec.json.encode(replace(fact, customer_id=customer_id)))
    assert not batch.unreadable
    ledger.commit(batch, Position(1, 1))


def asker(agent_id: str, scope: Scope) -> Compiled:
    role = Role("role", "role", (Statement("allow", "calls:*"),))
    tags = frozenset(PEOPLE[agent_id])
    return compile_authority(
        Authority(agent_id, "acme", tags, (Binding("b", role, scope),)), CATALOG, 0
    )


def heard_of(engine: Engine, who: Compiled) -> set[str]:
    """Calls whose last event he gets."""
    missed, reader = DatabaseEvents(engine).after("acme", 0), EventReader(kinds())
    events = [reader.event(fact, missed.roster) for fact in missed.facts]
    last = {event.id: event for event in events if event is not None}
    bit = CATALOG.bit("calls:get")
    return {id for id, event in last.items() if allows(who, bit, event.row)}


def pictured(engine: Engine, who: Compiled) -> set[str]:
    """Live calls that his snapshot has."""
    with one_view(engine)() as connection:
        _, snapshot = read_picture(connection, "acme")
    roster, bit = DatabaseEvents(engine).after("acme", 0).roster, CATALOG.bit("calls:get")
    return {
        call.call_id
        for call in snapshot.calls.values()
        if allows(who, bit, row_of("acme", call.agent_ids, call.client_id, roster))
    }


@pytest.mark.parametrize(
    ("agent_id", "scope", "expected"),
    [
        ("alice", Scope("own"), {"ring"}),
        ("bob", Scope("own"), {"ring"}),
        ("carol", Scope("own"), {"ring", "asked"}),
        ("dave", Scope("own"), {"asked"}),
        ("al", Scope("own"), set()),
        ("bob", Scope("team"), {"ring"}),
        ("carol", Scope("team"), {"ring", "asked"}),
        ("dave", Scope("team"), {"asked"}),
        ("al", Scope("team"), set()),
        ("al", Scope("clients", frozenset({"zeta"})), {"ring", "asked", "nobody's"}),
        ("al", Scope("customer"), {"ring", "asked", "nobody's"}),
    ],
)
def test_lists_gets_counts_and_events_agree(
    engine: Engine, calls: ReadService, agent_id: str, scope: Scope, expected: set[str]
) -> None:
    who = asker(agent_id, scope)

    assert {record.id for record in calls.page(who, Wanted()).records} == expected
    assert calls.count(who, Wanted()) == len(expected)
    got = [
        calls.find(who, CATALOG.bit("calls:get"), id)
        for id in ("ring", "asked", "nobody's", "foreign", "missing")
    ]
    assert {record.id for record in got if record is not None} == expected
    assert heard_of(engine, who) == expected
    assert pictured(engine, who) == expected & {"asked"}


def test_who_was_rung_as_well_cannot_end_the_call(calls: ReadService) -> None:
    hang_up = CATALOG.bit("calls:hangup")

    def may_end(agent_id: str, call_id: str, scope: str = "own") -> bool:
        who = asker(agent_id, Scope(scope))  # type: ignore[arg-type]
        return calls.find(who, hang_up, call_id) is not None

    assert may_end("alice", "ring")
    assert not may_end("bob", "ring")
    assert may_end("bob", "ring", "team")
    assert not may_end("carol", "ring", "team")
    assert may_end("dave", "asked")


def test_calls_of_an_agent_are_all_that_touched_him(engine: Engine, calls: ReadService) -> None:
    def found(agent_id: str) -> set[str]:
        wanted = Wanted({"any_agent_id": agent_id})
        return {record.id for record in calls.page(asker("al", Scope("customer")), wanted).records}

    assert found("carol") == {"ring", "asked"}
    assert found("al") == set()
    assert found("dave") == {"asked"}
    assert {r.call_id for r in newest_records(engine, RecordFilter(("bob", "dave")), limit=9)} == {
        "ring",
        "asked",
    }


def test_a_change_of_teams_takes_the_calls_along(engine: Engine, calls: ReadService) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM memberships WHERE agent_id = 'carol'")
    people = People(engine)
    people.member("carol", "acme", tag_ids=["late"])

    who = asker("bob", Scope("team"))
    assert calls.count(who, Wanted()) == 2
    assert heard_of(engine, who) == {"ring", "asked"}
