"""An address is in a network or it is not; what is no address is in none."""

import pytest

from switchroom.identity.rules.networks import is_from, network_fault, network_of


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("host.example", "unknown"),
        ("192.0.2.7:5060", "unknown"),
    ],
)
def test_what_counts_as_one_place(source: str, network: str) -> None:
    assert network_of(source) == network


def test_no_networks_are_all_networks() -> None:
    assert is_from("192.0.2.7", ())
    assert is_from("nonsense", ())


def test_an_address_is_in_any_of_them_or_in_none() -> None:
    networks = ("192.0.2.0/25", "2001:db8::/32")
    said = {
        source: is_from(source, networks)
        for source in ("192.0.2.1", "192.0.2.200", "2001:db8::1", "::ffff:192.0.2.1", "nonsense")
    }
    assert list(said.values()) == [True, False, True, True, False]


@pytest.mark.parametrize("text", ["", "x", "192.0.2.1/24", "192.0.2.0/33", "1" * 10_000, "::/129"])
def test_what_is_wrong_with_a_network_is_said(text: str) -> None:
    assert network_fault(text)


@pytest.mark.parametrize("text", ["192.0.2.0/24", "192.0.2.7", "2001:db8::/32", "0.0.0.0/0"])
def test_a_network_is_right(text: str) -> None:
    assert network_fault(text) is None
