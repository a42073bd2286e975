"""Phones that ring, and a caller, around a real ``CallService``: no SIP, no network, no clock.

Phones behave like legs must: what is cancelled, hung up or rejected ends, once, when the test says
so (``settle``) or at once (``obedient``).
"""

from typing import Literal

from fakes.clock import FakeClock
from fakes.ids import CountingIds
from switchroom.calls.outputs import CallGone, Checkpoint, Output
from switchroom.calls.ports import Router
from switchroom.calls.service import CallService
from switchroom.calls.snapshot import CallSnapshot
from switchroom.foundation.events import Fact, name_of
from switchroom.foundation.leg import (
    Cancel,
    Cause,
    Dial,
    HangUp,
    Identity,
    LegAction,
    LegAnswered,
    LegArrived,
    LegEnded,
    LegEvent,
    LegRinging,
    Origin,
    Reject,
)

OFFER = b"v=0 offer"
ANSWER = b"v=0 answer"
CANCELLED = Cause(487, 0, "Request Terminated")
By = Literal["peer", "us", "timeout", "transport"]


class RingingPhones:
    """The test's view: phones by user part of the URI dialled; the caller is called "caller"."""

    def __init__(self, router: Router, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.router = router
        self.service = CallService(router, CountingIds(), self.clock.utc_offset)
        self.obedient = True
        self.outputs: list[Output] = []
        self.leg_of: dict[str, str] = {}
        "The latest leg of each phone."
        self.name_of: dict[str, str] = {}
        self.live: set[str] = set()
        self.kept: CallSnapshot | None = None
        "What a driver would have kept of the call last."
        self._to_end: list[LegEnded] = []

    # --- what happens ----------------------------------------------------------------------------

    def call(self, *, offer: bytes | None = OFFER, dialled: str = "+12025550100") -> None:
        """The caller calls."""
        leg_id = "caller"
        while leg_id in self.name_of:
            leg_id += "'"
        self.name_of[leg_id] = "caller"
        self.leg_of["caller"] = leg_id
        self.live.add(leg_id)
        self.feed(
            LegArrived(
                leg_id,
                Origin("trunk", "carrier", "acme"),
                dialled,
                "acme.example",
                Identity("+12025550199", "Bob"),
                offer,
                70,
                ("udp", "192.0.2.9", 5060),
            )
        )

    def ring(self, *phones: str) -> None:
        for phone in phones:
            self.feed(LegRinging(self.leg_of[phone]))

    def answer(self, phone: str, session: bytes | None = ANSWER) -> None:
        self.feed(LegAnswered(self.leg_of[phone], session))

    def end(self, phone: str, status: int = 0, q850: int = 0, *, by: By = "peer") -> None:
        self._end(self.leg_of[phone], Cause(status, q850), by)

    def settle(self) -> None:
        """Let everything end that was told to."""
        while self._to_end:
            ended = self._to_end.pop(0)
            self._end(ended.leg_id, ended.cause, ended.by)

    def advance(self, seconds: float) -> None:
        """Let time pass, waking the service when it wants to be."""
        until = self.clock.now + seconds
        while (due := self.service.deadline()) is not None and due <= until:
            self.clock.now = max(due, self.clock.now)
            self.do(self.service.tick(self.clock.now))
        self.clock.now = until

    def feed(self, event: LegEvent) -> None:
        self.do(self.service.feed(event, self.clock.now))

    def do(self, outputs: list[Output]) -> None:
        for output in outputs:
            self.outputs.append(output)
            match output:
                case Dial(leg_id, to):
                    name = to.uri.removeprefix("sip:").partition("@")[0]
                    self.name_of[leg_id] = name
                    self.leg_of[name] = leg_id
                    self.live.add(leg_id)
                case Checkpoint(call_id):
                    self.kept = self.service.snapshot(call_id)
                case Cancel(leg_id):
                    self._to_end.append(LegEnded(leg_id, CANCELLED, "us"))
                case HangUp(leg_id, cause) | Reject(leg_id, cause):
                    self._to_end.append(LegEnded(leg_id, cause, "us"))
        if self.obedient:
            self.settle()

    def _end(self, leg_id: str, cause: Cause, by: By) -> None:
        if leg_id in self.live:
            self.live.discard(leg_id)
            self.feed(LegEnded(leg_id, cause, by))

    # --- what came of it -------------------------------------------------------------------------

    @property
    def told(self) -> dict[str, list[str]]:
        """What each was told, in lower case: dial, cancel, hang up, answer, …"""
        told: dict[str, list[str]] = {}
        for output in self.outputs:
            if isinstance(output, LegAction):
                words = "".join(f" {c}" if c.isupper() else c for c in type(output).__name__)
                told.setdefault(self.name_of[output.leg_id], []).append(words.strip().lower())
        return told

    def last(self, phone: str) -> LegAction:
        """The last action on a phone."""
        return self.actions(phone)[-1]

    def actions(self, phone: str) -> list[LegAction]:
        return [
            output
            for output in self.outputs
            if isinstance(output, LegAction) and self.name_of[output.leg_id] == phone
        ]

    @property
    def facts(self) -> list[Fact]:
        return [output for output in self.outputs if isinstance(output, Fact)]

    @property
    def story(self) -> list[str]:
        """The names of the facts, in order."""
        return [name_of(type(fact)) for fact in self.facts]

    @property
    def outcomes(self) -> dict[str, str]:
        """How each phone's latest leg ended."""
        found: dict[str, str] = {}
        for fact in self.facts:
            if name_of(type(fact)) == "leg.ended":
                found[self.name_of[fact.leg_id]] = fact.outcome  # type: ignore[attr-defined]
        return found

    @property
    def checkpoints(self) -> int:
        return sum(isinstance(output, Checkpoint) for output in self.outputs)

    @property
    def gone(self) -> list[str]:
        return [output.call_id for output in self.outputs if isinstance(output, CallGone)]
