"""Two customers of one node: the same numbers, and nothing in common."""

import pytest
from msgspec.structs import replace

from scenarios.world import DOMAIN, PASSWORD, World, configuration
from switchroom.directory.model import Configuration, Customer, Extension
from switchroom.sip.digest import ha1

GLOBE = "globe.example"


def both() -> Configuration:
    acme = configuration(extensions=("1001", "1002"))
    twins = tuple(
        Extension(
            f"globe-{number}",
            "globe",
            number,
            ha1("MD5", number, GLOBE, PASSWORD),
            ha1("SHA-256", number, GLOBE, PASSWORD),
        )
        for number in ("1001", "1002")
    )
    return replace(
        acme,
        customers=(*acme.customers, Customer("globe", "globe", GLOBE, "GB")),
        extensions=(*acme.extensions, *twins),
    )


@pytest.mark.parametrize("domain", [DOMAIN, GLOBE])
def test_an_extension_calls_its_own_customers_extension(domain: str) -> None:
    world = World(both())
    phones = {
        (user, home): world.phone(user, domain=home)
        for home in (DOMAIN, GLOBE)
        for user in ("1001", "1002")
    }
    assert len(world.host.registrar) == 4
    call = phones["1002", domain].call("1001")
    world.run(1.0)
    assert call.state == "answered"
    other = GLOBE if domain == DOMAIN else DOMAIN
    assert phones["1001", domain].calls
    assert not phones["1001", other].calls
    (created,) = world.host.named("call.created")
    assert created.customer_id == ("acme" if domain == DOMAIN else "globe")


def test_whoever_writes_the_servers_address_belongs_to_the_default_customer() -> None:
    world = World(both())
    theirs = world.phone("1001", domain=GLOBE)
    desk = world.phone("1001", domain="10.0.0.1")
    caller = world.phone("1002", domain="10.0.0.1")
    call = caller.call("1001")
    world.run(1.0)
    assert call.state == "answered"
    assert desk.calls
    assert not theirs.calls
