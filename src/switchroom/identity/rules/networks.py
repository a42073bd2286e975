"""Where a request comes from: its network for counting, and whether a list of networks has it."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NETWORKS_LIMIT = 64
"Of one access key or of one customer's settings."
_SHARED = {4: 24, 6: 64}
"A site has so many bits of its own: within them addresses change at will."


def network_of(source: str) -> str:
    """The /24 or /64 of an address: what counts as one place; ``unknown`` for anything else."""
    address = _address(source)
    if address is None:
        return "unknown"
    return str(ip_network(f"{address}/{_SHARED[address.version]}", strict=False))


def is_from(source: str, networks: Iterable[str]) -> bool:
    """Whether the address is in one of the networks; no networks at all: from anywhere."""
    known = tuple(networks)
    if not known:
        return True
    address = _address(source)
    return address is not None and any(address in ip_network(text) for text in known)


def network_fault(text: str) -> str | None:
    """What is wrong with a network (CIDR, host bits zero); ``None``: nothing."""
    if len(text) > 64:
        return "a network is at most 64 characters, such as 192.0.2.0/24"
    try:
        ip_network(text)
    except ValueError as error:
        return f"{error}; write it like 192.0.2.0/24"
    return None


def _address(source: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return None
    # ::ffff:192.0.2.7 is an IPv4 client of a socket that takes both.
    return getattr(address, "ipv4_mapped", None) or address
