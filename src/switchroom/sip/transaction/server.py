"""Server transactions: INVITE (RFC 3261 section 17.2.1 with RFC 6026) and all others (17.2.2)."""

from enum import Enum
from typing import Any

from switchroom.foundation.leg import Hop
from switchroom.sip.message import Request
from switchroom.sip.transaction.timers import Timers, with_others

REFRESH_RINGING_S = 60.0
"A ringing caller hears the provisional response again (RFC 3261 section 13.3.1.1)."


class Due(Enum):
    """What a server transaction wants when its deadline has come."""

    NOTHING = 0
    TRYING = 1
    "Send a 100 now."
    RESEND = 2
    UNACKNOWLEDGED = 3
    "No ACK for a 2xx in 64*T1; the transaction is over."
    GONE = 4


class ServerTransaction:
    """State shared by both server machines; ``last`` answers copies of the request."""

    __slots__ = (
        "_expires_at", "_interval", "_resend_at", "deadline", "hop", "key", "last", "merge_key",
        "owner", "request", "state", "timers",
    )  # fmt: skip

    def __init__(self, key: str, request: Request | None, hop: Hop, timers: Timers) -> None:
        self.key = key
        self.merge_key = ""
        self.request = request
        self.hop = hop
        self.timers = timers
        self.owner: Any = None
        self.state = "proceeding"
        self.last = b""
        self.deadline: float | None = None
        self._interval = timers.t1
        self._resend_at: float | None = None
        self._expires_at = 0.0

    @property
    def expires_at(self) -> float:
        """When it is over, once it has its final response."""
        return self._expires_at

    @property
    def is_final(self) -> bool:
        return self.state != "proceeding"

    def _expire(self, when: float) -> None:
        self._resend_at = None
        self._expires_at = self.deadline = with_others(when)


class ServerInvite(ServerTransaction):
    """States: proceeding, accepted, completed, confirmed, terminated.

    Also repeats the 2xx until its ACK comes: the RFC gives that to the core (13.3.1.4), with the
    same timers, so it is done in the same place here.
    """

    __slots__ = ()

    def start(self, now: float) -> None:
        self.deadline = now + self.timers.trying_after

    def respond(self, status: int, data: bytes, now: float) -> None:
        """``data`` has gone out with ``status``."""
        if self.state != "proceeding":
            return
        self.last = data
        if status < 200:
            self.deadline = now + REFRESH_RINGING_S
            return
        self.request = None
        self.state = "accepted" if status < 300 else "completed"
        self._expires_at = now + self.timers.give_up  # timers L and H
        # A 2xx crosses proxies hop by hop and is repeated even over a stream (13.3.1.4).
        repeat = status < 300 or self.hop[0] == "udp"
        self._resend_at = now + self.timers.t1 if repeat else None
        self._arm()

    def repeat(self, data: bytes, now: float, until: float) -> None:
        """``data``, a 2xx, goes out once more and waits for its ACK ``until`` then."""
        self.state = "accepted"
        self.last = data
        self._expires_at = until
        self._resend_at = now + self.timers.t1
        self._arm()

    def repeated(self) -> bytes:
        """The INVITE came again; what to answer, empty for nothing."""
        return self.last if self.state in ("proceeding", "completed") else b""

    def acknowledged(self, now: float) -> None:
        """The ACK has come: of a 2xx (found by its dialog) or of a failure (by this branch)."""
        if self.state == "accepted":
            self.last = b""
            self.owner = None
            self._expire(self._expires_at)
        elif self.state == "completed":
            self.state = "confirmed"
            self.last = b""
            # Timer I swallows further ACKs on UDP.
            self._expire(now + (self.timers.t4 if self.hop[0] == "udp" else 0.0))

    def tick(self, now: float) -> Due:
        if self.state == "proceeding":
            if not self.last:
                self.deadline = None
                return Due.TRYING
            if self.owner is None:
                self.state = "terminated"  # nobody works on it: a fault of ours
                self.deadline = None
                return Due.GONE
            self.deadline = now + REFRESH_RINGING_S
            return Due.RESEND
        if now >= self._expires_at:
            unacknowledged = self.state == "accepted" and bool(self.last)
            self.state = "terminated"
            self.deadline = None
            return Due.UNACKNOWLEDGED if unacknowledged else Due.GONE
        if self._resend_at is not None and now >= self._resend_at:
            self._interval = min(self._interval * 2, self.timers.t2)  # timer G
            self._resend_at = now + self._interval
            self._arm()
            return Due.RESEND
        return Due.NOTHING

    def _arm(self) -> None:
        resend = self._resend_at
        expires = self._expires_at
        self.deadline = expires if resend is None or resend > expires else resend


class ServerOther(ServerTransaction):
    """States: proceeding (the RFC's Trying), completed, terminated."""

    __slots__ = ()

    def start(self, now: float) -> None:
        # A request that nobody answers must not stay for ever; 64*T1 is when the client gives up.
        self._expire(now + self.timers.give_up)

    def respond(self, status: int, data: bytes, now: float) -> None:
        if self.state != "proceeding":
            return
        self.last = data
        if status >= 200:
            self.state = "completed"
            self.request = None
            self.owner = None
            # Timer J.
            self._expire(now + (self.timers.give_up if self.hop[0] == "udp" else 0.0))

    def repeated(self) -> bytes:
        return self.last

    def tick(self, now: float) -> Due:
        if now < self._expires_at:
            return Due.NOTHING
        self.state = "terminated"
        self.deadline = None
        return Due.GONE
