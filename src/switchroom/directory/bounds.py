"""The least and most that a configuration may say: times, capacities, lengths of lists."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from switchroom.directory.model import Configuration
from switchroom.directory.problem import Problem


class Bound(Struct, frozen=True):
    """Both ends are allowed."""

    least: float
    most: float
    unit: str = ""

    def fault(self, value: float) -> str | None:
        """What is wrong with the value; ``None`` if nothing (a NaN is out of any bounds)."""
        if self.least <= value <= self.most:
            return None
        return f"{value:g} is out of bounds: {self.least:g} to {self.most:g}{self.unit}"


RING_TIMEOUT = Bound(1, 600, " seconds")
DELAY = Bound(0, 120, " seconds")
CAPACITY = Bound(1, 100, " calls")
CONTACTS = Bound(1, 20, " phones")
ADDRESSES = 32
"Of one agent."
MEMBERS = 200
"Of one group, not counting those of groups inside it."
TRUNKS_OF_ROUTE = 16
HOSTS = 16
NETWORKS = 64
TAGS = 32
"Of one agent or group."


def out_of_bounds(configuration: Configuration) -> Iterator[Problem]:
    """A problem for each value and list that is too small or too large."""
    for agent in configuration.agents:
        yield from _value(agent.id, "ring_timeout_s", agent.ring_timeout_s, RING_TIMEOUT)
        yield from _value(agent.id, "capacity", agent.capacity, CAPACITY)
        yield from _list(agent.id, "addresses", agent.addresses, ADDRESSES)
        yield from _list(agent.id, "tag_ids", agent.tag_ids, TAGS)
        for address in agent.addresses:
            yield from _value(address.id, "delay_s", address.delay_s, DELAY)
            if address.timeout_s is not None:
                yield from _value(address.id, "timeout_s", address.timeout_s, RING_TIMEOUT)
    for group in configuration.groups:
        yield from _value(group.id, "ring_timeout_s", group.ring_timeout_s, RING_TIMEOUT)
        yield from _list(group.id, "member_ids", group.member_ids, MEMBERS)
        yield from _list(group.id, "tag_ids", group.tag_ids, TAGS)
    for extension in configuration.extensions:
        yield from _value(extension.id, "max_contacts", extension.max_contacts, CONTACTS)
    for route in configuration.routes:
        yield from _list(route.id, "trunk_ids", route.trunk_ids, TRUNKS_OF_ROUTE)
    for trunk in configuration.trunks:
        yield from _list(trunk.id, "hosts", trunk.hosts, HOSTS)
        yield from _list(trunk.id, "allow_from", trunk.allow_from, NETWORKS)


def _value(id: str, field: str, value: float, bound: Bound) -> Iterator[Problem]:
    if fault := bound.fault(value):
        yield Problem(id, (field,), fault)


def _list(id: str, field: str, items: Sequence[object], most: int) -> Iterator[Problem]:
    if len(items) > most:
        yield Problem(id, (field,), f"has {len(items)} entries; at most {most} are allowed")
