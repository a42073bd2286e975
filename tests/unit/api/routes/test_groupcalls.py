"""Groupcalls over HTTP: what was asked for, and what is wrong with one of many destinations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.api_world import (
    NoDialRightError,
    NoSuchDestinationError,
    World,
    api_world,
    newest_entry,
)
from switchroom.foundation.errors import SwitchroomError

TWO = {"destinations": [{"kind": "number", "name": "201"}, {"kind": "number", "name": "999"}]}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Alice is an agent of acme."""
    with api_world(tmp_path) as made:
        made.people.customer("acme")
        made.people.agent("alice")
        made.bind("alice", "agent", "acme")
        yield made


@pytest.mark.parametrize("asked", [{}, {"ring_method": "linear", "ring_timeout_s": 12.5}])
def test_what_was_asked_for_can_be_read_again(world: World, asked: dict[str, Any]) -> None:
    made = world.ask("alice", "POST", "/v1/groupcalls", json=TWO | asked)
    assert made.status_code == 201, made.text
    usual = {"connect_to": None, "ring_method": "ring_all", "ring_timeout_s": None}
    assert made.json().items() >= (TWO | usual | asked).items()
    read = world.ask("alice", "GET", made.headers["location"])
    assert read.json() == made.json()


@pytest.mark.parametrize(
    ("kind", "status"), [(NoSuchDestinationError, 422), (NoDialRightError, 403)]
)
def test_which_of_several_destinations_is_refused(
    world: World, kind: type[SwitchroomError], status: int
) -> None:
    world.node.refusal = kind("destinations[1]: not that one")
    answer = world.ask("alice", "POST", "/v1/groupcalls", json=TWO)
    assert (answer.status_code, answer.json()["code"]) == (status, kind.code)
    assert answer.json()["detail"] == "destinations[1]: not that one"
    assert answer.json()["errors"] == [{"field": "destinations[1]", "text": "not that one"}]
    entry = newest_entry(world)
    assert (entry["action"], entry["decision"]) == ("groupcalls:create", "refused")
    assert entry["reason"] == f"{kind.code}: destinations[1]: not that one"
    assert entry["seq"] == 1, "it is told once"


def test_of_the_only_one_it_is_plain(world: World) -> None:
    world.node.refusal = NoSuchDestinationError("There is no number 999")
    answer = world.ask("alice", "POST", "/v1/groupcalls", json=TWO)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_destination")
    assert answer.json()["detail"] == "There is no number 999"
    assert "errors" not in answer.json()
