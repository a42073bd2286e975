"""An answered call between two peers, as a start for what happens inside it."""

from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config


class Established:
    """``caller`` has called ``callee``; both have said their ACK."""

    def __init__(self) -> None:
        self.world = World(bob_config())
        self.caller = self.world.peer(TRUNK_PLACE)
        self.callee = self.world.peer(PEER_PLACE)
        self.caller.request("INVITE", body=OFFER)
        self.run()
        self.invite = self.callee.last("INVITE")
        self.callee.answer(self.invite, "200 OK", body=OFFER)
        self.run()
        self.to = self.caller.last_response().get("to") or ""
        "The To value of the caller's requests."
        self.caller.request("ACK", branch="ack", to=self.to)
        self.run()

    def run(self, seconds: float = 0.1) -> None:
        self.world.run(seconds)

    def from_caller(self, method: str, *lines: str, cseq: int = 2, **more: str) -> None:
        """A request of the caller inside the dialog."""
        branch = more.pop("branch", f"{method}{cseq}")
        self.caller.request(
            method,
            *lines,
            cseq=str(cseq),
            to=self.to,
            branch=branch,
            **more,  # type: ignore[arg-type]
        )

    def from_callee(self, method: str, *lines: str, cseq: int = 1, body: str = "") -> None:
        """A request of the callee inside its dialog with the node."""
        host, port = PEER_PLACE
        invite = self.invite
        content = ["Content-Type: application/sdp"] if body else []
        self.callee.say(
            "\n".join(
                [
                    f"{method} sip:switchroom@10.0.0.1:5060 SIP/2.0",
                    f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKcallee{method}{cseq}",
                    "Max-Forwards: 70",
                    f"From: {invite.get('to')};tag=peer",
                    f"To: {invite.get('from')}",
                    f"Call-ID: {invite.call_id}",
                    f"CSeq: {cseq} {method}",
                    f"Contact: <sip:peer@{host}:{port}>",
                    *lines,
                    *content,
                ]
            ),
            body,
        )


def origin(session: bytes) -> tuple[str, str]:
    """Id and version of the o= line, which must be the node's."""
    (line,) = [line for line in session.decode().split("\r\n") if line.startswith("o=")]
    words = line.split()
    assert words[0] == "o=switchroom"
    return words[1], words[2]
