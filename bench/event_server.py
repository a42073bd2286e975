"""The server of the bench of events: real sockets, a real database, and calls that come by."""

import asyncio
import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
import uvloop
from sqlalchemy import Engine, insert
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from switchroom.api.events.connection import Connection
from switchroom.api.events.hub import Hub, HubParts
from switchroom.api.events.messages import write_events
from switchroom.api.events.outbox import Outbox
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.calls.events import (
    CallConnected,
    CallCreated,
    CallEnded,
    CallFact,
    LegDialled,
    LegFinished,
    LegPickedUp,
    LegRang,
)
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.history.batch import Batch, Gathering, Position
from switchroom.identity.authenticate import Authenticator
from switchroom.identity.model import Actor
from switchroom.identity.tokens import write_token
from switchroom.live.event import EventReader, Roster, StoredFact
from switchroom.live.sequence import Cursor
from switchroom.permissions.roles import builtin_roles
from switchroom.store.database import database_url, open_database, writing
from switchroom.store.events import DatabaseEvents
from switchroom.store.identity import DatabaseIdentity
from switchroom.store.ledger import DatabaseLedger
from switchroom.store.tables import metadata

BATCH_S = 0.04
"As the recorder writes while somebody follows."
TEAM = 20
"Agents in one team."


class Load:
    """Writes calls as the recorder does and says what they became."""

    def __init__(self, engine: Engine, agents: int) -> None:
        self._ledger = DatabaseLedger(engine)
        self._gathering = Gathering(set(), self._ledger.record)
        self._agents = agents
        self._calls = 0
        self.written = 0

    def write(self, calls: int) -> list[CallFact]:
        """So many calls, in one transaction."""
        facts = [fact for _ in range(calls) for fact in self._call()]
        batch = Batch()
        for fact in facts:
            self._gathering.add(batch, msgspec.json.encode(fact))
        self._ledger.commit(batch, Position(1, 1))
        self._gathering.committed(batch)
        self.written += len(facts)
        return facts

    def _call(self) -> Iterator[CallFact]:
        self._calls += 1
        call_id, agent_id = f"call-{self._calls}", f"agent-{self._calls % self._agents}"
        said: dict[str, Any] = {"at": time.time(), "customer_id": "acme", "call_id": call_id}
        caller, callee = f"{call_id}-caller", f"{call_id}-desk"
        leg = said | {"leg_id": callee, "agent_id": agent_id}
        yield CallCreated(
            **said, leg_id=caller, direction="in", caller="+12025550123", called="+12025550100",
            origin="trunk", origin_id="carrier",
        )  # fmt: skip
        yield LegDialled(**leg, address="extension:1001", contact="sip:1001@192.0.2.9:5060")
        yield LegRang(**leg)
        yield LegRang(**leg)
        yield LegPickedUp(**leg)
        yield CallConnected(**leg, waited_s=2.0)
        yield LegFinished(**leg, outcome="answered", status=200, q850=16)
        yield LegFinished(**said, leg_id=caller, outcome="answered", status=200, q850=16)
        yield LegFinished(**said, leg_id=caller, outcome="answered", status=200, q850=16)
        yield CallEnded(**said, status=200, q850=16, by="caller", talked_s=3.0)


class Plain:
    """Sends the same to everybody: what a hub costs at the least."""

    def __init__(self) -> None:
        self.outboxes: set[Outbox] = set()
        self.delivered = 0
        self._reader = EventReader(kinds())
        self._number = 0

    def tell(self, facts: list[CallFact]) -> None:
        stored = []
        for fact in facts:
            self._number += 1
            name = str(fact.__struct_config__.tag)
            body = msgspec.json.encode(fact).decode()
            one = StoredFact(self._number, self._number, "acme", name, frozenset(), body)
            event = self._reader.event(one, Roster())
            assert event is not None
            stored.append((event.number, event.text))
        for text, _ in write_events(Cursor("plain", self._number), stored):
            for outbox in self.outboxes:
                outbox.put(text)
        self.delivered += len(facts) * len(self.outboxes)

    async def serve(self, websocket: WebSocket) -> None:
        await websocket.accept()
        outbox = Outbox()
        await websocket.receive_text()
        self.outboxes.add(outbox)
        with suppress(WebSocketDisconnect, RuntimeError):
            while (text := await outbox.take()) is not None:
                await websocket.send_text(text)


def serve(mode: str, sockets: int, seconds: float, calls: int, directory: Path) -> None:
    """Say where, wait for all sockets, let calls come by, say what it took."""
    uvloop.run(_serve(mode, sockets, seconds, calls, directory))


