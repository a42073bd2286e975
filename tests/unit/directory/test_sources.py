"""Source networks: what is read as one, and that the memory of answers is bounded."""

from ipaddress import IPv4Address

import pytest

from switchroom.directory.model import Trunk
from switchroom.directory.sources import CACHED_ADDRESSES, Sources, networks_of, read_network

WIDE = Trunk("wide", "c", "wide", (), ("10.0.0.0/8", "192.0.2.1"))
NARROW = Trunk("narrow", "c", "narrow", (), ("10.1.0.0/16", "not a network", "10.1.0.0/16"))


@pytest.mark.parametrize("text", ["10.0.0.0/8", "192.0.2.1", "192.0.2.1/32", "0.0.0.0/0"])
def test_networks_and_addresses_are_read(text: str) -> None:
    assert read_network(text) is not None


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "carrier.example", "10.0.0"])
def test_anything_else_is_no_network(text: str) -> None:
    assert read_network(text) is None


def test_a_network_counts_once() -> None:
    assert [str(network) for network in networks_of(NARROW)] == ["10.1.0.0/16"]


def test_answers_stay_right_when_more_addresses_come_than_are_remembered() -> None:
    sources = Sources([WIDE, NARROW])
    first = int(IPv4Address("10.0.255.0"))

    for number in range(first, first + CACHED_ADDRESSES + 512):
        address = str(IPv4Address(number))
        expected = NARROW if address.startswith("10.1.") else WIDE
        assert sources.trunks_from(address) == (expected,)
    assert sources.trunks_from("10.1.2.3") == (NARROW,)
    assert sources.trunks_from("192.0.2.1") == (WIDE,)
    assert sources.trunks_from("11.0.0.0") == ()
