"""Requests of ours outside any dialog: OPTIONS pings, and whatever else needs one answer."""

from collections.abc import Sequence

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Hop
from switchroom.sip.message import Response, write_request
from switchroom.sip.ports import Network
from switchroom.sip.registrar import Binding
from switchroom.sip.settings import SipSettings
from switchroom.sip.transaction.layer import TransactionLayer


class OutsideRequest(Struct, frozen=True):
    """A request and whom it concerns. ``lines`` come after the mandatory header fields."""

    method: str
    uri: str
    hop: Hop
    from_value: str
    "From without a tag."
    to_value: str
    token: str
    "Comes back with the answer."
    call_id: str = ""
    "The same for all REGISTERs of a phone; empty for a new one."
    cseq: int = 1
    lines: tuple[str, ...] = ()
    body: bytes = b""


class Outside:
    """Sends such requests; ``answers`` holds what came back, ``None`` for a timeout."""

    def __init__(
        self, layer: TransactionLayer, network: Network, ids: Ids, settings: SipSettings
    ) -> None:
        self._layer = layer
        self._network = network
        self._ids = ids
        self._settings = settings
        self.answers: list[tuple[str, Response | None]] = []

    def ask(self, request: OutsideRequest, now: float) -> None:
        """Send ``request``; exactly one entry of ``answers`` follows."""
        self._send(request, "outside", request.token, now)

    def ping(self, binding: Binding, now: float) -> None:
        """Ask a registered phone whether it is there (RFC 3261 section 11)."""
        local = self._network.local(binding.hop)
        request = OutsideRequest(
            "OPTIONS",
            binding.uri,
            binding.hop,
            f"<sip:ping@{local}>",
            f"<sip:{binding.number}@{local}>",
            "",
        )
        self._send(request, "ping", binding.binding_id, now)

    def responded(self, token: str, response: Response) -> None:
        if response.status >= 200:
            self.answers.append((token, response))

    def unanswered(self, token: str) -> None:
        self.answers.append((token, None))

    def _send(self, request: OutsideRequest, purpose: str, owner: str, now: float) -> None:
        local = self._network.local(request.hop)
        branch = self._layer.branch()
        lines: Sequence[str] = (
            f"Via: SIP/2.0/{request.hop[0].upper()} {local};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {request.from_value};tag={self._ids.token()}",
            f"To: {request.to_value}",
            f"Call-ID: {request.call_id or self._ids.token()}",
            f"CSeq: {request.cseq} {request.method}",
            *request.lines,
            f"User-Agent: {self._settings.user_agent}",
        )
        data = write_request(request.method, request.uri, lines, request.body)
        self._layer.ask(branch + request.method, data, request.hop, purpose, owner, now)
