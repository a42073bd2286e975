"""Who takes part in the demo, and the configuration that makes an agent of three addresses."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

PartyKey = Literal["caller", "desk", "laptop", "mobile"]

CALLER: PartyKey = "caller"
DESK: PartyKey = "desk"
LAPTOP: PartyKey = "laptop"
MOBILE: PartyKey = "mobile"
PHONES: tuple[PartyKey, ...] = (DESK, LAPTOP, MOBILE)
PARTIES: tuple[PartyKey, ...] = (CALLER, *PHONES)

DOMAIN = "acme.example"
AGENT = "201"
"Alice's short number, which colleagues dial."
EXTENSIONS = ("1001", "1002", "1003")
"The first is Alice's; colleagues have the others."
COMPANY_NUMBER = "+12025550100"
MOBILE_NUMBER = "+12025550123"
CALLER_NUMBER = "+12025550147"
RING_S = 30


class Party(Struct, frozen=True):
    """Somebody in the demo, and where he is reached."""

    key: PartyKey
    name: str
    address: str


def variable_of(extension: str) -> str:
    """The environment variable that holds an extension's password."""
    return f"DEMO_{extension}"


def parties(ports: Mapping[PartyKey, int]) -> tuple[Party, ...]:
    """All parties in the order in which they are shown."""
    return (
        Party(CALLER, "Caller", CALLER_NUMBER),
        Party(DESK, "Desk", f"extension {EXTENSIONS[0]}"),
        Party(LAPTOP, "Laptop", f"sip:alice@127.0.0.1:{ports[LAPTOP]}"),
        Party(MOBILE, "Mobile", f"{MOBILE_NUMBER} by the trunk"),
    )


def configuration(laptop_port: int, carrier_port: int) -> str:
    """The file that the node applies when it starts."""
    extensions = "\n".join(
        f'      - {{number: "{number}", password: "env:{variable_of(number)}"}}'
        for number in EXTENSIONS
    )
    return f"""\
customers:
  - name: acme
    domain: {DOMAIN}
    country: US
    clients: [{{name: zeta}}]
    extensions:
{extensions}
    trunks:
      - {{name: carrier, hosts: ["127.0.0.1:{carrier_port}"], allow_from: ["127.0.0.1/32"]}}
    routes:
      - {{prefix: "+", trunks: [carrier]}}
    agents:
      - username: alice@{DOMAIN}
        name: Alice
        number: "{AGENT}"
        ring_method: ring_all
        ring_timeout_s: {RING_S}
        addresses:
          - {{type: extension, target: "{EXTENSIONS[0]}"}}
          - {{type: sip, target: "sip:alice@127.0.0.1:{laptop_port}"}}
          - {{type: tel, target: "{MOBILE_NUMBER}"}}
    numbers:
      - {{number: "{COMPANY_NUMBER}", client: zeta, to: {{agent: alice@{DOMAIN}}}}}
"""
