"""How the texts of a configuration must be written. Each check returns a fault, or ``None``."""

import re

from switchroom.directory.numbering import normalise
from switchroom.directory.sources import read_network

LONGEST_NAME = 100
"Characters of a name that people read."
LONGEST_URI = 256

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*\.?"
_PARAMETERS = r"(;[\w.!~*'()%-]+(=[\w.!~*'()%\[\]/:&+$-]*)?)*"
_DOMAIN = re.compile(_HOST, re.ASCII | re.IGNORECASE)
_WHERE = re.compile(
    rf"(?P<host>{_HOST})(:(?P<port>\d{{1,5}}))?(?P<parameters>{_PARAMETERS})",
    re.ASCII | re.IGNORECASE,
)
_USER = re.compile(r"[\w.!~*'()%&=+$,;?/-]+", re.ASCII)
_USERNAME = re.compile(rf"[a-z0-9._+-]{{1,64}}@{_HOST}", re.ASCII)
_EXTENSION = re.compile(r"[0-9A-Za-z*][0-9A-Za-z._*-]{0,31}", re.ASCII)
_SHORT_NUMBER = re.compile(r"[0-9*]{1,15}", re.ASCII)
_PREFIX = re.compile(r"\+[0-9]{0,15}", re.ASCII)
_IPV4_LIKE = re.compile(r"[0-9.]+", re.ASCII)


def name_fault(text: str) -> str | None:
    """A name that people read: printable, at most 100 characters, no space at its ends."""
    if not 1 <= len(text) <= LONGEST_NAME:
        return f"must have 1 to {LONGEST_NAME} characters"
    if not text.isprintable() or text != text.strip():
        return "must be printable, without line breaks and without spaces at its ends"
    return None


def domain_fault(text: str) -> str | None:
    """A host name or numeric IPv4 address without a port (RFC 1123 section 2.1)."""
    if len(text) > 253 or not _DOMAIN.fullmatch(text):
        return f"{_shown(text)} is not a domain such as acme.example"
    return _ipv4_fault(text)


def username_fault(text: str) -> str | None:
    """An agent's username: ``alice@acme.example``, lower case."""
    if len(text) > 253 or not _USERNAME.fullmatch(text):
        return f"{_shown(text)} is not a username such as alice@acme.example"
    return None


def extension_number_fault(text: str) -> str | None:
    """An extension's number, which is also its user name in SIP."""
    if _EXTENSION.fullmatch(text):
        return None
    return f"{_shown(text)} is not an extension number: 1 to 32 letters, digits and . _ - *"


def short_number_fault(text: str) -> str | None:
    """A number that is dialled inside a customer."""
    if _SHORT_NUMBER.fullmatch(text):
        return None
    return f"{_shown(text)} is not a short number: 1 to 15 digits or *"


def prefix_fault(text: str) -> str | None:
    """A route's prefix: a plus, then digits."""
    if _PREFIX.fullmatch(text):
        return None
    return f'{_shown(text)} is not a prefix: write "+" for all numbers, "+1" or "+4930" for some'


def telephone_fault(text: str, country: str) -> str | None:
    """An E.164 number with a plus."""
    if text.startswith("+") and normalise(text, country) == text:
        return None
    return f"{_shown(text)} is not a telephone number; write it as +12025550123"


def network_fault(text: str) -> str | None:
    """A network in CIDR notation, or one address."""
    if read_network(text) is not None:
        return None
    return f"{_shown(text)} is not a network such as 192.0.2.0/24 (nothing may be set behind /24)"


def host_fault(text: str) -> str | None:
    """A carrier's host: ``host``, ``host:port`` or ``sip:host:port;transport=tcp``."""
    where = text.removeprefix("sip:")
    if ";" in where and where == text:
        return f'{_shown(text)}: write "sip:" before a host with parameters'
    return _where_fault(where, text)


def sip_uri_fault(text: str) -> str | None:
    """A SIP URI to dial (RFC 3261 section 19.1) over UDP or TCP."""
    if text.lower().startswith("sips:"):
        return f"{_shown(text)} needs TLS, which this version does not have"
    if not text.startswith("sip:"):
        return f"{_shown(text)} is not a SIP URI such as sip:alice@192.0.2.7:5060"
    user, at, where = text[4:].rpartition("@")
    if at and not _USER.fullmatch(user):
        return f"{_shown(text)} is not a SIP URI: the part before the @ cannot be read"
    return _where_fault(where, text)


def _where_fault(where: str, text: str) -> str | None:
    found = _WHERE.fullmatch(where) if len(text) <= LONGEST_URI else None
    if found is None:
        return f"{_shown(text)} does not name a host such as carrier.example:5060"
    if found["port"] and not 1 <= int(found["port"]) <= 65_535:
        return f"{_shown(text)}: a port is 1 to 65535"
    for parameter in found["parameters"].lower().split(";"):
        if parameter.startswith("transport=") and parameter[10:] not in {"udp", "tcp"}:
            return f"{_shown(text)}: the transport is udp or tcp in this version"
    return _ipv4_fault(found["host"])


def _ipv4_fault(host: str) -> str | None:
    if _IPV4_LIKE.fullmatch(host) and (host.endswith(".") or read_network(host) is None):
        return f"{_shown(host)} is not an IPv4 address"
    return None


def _shown(text: str) -> str:
    """Quoted, and never longer than a line."""
    return ascii(text) if len(text) <= 80 else ascii(text[:77]) + "…"
