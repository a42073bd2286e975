"""No permission is dead: a route asks for it, or events, dialling or a reference do."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from fakes.two_customers import TwoCustomers, two_customers
from switchroom.api.declarations import audit
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.directory.validate import DIAL_RIGHTS
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Feature, Resource

LATER: Mapping[str, str] = {}
"""Permissions that only a later feature will use, each with its reason. Keep it short: what is used
must not stand here."""

REFERENCES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "clients:use": (
        "/v1/numbers",
        {
            "e164": "+12025550199",
            "client_id": "acme-c1",
            "to": {"kind": "agent", "id": "acme-mate"},
        },
    ),
    "extensions:use": (
        "/v1/numbers",
        {"e164": "+12025550199", "to": {"kind": "extension", "id": "acme-ext-mate"}},
    ),
    "groups:use": (
        "/v1/numbers",
        {"e164": "+12025550199", "to": {"kind": "group", "id": "acme-group-t1"}},
    ),
    "tags:use": ("/v1/groups", {"name": "new", "tag_ids": ["acme-t1"]}),
    "trunks:use": ("/v1/routes", {"prefix": "+49", "trunk_ids": ["acme-trunk"]}),
}
"What is led to something else: refused to whoever may do everything but use that."


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers() as made:
        yield made


def used(world: TwoCustomers) -> set[str]:
    """Everything that somebody asks for."""
    routes = (one.declared.permission for one in audit(world.world.app, catalog()))
    return {
        *(one.name for one in routes if one is not None),
        *(f"{resource}:get" for kind in kinds().values() for resource in kind.resources),
        *(f"dial:{one}" for one in DIAL_RIGHTS),
        *REFERENCES,
    }


def faults(known: Catalog, used: Collection[str], later: Collection[str]) -> list[str]:
    """What is dead, not listed any more with right, or asked for without being there."""
    names = {one.name for one in known.permissions}
    return sorted(
        [
            *(f"{name} is asked for nowhere" for name in names - set(used) - set(later)),
            *(f"{name} is used: take it off the list" for name in set(used) & set(later)),
            *(f"{name} is not in the catalogue" for name in {*used, *later} - names),
        ]
    )


def test_every_permission_is_asked_for_somewhere(world: TwoCustomers) -> None:
    assert faults(catalog(), used(world), LATER) == []
    assert all(LATER.values())


def test_a_dead_permission_and_a_list_that_does_not_shrink_are_found(world: TwoCustomers) -> None:
    planted = Resource("wallboards")
    planted.may("list", "List wallboards")
    planted.may("get", "See a wallboard")
    grown = Catalog([*catalog().features, Feature((planted,))])
    assert faults(grown, {*used(world), "flows:test"}, {"wallboards:get", "calls:get"}) == [
        "calls:get is used: take it off the list",
        "flows:test is not in the catalogue",
        "wallboards:list is asked for nowhere",
    ]


@pytest.mark.usefixtures("either_world")
@pytest.mark.parametrize("permission", REFERENCES)
def test_who_may_not_use_a_thing_cannot_lead_anything_to_it(permission: str) -> None:
    path, body = REFERENCES[permission]
    with two_customers() as world:
        ask = world.world.ask
        denied = {"agent_id": "acme-admin", "pattern": permission}
        assert ask("acme-owner", "POST", "/v1/restrictions", json=denied).status_code == 201
        refused = ask("acme-admin", "POST", path, json=body)
        assert refused.status_code == 422
        noun = permission.partition(":")[0].removesuffix("s")
        assert [one["text"] for one in refused.json()["errors"]] == [f"there is no such {noun}"]
        assert ask("acme-owner", "POST", path, json=body).status_code == 201
