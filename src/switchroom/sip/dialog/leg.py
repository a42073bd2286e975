"""One SIP leg: the dialog's state and the requests sent inside it (RFC 3261 section 12)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from switchroom.foundation.leg import Hop
from switchroom.sdp import padded, with_origin
from switchroom.sip.message import Message, Request, parse_name_address, parse_uri
from switchroom.sip.transaction.client import ClientInvite
from switchroom.sip.transaction.server import ServerInvite, ServerOther

LegState = Literal["new", "early", "answered", "confirmed", "ended"]

MAX_ROUTES = 16


class Leg:
    """A dialog and what is under way in it; mutable, all times in monotonic seconds."""

    __slots__ = (
        "ack",
        "ack_waits",
        "asks",
        "auth_tries",
        "authorization",
        "branch",
        "bye_lines",
        "bye_waits",
        "cancel",
        "cancel_again",
        "carried",
        "client",
        "customer_id",
        "elsewhere",
        "hop",
        "id",
        "inbound",
        "invite_cseq",
        "late_offer",
        "local",
        "local_cseq",
        "local_tag",
        "max_forwards",
        "offer",
        "origin_id",
        "origin_version",
        "others",
        "remote",
        "remote_cseq",
        "remote_tag",
        "reported",
        "request_uri",
        "rested",
        "ringing",
        "routes",
        "server",
        "server_cseq",
        "session_seen",
        "sip_call_id",
        "source",
        "state",
        "strays",
        "tail",
        "target",
        "trunk_id",
        "unsure",
    )  # fmt: skip

    def __init__(  # noqa: PLR0915 - nothing but attributes
        self, leg_id: str, *, inbound: bool, sip_call_id: str, local_tag: str
    ) -> None:
        self.id = leg_id
        self.inbound = inbound
        self.sip_call_id = sip_call_id
        self.local_tag = local_tag
        self.remote_tag = ""
        self.state: LegState = "new"
        self.reported = False
        "Whether the end of this leg has been reported upwards."
        self.local = ""
        "Our From or To value, tag included."
        self.remote = ""
        "Their value, tag included once known."
        self.target = ""
        "Remote target: where requests inside the dialog are addressed to."
        self.request_uri = ""
        self.routes: tuple[str, ...] = ()
        self.hop: Hop = ("udp", "", 0)
        self.others: tuple[Hop, ...] = ()
        "Further addresses of the host that we dialled."
        self.source: Hop | None = None
        "Where the peer's messages really come from, if its Contact is not to be believed."
        self.customer_id = ""
        self.trunk_id = ""
        self.local_cseq = 0
        self.remote_cseq = -1
        self.invite_cseq = 0
        self.branch = ""
        self.tail = b""
        "The INVITE after Contact, for a second try with credentials."
        self.max_forwards = 70
        self.ringing = False
        self.server: ServerInvite | None = None
        "The INVITE of theirs that is not acknowledged yet."
        self.server_cseq = 0
        self.unsure: ServerInvite | None = None
        "Restored: a 2xx that is repeated because nobody knows whether its ACK had come."
        self.client: ClientInvite | None = None
        "The INVITE of ours that has no final response yet."
        self.cancel: Literal["", "wanted", "sent"] = ""
        self.cancel_again = False
        "Restored: our CANCEL may come before the INVITE, and is repeated if a phone speaks."
        self.elsewhere = False
        self.bye_waits = False
        "A BYE is due but the ACK of our 200 has not come (section 15)."
        self.bye_lines: tuple[str, ...] = ()
        "The Reason of that BYE."
        self.late_offer = False
        self.ack_waits = False
        "Their 200 brought an offer: the ACK waits for the answer."
        self.offer = b""
        "The offer of their 200, while its ACK waits."
        self.ack = b""
        self.strays: dict[str, bytes] | None = None
        "ACKs of further 200s with other To tags."
        self.asks: dict[str, ServerInvite | ServerOther] | None = None
        "Requests of theirs that the other party has yet to answer."
        self.auth_tries = 0
        self.authorization = ""
        "The credentials of our last INVITE, which its ACK must repeat (section 13.2.2.4)."
        self.carried: ClientInvite | None = None
        "A re-INVITE of ours that has no final response yet."
        self.origin_id = 0
        self.origin_version = 0
        self.session_seen = 0
        self.rested = b""
        "The answer by which its media rested while nobody was at the other end."

    def take_dialog(self, message: Message, source: Hop) -> None:
        """Learn target and route set from the message that makes the dialog (12.1)."""
        routes = message.values("record-route")[:MAX_ROUTES]
        self.routes = tuple(routes if self.inbound else reversed(routes))
        self.refresh_target(message, source)

    def refresh_target(self, message: Message, source: Hop) -> None:
        """A Contact in a target refresh moves the remote target (12.2.1.2)."""
        contact = message.get("contact")
        uri = address_uri(contact) if contact else ""
        if uri:
            self.target = without_headers(uri)
        if self.inbound and not self.trunk_id and isinstance(message, Request):
            self.source = source if self._is_behind_nat(message, source) else None
        self.hop = self._next_hop(source)

    def leave_flow(self) -> None:
        """The connection is gone that requests took: where the phone listens is what is left.

        That is the contact it has registered, if we called it: some phones put the connection
        itself into the Contact of their answer.
        """
        if not self.routes:
            self.source = None
            listens = "" if self.inbound else self.request_uri
            self.hop = hop_of(listens) or hop_of(self.target) or self.hop

    def _is_behind_nat(self, message: Request, source: Hop) -> bool:
        """Whether a phone's Contact names a place that its packets do not come from.

        A phone is one machine; only carriers and other servers are believed to have several.
        """
        found = hop_of(self.target)
        if found is None or found[1] == source[1]:
            return False
        return bool(private_network(found[1])) or "rport" in message.via.params

    def _next_hop(self, source: Hop) -> Hop:
        """Route set first (12.2.1.1), then the target; the source where neither can be trusted."""
        if self.routes:
            return hop_of(address_uri(self.routes[0])) or source
        if source[0] != "udp":
            return source  # phones accept no connections, and NAT would let none in
        if self.source is not None:
            return self.source
        found = hop_of(self.target)
        if found is None:
            return source  # a name
        network = private_network(found[1])
        # A private address means nothing to us unless the packets come from the same network.
        return source if network and network != private_network(source[1]) else found

    def request(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        cseq: int,
        branch: str,
        local: str,
        lines: Sequence[str],
        body: bytes,
        *,
        hops: int = 70,
    ) -> bytes:
        """Bytes of a request inside the dialog (12.2.1.1), strict routers included."""
        uri = self.target
        routes = self.routes
        if routes:
            first = parse_name_address(routes[0])
            first_uri = parse_uri(first.uri) if first is not None else None
            if first is not None and first_uri is not None and "lr" not in first_uri.params:
                uri = first.uri
                routes = (*routes[1:], f"<{self.target}>")
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.hop[0].upper()} {local};branch={branch};rport",
            f"Max-Forwards: {hops}",
            *[f"Route: {route}" for route in routes],
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.sip_call_id}",
            f"CSeq: {cseq} {method}",
            *lines,
            f"Content-Length: {len(body)}\r\n\r\n",
        ]
        return "\r\n".join(head).encode("utf-8", "surrogateescape") + body

    def failure_ack(self, branch: str, cseq: int, to: str, local: str) -> bytes:
        """The ACK of a 3xx-6xx of the first INVITE repeats its branch (17.1.1.3)."""
        text = (
            f"ACK {self.request_uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.hop[0].upper()} {local};branch={branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {self.local}\r\nTo: {to}\r\n"
            f"Call-ID: {self.sip_call_id}\r\nCSeq: {cseq} ACK\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        return text.encode("utf-8", "surrogateescape")

    def next_cseq(self) -> int:
        self.local_cseq += 1
        return self.local_cseq

    def our_session(self, session: bytes, address: str) -> bytes:
        """``session`` with our o= line; the version grows when the description changes."""
        if self.rested:
            session = padded(session, self.rested)
        seen = hash(session)
        if seen != self.session_seen:
            self.session_seen = seen
            self.origin_version += 1
        return with_origin(session, self.origin_id, self.origin_version, address)

    def __repr__(self) -> str:
        side = "caller" if self.inbound else "callee"
        return f"<Leg {self.id} {side} {self.state} cancel={self.cancel or '-'}>"


@lru_cache(4096)
def address_uri(value: str) -> str:
    """The URI of a Contact or Route value; empty if it breaks the grammar."""
    address = parse_name_address(value)
    return address.uri if address is not None else ""


def without_headers(uri: str) -> str:
    """``uri`` as it may stand in a request line; its headers are not ours to send (19.1.5)."""
    mark = uri.find("?", uri.rfind("@") + 1)
    return uri if mark < 0 else uri[:mark]


@lru_cache(4096)
def hop_of(uri: str) -> Hop | None:
    """The hop of a SIP URI with a numeric host; ``None`` when a name would have to be resolved."""
    parsed = parse_uri(uri)
    if parsed is None or parsed.scheme != "sip" or not is_numeric(parsed.host):
        return None
    transport = (parsed.params.get("transport") or "udp").lower()
    if transport not in ("udp", "tcp"):
        return None
    return (transport, parsed.host, parsed.port or 5060)


def is_numeric(host: str) -> bool:
    """Whether ``host`` is an IPv4 address."""
    parts = host.split(".")
    return len(parts) == 4 and all(p.isascii() and p.isdigit() and int(p) < 256 for p in parts)


def private_network(host: str) -> str:
    """Which range of addresses that mean nothing outside it holds ``host``; empty for none.

    RFC 1918, RFC 6598 and what a machine calls itself.
    """
    first, _, rest = host.partition(".")
    second = rest.partition(".")[0]
    if first in ("10", "127"):
        return first
    if not (second.isascii() and second.isdigit()):
        return ""
    number = int(second)
    if (first, number) == ("192", 168):
        return "192.168"
    if first == "172" and 16 <= number <= 31:
        return "172.16"
    return "100.64" if first == "100" and 64 <= number <= 127 else ""
