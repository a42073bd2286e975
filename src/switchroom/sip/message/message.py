"""A message in memory: header values kept raw, typed values made when somebody asks."""

from typing import Final

from switchroom.sip.message import address, via
from switchroom.sip.message.address import NameAddress, parse_name_address
from switchroom.sip.message.grammar import LWS, split_list
from switchroom.sip.message.via import Via, parse_via

_COUNTS: Final[dict[str, int]] = {str(count): count for count in range(256)}


def small_number(text: str) -> int | None:
    """Return a Max-Forwards value, 0 to 255; ``None`` for anything else (RFC 3261 §20.22)."""
    count = _COUNTS.get(text)
    return _COUNTS.get(text.lstrip("0") or "0") if count is None and text else count


class Message:
    """What requests and responses have in common.

    Field names are long and lower-case; values are stripped and unfolded, otherwise as they came.
    Text is UTF-8 in which other bytes survive as lone surrogates, so it can be sent on exactly.
    """

    __slots__ = (
        "_from",
        "_to",
        "_via",
        "body",
        "branch",
        "call_id",
        "cseq",
        "cseq_method",
        "first",
        "from_tag",
        "more",
        "to_tag",
    )

    def __init__(self, first: dict[str, str], more: dict[str, list[str]]) -> None:
        self.first = first
        "The first value by name. To be written by this package only."
        self.more = more
        "The values of further lines of the same name, in order."
        self.body = b""
        self.call_id = ""
        self.cseq = 0
        self.cseq_method = ""
        self.from_tag: str | None = None
        self.to_tag: str | None = None
        self.branch = ""
        self._via: Via | None = None
        self._from: NameAddress | None = None
        self._to: NameAddress | None = None

    def get(self, name: str) -> str | None:
        """The value of the first line with this name."""
        return self.first.get(name)

    def raw(self, name: str) -> list[str]:
        """The values of all lines with this name, one for each line."""
        value = self.first.get(name)
        return [] if value is None else [value, *self.more.get(name, ())]

    def values(self, name: str) -> list[str]:
        """All members of a comma-separated field, over all its lines, in order."""
        value = self.first.get(name)
        if value is None:
            return []
        members = split_list(value)
        if name in self.more:
            for line in self.more[name]:
                members += split_list(line)
        return members

    @property
    def via(self) -> Via:
        """The top Via; one with an empty transport and host if it breaks the grammar."""
        if self._via is None:
            members = split_list(self.first.get("via", ""))
            self._via = (parse_via(members[0]) if members else None) or via.UNREADABLE
        return self._via

    @property
    def from_(self) -> NameAddress:
        """The From field; one with an empty URI if it breaks the grammar."""
        if self._from is None:
            self._from = parse_name_address(self.first.get("from", "")) or address.UNREADABLE
        return self._from

    @property
    def to(self) -> NameAddress:
        """The To field; one with an empty URI if it breaks the grammar."""
        if self._to is None:
            self._to = parse_name_address(self.first.get("to", "")) or address.UNREADABLE
        return self._to

    def addresses(self, name: str) -> list[NameAddress]:
        """All addresses of a field; those that break the grammar have an empty URI."""
        return [parse_name_address(value) or address.UNREADABLE for value in self.values(name)]

    def contacts(self) -> list[NameAddress]:
        """All contacts; the URI is ``*`` for ``Contact: *``, empty for an unreadable one."""
        return self.addresses("contact")

    @property
    def max_forwards(self) -> int | None:
        """How many hops are left, 0 to 255; ``None`` if the field is missing."""
        return small_number(self.first.get("max-forwards", "").strip(LWS))


class Request(Message):
    """A request. ``uri`` is the Request-URI as it came."""

    __slots__ = ("method", "received_from", "uri")

    def __init__(
        self, method: str, uri: str, first: dict[str, str], more: dict[str, list[str]]
    ) -> None:
        super().__init__(first, more)
        self.method = method
        self.uri = uri
        self.received_from: tuple[str, int] | None = None
        "Address and port that it really came from, once ``stamp_source`` has noted it."

    def restamp(self, top_line: str) -> None:
        """Replace the first Via line."""
        self.first["via"] = top_line
        self._via = None

    def __repr__(self) -> str:
        return f"<{self.method} {self.uri} {self.call_id} {self.cseq}>"


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(
        self, status: int, reason: str, first: dict[str, str], more: dict[str, list[str]]
    ) -> None:
        super().__init__(first, more)
        self.status = status
        self.reason = reason

    def __repr__(self) -> str:
        return f"<{self.status} {self.reason} {self.call_id} {self.cseq} {self.cseq_method}>"


class Malformed:
    """Bytes that are no usable message, and what to answer.

    ``status`` is 0 when nothing is to be answered: a response, garbage, or no Via to answer to.
    ``request`` has those of the fields for an answer that could be read.
    """

    __slots__ = ("reason", "request", "status")

    def __init__(self, status: int, reason: str, request: Request | None = None) -> None:
        self.status = status
        self.reason = reason
        self.request = request

    def __repr__(self) -> str:
        return f"<Malformed {self.status} {self.reason!r}>"
