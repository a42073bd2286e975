"""The Via field: how a request came and where its responses go (RFC 3261 §20.42, RFC 3581)."""

import re
from typing import Final

from msgspec import Struct

from switchroom.sip.message.grammar import format_parameters, parse_parameters, split_list
from switchroom.sip.message.uri import format_host

_SENT: Final = re.compile(
    r"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*([A-Za-z0-9.!%*_+`'~-]+)[ \t]+"
    r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)[ \t]*+(?::[ \t]*+([0-9]{1,5}))?[ \t]*+(;.*)?",
    re.IGNORECASE | re.DOTALL,
)

MAGIC_COOKIE: Final = "z9hG4bK"
"How the branch of an RFC 3261 client starts (§8.1.1.7)."


class Via(Struct, frozen=True):
    """One hop of a request's way."""

    transport: str
    "Upper case: ``UDP``, ``TCP``, ``TLS``, …; empty for a value that nobody can read."
    host: str
    "Sent-by, lower case, an IPv6 address without its brackets."
    port: int | None = None
    params: dict[str, str] = {}

    @property
    def branch(self) -> str:
        """The transaction's key, empty for none (RFC 2543 clients)."""
        return self.params.get("branch", "")

    @property
    def received(self) -> str:
        """The address that the request really came from, empty if not noted."""
        return self.params.get("received", "").strip("[]")

    @property
    def rport(self) -> int | None:
        """The port that the request really came from, ``None`` if not noted."""
        text = self.params.get("rport", "")
        return int(text) if len(text) <= 5 and text.isascii() and text.isdecimal() else None


UNREADABLE: Final = Via("", "")
"Stands for a value that breaks the grammar."


def parse_via(text: str) -> Via | None:
    """Read one Via value; ``None`` if it breaks the grammar."""
    found = _SENT.fullmatch(text)
    if found is None:
        return None
    params = parse_parameters(found[4] or "")
    port = int(found[3]) if found[3] else None
    if params is None or (port is not None and not 0 < port < 65536):
        return None
    return Via(found[1].upper(), found[2].lower().strip("[]"), port, params)


def format_via(via: Via) -> str:
    """Write a Via value."""
    place = format_host(via.host) if via.port is None else f"{format_host(via.host)}:{via.port}"
    params = format_parameters(via.params)
    return f"SIP/2.0/{via.transport} {place}{params}"


def branch_of(value: str) -> str:
    """Return the branch of the first Via in ``value`` without taking the whole apart."""
    # Whatever looks like an earlier or differently written branch is left to the whole parser.
    start = value.find("ranch") - 2
    if start < 0 or value[start : start + 8] != ";branch=" or '"' in value or "," in value:
        members = split_list(value)
        via = parse_via(members[0]) if members else None
        return via.branch if via else ""
    start += 8
    end = value.find(";", start)
    return (value[start:] if end < 0 else value[start:end]).strip(" \t")
