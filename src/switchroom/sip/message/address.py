"""Name-addresses: the values of From, To, Contact, Route and their like (RFC 3261 §20.10)."""

import re
from typing import Final

from msgspec import Struct

from switchroom.sip.message.grammar import (
    LWS,
    QUOTED,
    format_parameters,
    parse_parameters,
    quote,
    unquote,
)

_IN_URI: Final = re.compile(r'[\x00-\x20\x7f<>"]')
_IN_DISPLAY: Final = re.compile(r'[",;:<>@\\]')
_TAG: Final = re.compile(r";[ \t]*tag[ \t]*=[ \t]*([^;, \t]+)", re.IGNORECASE)


class NameAddress(Struct, frozen=True):
    """Who: a display name (unquoted, may be empty), a URI as written, and parameters."""

    display: str
    uri: str
    "Without angle brackets; ``*`` for ``Contact: *``; empty for a value that nobody can read."
    params: dict[str, str] = {}
    "By lower-case name, values as written with their quotes; flags are empty strings."


UNREADABLE: Final = NameAddress("", "")
"Stands for a value that breaks the grammar."


def parse_name_address(text: str) -> NameAddress | None:
    """Read one name-address; ``None`` if it breaks the grammar.

    Without angle brackets all parameters belong to the field, not to the URI, and a comma, ``?``
    or white space is not allowed in the URI (RFC 3261 §20).
    """
    text = text.strip(LWS)
    if text == "*":
        return NameAddress("", "*")
    if text[:1] == '"':
        return _quoted(text)
    display, bracket, rest = text.partition("<")
    if not bracket:
        return _bare(text)
    display = display.rstrip(LWS)
    # Phones write unquoted what they should quote; only what makes the value ambiguous is refused.
    return None if _IN_DISPLAY.search(display) else _bracketed(display, rest)


def _quoted(text: str) -> NameAddress | None:
    found = QUOTED.match(text)
    if found is None:
        return None
    gap, bracket, rest = text[found.end() :].partition("<")
    if not bracket or gap.strip(LWS):
        return None
    return _bracketed(unquote(found[0]), rest)


def _bracketed(display: str, rest: str) -> NameAddress | None:
    uri, bracket, tail = rest.partition(">")
    params = parse_parameters(tail)
    if not bracket or not uri or _IN_URI.search(uri) or params is None:
        return None
    return NameAddress(display, uri, params)


def _bare(text: str) -> NameAddress | None:
    uri, mark, tail = text.partition(";")
    uri = uri.rstrip(LWS)
    params = parse_parameters(mark + tail)
    if not uri or _IN_URI.search(uri) or "," in uri or "?" in uri or params is None:
        return None
    return NameAddress("", uri, params)


def format_name_address(display: str, uri: str, tag: str = "") -> str:
    """Write a name-address; the display name is quoted, the tag left out if empty."""
    name = f"{quote(display)} " if display else ""
    return f"{name}<{uri}>;tag={tag}" if tag else f"{name}<{uri}>"


def format_address(address: NameAddress) -> str:
    """Write a name-address with all its parameters."""
    parameters = format_parameters(address.params)
    return format_name_address(address.display, address.uri) + parameters


def tag_of(value: str) -> str | None:
    """Return the tag of a From or To value without taking the whole apart; ``None`` if none.

    Must be right where a display name or another parameter contains ``;tag=`` in quotes.
    """
    begin = 0
    if '"' in value:
        if value[0] == '"' and "\\" not in value:
            begin = value.find('"', 1) + 1
        if not begin or '"' in value[begin:]:
            value = QUOTED.sub("", value)
            begin = 0
    begin = value.rfind(">", begin) + 1
    start = value.find(";tag=", begin)
    if start < 0:
        found = _TAG.search(value, begin)
        return found[1] if found else None
    start += 5
    end = value.find(";", start)
    tag = value[start:] if end < 0 else value[start:end]
    return tag.strip(LWS) or None
