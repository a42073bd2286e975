"""Reads what a REGISTER asks for, and refuses what no registrar may accept (RFC 3261 §10.3)."""

from msgspec import Struct

from switchroom.foundation.text import readable
from switchroom.sip.message import NameAddress, Request, SipUri, parse_name_address, parse_uri

LIMIT_CONTACTS = 10
"Contacts in one REGISTER."
LIMIT_URI = 1024
LIMIT_CALL_ID = 512
LIMIT_INSTANCE = 256
LIMIT_USER_AGENT = 200
"Characters kept of a User-Agent; the rest is cut off."
MALFORMED_EXPIRES_S = 3600
"What an unreadable or oversized expiry means, RFC 3261 §20.19."

_UNSAFE = frozenset('<>" ')
"It is written back into Contact lines and, later, into request lines."


class ExpiryBounds(Struct, frozen=True):
    """Seconds for which a registration may hold."""

    least_s: int = 60
    "Shorter ones get 423 with Min-Expires; 0 always means removal."
    most_s: int = 3600
    "Longer ones are lowered silently."
    default_s: int = 3600
    "When the phone names none."


class Refusal(Struct, frozen=True):
    """Why a REGISTER changes nothing."""

    status: int
    reason: str
    lines: tuple[str, ...] = ()


class AskedContact(Struct, frozen=True):
    """One contact of a REGISTER; ``expires_s`` 0 removes it."""

    uri: str
    parsed: SipUri
    expires_s: int
    q: float
    instance: str
    reg_id: int


class Asked(Struct, frozen=True):
    """A REGISTER that was understood."""

    call_id: str
    cseq: int
    user_agent: str
    contacts: tuple[AskedContact, ...]
    "None: the phone only wants to know what is registered."
    removes_all: bool = False


def read(request: Request, bounds: ExpiryBounds) -> Asked | Refusal:
    """Read the whole REGISTER or say why not; the first fault found decides."""
    if len(request.call_id) > LIMIT_CALL_ID:
        return Refusal(400, "Call-ID too long")
    values = request.values("contact")
    if len(values) > LIMIT_CONTACTS:
        return Refusal(400, "Too many contacts in one request")
    header = request.get("expires")
    asked = Asked(
        call_id=readable(request.call_id, LIMIT_URI),
        cseq=request.cseq,
        user_agent=readable(request.get("user-agent") or "", LIMIT_USER_AGENT),
        contacts=(),
        removes_all="*" in values,
    )
    if asked.removes_all:
        if len(values) > 1 or header is None or seconds(header) != 0:
            return Refusal(400, "Contact * needs Expires: 0 and no other contact")
        return asked
    contacts: list[AskedContact] = []
    for value in values:
        contact = _read_contact(value, header, bounds)
        if isinstance(contact, Refusal):
            return contact
        contacts.append(contact)
    return Asked(asked.call_id, asked.cseq, asked.user_agent, tuple(contacts))


def seconds(text: str) -> int:
    """Delta-seconds of an Expires value; unreadable or oversized ones count as an hour."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**32:
        return int(text)
    return MALFORMED_EXPIRES_S


def _read_contact(value: str, header: str | None, bounds: ExpiryBounds) -> AskedContact | Refusal:
    contact = parse_name_address(value)
    parsed = None if contact is None else parse_uri(contact.uri)
    if contact is None or parsed is None or parsed.scheme != "sip":
        return Refusal(400, "Contact must be a sip: URI")
    if len(contact.uri) > LIMIT_URI or not contact.uri.isprintable() or set(contact.uri) & _UNSAFE:
        return Refusal(400, "Contact too long or with characters that no URI has")
    expires = _expiry(contact, header, bounds)
    if isinstance(expires, Refusal):
        return expires
    instance = contact.params.get("+sip.instance", "").strip('"')
    if len(instance) > LIMIT_INSTANCE or not instance.isprintable() or set(instance) & set('"\\'):
        return Refusal(400, "Malformed +sip.instance")
    return AskedContact(
        uri=contact.uri,
        parsed=parsed,
        expires_s=expires,
        q=_preference(contact.params.get("q", "")),
        instance=instance,
        reg_id=_reg_id(contact.params.get("reg-id", "")),
    )


def _expiry(contact: NameAddress, header: str | None, bounds: ExpiryBounds) -> int | Refusal:
    own = contact.params.get("expires")
    named = header if own is None else own
    wanted = bounds.default_s if named is None else seconds(named)
    if 0 < wanted < bounds.least_s:
        return Refusal(423, "Interval Too Brief", (f"Min-Expires: {bounds.least_s}",))
    return min(wanted, bounds.most_s)


def _preference(text: str) -> float:
    # qvalue, RFC 3261 §25.1; a phone with a wrong one is still a phone that wants calls.
    try:
        q = float(text)
    except ValueError:
        return 1.0
    return q if 0.0 <= q <= 1.0 else 1.0


def _reg_id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
