"""Status over HTTP: whose choice the audit log has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.api_world import World, company_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        yield made


def entries(world: World) -> list[dict[str, Any]]:
    found = world.ask("olga", "GET", "/v1/audit").json()["items"]
    return [one for one in found if one["action"] == "agent_status:update"]


def test_a_status_that_somebody_else_chose_is_in_the_audit_log(world: World) -> None:
    answer = world.ask("olga", "PUT", "/v1/agents/alice/status", json={"status": "away"})
    assert answer.status_code == 200, answer.text

    (entry,) = entries(world)
    assert (entry["actor_id"], entry["target_id"], entry["decision"]) == ("olga", "alice", "done")
    assert entry["after"] == {"status": "away"}


def test_ones_own_status_is_no_matter_for_the_audit_log(world: World) -> None:
    answer = world.ask("alice", "PUT", "/v1/agents/alice/status", json={"status": "away"})
    assert answer.status_code == 200, answer.text
    assert entries(world) == []
