"""What a call asks the directory."""

import pytest

from switchroom.directory.lookup import Directory, TrunkAttempt
from switchroom.directory.model import (
    Address,
    Agent,
    Client,
    Configuration,
    Customer,
    Extension,
    Group,
    Number,
    Route,
    Target,
    Trunk,
)

ALICE = Agent(
    "alice",
    "acme",
    "alice@acme.example",
    "Alice",
    (Address("a1", "extension", "1001"), Address("a2", "tel", "+12025550123")),
    number="201",
)
BOB = Agent("bob", "globe", "bob@globe.example", "Bob", (Address("b1", "extension", "1001"),))
SALES = Group("sales", "acme", "sales", ("alice",), number="300")
CARRIER = Trunk(
    "carrier",
    "acme",
    "carrier",
    ("192.0.2.1:5090", "sip:backup.example:5070;transport=tcp"),
    ("192.0.2.0/24",),
)
CHEAP = Trunk("cheap", "acme", "cheap", ("cheap.example",), ("192.0.2.7/32",), "without_plus")
SHARED = Trunk("shared", "globe", "shared", ("192.0.2.1",), ("192.0.2.0/24",), "national")
DIRECTORY = Directory(
    Configuration(
        customers=(
            Customer("acme", "acme", "acme.example", "US", is_default=True),
            Customer("globe", "globe", "globe.example", "GB"),
        ),
        clients=(Client("zeta", "acme", "zeta"),),
        extensions=(
            Extension("x1", "acme", "1001", "", ""),
            Extension("x2", "globe", "1001", "", ""),
        ),
        trunks=(CARRIER, CHEAP, SHARED),
        routes=(
            Route("r1", "acme", "+", ("carrier",)),
            Route("r2", "acme", "+44", ("cheap", "carrier")),
        ),
        agents=(ALICE, BOB),
        groups=(SALES,),
        numbers=(
            Number("n2", "acme", "+12025550101", Target("agent", "alice"), client_id="zeta"),
            Number("n1", "acme", "+12025550100", Target("agent", "alice"), client_id="zeta"),
            Number("n3", "globe", "+442071838750", Target("agent", "bob")),
        ),
    )
)


def test_domains_name_customers() -> None:
    acme = DIRECTORY.customer("acme")

    assert DIRECTORY.customer_of_domain("ACME.example.") == acme
    assert DIRECTORY.default_customer == acme
    assert DIRECTORY.customer_of_domain("192.0.2.9") is None


def test_two_customers_use_the_same_extension_number() -> None:
    first, second = DIRECTORY.extension("acme", "1001"), DIRECTORY.extension("globe", "1001")

    assert first is not None
    assert second is not None
    assert (first.id, second.id) == ("x1", "x2")
    assert DIRECTORY.extension_by_id("x2") == second
    assert DIRECTORY.agent_of_extension("acme", "1001") == ALICE
    assert DIRECTORY.agent_of_extension("globe", "1001") == BOB


@pytest.mark.parametrize("name", ["alice", "Alice", "alice@acme.example", "ALICE@acme.example"])
def test_an_agent_is_found_by_user_part_and_by_username(name: str) -> None:
    assert DIRECTORY.agent_by_name("acme", name) == ALICE
    assert DIRECTORY.agent_by_name("globe", name) is None


def test_short_numbers_stay_inside_the_customer() -> None:
    assert DIRECTORY.agent_by_number("acme", "201") == ALICE
    assert DIRECTORY.agent_by_number("globe", "201") is None
    assert DIRECTORY.agent_by_number("globe", "") is None
    assert DIRECTORY.group_by_number("acme", "300") == SALES


@pytest.mark.parametrize(
    ("ip", "trunks"),
    [
        ("192.0.2.1", (CARRIER, SHARED)),
        ("192.0.2.7", (CHEAP,)),
        ("198.51.100.1", ()),
        ("2001:db8::1", ()),
        ("carrier.example", ()),
    ],
)
def test_the_smallest_source_network_decides(ip: str, trunks: tuple[Trunk, ...]) -> None:
    assert DIRECTORY.trunks_from(ip) == trunks
    assert DIRECTORY.trunks_from(ip) == trunks  # from the cache


@pytest.mark.parametrize(
    ("dialled", "trunk"),
    [
        ("+12025550100", CARRIER),
        ("02071838750", SHARED),
        ("+442071838750", SHARED),
        ("+4930123456", CARRIER),  # nobody's: refused in the name of the first
        ("\x00", CARRIER),
    ],
)
def test_the_number_called_decides_between_trunks_of_one_network(
    dialled: str, trunk: Trunk
) -> None:
    assert DIRECTORY.trunk_for("192.0.2.1", dialled) == trunk


def test_the_longest_prefix_decides_and_every_host_is_tried_in_order() -> None:
    assert DIRECTORY.attempts("acme", "+442071838750") == (
        TrunkAttempt("sip:442071838750@cheap.example", "cheap"),
        TrunkAttempt("sip:+442071838750@192.0.2.1:5090", "carrier"),
        TrunkAttempt("sip:+442071838750@backup.example:5070;transport=tcp", "carrier"),
    )
    assert [a.trunk_id for a in DIRECTORY.attempts("acme", "+12025550123")] == ["carrier"] * 2
    assert DIRECTORY.attempts("globe", "+12025550123") == ()


def test_emergency_calls_try_every_trunk_and_keep_their_number() -> None:
    attempts = DIRECTORY.emergency_attempts("acme", "911")

    assert [attempt.uri for attempt in attempts] == [
        "sip:911@192.0.2.1:5090",
        "sip:911@backup.example:5070;transport=tcp",
        "sip:911@cheap.example",
    ]


def test_a_trunk_without_a_route_is_good_enough_for_an_emergency() -> None:
    assert DIRECTORY.attempts("globe", "+12025550123") == ()
    (attempt,) = DIRECTORY.emergency_attempts("globe", "999")
    assert attempt.uri == "sip:999@192.0.2.1"
    assert DIRECTORY.emergency_attempts("nobody", "999") == ()


def test_what_is_not_there_is_none() -> None:
    empty = Directory(Configuration())

    assert empty.default_customer is None
    assert empty.customers == ()
    assert empty.agents == ()
    assert empty.agent("alice") is None
    assert empty.group("sales") is None
    assert empty.number("+12025550100") is None
    assert empty.trunk("carrier") is None
    assert empty.client("zeta") is None
    assert empty.trunk_for("192.0.2.1", "+12025550100") is None
