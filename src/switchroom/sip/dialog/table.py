"""The legs of a node, what happened on them, and what they share."""

from typing import Literal

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Cause, Hop, LegEnded, LegEvent
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.message import Request
from switchroom.sip.ports import Access, Network
from switchroom.sip.settings import SipSettings
from switchroom.sip.transaction.layer import TransactionLayer

ALLOW = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
ACCEPT_SDP = "Accept: application/sdp"
SDP_TYPE = "Content-Type: application/sdp"

EndedBy = Literal["peer", "us", "timeout", "transport"]


class Legs:
    """Tables and collected events; the modules beside this one act on them.

    ``events`` and ``lookups`` are taken away by whoever feeds the user agent.
    """

    def __init__(
        self,
        layer: TransactionLayer,
        access: Access,
        network: Network,
        ids: Ids,
        settings: SipSettings,
    ) -> None:
        self.layer = layer
        self.access = access
        self.network = network
        self.ids = ids
        self.settings = settings
        self.by_id: dict[str, Leg] = {}
        self.by_tag: dict[str, Leg] = {}
        self.events: list[LegEvent] = []
        self.lookups: list[tuple[str, str]] = []
        "Leg id and host name: an address is needed before the INVITE can go."
        self._origin = 0

    def add(self, leg: Leg) -> None:
        self._origin += 1
        leg.origin_id = self._origin
        self.by_id[leg.id] = leg
        self.by_tag[leg.local_tag] = leg

    def has_room(self, *, is_emergency: bool = False) -> bool:
        """Whether one more leg may come in; calls for help may exceed the limit, but not twice."""
        limit = self.settings.limit_legs
        return len(self.by_id) < (2 * limit if is_emergency else limit)

    def find(self, request: Request) -> Leg | None:
        """The leg whose dialog a request belongs to (RFC 3261 section 12.2.2)."""
        leg = self.by_tag.get(request.to_tag or "")
        if leg is None or leg.sip_call_id != request.call_id:
            return None
        if leg.remote_tag != (request.from_tag or ""):
            return None
        return leg

    def end(self, leg: Leg, cause: Cause, by: EndedBy, now: float) -> None:
        """Report the end of ``leg`` once and forget it."""
        self.drop(leg, now)
        self.report_end(leg, cause, by)

    def report_end(self, leg: Leg, cause: Cause, by: EndedBy) -> None:
        """Report the end of ``leg`` once, though its dialog may still need settling."""
        if not leg.reported:
            leg.reported = True
            self.events.append(LegEnded(leg.id, cause, by, leg.others))

    def close(self, leg: Leg, now: float) -> None:
        """Answer what is open in ``leg`` and bound what we still wait for; nothing more happens."""
        leg.state = "ended"
        self.settle(leg, now)
        if leg.asks:
            for server in leg.asks.values():
                self.layer.respond(server, 487, now, to_tag=leg.local_tag)
            leg.asks = None
        if leg.carried is not None:
            leg.carried.expect_final_by(now + self.layer.timers.give_up)
            self.layer.rearm(leg.carried)

    def settle(self, leg: Leg, now: float) -> None:
        """The peer has shown that it knows the dialog: what was unsure after a restart is not."""
        if leg.unsure is not None:
            self.layer.acknowledged(leg.unsure, now)
            leg.unsure = None

    def drop(self, leg: Leg, now: float) -> None:
        """Forget ``leg``; requests inside it get 481 from now on, open ones get 487."""
        self.close(leg, now)
        self.by_id.pop(leg.id, None)
        self.by_tag.pop(leg.local_tag, None)

    def leave_flow(self, hop: Hop) -> list[Leg]:
        """Let no leg use a closed connection; return the callers who were still waiting on it."""
        waiting = []
        for leg in self.by_id.values():
            if leg.server is not None and leg.server.hop == hop and leg.state in ("new", "early"):
                waiting.append(leg)
            elif leg.hop == hop:
                leg.leave_flow()
        return waiting

    def uses(self, hop: Hop) -> bool:
        """Whether a leg needs the connection to ``hop``; looks at all of them."""
        return any(
            leg.hop == hop or (leg.server is not None and leg.server.hop == hop)
            for leg in self.by_id.values()
        )

    def contact(self, hop: Hop) -> str:
        """Our Contact line towards ``hop``."""
        suffix = ";transport=tcp" if hop[0] == "tcp" else ""
        return f"Contact: <sip:switchroom@{self.network.local(hop)}{suffix}>"

    def address(self, hop: Hop) -> str:
        """Our numeric address towards ``hop``, for o= lines."""
        return self.network.local(hop).partition(":")[0]
