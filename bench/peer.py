"""What the load generator must know of the product it calls."""

from typing import Protocol

from msgspec import Struct

GROUPS = 20
"Ring groups (agents); one agent takes 100 calls at most, and 1000 are held at once."


class Ports(Struct, frozen=True):
    """The generator's own UDP ports: one for the caller, a row for the phones."""

    caller: int
    first_phone: int


class Peer(Protocol):
    """A product that runs and takes calls."""

    name: str
    process_id: int
    port: int
    ports: Ports
    groups: int
    dial: str
    "User part to call, with the generator's ``%G`` for the group."
    domain: str
