"""SIP URIs: reading, writing and escaping them (RFC 3261 §19.1)."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from msgspec import Struct

from switchroom.sip.message.limits import PARAMETERS

CACHED_URIS: Final = 4096
"The same few contacts and trunks are in most messages."
CACHED_LENGTH: Final = 256
"Longer ones are not remembered: strangers must not fill our memory with them."

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_FORBIDDEN: Final = re.compile(r'[\x00-\x20\x7f<>"]|%(?![0-9A-Fa-f]{2})')
_HOST_PORT: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")

# The characters that need no escape besides letters, digits and "-_.~", by place in the URI.
_USER_SAFE: Final = "!*'()&=+$,;?/"
_PASSWORD_SAFE: Final = "!*'()&=+$,"
_PARAMETER_SAFE: Final = "!*'()[]/:&+$"
_HEADER_SAFE: Final = "!*'()[]/?:+$"


class SipUri(Struct, frozen=True):
    """A URI taken apart; all texts are unescaped, so they may contain any character, even CR LF."""

    scheme: str
    "Lower case; ``sip`` and ``sips`` are read further, of others only ``opaque`` is filled."
    user: str = ""
    password: str = ""
    host: str = ""
    "Lower case, an IPv6 address without its brackets."
    port: int | None = None
    params: dict[str, str] = {}
    "By lower-case name; flags such as ``lr`` are empty strings."
    headers: dict[str, str] = {}
    opaque: str = ""
    "What follows the colon of a ``tel:`` or other URI, as it is."

    def __str__(self) -> str:
        return format_uri(self)


def unescape(text: str) -> str:
    """Replace ``%41`` by ``A``; bytes that are no UTF-8 survive as lone surrogates."""
    return unquote(text, "utf-8", "surrogateescape") if "%" in text else text


def escape_user(user: str) -> str:
    """Escape what may not stand in the user part of a URI."""
    return quote(user, _USER_SAFE, "utf-8", "surrogateescape")


def parse_uri(text: str) -> SipUri | None:
    """Take a URI apart; ``None`` if it breaks the grammar.

    A user part may contain ``;`` and ``?``: only what follows the host is a parameter or header.
    The first of equal parameters counts, more than 64 of either kind are refused.
    """
    return _parse_remembered(text) if len(text) <= CACHED_LENGTH else _parse(text)


def _parse(text: str) -> SipUri | None:
    scheme, _, rest = text.partition(":")
    if not rest or _SCHEME.fullmatch(scheme) is None or _FORBIDDEN.search(rest):
        return None
    scheme = scheme.lower()
    if scheme not in ("sip", "sips"):
        return SipUri(scheme, opaque=rest)
    userinfo, at, tail = rest.partition("@")
    if not at:
        userinfo, tail = "", rest
    user, _, password = userinfo.partition(":")
    if at and not user:
        return None
    place, headers = _split_off(tail, "?")
    place, parameters = _split_off(place, ";")
    found = _HOST_PORT.fullmatch(place)
    port = int(found[2]) if found and found[2] else None
    params = _pairs(parameters, ";")
    header_values = _pairs(headers, "&")
    if found is None or params is None or header_values is None or not _is_port(port):
        return None
    host = found[1].lower().strip("[]")
    return SipUri(scheme, unescape(user), unescape(password), host, port, params, header_values)


_parse_remembered = lru_cache(CACHED_URIS)(_parse)


def _split_off(text: str, mark: str) -> tuple[str, str]:
    before, _, after = text.partition(mark)
    return before, after


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port < 65536


def _pairs(text: str, separator: str) -> dict[str, str] | None:
    pairs: dict[str, str] = {}
    if not text:
        return pairs
    words = text.split(separator)
    if len(words) > PARAMETERS:
        return None
    for word in words:
        name, _, value = word.partition("=")
        if not name or "@" in word:
            return None
        pairs.setdefault(unescape(name).lower(), unescape(value))
    return pairs


def format_host(host: str) -> str:
    """Return the host as it stands in a URI or Via: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def format_uri(uri: SipUri) -> str:
    """Write a URI, escaping each part as its place demands."""
    if uri.scheme not in ("sip", "sips"):
        return f"{uri.scheme}:{uri.opaque}"
    words = [uri.scheme, ":"]
    if uri.user:
        words.append(escape_user(uri.user))
        if uri.password:
            words += (":", _escape(uri.password, _PASSWORD_SAFE))
        words.append("@")
    words.append(format_host(uri.host))
    if uri.port is not None:
        words.append(f":{uri.port}")
    words += (";" + word for word in _words(uri.params, _PARAMETER_SAFE, flags=True))
    if uri.headers:
        words += ("?", "&".join(_words(uri.headers, _HEADER_SAFE, flags=False)))
    return "".join(words)


def _escape(text: str, safe: str) -> str:
    return quote(text, safe, "utf-8", "surrogateescape")


def _words(pairs: dict[str, str], safe: str, *, flags: bool) -> list[str]:
    words = []
    for name, value in pairs.items():
        bare = flags and not value
        words.append(_escape(name, safe) + ("" if bare else "=" + _escape(value, safe)))
    return words
