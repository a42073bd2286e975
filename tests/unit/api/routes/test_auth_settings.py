"""What is asked of log-ins: changed field by field, and never so that its author is shut out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fakes.api_world import World, company_world, newest_entry


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        yield made


def change(world: World, said: Any) -> httpx.Response:
    return world.ask("olga", "PATCH", "/v1/auth_settings", json=said)


def test_what_is_left_out_stays(world: World) -> None:
    before = world.ask("olga", "GET", "/v1/auth_settings").json()

    assert change(world, {"require_mfa": False, "password_least": 20}).status_code == 200
    answer = change(world, {"key_longest_days": 30})

    assert answer.json() == before | {"password_least": 20, "key_longest_days": 30}
    entry = newest_entry(world)
    assert (entry["action"], entry["decision"]) == ("auth_settings:update", "done")


def test_there_is_no_replacing_of_all_of_them(world: World) -> None:
    assert world.ask("olga", "PUT", "/v1/auth_settings", json={}).status_code == 405


def test_networks_that_shut_out_who_asks_are_refused(world: World) -> None:
    answer = change(world, {"networks": ["198.51.100.0/24", "2001:db8::/32"]})

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "networks"
    assert fault["text"].startswith("would shut you out: you come from 192.0.2.7")
    assert world.ask("olga", "GET", "/v1/auth_settings").json()["networks"] == []
    assert change(world, {"networks": ["198.51.100.0/24", "192.0.2.0/24"]}).status_code == 200


def test_whom_they_do_not_concern_may_set_them(world: World) -> None:
    """Keys have networks of their own; so people who are out can be let in by a program."""
    body = {"name": "program", "ceiling": ["auth_settings:get", "auth_settings:update"]}
    made = world.ask("olga", "POST", "/v1/accesskeys", json=body).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    elsewhere = {"networks": ["198.51.100.0/24"]}
    answer = world.client.request("PATCH", "/v1/auth_settings", json=elsewhere, headers=bearer)
    assert answer.status_code == 200, answer.text
    assert world.ask("olga", "GET", "/v1/auth_settings").status_code == 403


def test_no_network_is_said(world: World) -> None:
    answer = change(world, {"networks": ["127.0.0.1/8"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "networks"
