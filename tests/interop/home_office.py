"""A small company for baresip: extensions that register, and an agent with three phones."""

from pathlib import Path

from interop.baresip import Baresip
from interop.node import Node
from interop.programs import free_port, until
from interop.sipp import Sipp
from interop.sipp_scenario import scenario

CARRIER = "127.0.0.2"
NUMBER = "+12025550100"
PASSWORDS = {"1001": "secret-of-1001", "1002": "secret-of-1002", "1003": "secret-of-1003"}
CONFIGURATION = """
customers:
  - name: acme
    domain: acme.example
    country: US
    extensions:
      - {{number: "1001", password: secret-of-1001}}
      - {{number: "1002", password: secret-of-1002}}
      - {{number: "1003", password: secret-of-1003}}
    trunks:
      - {{name: carrier, hosts: ["127.0.0.2:{carrier}"], allow_from: ["127.0.0.2/32"]}}
    routes:
      - {{prefix: "+1", trunks: [carrier]}}
    agents:
      - username: alice@acme.example
        name: Alice
        number: "201"
        addresses:
          - {{type: extension, target: "1001"}}
          - {{type: sip, target: "sip:alice@127.0.0.1:{desk}"}}
    numbers:
      - {{number: "+12025550100", to: {{agent: alice@acme.example}}}}
"""


class HomeOffice:
    """A node and the phones of one test."""

    def __init__(self, directory: Path, env: dict[str, str] | None = None) -> None:
        self._directory = directory
        self._desk_port = free_port()
        free_port()
        self._carrier_port = free_port()
        places = {"carrier": self._carrier_port, "desk": self._desk_port}
        self.node = Node(directory, CONFIGURATION.format(**places), env)
        self._phones: list[Baresip] = []
        self._callers: list[Sipp] = []

    def phone(
        self, name: str, user: str, transport: str = "udp", password: str | None = None
    ) -> Baresip:
        """A phone that registers as extension ``user``."""
        password = PASSWORDS[user] if password is None else password
        place = (self._directory, name, self.node.place, user)
        phone = Baresip(*place, password=password, transport=transport)
        self._phones.append(phone)
        return phone

    def desk(self) -> Baresip:
        """The phone at Alice's SIP address, which does not register."""
        phone = Baresip(self._directory, "desk", self.node.place, "alice", port=self._desk_port)
        self._phones.append(phone)
        return phone

    def caller(self, *steps: str) -> Sipp:
        """Somebody outside who calls Alice's number."""
        place = (CARRIER, free_port())
        caller = Sipp(
            self._directory, "caller", scenario(*steps), self.node.place, place, number=NUMBER
        )
        self._callers.append(caller)
        return caller

    def outside(self, *steps: str) -> Sipp:
        """The carrier, for calls to somebody else's telephone numbers."""
        place = (CARRIER, self._carrier_port)
        carrier = Sipp(self._directory, "carrier", scenario(*steps), self.node.place, place)
        self._callers.append(carrier)
        return carrier

    def is_idle(self) -> None:
        until(self.node.is_idle, "no call lives and no agent is taken")

    def end(self) -> str:
        told = [phone.end() for phone in self._phones]
        for caller in self._callers:
            caller.program.kill()
            told += [str(message) for message in caller.seen]
        self.node.program.kill()
        return "\n".join([*told, f"node:\n{self.node.program.output[-4000:]}"])
