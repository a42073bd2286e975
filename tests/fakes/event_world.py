"""A database, the hub of events and a server on a real port: everything but the calls."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import msgspec
import uvicorn
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fakes.people import People
from switchroom.api.events.connection import Connection
from switchroom.api.events.hub import Hub, HubParts
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.foundation.events import Fact
from switchroom.history.batch import Batch, Gathering, Position
from switchroom.identity.authenticate import Authenticator
from switchroom.identity.model import Actor
from switchroom.identity.tokens import write_token
from switchroom.live.event import EventReader
from switchroom.permissions.roles import builtin_roles
from switchroom.store.database import writing
from switchroom.store.events import DatabaseEvents
from switchroom.store.identity import DatabaseIdentity
from switchroom.store.ledger import DatabaseLedger

NOW = 1_500.0
TIMEOUT_S = 20.0
"Until a test fails; nothing waits so long when all is well."


class Client:
    """What somebody at the other end of a socket has got."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.cursor = ""
        self._events: deque[dict[str, Any]] = deque()

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self, wanted: str = "") -> dict[str, Any]:
        """The next message, or the next of this type; heartbeats are left out."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                self.cursor = message.get("cursor", self.cursor)
                if message["type"] == wanted or (not wanted and message["type"] != "heartbeat"):
                    return message

    async def subscribe(self, *resources: str, **more: Any) -> list[dict[str, Any]]:
        """Follow these; returns the snapshots that came first."""
        wanted = [{"resource": one} for one in resources]
        await self.say(type="subscribe", to=wanted, **more)
        assert (await self.hear())["type"] == "subscribed"
        if "cursor" in more:
            return []
        live = [one for one in resources if one in ("calls", "agent_status")]
        return [await self.hear("snapshot") for _ in live]

    async def event(self) -> dict[str, Any]:
        """The next event."""
        while not self._events:
            self._events.extend((await self.hear("events"))["events"])
        return self._events.popleft()

    async def events(self, count: int) -> list[dict[str, Any]]:
        return [await self.event() for _ in range(count)]

    async def closed(self) -> int:
        """The code with which the socket is closed."""
        try:
            while True:
                await self.hear()
        except ConnectionClosed as closed:
            return 0 if closed.rcvd is None else closed.rcvd.code


class EventWorld:
    """Says facts as the recorder writes them, and opens sockets."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.people = People(engine)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.now = NOW
        self.port = 0
        self._ledger = DatabaseLedger(engine)
        self._gathering = Gathering(set(), self._ledger.record)
        roles = {role.id: role for role in builtin_roles(catalog())}
        storage = DatabaseIdentity(engine, roles)
        self.door = Authenticator(storage, catalog(), LastUsedAuthorities())
        self.hub = Hub(
            HubParts(
                DatabaseEvents(engine),
                self.door,
                EventReader(kinds()),
                catalog(),
                lambda: self.now,
                asyncio.get_running_loop().time,
            )
        )

    def person(self, id: str, role: str, customer_id: str = "acme", **binding: Any) -> str:
        """Somebody with this built-in role and a session; returns its token."""
        tags = binding.pop("tag_ids", [])
        self.people.agent(id, customer_id, tag_ids=tags)
        self.people.account(id)
        self.people.binding(
            f"binding of {id}", id, customer_id=customer_id, builtin=role, **binding
        )
        return self.log_in(id, customer_id)

    def log_in(self, id: str, customer_id: str = "acme", name: str = "") -> str:
        token = write_token("session", sha256(f"{id} {name}".encode()).digest())
        self.people.session(
            name or f"session of {id}",
            id,
            customer_id=customer_id,
            access_hash=sha256(token.encode()).digest(),
        )
        return token

    def write(self, facts: Iterable[Fact]) -> None:
        """Store facts in one transaction, as the recorder does."""
        batch = Batch()
        for fact in facts:
            self._gathering.add(batch, msgspec.json.encode(fact))
        assert not batch.unreadable
        self._ledger.commit(batch, Position(1, 1))
        self._gathering.committed(batch)

    async def say(self, *facts: Fact) -> None:
        """Store facts and hint at them."""
        await asyncio.to_thread(self.write, facts)
        self.hub.hint()

    def do(self, statement: str, **values: object) -> None:
        with writing(self.engine) as connection:
            connection.execute(text(statement), values)

    @asynccontextmanager
    async def client(self, token: str, **options: Any) -> AsyncIterator[Client]:
        url = f"ws://127.0.0.1:{self.port}/v1/events"
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(url, additional_headers=headers, **options) as socket:
            client = Client(socket)
            yield client

    @asynccontextmanager
    async def welcome(self, token: str, **options: Any) -> AsyncIterator[Client]:
        """A client who has heard hello."""
        async with self.client(token, **options) as client:
            assert (await client.hear())["type"] == "hello"
            yield client


@asynccontextmanager
async def event_world(engine: Engine, *, is_new: bool = True) -> AsyncIterator[EventWorld]:
    """Everything runs while the block does; ``is_new``: the database is empty, acme is made."""
    world = EventWorld(engine)
    if is_new:
        world.people.customer("acme")
    hub = asyncio.create_task(world.hub.run())
    try:
        async with _served(world):
            yield world
    finally:
        hub.cancel()
        await asyncio.gather(hub, return_exceptions=True)


@asynccontextmanager
async def _served(world: EventWorld) -> AsyncIterator[None]:
    async def events(websocket: WebSocket) -> None:
        token = websocket.headers["authorization"].removeprefix("Bearer ")
        actor = await asyncio.to_thread(world.door.authenticate, token, "192.0.2.7", world.now)
        await websocket.accept()
        assert isinstance(actor, Actor), actor
        await Connection(websocket, world.hub, actor).serve()

    app = Starlette(routes=[WebSocketRoute("/v1/events", events)])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    world.port = listener.getsockname()[1]
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listener.close()
