"""What a configuration may not say, and how that is put."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from msgspec.structs import replace

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
from switchroom.directory.problem import Problem
from switchroom.directory.validate import problems

ACME = Customer("acme", "acme", "acme.example", "US", is_default=True)
GLOBE = Customer("globe", "globe", "globe.example", "GB")
ALICE = Agent(
    "alice",
    "acme",
    "alice@acme.example",
    "Alice",
    (Address("a1", "extension", "1001"), Address("a2", "tel", "+12025550123")),
    number="201",
)
BOB = Agent("bob", "acme", "bob@acme.example", "Bob", ())
DESK = Extension("x1", "acme", "1001", "", "")
CARRIER = Trunk("t1", "acme", "carrier", ("192.0.2.1:5090",), ("192.0.2.0/24",))
SALES = Group("sales", "acme", "sales", ("alice", "bob"), number="300")
MAIN = Number("n1", "acme", "+12025550100", Target("agent", "alice"), "zeta")
GOOD = Configuration(
    customers=(ACME, GLOBE),
    clients=(Client("zeta", "acme", "zeta"),),
    extensions=(DESK, Extension("x2", "globe", "1001", "", "")),
    trunks=(CARRIER,),
    routes=(Route("r1", "acme", "+", ("t1",)),),
    agents=(ALICE, BOB),
    groups=(SALES,),
    numbers=(MAIN,),
)


def changed(thing: Any, **fields: Any) -> Configuration:
    """The good configuration with other fields in one of its things."""
    lists = {name: getattr(GOOD, name) for name in GOOD.__struct_fields__}
    for name, things in lists.items():
        if thing in things:
            new = tuple(replace(one, **fields) if one == thing else one for one in things)
            return replace(GOOD, **cast("dict[str, Any]", {name: new}))
    raise AssertionError(thing)


def added(name: str, *things: object) -> Configuration:
    return replace(GOOD, **cast("dict[str, Any]", {name: (*getattr(GOOD, name), *things)}))


def address(**fields: Any) -> Configuration:
    return changed(ALICE, addresses=(replace(ALICE.addresses[1], **fields),))


def test_a_good_configuration_has_no_problems() -> None:
    assert problems(GOOD) == []
    assert problems(Configuration()) == []


@pytest.mark.parametrize(
    ("bad", "id", "place", "text"),
    [
        (changed(ACME, name=""), "acme", "name", "must have 1 to 100 characters"),
        (changed(ACME, name="a\r\nVia: x"), "acme", "name", "must be printable"),
        (changed(ACME, domain="acme example"), "acme", "domain", "is not a domain"),
        (changed(ACME, domain="300.1.1.1"), "acme", "domain", "is not an IPv4 address"),
        (changed(ACME, country="XX"), "acme", "country", "is not a country such as US"),
        (changed(GLOBE, domain="acme.example"), "globe", "domain", "already the domain of"),
        (changed(GLOBE, is_default=True), "globe", "is_default", "customer acme is the default"),
        (
            added("extensions", replace(DESK, id="x3", number="a b")),
            "x3",
            "number",
            "is not an extension number",
        ),
        (
            added("extensions", replace(DESK, id="x3", number="911")),
            "x3",
            "number",
            "911 is an emergency number in US",
        ),
        (changed(DESK, dial=("abroad",)), "x1", "dial.0", "is not one of internal, national"),
        (changed(DESK, max_contacts=0), "x1", "max_contacts", "1 to 20 phones"),
        (changed(CARRIER, hosts=()), "t1", "hosts", "needs at least one host"),
        (changed(CARRIER, hosts=("a:70000",)), "t1", "hosts.0", "a port is 1 to 65535"),
        (changed(CARRIER, hosts=("a b",)), "t1", "hosts.0", "does not name a host"),
        (changed(CARRIER, hosts=("u@a",)), "t1", "hosts.0", "does not name a host"),
        (
            changed(CARRIER, hosts=("a", "sip:a;transport=tls")),
            "t1",
            "hosts.1",
            "the transport is udp or tcp",
        ),
        (changed(CARRIER, hosts=("a;x=1",)), "t1", "hosts.0", 'write "sip:" before'),
        (changed(CARRIER, allow_from=("192.0.2.1/24",)), "t1", "allow_from.0", "not a network"),
        (changed(CARRIER, caller_id="12"), "t1", "caller_id", "is not a telephone number"),
        (changed(CARRIER, username="me"), "t1", "password", "a username needs a password"),
        (changed(CARRIER, password="x"), "t1", "username", "a password needs a username"),
        (changed(GOOD.routes[0], prefix="1"), "r1", "prefix", "is not a prefix"),
        (changed(GOOD.routes[0], trunk_ids=()), "r1", "trunk_ids", "needs at least one trunk"),
        (changed(GOOD.routes[0], trunk_ids=("t9",)), "r1", "trunk_ids.0", "no such trunk"),
        (changed(ALICE, username="alice"), "alice", "username", "is not a username"),
        (changed(ALICE, ring_timeout_s=601), "alice", "ring_timeout_s", "601 is out of bounds"),
        (changed(ALICE, ring_timeout_s=float("nan")), "alice", "ring_timeout_s", "1 to 600"),
        (changed(ALICE, capacity=101), "alice", "capacity", "1 to 100 calls"),
        (changed(ALICE, number="x"), "alice", "number", "is not a short number"),
        (changed(ALICE, number="911"), "alice", "number", "is an emergency number"),
        (changed(BOB, number="201"), "bob", "number", "201 is already the number of agent alice"),
        (changed(BOB, number="1001"), "bob", "number", "1001 is already extension 1001"),
        (changed(SALES, number="201"), "sales", "number", "already the number of agent alice"),
        (changed(BOB, username="alice@acme.example"), "bob", "username", "already agent alice"),
        (changed(BOB, username="alice@b.example"), "bob", "username", "already the user part"),
        (changed(BOB, addresses=ALICE.addresses[1:]), "a2", "target", "an address of agent alice"),
        (address(type="extension", target="9"), "a2", "target", "there is no extension 9"),
        (address(target="2025550123"), "a2", "target", "write it as +12025550123"),
        (address(type="sip", target="alice"), "a2", "target", "is not a SIP URI such as"),
        (address(type="sip", target="sips:a@b"), "a2", "target", "needs TLS"),
        (address(type="sip", target="sip:a b@c"), "a2", "target", "part before the @"),
        (address(type="sip", target="sip:a@c?Route=x"), "a2", "target", "does not name a host"),
        (address(type="sip", target="sip:a@" + "b" * 300), "a2", "target", "does not name a host"),
        (address(delay_s=121), "a2", "delay_s", "0 to 120 seconds"),
        (address(timeout_s=0), "a2", "timeout_s", "1 to 600 seconds"),
        (address(confirm=True), "a2", "confirm", "needs media"),
        (changed(SALES, name="a@b"), "sales", "name", "has no @"),
        (changed(SALES, member_ids=("alice", "eve")), "sales", "member_ids.1", "no such agent"),
        (changed(SALES, member_ids=("bob", "bob")), "sales", "member_ids.1", "in this list"),
        (changed(SALES, member_ids=("sales",)), "sales", "member_ids.0", "sales > sales"),
        (changed(MAIN, e164="911"), "n1", "e164", "is not a telephone number"),
        (changed(MAIN, client_id="eta"), "n1", "client_id", "there is no such client"),
        (changed(MAIN, to=Target("group", "alice")), "n1", "to", "there is no such group"),
        (
            changed(MAIN, no_answer=Target("extension", "x2")),
            "n1",
            "no_answer",
            "there is no such extension",
        ),
        (
            added("numbers", Number("n2", "globe", "+12025550100", Target("extension", "x2"))),
            "n2",
            "e164",
            "already a number of customer acme",
        ),
        (
            added("trunks", Trunk("t2", "globe", "c", ("a",), ("192.0.2.7/32",))),
            "t2",
            "allow_from",
            "lies inside 192.0.2.0/24, which a trunk of customer acme has",
        ),
    ],
)
def test_each_fault_is_named_with_its_place(
    bad: Configuration, id: str, place: str, text: str
) -> None:
    found = problems(bad)

    assert [(p.id, ".".join(map(str, p.place))) for p in found] == [(id, place)]
    assert text in found[0].text


def test_customers_may_share_a_carriers_network() -> None:
    shared = Trunk("t2", "globe", "carrier", ("192.0.2.1",), ("192.0.2.0/24",))

    assert problems(added("trunks", shared)) == []


def test_a_loop_of_groups_is_refused_with_its_path() -> None:
    first = replace(SALES, member_ids=("alice", "second"))
    second = Group("second", "acme", "second", ("third",))
    third = Group("third", "acme", "third", ("bob", "sales"))

    found = problems(replace(GOOD, groups=(first, second, third)))

    text = "this group would contain itself: sales > second > third > sales"
    assert found == [Problem("third", ("member_ids", 1), text)]


def test_a_group_may_be_in_two_groups() -> None:
    inner = Group("inner", "acme", "inner", ("bob",))
    left = Group("left", "acme", "left", ("inner",))
    right = Group("right", "acme", "right", ("inner", "left"))

    assert problems(replace(GOOD, groups=(right, left, inner))) == []


@pytest.mark.parametrize("order", [list, lambda groups: groups[::-1]])
def test_groups_nest_only_so_deep(order: Callable[[list[Group]], list[Group]]) -> None:
    chain = [Group(f"g{i}", "acme", f"g{i}", (f"g{i + 1}",)) for i in range(9)]
    groups = order([*chain, Group("g9", "acme", "g9", ())])

    assert any("more than 8 groups" in p.text for p in problems(replace(GOOD, groups=groups)))


def test_lists_are_bounded() -> None:
    many = tuple(Address(f"m{i}", "sip", f"sip:a@192.0.2.{i}") for i in range(33))

    found = problems(changed(ALICE, addresses=many))

    assert [p.text for p in found] == ["has 33 entries; at most 32 are allowed"]
