"""Whoever is refused something is in the audit log, with why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fakes.api_world import NOW, World, api_world, newest_entry
from fakes.locked_database import refusing_writes


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Olga owns acme, which has two clients; Alice is an agent."""
    with api_world(tmp_path) as world:
        world.people.customer("acme")
        world.people.client("c1")
        world.people.client("c2")
        for agent_id, role in (("olga", "owner"), ("alice", "agent")):
            world.people.agent(agent_id)
            world.bind(agent_id, role, "acme")
        yield world


def noted(world: World, who: str, method: str, path: str, **options: Any) -> tuple[str, ...]:
    """Action, target and reason of the refusal that this brings about."""
    answer = world.ask(who, method, path, **options)
    assert answer.status_code == 403, answer.text
    entry = newest_entry(world)
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["actor_id"], entry["decision"]) == (who, "refused")
    return entry["action"], entry["target_id"], entry["reason"]


def test_who_lacks_the_permission(world: World) -> None:
    said = noted(world, "alice", "POST", "/v1/agents/olga/disable")
    assert said == ("agents:disable", "olga", "implicit_deny")


def test_who_would_have_to_show_the_second_factor_again(world: World) -> None:
    world.token("olga", "acme")
    with world.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE sessions SET mfa_at = {NOW - 3600}")

    said = noted(world, "olga", "POST", "/v1/agents/alice/disable")
    assert said == ("agents:disable", "alice", "mfa_required")


def test_who_would_leave_a_customer_without_an_owner(world: World) -> None:
    said = noted(world, "olga", "POST", "/v1/agents/olga/disable")
    assert said == ("agents:disable", "olga", "E5")


def test_who_would_put_a_thing_out_of_his_reach(world: World) -> None:
    world.people.agent("sven")
    world.bind("sven", "admin", "acme", "clients", "c1")
    said = noted(world, "sven", "POST", "/v1/groups", json={"name": "g", "client_id": "c2"})
    assert said == ("groups:create", "", "out_of_scope")


def test_a_refusal_stands_though_it_cannot_be_written_yet(world: World) -> None:
    world.token("alice", "acme")
    with capture_logs(), refusing_writes(world.engine):
        answer = world.ask("alice", "POST", "/v1/agents/olga/disable")
    assert (answer.status_code, answer.json()["code"]) == (403, "implicit_deny")

    world.settle()
    assert newest_entry(world)["action"] == "agents:disable"
