"""Whose a thing is, is said twice: for lists in SQL and for documents in memory. Both agree."""

from collections.abc import Iterator

import pytest

from fakes.two_customers import ASKERS, TwoCustomers, two_customers
from switchroom.app.applying import access
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.store.apply_as.part import part_of
from switchroom.store.apply_as.things import things_of
from switchroom.store.authority import load_authority
from switchroom.store.configuration import read_configuration
from switchroom.store.resources.nouns import resource_specs
from switchroom.store.resources.repository import Repository

CATALOG = access().catalog
BUILTIN = access().builtin


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers() as made:
        for scope, clients in (("own", ()), ("team", ()), ("clients", ("acme-c1",))):
            made.world.people.binding(
                f"b {scope}",
                "acme-nobody",
                builtin="admin",
                scope_kind=scope,
                client_ids=list(clients),
            )
        made.world.people.restriction(
            "r1", "acme-nobody", customer_id="acme", pattern="*:update", scope_kind="own"
        )
        yield made


def compiled(world: TwoCustomers, asker: str) -> Compiled:
    with world.world.engine.connect() as connection:
        authority = load_authority(connection, f"acme-{asker}", "acme", builtin=BUILTIN)
    return compile_authority(authority, CATALOG, world.world.now)


@pytest.mark.parametrize("asker", ASKERS)
def test_memory_and_database_agree_whose_a_thing_is(world: TwoCustomers, asker: str) -> None:
    who = compiled(world, asker)
    specs = resource_specs(world.directory)
    reached = 0
    with world.world.engine.connect() as connection:
        things = things_of(part_of(read_configuration(connection), "acme"))
        for id, thing in things.items():
            if thing.resource not in specs:
                continue  # roles: of the customer and nothing else
            repository = Repository(specs[thing.resource])
            for permission in CATALOG.resource(thing.resource).permissions:
                bit = CATALOG.bit(permission)
                found = repository.find(connection, who, (bit,), id)
                assert allows(who, bit, thing.row) == (found is not None), (id, permission.name)
                reached += found is not None
    assert reached or asker in {"integrator", "platform_owner", "platform_support"}


def test_every_kind_of_configuration_is_there(world: TwoCustomers) -> None:
    with world.world.engine.connect() as connection:
        things = things_of(part_of(read_configuration(connection), "acme"))
    kinds = {thing.resource for thing in things.values()}
    assert kinds == {*resource_specs(world.directory), "roles"} - {"customers"}
