"""What the demo's parties saw of one call, written down message by message."""

from collections.abc import Sequence
from typing import Literal

from switchroom.app.demo.cast import CALLER, PARTIES, PHONES, PartyKey
from switchroom.app.demo.promises import Evidence
from switchroom.app.demo.witness import Witness
from switchroom.history.records import CallRecord, LegRecord

Way = Literal["in", "out"]

ELSEWHERE = ('Reason: SIP;cause=200;text="Call completed elsewhere"', "Reason: Q.850;cause=26")
HALF = ("Reason: Q.850;cause=26",)


class DemoCall:
    """A call under way; times are milliseconds."""

    def __init__(self) -> None:
        self.witnesses = {key: Witness(key) for key in PARTIES}

    def request(
        self, party: PartyKey, way: Way, method: str, ms: float, lines: Sequence[str] = ()
    ) -> None:
        first = f"{method} sip:somebody@127.0.0.1:5060 SIP/2.0"
        self._add(party, way, ms, _text(first, party, method, lines))

    def response(
        self, party: PartyKey, way: Way, status: int, ms: float, port: int = 0, tag: str = "t"
    ) -> None:
        body = f"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio {port} RTP/AVP 0\r\n" if port else ""
        self._add(party, way, ms, _text(f"SIP/2.0 {status} Said", party, "INVITE", (), body, tag))

    def rings(self, keys: Sequence[PartyKey] = PHONES) -> None:
        """The caller calls, these phones ring."""
        self.request(CALLER, "out", "INVITE", 0)
        for number, key in enumerate(keys, 1):
            self.request(key, "in", "INVITE", number)
            self.response(key, "out", 180, number)
        self.response(CALLER, "in", 180, 5)

    def answers(self, key: PartyKey, ms: float, port: int = 4000) -> None:
        """This phone picks up, and is acknowledged."""
        self.response(key, "out", 200, ms, port)
        self.request(key, "in", "ACK", ms + 3)

    def connects(self, ms: float, port: int = 4000, tag: str = "t") -> None:
        self.response(CALLER, "in", 200, ms, port, tag)

    def cancelled(self, key: PartyKey, ms: float, lines: Sequence[str] = ()) -> None:
        self.request(key, "in", "CANCEL", ms, lines)
        self.response(key, "out", 487, ms)

    def evidence(
        self, outcome: str = "answered", legs: Sequence[str] = (), *, is_over: bool = True
    ) -> Evidence:
        found = tuple(
            LegRecord(f"l{number}", address=f"extension:{number}", outcome=said)
            for number, said in enumerate(legs)
        )
        record = CallRecord("c", "k", 0.0, outcome=outcome, legs=found)  # type: ignore[arg-type]
        return Evidence(self.witnesses, record if legs else None, is_over)

    def _add(self, party: PartyKey, way: Way, ms: float, text: str) -> None:
        self.witnesses[party].add(1000.0 + ms / 1000, way, text.encode())


def _text(
    first: str, call_id: str, method: str, lines: Sequence[str] = (), body: str = "", tag: str = "t"
) -> str:
    head = [
        first,
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1",
        "From: <sip:a@example.com>;tag=f",
        f"To: <sip:b@example.com>;tag={tag}",
        f"Call-ID: {call_id}",
        f"CSeq: 1 {method}",
        *lines,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(head) + "\r\n\r\n" + body
