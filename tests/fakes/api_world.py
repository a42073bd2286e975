"""The API as it is wired in the product, over a real database; only the node is not there.

Nobody logs in: whoever is asked for gets a session of his own, as a log-in would have made it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
from fastapi import FastAPI
from sqlalchemy import Engine, delete, insert

from fakes.asgi_client import AsgiClient
from fakes.ids import CountingIds
from fakes.people import People
from fakes.tcp_client import TcpClient
from switchroom.api.access import SESSION_COOKIE
from switchroom.api.ports import Scalar
from switchroom.app.web import Behind, NodeOperators, web
from switchroom.drivers.control_client import NoNodeError
from switchroom.foundation.errors import SwitchroomError
from switchroom.identity.tokens import digest, write_token
from switchroom.store.audit import DecisionLog
from switchroom.store.database import database_url, open_database
from switchroom.store.tables import metadata

NOW = 1_800_000_000.0
Client = AsgiClient | TcpClient
Shown = Literal["bearer", "cookie"]
Headers = dict[str, str]


class NoSuchCallError(SwitchroomError):
    code = "no_such_call"


class NoDialRightError(SwitchroomError):
    code = "no_dial_right"


class NoSuchDestinationError(SwitchroomError):
    code = "no_such_destination"


class PaperNode:
    """Notes what it is asked, and answers as a node does that has the calls in ``live``."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Scalar]]] = []
        self.live: set[str] = set()
        self.is_running = True
        self.refusal: SwitchroomError | None = None
        "What it answers to an order."

    def ask(self, command: str, arguments: Mapping[str, Scalar]) -> Any:
        if not self.is_running:
            raise NoNodeError("the node that has the calls does not answer; try again")
        self.asked.append((command, arguments))
        match command:
            case "agent_states":
                ids = msgspec.json.decode(str(arguments["ids"]))
                state = {"status": "available", "state": "idle", "live_calls": 0}
                return [{"id": id, **state} for id in ids]
            case "originate" if self.refusal is not None:
                raise self.refusal
            case "originate":
                return {"call_id": f"call-{len(self.asked)}"}
            case "hang_up" if arguments["call_id"] not in self.live:
                raise NoSuchCallError("no such call is live")
            case _:
                return {}

    def told(self, command: str) -> int:
        """How often it was asked this."""
        return sum(name == command for name, _ in self.asked)


class World:
    """The API, its database, and whoever is put into it."""

    def __init__(
        self, engine: Engine, directory: Path, client: Callable[[FastAPI], Client] = AsgiClient
    ) -> None:
        self.engine = engine
        self.now = NOW
        self.people = People(engine)
        self.node = PaperNode()
        self._ids = CountingIds()
        self._decisions = DecisionLog(engine)
        self.app = web(
            Behind(
                engine,
                directory,
                self.node,
                NodeOperators(lambda: b"up 1\n", tuple),
                self._decisions,
                utc=lambda: self.now,
                monotonic=lambda: self._ticks(),
            )
        )
        self.client = client(self.app)
        self._clock = 0.0
        self._tokens: dict[str, str] = {}

    def _ticks(self) -> float:
        # A second per question, so that nobody here asks too often.
        self._clock += 1.0
        return self._clock

    def settle(self, after_s: float = 0.0) -> None:
        """What the process does once a minute, as if so many seconds had gone by."""
        self._decisions.settle(self.now + after_s)

    def bind(
        self, agent_id: str, builtin: str, customer_id: str, scope: str = "customer", *clients: str
    ) -> None:
        """Give somebody a built-in role."""
        self.people.add(
            "bindings",
            id=self._ids.token(),
            principal_id=agent_id,
            customer_id=customer_id,
            role_id=None,
            builtin=builtin,
            scope_kind=scope,
            client_ids=list(clients),
            granted_by="",
            reason="",
            created_at=NOW,
        )

    def forget(self, table: str, **columns: Any) -> None:
        """Delete rows, without anything that goes along with it in the product."""
        rows = metadata.tables[table]
        wanted = [rows.c[name] == value for name, value in columns.items()]
        with self.engine.begin() as connection:
            connection.execute(delete(rows).where(*wanted))

    def token(self, agent_id: str, customer_id: str) -> str:
        """An access token of this agent; the same each time."""
        name = f"{agent_id}@{customer_id}"
        if name in self._tokens:
            return self._tokens[name]
        text = write_token("session", sha256(name.encode()).digest())
        self._tokens[name] = text
        accounts = metadata.tables["accounts"]
        with self.engine.begin() as connection:
            known = accounts.select().where(accounts.c.agent_id == agent_id)
            has_account = connection.execute(known).first() is not None
        if not has_account:
            self.people.account(agent_id)
        self.people.session(
            name,
            agent_id,
            customer_id=customer_id,
            access_hash=digest(text),
            access_until=NOW + 800.0,
            csrf_hash=digest(self.csrf(agent_id, customer_id)),
            ends_at=NOW + 40_000.0,
            last_used_at=NOW,
        )
        return text

    def csrf(self, agent_id: str, customer_id: str) -> str:
        """What this agent's browser shows beside its cookie."""
        return write_token("csrf", sha256(f"{agent_id}@{customer_id}".encode()).digest())

    def know_token(self, agent_id: str, customer_id: str) -> None:
        """The session of this agent is in the database already."""
        name = f"{agent_id}@{customer_id}"
        self._tokens[name] = write_token("session", sha256(name.encode()).digest())

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        customer: str = "acme",
        shown: Shown = "bearer",
        **options: Any,
    ) -> httpx.Response:
        """The answer that this agent gets while he works in ``customer``."""
        headers = self.credentials(who, customer, shown) | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, **options)

    def credentials(self, who: str, customer: str = "acme", shown: Shown = "bearer") -> Headers:
        """What a program of this agent shows, or his browser."""
        token = self.token(who, customer)
        if shown == "bearer":
            return {"Authorization": f"Bearer {token}"}
        cookie = f"{SESSION_COOKIE}={token}"
        return {"Cookie": cookie, "X-CSRF-Token": self.csrf(who, customer)}

    def insert(self, table: str, **columns: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(metadata.tables[table]).values(**columns))


def newest_entry(world: World) -> Any:
    """The newest entry of the audit log, whosever it is."""
    audit = metadata.tables["audit"]
    with world.engine.connect() as connection:
        found = connection.execute(audit.select().order_by(audit.c.seq.desc()).limit(1))
        return found.mappings().one()


@contextmanager
def api_world(
    directory: Path, client: Callable[[FastAPI], Client] = AsgiClient, url: str = ""
) -> Iterator[World]:
    """The API on an empty database: that of ``url``, or SQLite in the directory."""
    engine = open_database(url or database_url(directory))
    world = World(engine, directory, client)
    try:
        with world.client:
            yield world
    finally:
        engine.dispose()


@contextmanager
def company_world(directory: Path) -> Iterator[World]:
    """The same with a customer, acme: Olga owns it, Alice is an agent."""
    with api_world(directory) as world:
        world.people.customer("acme")
        for agent_id, role in (("alice", "agent"), ("olga", "owner")):
            world.people.agent(agent_id)
            world.bind(agent_id, role, "acme")
        yield world
