"""Whom the load generator calls, and whose phones ring: what both sides must know."""

from collections.abc import Mapping

from bench.machine import free_ports
from msgspec import Struct

RING_TIMEOUT_S = 30.0
CALLERS = 8
"Addresses that calls come from in turn: the rate limit per source is not what we measure."


class Ports(Struct, frozen=True):
    """The generator's own UDP ports: one for the callers, a row for the phones."""

    caller: int
    first_phone: int


class Team(Struct, frozen=True):
    """Agents who are called alike: in ring group N ring the phones of the Nth of them."""

    name: str
    dial: str
    "User part to call, with the generator's ``%G`` for the group, in two digits."
    ports: Ports
    ring: int
    "Phones of one agent."
    groups: int
    ring_timeout_s: float = RING_TIMEOUT_S


class Peer(Struct, frozen=True):
    """A product that runs, and which team to call there."""

    name: str
    process_id: int
    port: int
    domain: str
    team: Team


def new_teams(ring: int, groups: int, ring_timeouts_s: Mapping[str, float]) -> list[Team]:
    """A team for each name (ten at most) and ring timeout, all on ports that are free now."""
    each = 1 + groups * ring
    first = free_ports(each * len(ring_timeouts_s))
    return [
        Team(
            name,
            f"+1202555{place}1%G",
            Ports(first + place * each, first + place * each + 1),
            ring,
            groups,
            ring_timeout_s,
        )
        for place, (name, ring_timeout_s) in enumerate(ring_timeouts_s.items())
    ]


def new_team(ring: int, groups: int) -> Team:
    """A single one."""
    return new_teams(ring, groups, {"agent": RING_TIMEOUT_S})[0]
