"""Events through the API as it is wired: who is let in, what a poller gets, what is refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import Engine
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fakes.api_world import NOW, PaperNode, World, api_world
from fakes.call_facts import answered_call
from fakes.event_world import Client
from fakes.people import People
from switchroom.api.server import serving_http
from switchroom.app.web import Behind, NodeOperators, web
from switchroom.history.batch import Batch, Gathering, Position
from switchroom.identity.tokens import digest, write_token
from switchroom.store.audit import AuditFilter, DecisionLog, entries
from switchroom.store.database import database_url, open_database
from switchroom.store.ledger import DatabaseLedger


def happen(engine: Engine, customer_id: str = "acme", call_id: str = "c1") -> None:
    batch, gathering = Batch(), Gathering(set(), lambda _id: None)
    for fact in answered_call(call_id):
        moved = msgspec.structs.replace(fact, customer_id=customer_id)
        gathering.add(batch, msgspec.json.encode(moved))
    DatabaseLedger(engine).commit(batch, Position(1, 1))


def fill(world: World) -> None:
    for customer_id in ("acme", "other"):
        world.people.customer(customer_id)
    world.people.agent("alice")
    world.people.agent("olga", "other")
    world.bind("alice", "owner", "acme")
    world.bind("olga", "owner", "other")


class Served:
    """The application as it is wired, on a real port."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        self.engine = engine
        self.people = People(engine)
        operators = NodeOperators(lambda: b"", tuple)
        node, decisions = PaperNode(), DecisionLog(engine)
        self.app = web(Behind(engine, directory, node, operators, decisions, utc=lambda: NOW))
        self.people.customer()

    def person(self, id: str, *roles: str) -> dict[str, str]:
        """Somebody with these built-in roles; the header that shows his token."""
        self.people.agent(id)
        self.people.account(id)
        for role in roles:
            self.people.binding(f"{id} {role}", id, builtin=role)
        token = write_token("session", sha256(id.encode()).digest())
        self.people.session(id, id, access_hash=digest(token), access_until=NOW + 9,
                            ends_at=NOW + 99)  # fmt: skip
        return {"Authorization": f"Bearer {token}"}


def play(directory: Path, scene: Callable[[Served, str], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = open_database(database_url(directory))
        world = Served(engine, directory)
        async with serving_http(world.app, "127.0.0.1", 0) as port:
            await scene(world, f"//127.0.0.1:{port}/v1")
        engine.dispose()

    asyncio.run(run())


def test_a_token_in_the_header_or_a_ticket_opens_a_socket_once(tmp_path: Path) -> None:
    async def scene(world: Served, place: str) -> None:
        bearer = world.person("alice", "owner")
        async with connect(f"ws:{place}/events", additional_headers=bearer) as socket:
            client = Client(socket)
            assert (await client.hear())["agent_id"] == "alice"
            await client.subscribe("calls")
            await asyncio.to_thread(happen, world.engine)
            assert len(await client.events(14)) == 14
        async with httpx.AsyncClient(headers=bearer) as asking:
            answer = await asking.post(f"http:{place}/auth/tickets")
        with_ticket = f"ws:{place}/events?ticket={answer.json()['ticket']}"
        async with connect(with_ticket) as socket:
            assert (await Client(socket).hear())["customer_id"] == "acme"
        assert (await refusal(with_ticket))["code"] == "unknown"

    play(tmp_path, scene)


async def refusal(url: str, **headers: str) -> dict[str, Any]:
    """What is said instead of opening a socket."""
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers=headers):
            pass
    answer = refused.value.response
    said: dict[str, Any] = json.loads(answer.body)
    assert answer.status_code == said["status"]
    assert answer.headers["X-Request-Id"] == said["request_id"]
    return said


@pytest.mark.parametrize("query", ["", "?token={}", "?access_token={}", "?ticket={}"])
def test_no_other_way_leads_in_and_the_refusal_says_so(tmp_path: Path, query: str) -> None:
    async def scene(world: Served, place: str) -> None:
        token = world.person("alice", "owner")["Authorization"].removeprefix("Bearer ")
        said = await refusal(f"ws:{place}/events" + query.format(token))
        assert (said["status"], said["code"]) == (401, "unknown")

    play(tmp_path, scene)


def test_there_is_no_socket_elsewhere(tmp_path: Path) -> None:
    async def scene(world: Served, place: str) -> None:
        bearer = world.person("alice", "owner")
        for path in ("/event", "/calls"):
            said = await refusal(f"ws:{place}{path}", **bearer)
            assert (said["status"], said["code"]) == (404, "not_found")

    play(tmp_path, scene)


def test_who_may_not_follow_events_is_told_what_he_needs(tmp_path: Path) -> None:
    async def scene(world: Served, place: str) -> None:
        said = await refusal(f"ws:{place}/events", **world.person("ben"))
        assert (said["status"], said["permission"]) == (403, "events:subscribe")
        noted = await asyncio.to_thread(entries, world.engine, AuditFilter("acme", "ben"), limit=9)
        assert [(one.action, one.decision) for one in noted] == [("events:subscribe", "refused")]

    play(tmp_path, scene)


def test_a_poller_gets_every_event_in_pages(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        happen(world.engine)
        happen(world.engine, "other", "theirs")
        happen(world.engine, call_id="c2")
        seen, cursor, pages = [], "", 0
        while pages < 20:
            answer = world.ask("alice", "GET", f"/v1/events?limit=5&cursor={cursor}").json()
            seen += answer["items"]
            cursor, pages = answer["cursor"], pages + 1
            if answer["is_all"]:
                break
        assert [event["number"] for event in seen] == list(range(1, 29))
        assert {event["id"] for event in seen} == {"c1", "c2"}
        assert world.ask("alice", "GET", f"/v1/events?cursor={cursor}").json()["items"] == []
        theirs = world.ask("olga", "GET", "/v1/events?resource=calls", customer="other").json()
        assert {event["id"] for event in theirs["items"]} == {"theirs"}
        lost = world.ask("olga", "GET", f"/v1/events?cursor={cursor}", customer="other").json()
        assert (lost["truncated"], len(lost["items"])) == ("epoch", 14)


@pytest.mark.parametrize("query", ["cursor=x", "resource=moons", "limit=0", "limit=501"])
def test_a_question_that_makes_no_sense_is_refused(tmp_path: Path, query: str) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        assert world.ask("alice", "GET", f"/v1/events?{query}").status_code == 422


def test_the_description_is_served(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        described = world.client.request("GET", "/v1/asyncapi.json")
        assert described.json()["asyncapi"] == "3.0.0"
