"""What a request is called is in every audit entry of what it did to accounts, keys, sessions."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from fakes.api_world import NOW, World, api_world
from fakes.identity import PASSWORD
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.rules.passwords import canonical
from switchroom.store.tables import metadata

AUDIT = metadata.tables["audit"]


class Desk:
    """Asks with a name of each request's own, and looks what the audit log says of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)

    def ask(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask as somebody; as nobody if ``who`` is empty."""
        headers = {"X-Request-Id": self.name()}
        if not who:
            return self.world.client.request(method, path, headers=headers, **options)
        return self.world.ask(who, method, path, headers=headers, **options)

    def name(self) -> str:
        self.newest = f"request-{next(self._numbers)}"
        return self.newest

    def noted(self) -> list[tuple[str, str]]:
        """Actions and decisions of the last request."""
        query = select(AUDIT.c.action, AUDIT.c.decision).where(AUDIT.c.request_id == self.newest)
        with self.world.engine.connect() as connection:
            return [(row.action, row.decision) for row in connection.execute(query)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Olga owns acme, Alice is an agent with a password, Paul owns the platform."""
    with api_world(tmp_path) as world:
        for customer in ("acme", "other"):
            world.people.customer(customer)
        for agent_id in ("olga", "alice", "paul"):
            world.people.agent(agent_id)
        hashed = Argon2Passwords().hash(canonical(PASSWORD) or "")
        world.people.account("alice", password_hash=hashed, password_changed_at=NOW)
        world.bind("olga", "owner", "acme")
        world.bind("alice", "agent", "acme")
        world.bind("paul", "platform_owner", "acme", "project")
        yield Desk(world)


def log_in(desk: Desk, password: str = PASSWORD) -> httpx.Response:
    body = {"username": "alice@acme.example", "password": password}
    return desk.ask("", "POST", "/v1/auth/login", json=body)


def test_log_ins_and_what_becomes_of_sessions(desk: Desk) -> None:
    log_in(desk, "not the password")
    assert desk.noted() == [("sessions:log_in", "refused")]
    tokens = log_in(desk).json()
    assert desk.noted() == [("sessions:log_in", "done")]
    session = desk.world.ask("olga", "GET", "/v1/sessions?agent_id=alice").json()["items"][0]
    desk.ask("olga", "POST", f"/v1/sessions/{session['id']}/revoke")
    assert desk.noted() == [("sessions:revoke", "done")]

    tokens = log_in(desk).json()
    for _ in range(2):
        body = {"refresh_token": tokens["refresh_token"]}
        desk.ask("", "POST", "/v1/auth/refresh", json=body)
    assert desk.noted() == [("sessions:refresh", "refused")]
    log_in(desk)
    desk.ask("olga", "POST", "/v1/agents/alice/force_logout")
    assert desk.noted() == [("sessions:revoke", "done")]
    desk.ask("paul", "POST", "/v1/auth/switch", json={"customer_id": "other", "reason": "help"})
    assert desk.noted() == [("customers:switch", "done")]
    desk.ask("paul", "POST", "/v1/auth/logout")
    assert desk.noted() == [("sessions:revoke", "done")]


def test_accounts(desk: Desk) -> None:
    own = {"old_password": PASSWORD, "password": "another zebra battery"}
    desk.ask("alice", "PUT", "/v1/auth/password", json=own)
    assert desk.noted() == [("sessions:change_password", "done")]
    desk.ask("olga", "POST", "/v1/agents/alice/unlock")
    assert desk.noted() == [("agents:unlock", "done")]
    desk.ask("olga", "POST", "/v1/agents/alice/reset_mfa")
    assert desk.noted() == [("agents:reset_mfa", "done")]
    given = {"password": "a third zebra battery"}
    desk.ask("olga", "POST", "/v1/agents/alice/set_password", json=given)
    assert desk.noted() == [("agents:set_password", "done")]


def test_access_keys(desk: Desk) -> None:
    body = {"name": "wallboard", "ceiling": ["calls:read"]}
    id = desk.ask("olga", "POST", "/v1/accesskeys", json=body).json()["id"]
    assert desk.noted() == [("accesskeys:create", "done")]
    for method, path, action, change in (
        ("POST", "/rotate", "rotate", dict[str, str]()),
        ("PATCH", "", "update", {"name": "another"}),
        ("POST", "/revoke", "revoke", {}),
        ("DELETE", "", "delete", {}),
    ):
        desk.ask("olga", method, f"/v1/accesskeys/{id}{path}", json=change)
        assert desk.noted() == [(f"accesskeys:{action}", "done")]
