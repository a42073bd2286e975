"""A small company as configuration: agents, groups, numbers, a carrier; and its registrar."""

from collections.abc import Sequence

from switchroom.directory.lookup import Directory
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
from switchroom.foundation.leg import Destination

ACME = Customer("acme", "acme", "acme.example", "US", is_default=True)
OTHER = Customer("other", "other", "other.example", "GB")
CARRIER = Trunk(
    "carrier", "acme", "carrier", ("192.0.2.90", "192.0.2.91"), ("192.0.2.0/24",),
    caller_id="+12025550000",
)  # fmt: skip
ALICE = Agent(
    "alice",
    "acme",
    "alice@acme.example",
    "Alice",
    (
        Address("a1", "extension", "1001"),
        Address("a2", "sip", "sip:alice@198.51.100.1:5091"),
        Address("a3", "tel", "+12025550123", delay_s=2.0),
    ),
    number="201",
    follow_redirects=True,
    dial=("internal", "national"),
)
BEN = Agent(
    "ben",
    "acme",
    "ben@acme.example",
    "Ben",
    (Address("b1", "extension", "1002"), Address("b2", "extension", "1003")),
    number="202",
    ring_method="linear",
    capacity=2,
    dial=("internal", "national", "international"),
)
CARA = Agent(
    "cara",
    "acme",
    "cara@acme.example",
    "Cara",
    (Address("c1", "tel", "+12025550177", confirm=True),),
    dial=("internal", "national"),
)
CONFIGURATION = Configuration(
    customers=(ACME, OTHER),
    clients=(Client("zeta", "acme", "Zeta"),),
    extensions=(
        *(Extension(f"x{n}", "acme", str(n), "", "") for n in range(1001, 1006)),
        Extension("o1001", "other", "1001", "", ""),
    ),
    trunks=(CARRIER,),
    routes=(Route("r1", "acme", "+", ("carrier",)),),
    agents=(ALICE, BEN, CARA),
    groups=(
        Group("sales", "acme", "sales", ("alice", "ben"), "301"),
        Group("all", "acme", "all", ("sales", "cara", "all"), "302", "linear", 60.0),
    ),
    numbers=(
        Number("n0", "acme", "+12025550100", Target("agent", "alice"), "zeta",
               Target("group", "all")),
        Number("n1", "acme", "+12025550101", Target("group", "all")),
        Number("n2", "acme", "+12025550102", Target("extension", "x1004")),
        Number("n3", "other", "+442071838750", Target("extension", "o1001")),
    ),
)  # fmt: skip


def company() -> Directory:
    return Directory(CONFIGURATION)


class Registered:
    """Phones by extension: 1001 has one, 1002 two, 1004 one of an extension without an agent."""

    def __init__(self) -> None:
        self.phones = {"1001": 1, "1002": 2, "1004": 1}

    def contacts(self, customer_id: str, extension_number: str) -> Sequence[Destination]:
        return [
            Destination(
                f"sip:{extension_number}@192.0.2.{number}:5060",
                ("udp", f"192.0.2.{number}", 5060),
            )
            for number in range(1, self.phones.get(extension_number, 0) + 1)
            if customer_id == "acme"
        ]
