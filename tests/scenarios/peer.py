"""Somebody who says and hears literal SIP, for what must be exact on the wire."""

from switchroom.foundation.leg import Hop
from switchroom.simulator.network import Network, Place
from switchroom.sip.message import Request, Response, parse

CALLED = "+12025550100"
OFFER = (
    "v=0\r\no=peer 7 1 IN IP4 10.9.9.9\r\ns=-\r\nc=IN IP4 10.9.9.9\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\n"
)
SDP = "Content-Type: application/sdp"


class Peer:
    """What it hears waits in ``requests`` and ``responses``, copies included."""

    def __init__(self, network: Network, place: Place, node: Hop) -> None:
        self._network = network
        self._node = node
        self.place = place
        self.contact = f"sip:peer@{place[0]}:{place[1]}"
        self.requests: list[Request] = []
        self.responses: list[Response] = []
        self.raw: list[bytes] = []
        self.is_strict = True
        "Whether an unusable message of the node is an error at once."

    def say(self, text: str, body: str = "") -> None:
        """Send to the node; lines are joined by CRLF, Content-Length is added."""
        lines = [line.strip() for line in text.strip().splitlines()]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"])
        data = f"{head}\r\n\r\n{body}".encode("utf-8", "surrogateescape")
        self._network.send(data, self.place, self._node)

    def request(
        self,
        method: str,
        *lines: str,
        branch: str = "one",
        call_id: str = "c1",
        cseq: str = "",
        to: str = "",
        uri: str = "",
        body: str = "",
        hops: int = 70,
    ) -> None:
        """Send a request; in a dialog ``to`` is the To value of a response."""
        host, port = self.place
        node = f"{self._node[1]}:{self._node[2]}"
        number, _, name = (cseq or "1").partition(" ")
        self.say(
            "\n".join(
                [
                    f"{method} {uri or f'sip:{CALLED}@{node}'} SIP/2.0",
                    f"Via: SIP/2.0/{self._node[0].upper()} {host}:{port};branch=z9hG4bK{branch}",
                    f"Max-Forwards: {hops}",
                    f"From: <sip:+12025550199@{host}>;tag=peer",
                    f"To: {to or f'<sip:{CALLED}@{node}>'}",
                    f"Call-ID: {call_id}",
                    f"CSeq: {number} {name or method}",
                    f"Contact: <{self.contact}>",
                    *lines,
                    *([SDP] if body else []),
                ]
            ),
            body,
        )

    def answer(
        self, request: Request, status: str, *lines: str, tag: str = "peer", body: str = ""
    ) -> None:
        """Answer a request that was heard."""
        to = request.get("to") or ""
        if request.to_tag is None and tag:
            to += f";tag={tag}"
        contact = f"Contact: <{self.contact}>"
        self.say(
            "\n".join(
                [
                    f"SIP/2.0 {status}",
                    *[f"Via: {via}" for via in request.raw("via")],
                    f"From: {request.get('from')}",
                    f"To: {to}",
                    f"Call-ID: {request.call_id}",
                    f"CSeq: {request.get('cseq')}",
                    *([] if any(line.startswith("Contact") for line in lines) else [contact]),
                    *lines,
                    *([SDP] if body else []),
                ]
            ),
            body,
        )

    def heard(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    def last(self, method: str) -> Request:
        """The newest request with this method; there must be one."""
        found = self.heard(method)
        assert found, f"no {method} among {self.requests}"
        return found[-1]

    def last_response(self, method: str = "INVITE") -> Response:
        found = [response for response in self.responses if response.cseq_method == method]
        assert found, f"no response to {method} among {self.responses}"
        return found[-1]

    def statuses(self, method: str = "INVITE") -> list[int]:
        """Of all responses to requests with this method."""
        return [response.status for response in self.responses if response.cseq_method == method]

    # --- a host of the network ----------------------------------------------------------------

    def receive(self, data: bytes, source: Hop) -> None:  # noqa: ARG002
        message = parse(data)
        self.raw.append(data)
        if isinstance(message, Request):
            self.requests.append(message)
        elif isinstance(message, Response):
            self.responses.append(message)
        elif self.is_strict:
            raise AssertionError(f"the node sent {message}: {data!r}")

    def tick(self) -> None:
        pass

    def deadline(self) -> float | None:
        return None

    def transport_failed(self, hop: Hop) -> None:
        pass
