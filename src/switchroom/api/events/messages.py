"""What is said on the socket of events, in both directions. JSON, one object in each message."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from switchroom.live.sequence import Cursor

MESSAGE_LIMIT_BYTES = 65_536
"Longest message taken from a client."
HEARTBEAT_S = 15.0
EVENTS_IN_ONE = 200
"Most events in one message."

Word = Annotated[str, Meta(max_length=128)]


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Which events of one resource somebody wants."""

    resource: Word
    "``calls``, ``agent_status``, ``agents``, …"
    types: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    "``call.answered``, …; empty: all that the resource has."
    ids: Annotated[tuple[Word, ...], Meta(max_length=200)] = ()
    "Of things; empty: all that may be seen."


class Subscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="subscribe"):
    """Follow these, each in place of what was wanted of the same resource before.

    Without a cursor the answer is what is going on now, then events. With one, only in the first
    ``subscribe`` of a socket, it is every event since.
    """

    to: Annotated[tuple[Wanted, ...], Meta(min_length=1, max_length=30)]
    cursor: Annotated[str, Meta(max_length=64)] = ""
    id: Word = ""
    "Comes back in the answer."


class Unsubscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Follow no more events of these resources."""

    resources: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=30)]
    id: Word = ""


Request: TypeAlias = Subscribe | Unsubscribe


class Hello(Struct, frozen=True, tag="hello"):
    """The socket is open."""

    customer_id: str
    agent_id: str
    heartbeat_s: float = HEARTBEAT_S
    "Seconds; a socket that is silent for twice as long is dead."


class Subscribed(Struct, frozen=True, tag="subscribed"):
    """The answer to both requests: what is followed from now on."""

    resources: tuple[str, ...]
    id: str = ""


class Truncated(Struct, frozen=True, tag="truncated"):
    """Events after the cursor are lost; those from ``oldest`` on follow."""

    reason: Literal["purged", "epoch", "ahead"]
    "``epoch``: the sequence has begun anew; ``ahead``: it has never come as far as the cursor."
    oldest: int
    cursor: str
    "Where the events that follow begin."


class Snapshot(Struct, frozen=True, tag="snapshot"):
    """All that is going on and may be seen; takes the place of everything known of the resource."""

    resource: str
    cursor: str
    rows: tuple[msgspec.Raw, ...]


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """Nothing is lost up to here."""

    cursor: str


class Lagging(Struct, frozen=True, tag="lagging"):
    """Too slow: the socket closes; go on from ``cursor``, or the last one that was seen."""

    cursor: str


class Unsubscribed(Struct, frozen=True, tag="unsubscribed"):
    """The permission to see these is gone; forget all that is known of them."""

    resources: tuple[str, ...]


class Problem(Struct, frozen=True, tag="error"):
    """A request was not carried out."""

    code: str
    detail: str
    id: str = ""


Answer: TypeAlias = (
    Hello | Subscribed | Truncated | Snapshot | Heartbeat | Lagging | Unsubscribed | Problem
)

CLOSE_BAD_MESSAGE = 4400
CLOSE_LOGGED_OUT = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_LAGGING = 4408
CLOSE_TOO_MANY = 4429
CLOSE_LATER = 1013
"The database does not answer; nobody may be told anything."
CLOSE_GOING = 1001

_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_encoder = msgspec.json.Encoder()


class BadMessageError(Exception):
    """A client has said what is no request."""


def read_request(text: str) -> Request:
    """The request that ``text`` says.

    Raises:
        BadMessageError: It says none; the text tells why.
    """
    if len(text) > MESSAGE_LIMIT_BYTES:
        raise BadMessageError(f"a message has at most {MESSAGE_LIMIT_BYTES} bytes")
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadMessageError(str(error)) from None


def write(answer: Answer) -> str:
    """``answer`` as it is sent."""
    return _encoder.encode(answer).decode()


def write_events(end: Cursor, events: Sequence[tuple[int, str]]) -> Iterator[tuple[str, Cursor]]:
    """Events, by number and text, as they are sent: together, but not too many in one message.

    Each message says where its reader stands after it; after the last one that is ``end``.
    """
    for start in range(0, len(events), EVENTS_IN_ONE):
        some = events[start : start + EVENTS_IN_ONE]
        is_last = start + EVENTS_IN_ONE >= len(events)
        cursor = end if is_last else Cursor(end.epoch, some[-1][0])
        texts = ",".join([text for _, text in some])
        yield f'{{"type":"events","cursor":"{cursor}","events":[{texts}]}}', cursor
