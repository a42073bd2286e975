"""Requests outside a dialog: new calls, registrations, OPTIONS (RFC 3261 section 8.2)."""

from switchroom.foundation.leg import Hop, Identity, LegArrived, Origin
from switchroom.foundation.text import readable
from switchroom.sip.authentication import Authentication, Challenge
from switchroom.sip.checks import problem_of, refusal_of_body
from switchroom.sip.defence import Defence
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.table import ACCEPT_SDP, ALLOW, Legs
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.sip.message import NameAddress, Request, SipUri, parse_name_address, parse_uri
from switchroom.sip.ports import Access
from switchroom.sip.registrar import AddressOfRecord, Registrar
from switchroom.sip.scanners import is_scanner
from switchroom.sip.transaction.server import ServerInvite, ServerOther

KNOWN_METHODS = frozenset(
    ("ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK",
     "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE")
)  # fmt: skip
MAX_DISPLAY = 100
MAX_USER = 128
MAX_HOST = 255
MAX_REFERENCE = 256


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
        uri = self._acceptable(request, server)
        if uri is None:
            return
        if isinstance(server, ServerInvite):
            self._invite(request, server, uri, source, now)
        elif request.method == "REGISTER":
            self._register(request, server, source, now)
        elif request.method == "OPTIONS":
            lines = (ALLOW, ACCEPT_SDP, "Accept-Encoding: identity", "Accept-Language: en")
            self._answer(request, server, 200, lines)
        elif request.method in ("BYE", "UPDATE", "INFO", "PRACK"):
            self._answer(request, server, 481)
        elif request.method in KNOWN_METHODS:
            self._answer(request, server, 405, (ALLOW,))
        else:
            self._answer(request, server, 501, (ALLOW,))

    # --- checks (section 8.2.1 to 8.2.3) ------------------------------------------------------

    def _acceptable(self, request: Request, server: ServerInvite | ServerOther) -> SipUri | None:
        """The Request-URI, or ``None`` after a refusal."""
        uri = parse_uri(request.uri)
        if uri is None or uri.headers:
            self._answer(request, server, 400, reason="Bad Request-URI")
        elif uri.scheme not in ("sip", "tel"):
            self._answer(request, server, 416)
        elif problem := problem_of(request):
            self._answer(request, server, 400, reason=problem)
        elif (required := request.values("require")) and request.method != "CANCEL":
            missing = ", ".join(required[:16])
            self._answer(request, server, 420, (f"Unsupported: {missing}",))
        else:
            return uri
        return None

    def _body_is_acceptable(self, request: Request, server: ServerInvite) -> bool:
        if (status := refusal_of_body(request)) != 0:
            lines = (ACCEPT_SDP, "Accept-Encoding: identity")
            self._answer(request, server, status, lines)
        return status == 0

    # --- calls --------------------------------------------------------------------------------

    def _invite(
        self, request: Request, server: ServerInvite, uri: SipUri, source: Hop, now: float
    ) -> None:
        host, is_phone = self._caller_domain(request)
        origin = None if is_phone else self._legs.access.trunk_at(source[1], _user(uri))
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
        if not self._body_is_acceptable(request, server):
            return
        if request.max_forwards == 0:
            self._answer(request, server, 483)
        elif not self._legs.has_room() and not self._legs.has_room(
            is_emergency=is_emergency(request, self._legs.access)
        ):
            wait = (f"Retry-After: {self._legs.settings.retry_after_s}",)
            self._answer(request, server, 503, wait)
        else:
            caller = _caller(request, number)
            self._arrived(request, server, uri, origin, caller, source)

    def _caller_domain(self, request: Request) -> tuple[str, bool]:
        """The domain of ours that From names, if any, and whether it names a phone in it.

        A phone may stand in a trunk's network: who claims to be one has to prove it.
        """
        uri = parse_uri(request.from_.uri)
        access = self._legs.access
        if uri is None or not access.is_ours(uri.host):
            return "", False
        return uri.host, access.account(uri.user, uri.host) is not None

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
                host=readable(uri.host, MAX_HOST),
                caller=caller,
                session=request.body or None,
                max_forwards=70 if request.max_forwards is None else request.max_forwards,
                source=source,
                reference=readable(request.call_id, MAX_REFERENCE),
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
            self._answer(request, server, 403, reason="Not your address of record")
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
            user = readable(request.from_.uri, MAX_USER)
            what = readable(request.method, MAX_USER)
            self._defence.refused(source[1], what, f"wrong password for {user}", now)
        self._legs.layer.discard(server)
        self._legs.layer.refuse(
            request, server.hop, 401, challenge.lines, to_tag=self._tag(request)
        )

    def _answer(
        self,
        request: Request,
        server: ServerInvite | ServerOther,
        status: int,
        lines: tuple[str, ...] = (),
        reason: str = "",
    ) -> None:
        """Answer without keeping state (8.2.7): a copy is looked at and answered again."""
        layer = self._legs.layer
        layer.discard(server)
        layer.refuse(request, server.hop, status, lines, self._tag(request), reason)

    @staticmethod
    def _tag(request: Request) -> str:
        """The same tag for every copy of a request."""
        return f"{hash((request.call_id, request.branch)) & 0xFFFFFFFFFFFF:x}"


def is_emergency(request: Request, access: Access) -> bool:
    """Whether this INVITE calls for help: such calls are turned away last."""
    uri = parse_uri(request.uri) if request.method == "INVITE" else None
    return uri is not None and access.is_emergency(_user(uri), uri.host)


def _caller(request: Request, number: str) -> Identity:
    """Who calls: the authenticated number, else what the trunk asserts (RFC 3325), else From."""
    shown = request.from_
    if number:
        return Identity(number, readable(shown.display, MAX_DISPLAY))
    address: NameAddress = shown
    asserted = request.values("p-asserted-identity")
    # Whoever wants to stay unknown shows in From only what may be seen (RFC 3325 section 7).
    if asserted and not _wants_privacy(request):
        address = parse_name_address(asserted[0]) or shown
    uri = parse_uri(address.uri)
    display = readable(address.display or shown.display, MAX_DISPLAY)
    return Identity(_user(uri) if uri is not None else "", display)


def _wants_privacy(request: Request) -> bool:
    wanted = request.get("privacy") or ""
    return bool({"id", "user", "full"} & set(wanted.lower().replace(" ", "").split(";")))


def _user(uri: SipUri) -> str:
    """Whom a URI names: the user part, or the number of a ``tel:`` URI (RFC 3966)."""
    user = uri.opaque if uri.scheme == "tel" else uri.user
    if uri.scheme == "tel" or user[:1].isdigit() or user[:1] == "+":
        # Telephone numbers carry parameters in the user part: ;npdi, ;verstat (RFC 4694, 8588).
        user = user.partition(";")[0]
    return readable(user, MAX_USER)
