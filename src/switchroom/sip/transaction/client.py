"""Client transactions: INVITE (RFC 3261 section 17.1.1 with RFC 6026) and all others (17.1.2).

Mutable on purpose: this is the hot path. A finished transaction shrinks to a tombstone that only
knows what to repeat and when to go.
"""

from enum import Enum
from typing import Any

from switchroom.foundation.leg import Hop
from switchroom.sip.transaction.timers import Timers, with_others

SILENT_T1 = 8
"Timer A is so many T1 long when three copies went unanswered: 3.5 s after the INVITE."


class Verdict(Enum):
    """What the owner of a transaction has to do after an input."""

    NOTHING = 0
    PASS = 1
    "Hand the response to the owner."
    RESEND = 2
    "Send ``last`` again."
    TIMEOUT = 3
    "Nobody answered; the transaction is over."
    GONE = 4
    "The transaction is over; forget it."
    SILENT = 5
    "Like ``RESEND``, and three copies of the INVITE have met with silence."


class ClientTransaction:
    """State shared by both client machines.

    ``last`` is what is sent again: the request, later the ACK. ``purpose`` and ``owner`` tell the
    user agent who asked; the machine itself does not look at them.
    """

    __slots__ = (
        "_expires_at", "_interval", "_resend_at", "deadline", "hop", "key", "last", "owner",
        "purpose", "state", "timers",
    )  # fmt: skip

    def __init__(
        self, key: str, hop: Hop, request: bytes, purpose: str, owner: Any, timers: Timers
    ) -> None:
        self.key = key
        self.hop = hop
        self.last = request
        self.purpose = purpose
        self.owner = owner
        self.timers = timers
        self.state = "trying"
        self.deadline: float | None = None
        self._interval = timers.t1
        self._resend_at: float | None = None
        self._expires_at = 0.0

    def start(self, now: float) -> None:
        """The request has gone out: start timers A and B, or E and F."""
        self._expires_at = now + self.timers.give_up
        self._resend_at = now + self.timers.t1 if self.hop[0] == "udp" else None
        self._arm()

    def silence(self) -> None:
        """Send no more copies, but wait on for an answer."""
        self._resend_at = None
        self._arm()

    def fail(self) -> None:
        """The transport cannot deliver (section 17.1.4)."""
        self._end()

    def _arm(self) -> None:
        resend = self._resend_at
        expires = self._expires_at
        self.deadline = expires if resend is None or resend > expires else resend

    def _end(self) -> None:
        self.state = "terminated"
        self.deadline = None
        self.last = b""
        self.owner = None


class ClientInvite(ClientTransaction):
    """States: trying (the RFC's Calling), proceeding, accepted, completed, terminated."""

    __slots__ = ()

    def receive(self, status: int, now: float) -> Verdict:
        """Take a response; the owner puts the ACK into ``last`` after a final one."""
        state = self.state
        if status < 200:
            if state == "trying":
                self.state = "proceeding"
                # Once Proceeding there is no timer: how long it rings is the caller's decision.
                self._resend_at = None
                self.deadline = None
            elif state != "proceeding":
                return Verdict.NOTHING
            return Verdict.PASS
        if status < 300:
            if state in ("trying", "proceeding"):
                self._settle("accepted", now + self.timers.give_up)  # timer M
            # Copies and other branches' 2xx go up as long as timer M runs (RFC 6026 7.2).
            return Verdict.PASS if self.state == "accepted" else Verdict.NOTHING
        if state in ("trying", "proceeding"):
            # Timer D: at least 32 s on UDP, zero on a stream.
            self._settle("completed", now + (32.0 if self.hop[0] == "udp" else 0.0))
            return Verdict.PASS
        return Verdict.RESEND if state == "completed" else Verdict.NOTHING

    def expect_final_by(self, when: float) -> None:
        """After a CANCEL: give up if no final response has come by ``when`` (section 9.1)."""
        if self.state == "proceeding":
            self._resend_at = None
            self._expires_at = when
            self.deadline = when

    def tick(self, now: float) -> Verdict:
        if now >= self._expires_at:
            timed_out = self.state in ("trying", "proceeding")
            self.state = "terminated"
            self.deadline = None
            return Verdict.TIMEOUT if timed_out else Verdict.GONE
        if self._resend_at is not None and now >= self._resend_at:
            self._interval *= 2  # timer A doubles without a ceiling
            self._resend_at = now + self._interval
            self._arm()
            return (
                Verdict.SILENT if self._interval == SILENT_T1 * self.timers.t1 else Verdict.RESEND
            )
        self._arm()
        return Verdict.NOTHING

    def _settle(self, state: str, expires_at: float) -> None:
        self.state = state
        self.last = b""
        self._resend_at = None
        self._expires_at = self.deadline = with_others(expires_at)


class ClientOther(ClientTransaction):
    """States: trying, proceeding, completed, terminated."""

    __slots__ = ()

    def receive(self, status: int, now: float) -> Verdict:
        if self.state in ("completed", "terminated"):
            return Verdict.NOTHING
        if status < 200:
            self.state = "proceeding"
            return Verdict.PASS
        self.state = "completed"
        self.last = b""
        self._resend_at = None
        # Timer K swallows late copies on UDP.
        ends_at = now + (self.timers.t4 if self.hop[0] == "udp" else 0.0)
        self._expires_at = self.deadline = with_others(ends_at)
        return Verdict.PASS

    def tick(self, now: float) -> Verdict:
        if now >= self._expires_at:
            timed_out = self.state != "completed"
            self.state = "terminated"
            self.deadline = None
            return Verdict.TIMEOUT if timed_out else Verdict.GONE
        if self._resend_at is not None and now >= self._resend_at:
            t2 = self.timers.t2
            proceeding = self.state == "proceeding"
            self._interval = t2 if proceeding else min(self._interval * 2, t2)  # timer E
            self._resend_at = now + self._interval
            self._arm()
            return Verdict.RESEND
        self._arm()
        return Verdict.NOTHING
