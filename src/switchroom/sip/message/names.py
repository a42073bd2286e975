"""Header names: any spelling on the wire to the one long, lower-case name used here."""

import re
from typing import Final

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_LEARNT_MOST: Final = 1024
_LEARNT_LENGTH: Final = 40

COMPACT: Final[dict[str, str]] = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"The one-letter forms (IANA registry of SIP header fields)."

_COMMON: Final = (
    "Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events"
    " Answer-Mode Authentication-Info Authorization Call-ID Call-Info Contact Content-Disposition"
    " Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion Error-Info"
    " Event Expires From Geolocation History-Info Identity Info-Package In-Reply-To Join"
    " Max-Forwards MIME-Version Min-Expires Min-SE Organization P-Access-Network-Info"
    " P-Asserted-Identity P-Called-Party-ID P-Charging-Vector P-Early-Media P-Preferred-Identity"
    " Path Priority Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require RAck Reason"
    " Record-Route Recv-Info Refer-Sub Refer-To Referred-By Reject-Contact Remote-Party-ID Replaces"
    " Reply-To Request-Disposition Require Retry-After Route RSeq Security-Client Security-Server"
    " Security-Verify Server Service-Route Session-Expires SIP-ETag SIP-If-Match Subject"
    " Subscription-State Supported Target-Dialog Timestamp To Unsupported User-Agent User-to-User"
    " Via Warning WWW-Authenticate"
)

_ONCE: Final = (
    "call-id content-disposition content-length content-type cseq event expires from max-forwards"
    " min-expires min-se rack refer-to referred-by rseq session-expires timestamp to"
)

SINGLE: Final = frozenset(_ONCE.split())
"Fields of which a second line makes the message ambiguous, so it is refused (RFC 3261 §7.3.1)."


def _usual_spellings() -> dict[str, str]:
    known: dict[str, str] = {}
    for short, name in COMPACT.items():
        known[short] = known[short.upper()] = name
    for name in _COMMON.split():
        known[name] = known[name.lower()] = known[name.upper()] = name.lower()
        known[name.title()] = name.lower()
    return known


SPELLINGS: Final[dict[str, str]] = _usual_spellings()
"Long names by spelling; grows by what the network shows, to a limit."
_ROOM_FOR = len(SPELLINGS) + _LEARNT_MOST


def long_name(spelling: str) -> str:
    """Return the long lower-case name for what stood before the colon; empty if it is no name.

    White space before the colon is allowed (RFC 3261 §7.3.1, HCOLON).
    """
    name = spelling.rstrip(" \t")
    if _TOKEN.fullmatch(name) is None:
        return ""
    name = name.lower()
    name = COMPACT.get(name, name)
    # A stranger must not be able to fill the memory with spellings, nor to push out the usual ones.
    if len(spelling) <= _LEARNT_LENGTH and len(SPELLINGS) < _ROOM_FOR:
        SPELLINGS[spelling] = name
    return name
