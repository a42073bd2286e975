"""Access keys over HTTP: what ``identity/keys.py`` decides, as it is asked and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.api_world import World, company_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        yield made


def test_a_rotation_needs_no_body(world: World) -> None:
    body = {"name": "wallboard", "ceiling": ["calls:read"], "days": 1}
    made = world.ask("olga", "POST", "/v1/accesskeys", json=body).json()

    bare = world.ask("olga", "POST", f"/v1/accesskeys/{made['id']}/rotate")
    assert bare.status_code == 200
    assert bare.json()["key"] != made["key"]
    assert bare.json()["expires_at"] == world.now + 90 * 86_400

    said = world.ask("olga", "POST", f"/v1/accesskeys/{made['id']}/rotate", json={"days": 7})
    assert said.json()["expires_at"] == world.now + 7 * 86_400


def test_a_revoked_key_is_there_and_cannot_be_rotated(world: World) -> None:
    body = {"name": "wallboard", "ceiling": ["calls:read"]}
    id = world.ask("olga", "POST", "/v1/accesskeys", json=body).json()["id"]
    assert world.ask("olga", "POST", f"/v1/accesskeys/{id}/revoke").status_code == 200

    answer = world.ask("olga", "POST", f"/v1/accesskeys/{id}/rotate")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "revoked" in answer.json()["detail"]