async def _serve(mode: str, sockets: int, seconds: float, calls: int, directory: Path) -> None:
    engine = open_database(database_url(directory))
    tokens = _people(engine, mode, sockets)
    roles = {role.id: role for role in builtin_roles(catalog())}
    door = Authenticator(DatabaseIdentity(engine, roles), catalog(), LastUsedAuthorities())
    clock = asyncio.get_running_loop().time
    store, reader = DatabaseEvents(engine), EventReader(kinds())
    hub = Hub(HubParts(store, door, reader, catalog(), time.time, clock))
    plain = Plain()

    async def events(websocket: WebSocket) -> None:
        if mode == "plain":
            await plain.serve(websocket)
            return
        token = websocket.headers["authorization"].removeprefix("Bearer ")
        actor = await asyncio.to_thread(door.authenticate, token, "127.0.0.1", time.time())
        assert isinstance(actor, Actor), actor
        await websocket.accept()
        await Connection(websocket, hub, actor).serve()

    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    app = Starlette(routes=[WebSocketRoute("/v1/events", events)])
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="websockets-sansio", ws_per_message_deflate=False
    )
    serving = asyncio.create_task(uvicorn.Server(config)._serve(sockets=[listener]))
    running = asyncio.create_task(hub.run())
    print(json.dumps({"port": listener.getsockname()[1], "tokens": tokens}), flush=True)

    def are_all_there() -> bool:
        if mode == "plain":
            return len(plain.outboxes) == sockets
        feed = hub._feeds.get("acme")
        return feed is not None and len(feed.listeners) == sockets

    while not are_all_there():
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    print(json.dumps(await _load(engine, hub, plain, mode, (sockets, seconds, calls))), flush=True)
    for task in (serving, running):
        task.cancel()


async def _load(
    engine: Engine, hub: Hub, plain: Plain, mode: str, given: tuple[int, float, int]
) -> dict[str, Any]:
    sockets, seconds, calls = given
    load = Load(engine, sockets)
    loop = asyncio.get_running_loop()
    tell: Callable[[list[CallFact]], None] = (
        plain.tell if mode == "plain" else lambda _facts: hub.hint()
    )
    before, began, owed = resource.getrusage(resource.RUSAGE_SELF), loop.time(), 0.0
    while loop.time() - began < seconds:
        due = loop.time() + BATCH_S
        owed += calls * BATCH_S
        tell(await asyncio.to_thread(load.write, int(owed)))
        owed -= int(owed)
        await asyncio.sleep(max(0.0, due - loop.time()))
    await asyncio.sleep(0.5)
    after, took = resource.getrusage(resource.RUSAGE_SELF), loop.time() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if mode == "plain":
        delivered = plain.delivered
    elif mode == "customer":
        delivered = load.written * sockets
    else:
        # Nine of ten events of a call are after its agent is known, and his team sees them too.
        delivered = load.written * 9 // 10
    return {
        "sockets": sockets,
        "seconds": took,
        "events_per_s": load.written / took,
        "delivered": delivered,
        "cpu_s": cpu,
    }


def _people(engine: Engine, mode: str, count: int) -> list[str]:
    now, tokens = time.time(), []
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("agents", "memberships", "accounts", "bindings", "sessions")
    }
    for number in range(count):
        id, team = f"agent-{number}", f"team-{number // TEAM}"
        token = write_token("session", sha256(id.encode()).digest())
        tokens.append(token)
        rows["agents"].append(_agent(id))
        rows["memberships"].append({"agent_id": id, "customer_id": "acme", "tag_ids": [team]})
        rows["accounts"].append(_account(id))
        role = "owner" if mode == "customer" else "agent"
        rows["bindings"].append(_binding(id, role, now))
        rows["sessions"].append(_session(id, token, now))
    acme = {"id": "acme", "name": "acme", "domain": "acme.example", "country": "US"}
    with writing(engine) as connection:
        connection.execute(insert(metadata.tables["customers"]), acme | {"is_default": True})
        for name, some in rows.items():
            connection.execute(insert(metadata.tables[name]), some)
    return tokens


def _agent(id: str) -> dict[str, Any]:
    return {
        "id": id, "customer_id": "acme", "username": f"{id}@acme.example", "name": id,
        "number": "", "ring_method": "ring_all", "ring_timeout_s": 30.0, "capacity": 1,
        "follow_redirects": False, "dial": [],
    }  # fmt: skip


def _account(id: str) -> dict[str, Any]:
    return {
        "agent_id": id, "password_hash": "", "secret": "", "totp_secret": "",
        "totp_last_step": 0, "recovery_hashes": [],
    }  # fmt: skip


def _binding(id: str, role: str, now: float) -> dict[str, Any]:
    return {
        "id": id, "principal_id": id, "customer_id": "acme", "builtin": role,
        "scope_kind": "customer", "client_ids": [], "granted_by": "", "reason": "",
        "created_at": now,
    }  # fmt: skip


def _session(id: str, token: str, now: float) -> dict[str, Any]:
    return {
        "id": id, "agent_id": id, "customer_id": "acme",
        "access_hash": sha256(token.encode()).digest(), "access_until": now + 3600,
        "refresh_hash": id.encode(), "ends_at": now + 3600, "is_cookie": False, "csrf_hash": b"",
        "created_at": now, "last_used_at": now, "source": "", "user_agent": "",
        "switched_from": "", "switch_reason": "", "revoked_reason": "",
    }  # fmt: skip
