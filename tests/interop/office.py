"""A small company for SIPp: a node, agents whose phones and carriers are SIPp processes."""

from pathlib import Path

from interop.node import HOST, Node
from interop.programs import free_port
from interop.sipp import Sipp
from interop.sipp_scenario import scenario
from switchroom.history.records import CallRecord, LegRecord

CARRIER = "127.0.0.2"
"Source of calls from outside; the phones are at 127.0.0.1."

DESK, FIRST, SECOND, THIRD, WIRED = "desk", "first", "second", "third", "wired"
SECURE, MAIN, SPARE, OUTSIDE = "secure", "main", "spare", "outside"
PLACES = (DESK, FIRST, SECOND, THIRD, WIRED, SECURE, MAIN, SPARE, OUTSIDE)

ONE_PHONE = "+12025550101"
THREE_PHONES = "+12025550103"
IMPATIENT = "+12025550104"
FORWARDING = "+12025550105"
MOBILE_SECURE = "+12025550106"
MOBILE_FAILOVER = "+12025550107"
TCP_PHONE = "+12025550108"
UNKNOWN = "+12025550999"
FOREIGN = "+12025550177"
"A telephone number of somebody else, over the trunk ``carrier``."

CONFIGURATION = """
customers:
  - name: acme
    domain: acme.example
    country: US
    trunks:
      - {{name: carrier, hosts: ["127.0.0.2:{outside}"], allow_from: ["127.0.0.2/32"]}}
      - {{name: secure, hosts: ["127.0.0.1:{secure}"], username: us, password: "env:SECURE"}}
      - {{name: pair, hosts: ["127.0.0.1:{main}", "127.0.0.1:{spare}"]}}
    routes:
      - {{prefix: "+1", trunks: [carrier]}}
      - {{prefix: "+1303", trunks: [secure]}}
      - {{prefix: "+1305", trunks: [pair]}}
    agents:
      - {{username: one@acme.example, name: One, capacity: 50, addresses: [
          {{type: sip, target: "sip:one@127.0.0.1:{desk}"}}]}}
      - {{username: three@acme.example, name: Three, capacity: 50, addresses: [
          {{type: sip, target: "sip:three@127.0.0.1:{first}"}},
          {{type: sip, target: "sip:three@127.0.0.1:{second}"}},
          {{type: sip, target: "sip:three@127.0.0.1:{third}"}}]}}
      - {{username: brief@acme.example, name: Brief, ring_timeout_s: 1, addresses: [
          {{type: sip, target: "sip:brief@127.0.0.1:{desk}"}}]}}
      - {{username: away@acme.example, name: Away, follow_redirects: true, addresses: [
          {{type: sip, target: "sip:away@127.0.0.1:{desk}"}}]}}
      - {{username: safe@acme.example, name: Safe, capacity: 50, addresses: [
          {{type: tel, target: "+13035550123"}}]}}
      - {{username: twice@acme.example, name: Twice, capacity: 50, addresses: [
          {{type: tel, target: "+13055550123"}}]}}
      - {{username: wired@acme.example, name: Wired, addresses: [
          {{type: sip, target: "sip:wired@127.0.0.1:{wired};transport=tcp"}}]}}
    numbers:
      - {{number: "+12025550108", to: {{agent: wired@acme.example}}}}
      - {{number: "+12025550101", to: {{agent: one@acme.example}}}}
      - {{number: "+12025550103", to: {{agent: three@acme.example}}}}
      - {{number: "+12025550104", to: {{agent: brief@acme.example}}}}
      - {{number: "+12025550105", to: {{agent: away@acme.example}}}}
      - {{number: "+12025550106", to: {{agent: safe@acme.example}}}}
      - {{number: "+12025550107", to: {{agent: twice@acme.example}}}}
"""


class Office:
    """The node, and the SIPp processes of one test."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.ports = {name: free_port() for name in PLACES}
        self.node = Node(directory, CONFIGURATION.format(**self.ports), {"SECURE": "secret"})
        self._parties: list[Sipp] = []
        self._test = ""

    def begin(self, test: str) -> None:
        """A new test uses the office; files are named after it."""
        self._test = test

    def phone(self, place: str, *steps: str, calls: int = 1, transport: str = "udp") -> Sipp:
        """Somebody who is called at ``place``."""
        host = CARRIER if place == OUTSIDE else HOST
        return self._party(
            place, steps, (host, self.ports[place]), calls=calls, transport=transport
        )

    def caller(
        self, number: str, *steps: str, calls: int = 1, rate: int = 10, transport: str = "udp"
    ) -> Sipp:
        """Somebody outside who calls ``number`` at once, then ``rate`` times a second."""
        place = (CARRIER, free_port())
        return self._party(
            "caller", steps, place, number, calls=calls, rate=rate, transport=transport
        )

    def stranger(self, number: str, *steps: str) -> Sipp:
        """Somebody who calls from an address of no carrier."""
        return self._party("stranger", steps, (HOST, free_port()), number)

    def _party(
        self,
        name: str,
        steps: tuple[str, ...],
        place: tuple[str, int],
        number: str = "",
        *,
        calls: int = 1,
        rate: int = 10,
        transport: str = "udp",
    ) -> Sipp:
        name = f"{self._test}-{name}-{len(self._parties)}"
        party = Sipp(
            self._directory,
            name,
            scenario(*steps),
            self.node.place,
            place,
            number=number,
            calls=calls,
            rate=rate,
            transport=transport,
        )
        self._parties.append(party)
        return party

    def record(self, caller: Sipp) -> CallRecord:
        """The record of the caller's only call, once it is over."""
        return self.node.ended_record(caller.call_ids[0])

    def leg(self, record: CallRecord, place: str) -> LegRecord:
        """The leg that was dialled at ``place``."""
        port = f":{self.ports[place]}"
        (found,) = [leg for leg in record.legs if port in leg.contact and leg.role == "callee"]
        return found

    def end(self) -> str:
        """End every party; what each has seen, for people who look for a fault."""
        told = []
        for party in self._parties:
            party.program.kill()
            told.append(f"{party.name}:")
            told += [f"  {message}" for message in party.seen[-30:]]
        self._parties.clear()
        return "\n".join([*told, f"node:\n{self.node.program.output[-2500:]}"])
