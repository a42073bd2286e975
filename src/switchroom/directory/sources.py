"""Which trunk a packet's source address belongs to: the smallest network that has it."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from switchroom.directory.model import Trunk

CACHED_ADDRESSES = 4_096
"Source addresses whose answer is remembered; when full, all are forgotten."

Network = IPv4Network | IPv6Network


class Sources:
    """Networks by length, longest first: a look-up costs one dict access for each length in use."""

    __slots__ = ("_by_length", "_cache")

    def __init__(self, trunks: Iterable[Trunk]) -> None:
        found: dict[Network, list[Trunk]] = {}
        for trunk in trunks:
            for network in networks_of(trunk):
                found.setdefault(network, []).append(trunk)
        self._by_length: list[tuple[int, int, dict[int, tuple[Trunk, ...]]]] = []
        for length in sorted({(n.version, n.prefixlen) for n in found}, reverse=True):
            nets = {
                int(net.network_address): tuple(owners)
                for net, owners in found.items()
                if (net.version, net.prefixlen) == length
            }
            self._by_length.append((*length, nets))
        self._cache: dict[str, tuple[Trunk, ...]] = {}

    def trunks_from(self, ip: str) -> tuple[Trunk, ...]:
        """Trunks of the smallest network with this numeric address; empty if there is none."""
        known = self._cache.get(ip)
        if known is None:
            known = self._search(ip)
            if len(self._cache) >= CACHED_ADDRESSES:
                self._cache.clear()
            self._cache[ip] = known
        return known

    def _search(self, ip: str) -> tuple[Trunk, ...]:
        try:
            address = ip_address(ip)
        except ValueError:
            return ()
        value, bits = int(address), address.max_prefixlen
        for version, length, networks in self._by_length:
            if version == address.version:
                start = value >> (bits - length) << (bits - length)
                if (trunks := networks.get(start)) is not None:
                    return trunks
        return ()


def networks_of(trunk: Trunk) -> tuple[Network, ...]:
    """The trunk's source networks; what cannot be read as one is left out."""
    read = (read_network(text) for text in trunk.allow_from)
    return tuple(dict.fromkeys(network for network in read if network is not None))


def read_network(text: str) -> Network | None:
    """A network or a single address, ``None`` if it is neither or has bits behind its mask."""
    try:
        return ip_network(text)
    except ValueError:
        return None
