"""Requests outside a dialog: new calls, registrations, OPTIONS (RFC 3261 section 8.2)."""

from switchroom.foundation.leg import Hop, Identity, LegArrived, Origin
from switchroom.sip.authentication import Authentication, Challenge
from switchroom.sip.checks import problem_of, refusal_of_body
from switchroom.sip.defence import Defence
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.table import ACCEPT_SDP, ALLOW, Legs
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.sip.message import NameAddress, Request, SipUri, parse_name_address, parse_uri
from switchroom.sip.registrar import AddressOfRecord, Registrar
from switchroom.sip.scanners import is_scanner
from switchroom.sip.transaction.server import ServerInvite, ServerOther

KNOWN_METHODS = frozenset(
    ("ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK",
     "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE")
)  # fmt: skip
MAX_DISPLAY = 100
MAX_USER = 128


class Arrivals:
    """Accepts or refuses what starts something new. ``facts`` are taken away by the user agent."""

    def __init__(
        self, legs: Legs, authentication: Authentication, registrar: Registrar, defence: Defence
    ) -> None:
        self._legs = legs
        self._authentication = authentication
        self._registrar = registrar
        self._defence = defence
        self.facts: list[RegistrationAdded | RegistrationRemoved] = []

    def take(
        self, request: Request, server: ServerInvite | ServerOther, source: Hop, now: float
    ) -> None:
        """Answer ``request``, or turn it into an event."""
        if is_scanner(request.get("user-agent") or ""):
            self._legs.layer.discard(server)  # no answer: it would say that somebody is here
            self._defence.failed(source[1], "scanner", now)
            return
        uri = self._acceptable(request, server, now)
        if uri is None:
            return
        if isinstance(server, ServerInvite):
            self._invite(request, server, uri, source, now)
        elif request.method == "REGISTER":
            self._register(request, server, source, now)
        elif request.method == "OPTIONS":
            lines = (ALLOW, ACCEPT_SDP, "Accept-Encoding: identity", "Accept-Language: en")
            self._legs.layer.respond(server, 200, now, to_tag=self._tag(request), lines=lines)
        elif request.method in ("BYE", "UPDATE", "INFO", "PRACK"):
            self._refuse(request, server, 481, now)
        elif request.method in KNOWN_METHODS:
            self._refuse(request, server, 405, now, (ALLOW,))
        else:
            self._refuse(request, server, 501, now, (ALLOW,))

    # --- checks (section 8.2.1 to 8.2.3) ------------------------------------------------------

    def _acceptable(
        self, request: Request, server: ServerInvite | ServerOther, now: float
    ) -> SipUri | None:
        """The Request-URI, or ``None`` after a refusal."""
        uri = parse_uri(request.uri)
        if uri is None or uri.headers:
            self._refuse(request, server, 400, now, reason="Bad Request-URI")
        elif uri.scheme not in ("sip", "tel"):
            self._refuse(request, server, 416, now)
        elif problem := problem_of(request):
            self._refuse(request, server, 400, now, reason=problem)
        elif request.get("require") is not None and request.method != "CANCEL":
            missing = ", ".join(request.values("require")[:16])
            self._refuse(request, server, 420, now, (f"Unsupported: {missing}",))
        else:
            return uri
        return None

    def _body_is_acceptable(self, request: Request, server: ServerInvite, now: float) -> bool:
        if (status := refusal_of_body(request)) != 0:
            lines = (ACCEPT_SDP, "Accept-Encoding: identity")
            self._refuse(request, server, status, now, lines)
        return status == 0

    # --- calls --------------------------------------------------------------------------------

    def _invite(
        self, request: Request, server: ServerInvite, uri: SipUri, source: Hop, now: float
    ) -> None:
        host = self._phone_domain(request)
        origin = None if host else self._legs.access.trunk_at(source[1], _user(uri))
        number = ""
        if origin is None:
            host = host or uri.host
            who = self._authentication.authenticate(request, host, source[1], now)
            if isinstance(who, Challenge):
                self._challenged(request, server, who, source, now)
                return
            self._defence.succeeded(source[1], now)
            origin = Origin("extension", who.extension_id, who.customer_id)
            number = who.number
        if not self._body_is_acceptable(request, server, now):
            return
        if request.max_forwards == 0:
            self._refuse(request, server, 483, now)
        elif not self._legs.has_room():
            wait = (f"Retry-After: {self._legs.settings.retry_after_s}",)
            self._refuse(request, server, 503, now, wait)
        elif not number or uri.scheme == "tel" or self._legs.access.is_ours(uri.host):
            caller = _caller(request, number)
            self._arrived(request, server, uri, origin, caller, source)
        else:
            self._refuse(request, server, 404, now)

    def _phone_domain(self, request: Request) -> str:
        """The domain of the phone that From names, empty if it names none of ours.

        A phone may stand in a trunk's network: who claims to be one has to prove it.
        """
        uri = parse_uri(request.from_.uri)
        access = self._legs.access
        if uri is not None and access.is_ours(uri.host) and access.account(uri.user, uri.host):
            return uri.host
        return ""

    def _arrived(
        self,
        request: Request,
        server: ServerInvite,
        uri: SipUri,
        origin: Origin,
        caller: Identity,
        source: Hop,
    ) -> None:
        legs = self._legs
        leg = Leg(
            legs.ids.token(),
            inbound=True,
            sip_call_id=request.call_id,
            local_tag=legs.ids.token(),
        )
        leg.customer_id = origin.customer_id
        leg.trunk_id = origin.id if origin.kind == "trunk" else ""
        leg.local = f"{request.get('to')};tag={leg.local_tag}"
        leg.remote = request.get("from") or ""
        leg.remote_tag = request.from_tag or ""
        leg.target = request.from_.uri  # of RFC 2543 phones, which send no Contact
        leg.remote_cseq = request.cseq
        leg.server = server
        leg.server_cseq = request.cseq
        leg.late_offer = not request.body
        leg.take_dialog(request, source)
        server.owner = leg
        legs.add(leg)
        legs.events.append(
            LegArrived(
                leg.id,
                origin=origin,
                dialled=_user(uri),
                host=uri.host,
                caller=caller,
                session=request.body or None,
                max_forwards=70 if request.max_forwards is None else request.max_forwards,
                source=source,
                reference=request.call_id,
            )
        )

    # --- registrations ------------------------------------------------------------------------

    def _register(self, request: Request, server: ServerOther, source: Hop, now: float) -> None:
        to = parse_uri(request.to.uri)
        host = to.host if to is not None else ""
        who = self._authentication.authenticate(request, host, source[1], now)
        if isinstance(who, Challenge):
            self._challenged(request, server, who, source, now)
            return
        self._defence.succeeded(source[1], now)
        if to is None or to.user != who.number:
            self._refuse(request, server, 403, now, reason="Not your address of record")
            return
        aor = AddressOfRecord(who.customer_id, who.number, who.max_contacts)
        outcome = self._registrar.register(request, aor, source, now)
        self.facts.extend(outcome.changes)
        self._legs.layer.respond(
            server,
            outcome.status,
            now,
            to_tag=self._tag(request),
            lines=outcome.lines,
            reason=outcome.reason,
        )

    # --- refusing -----------------------------------------------------------------------------

    def _challenged(
        self,
        request: Request,
        server: ServerInvite | ServerOther,
        challenge: Challenge,
        source: Hop,
        now: float,
    ) -> None:
        """Answer 401 without keeping state, so that strangers cannot fill a table (8.2.7)."""
        if challenge.failure is not None:
            self._defence.failed(source[1], challenge.failure, now)
            user = request.from_.uri[:MAX_USER]
            self._defence.refused(source[1], request.method, f"wrong password for {user}", now)
        self._legs.layer.discard(server)
        self._legs.layer.refuse(
            request, server.hop, 401, challenge.lines, to_tag=self._tag(request)
        )

    def _refuse(
        self,
        request: Request,
        server: ServerInvite | ServerOther,
        status: int,
        now: float,
        lines: tuple[str, ...] = (),
        reason: str = "",
    ) -> None:
        self._legs.layer.respond(
            server, status, now, to_tag=self._tag(request), lines=lines, reason=reason
        )

    @staticmethod
    def _tag(request: Request) -> str:
        """The same tag for every copy of a request."""
        return f"{hash((request.call_id, request.branch)) & 0xFFFFFFFFFFFF:x}"


def _caller(request: Request, number: str) -> Identity:
    """Who calls: the authenticated number, else what the trunk asserts (RFC 3325), else From."""
    shown = request.from_
    if number:
        return Identity(number, shown.display[:MAX_DISPLAY])
    address: NameAddress = shown
    if request.get("p-asserted-identity") is not None:
        asserted = parse_name_address(request.values("p-asserted-identity")[0])
        address = asserted or shown
    uri = parse_uri(address.uri)
    if uri is None:
        return Identity("", address.display[:MAX_DISPLAY])
    return Identity(_user(uri), (address.display or shown.display)[:MAX_DISPLAY])


def _user(uri: SipUri) -> str:
    """Whom a URI names: the user part, or the number of a ``tel:`` URI (RFC 3966)."""
    return (uri.opaque.partition(";")[0] if uri.scheme == "tel" else uri.user)[:MAX_USER]
