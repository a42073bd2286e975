"""What a phone saw on the wire: tests assert on this, and people read it."""

from collections import deque
from typing import Literal

from msgspec import Struct

from switchroom.sip.message import Malformed, Request, Response, parse

MOST_SEEN = 20_000


class Seen(Struct, frozen=True):
    """One message, when and which way it went."""

    at: float
    way: Literal["in", "out"]
    message: Request | Response | Malformed
    data: bytes


class Log:
    """The newest messages, in order."""

    def __init__(self) -> None:
        self.seen: deque[Seen] = deque(maxlen=MOST_SEEN)

    def add(self, at: float, way: Literal["in", "out"], data: bytes) -> None:
        self.seen.append(Seen(at, way, parse(data), data))

    def requests(self, method: str, way: Literal["in", "out"] = "in") -> list[Request]:
        """All requests with this method, copies included."""
        return [
            seen.message
            for seen in self.seen
            if seen.way == way
            and isinstance(seen.message, Request)
            and seen.message.method == method
        ]

    def responses(self, method: str, way: Literal["in", "out"] = "in") -> list[Response]:
        """All responses to requests with this method, copies included."""
        return [
            seen.message
            for seen in self.seen
            if seen.way == way
            and isinstance(seen.message, Response)
            and seen.message.cseq_method == method
        ]

    def statuses(self, method: str, way: Literal["in", "out"] = "in") -> list[int]:
        """The statuses of those responses without neighbouring repetitions."""
        found: list[int] = []
        for response in self.responses(method, way):
            if not found or found[-1] != response.status:
                found.append(response.status)
        return found

    def at(self, method: str, way: Literal["in", "out"] = "in") -> list[float]:
        """When requests with this method came or left."""
        return [
            seen.at
            for seen in self.seen
            if seen.way == way
            and isinstance(seen.message, Request)
            and seen.message.method == method
        ]
