"""Which carriers to try for a telephone number, in which order, with which Request-URI."""

from msgspec import Struct

from switchroom.directory.model import Configuration, Trunk
from switchroom.directory.numbering import format_for

LONGEST_PREFIX = 16
"A plus and the fifteen digits of E.164."


class TrunkAttempt(Struct, frozen=True):
    """One host of one trunk."""

    uri: str
    "Request-URI, ``sip:<number as the trunk writes it>@host:port`` with ``;transport=tcp``."
    trunk_id: str


class _Way(Struct, frozen=True):
    """A trunk with the part of its URIs behind the number."""

    trunk: Trunk
    hosts: tuple[str, ...]


class Routing:
    """Routes of all customers by prefix: a look-up costs at most one dict access for each digit."""

    __slots__ = ("_countries", "_emergency", "_routes")

    def __init__(self, configuration: Configuration) -> None:
        ways = {
            trunk.id: _Way(trunk, tuple(map(uri_host, trunk.hosts)))
            for trunk in configuration.trunks
        }
        self._countries = {customer.id: customer.country for customer in configuration.customers}
        self._routes: dict[tuple[str, str], tuple[_Way, ...]] = {}
        widest_first = sorted(configuration.routes, key=lambda r: (len(r.prefix), r.prefix))
        emergency: dict[str, dict[str, _Way]] = {}
        for route in widest_first:
            chosen = {id: ways[id] for id in route.trunk_ids if id in ways}
            self._routes[route.customer_id, route.prefix] = tuple(chosen.values())
            known = emergency.setdefault(route.customer_id, {})
            known.update((id, way) for id, way in chosen.items() if id not in known)
        for trunk in configuration.trunks:  # the last resort: carriers that no route names
            emergency.setdefault(trunk.customer_id, {}).setdefault(trunk.id, ways[trunk.id])
        self._emergency = {id: tuple(found.values()) for id, found in emergency.items()}

    def attempts(self, customer_id: str, e164: str) -> tuple[TrunkAttempt, ...]:
        """All hosts of all trunks of the route with the longest prefix, in the order written."""
        for length in range(min(len(e164), LONGEST_PREFIX), 0, -1):
            ways = self._routes.get((customer_id, e164[:length]))
            if ways is not None:
                return self._over(ways, customer_id, e164)
        return ()

    def emergency_attempts(self, customer_id: str, dialled: str) -> tuple[TrunkAttempt, ...]:
        """All hosts of all trunks: those of the widest route first, those of no route last."""
        return self._over(self._emergency.get(customer_id, ()), customer_id, dialled)

    def _over(
        self, ways: tuple[_Way, ...], customer_id: str, number: str
    ) -> tuple[TrunkAttempt, ...]:
        country = self._countries.get(customer_id, "")
        found = []
        for way in ways:
            written = format_for(way.trunk, number, country)
            found += [TrunkAttempt(f"sip:{written}@{host}", way.trunk.id) for host in way.hosts]
        return tuple(found)


def uri_host(host: str) -> str:
    """The part of a Request-URI behind the ``@`` for one of ``Trunk.hosts``.

    ``carrier.example`` stays without a port: a name without one may be looked up differently
    (RFC 3263 section 4.2).
    """
    return host.removeprefix("sip:")
