"""Two customers with the same data, and somebody of each built-in role in the first.

Ids tell what a thing is: ``acme-ext-mate`` is the extension of acme's agent ``mate``. Everybody who
asks is in the team ``t1`` with ``mate``; ``stranger`` is in ``t2``. Client ``c1`` is the one that
``supervisor_clients`` looks after.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI

from fakes.api_world import NOW, Client, World, api_world
from fakes.asgi_client import AsgiClient
from fakes.kept_rows import SqliteRows, postgresql_rows
from switchroom.permissions.roles import TEXTS

ASKERS = {
    **{role: (role, "customer") for role in TEXTS if not role.startswith("platform")},
    "supervisor": ("supervisor", "team"),
    "supervisor_clients": ("supervisor", "clients"),
    "platform_owner": ("platform_owner", "project"),
    "platform_support": ("platform_support", "project"),
    "nobody": ("", ""),
}
"Agents of acme by the role that they hold, and how far."
OTHERS = ("mate", "stranger")
_POPULATED = SqliteRows()
_IN_MEMORY = Path("/dev/shm")
CUSTOMERS = ("acme", "other")
_new_database: ContextVar[Callable[[], AbstractContextManager[str]] | None] = ContextVar(
    "new_database", default=None
)


class TwoCustomers:
    """The world, which can be put back to how it was."""

    def __init__(self, world: World, directory: Path, put_back: Callable[[], None]) -> None:
        self.world = world
        self.directory = directory
        self.put_back = put_back
        "Undo everything since the beginning."
        for agent in ASKERS:
            world.know_token(f"acme-{agent}", "acme")


@contextmanager
def two_customers(client: Callable[[FastAPI], Client] = AsgiClient) -> Iterator[TwoCustomers]:
    """The world with both customers; in SQLite, where writing costs no disk, unless said."""
    new_database = _new_database.get()
    with TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as name:
        directory = Path(name)
        if new_database is None:
            with api_world(directory, client) as world:
                yield _in_sqlite(world, directory)
            return
        if not _POPULATED.are_kept:
            with api_world(directory) as world:
                _in_sqlite(world, directory)
        with (
            new_database() as url,
            api_world(directory, client, url) as world,
            postgresql_rows(world.engine) as rows,
        ):
            _POPULATED.copy_to(world.engine)
            rows.keep()
            yield TwoCustomers(world, directory, rows.put_back)


@contextmanager
def two_customers_in(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[None]:
    """Inside, ``two_customers()`` takes the databases of PostgreSQL that this makes."""
    token = _new_database.set(new_database)
    try:
        yield
    finally:
        _new_database.reset(token)


def _in_sqlite(world: World, directory: Path) -> TwoCustomers:
    if _POPULATED.are_kept:  # made once, since it takes a thousand rows
        _POPULATED.put_back(directory)
    else:
        _fill(world)
        _POPULATED.keep(directory)
    return TwoCustomers(world, directory, lambda: _POPULATED.put_back(directory))


def _fill(world: World) -> None:
    for customer in CUSTOMERS:
        _populate(world, customer)
    for agent, (role, scope) in ASKERS.items():
        clients = ["acme-c1"] if scope == "clients" else []
        if role:
            world.bind(f"acme-{agent}", role, "acme", scope, *clients)
        world.token(f"acme-{agent}", "acme")
    world.bind("other-owner", "owner", "other")


def _populate(world: World, customer: str) -> None:
    world.people.customer(customer)
    for client in ("c1", "c2"):
        world.people.client(f"{customer}-{client}", customer)
    for tag in ("t1", "t2"):
        world.insert("tags", id=f"{customer}-{tag}", customer_id=customer, name=tag, text="")
    for place, agent in enumerate((*ASKERS, *OTHERS)):
        _agent(world, customer, agent, place)
    _telephony(world, customer)
    _authority(world, customer)
    for agent, client in (("mate", "c1"), ("stranger", "c2")):
        _call(world, customer, agent, f"{customer}-{agent}", f"{customer}-{client}")
    _call(world, customer, "c1", "", f"{customer}-c1")
    _call(world, customer, "c2", "", f"{customer}-c2")


def _agent(world: World, customer: str, name: str, place: int) -> None:
    agent, number = f"{customer}-{name}", str(1000 + place)
    tag = "t2" if name == "stranger" else "t1"
    world.people.agent(agent, customer, tag_ids=[f"{customer}-{tag}"])
    world.people.account(agent)
    world.insert(
        "extensions",
        id=f"{customer}-ext-{name}",
        customer_id=customer,
        number=number,
        ha1_md5="0" * 32,
        ha1_sha256="0" * 64,
        secret="",
        max_contacts=5,
        dial=["internal"],
    )
    world.insert(
        "addresses",
        id=f"{customer}-addr-{name}",
        customer_id=customer,
        agent_id=agent,
        position=0,
        type="extension",
        target=number,
        enabled=True,
        delay_s=0.0,
        timeout_s=None,
        caller_id="caller",
        confirm=False,
    )
    world.people.session(
        f"{customer}-session-{name}",
        agent,
        customer_id=customer,
        access_until=NOW + 800,
        ends_at=NOW + 40_000,
    )
    world.people.accesskey(
        f"{customer}-key-{name}",
        agent,
        customer_id=customer,
        expires_at=NOW + 40_000,
        ceiling=["calls:read"],
    )
    _call(world, customer, name, agent, "")


def _telephony(world: World, customer: str) -> None:
    world.insert(
        "trunks",
        id=f"{customer}-trunk",
        customer_id=customer,
        name="carrier",
        hosts=["sip.carrier.example"],
        allow_from=[],
        number_format="e164",
        username="us",
        secret="file:/nowhere",
        secret_check="",
        caller_id="",
    )
    world.insert("routes", id=f"{customer}-route", customer_id=customer, prefix="+")
    world.insert(
        "route_trunks", route_id=f"{customer}-route", position=0, trunk_id=f"{customer}-trunk"
    )
    for tag in ("t1", "t2"):
        world.insert(
            "groups",
            id=f"{customer}-group-{tag}",
            customer_id=customer,
            name=f"group {tag}",
            number="",
            ring_method="ring_all",
            ring_timeout_s=30.0,
            tag_ids=[f"{customer}-{tag}"],
        )
    first = {"acme": "+12025550100", "other": "+442071838750"}[customer]
    for place, client in enumerate(("c1", "c2")):
        world.insert(
            "numbers",
            id=f"{customer}-number-{client}",
            customer_id=customer,
            e164=f"{first[:-1]}{place}",
            client_id=f"{customer}-{client}",
            to_kind="agent",
            to_id=f"{customer}-mate",
        )


def _authority(world: World, customer: str) -> None:
    world.people.role(f"{customer}-role", ("allow", "calls:read", ""), customer_id=customer)
    world.people.binding(
        f"{customer}-binding", f"{customer}-mate", customer_id=customer, role_id=f"{customer}-role"
    )
    world.people.restriction(f"{customer}-restriction", f"{customer}-mate", customer_id=customer)
    world.insert(
        "audit",
        seq={"acme": 1, "other": 2}[customer],
        at=NOW,
        customer_id=customer,
        actor_id="",
        token_kind="operator",
        token_id="",
        source="",
        action="agents:create",
        decision="done",
        resource="agents",
        target_id=f"{customer}-mate",
        before="",
        after="",
        reason="",
        repeated=0,
        request_id="",
        previous=b"",
        hash=b"",
    )
    if customer == CUSTOMERS[-1]:
        world.insert("audit_head", id=1, seq=2, hash=b"")


def _groupcall(world: World, customer: str, name: str, agent_id: str, client_id: str) -> None:
    world.insert(
        "groupcalls",
        id=f"{customer}-groupcall-{name}",
        customer_id=customer,
        agent_id=agent_id,
        client_id=client_id,
        destinations=[{"kind": "number", "name": "1001"}],
        connect_to=None,
        ring_method="ring_all",
        created_at=NOW,
    )


def _call(world: World, customer: str, name: str, agent_id: str, client_id: str) -> None:
    if name in OTHERS and not client_id:
        return
    _groupcall(world, customer, name, agent_id, client_id)
    world.insert(
        "call_records",
        call_id=f"{customer}-call-{name}",
        customer_id=customer,
        client_id=client_id,
        agent_id=agent_id,
        caller_agent_id="",
        agent_ids=f" {agent_id} " if agent_id else "",
        direction="in",
        caller="+12025550123",
        called="+12025550100",
        started_at=NOW - 60,
        answered_at=NOW - 50,
        ended_at=None,
        waited_s=10.0,
        talked_s=0.0,
        status=0,
        q850=0,
        text="",
        outcome="live",
        ended_by="",
        legs="[]",
    )
