"""A live call and its legs, as small as a node with ten thousand of them needs it.

Both change in place: a call sees some twenty events in its life, and only ``call.step`` and what
it calls touch it. What only matters before the answer is dropped with the answer.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.calls.events import Direction
from switchroom.calls.outcome import Outcome
from switchroom.calls.plan import Route
from switchroom.calls.ports import AgentLeg
from switchroom.calls.race import Branch, Race
from switchroom.foundation.leg import Cause, HangUp, LegAction, LegArrived, Reject

MOST_LEGS = 64
"Legs that one call may dial in its life, all races and attempts together."

Phase: TypeAlias = Literal["ringing", "joining", "connected", "ending"]
"""``joining``: the destination of an originated call has answered, and its session is on its way to
the caller."""
EndedBy: TypeAlias = Literal["caller", "callee", "system"]


class Ender(Struct, frozen=True):
    """An agent who ends a call from outside: not on his phone but at his desk or by a program."""

    agent_id: str
    text: str
    "For the record only; what the phones are told is the cause's."


class Alarm:
    """What the timer wheel keeps of a call: it must not keep a finished call alive."""

    __slots__ = ("call", "deadline", "filed")

    def __init__(self, call: "Call") -> None:
        self.call: Call | None = call
        self.deadline: float | None = None
        self.filed = 0.0
        "The deadline under which the wheel has it."


class Leg:
    """One leg that we dialled, until it has ended."""

    __slots__ = ("agent_id", "answered", "branch", "ending", "leg_id", "rang", "session")

    def __init__(self, leg_id: str, agent_id: str, branch: Branch) -> None:
        self.leg_id = leg_id
        self.agent_id = agent_id
        self.branch = branch
        self.rang = False
        self.answered = False
        self.session: bytes | None = None
        "What its answer brought, until it is passed on."
        self.ending: Outcome | None = None
        "Why we told it to end; its outcome when the end comes."


class Call:
    """Who called whom, the race while it rings, and the two parties once connected."""

    __slots__ = (
        "agent_id",
        "alarm",
        "answered_at",
        "arrival",
        "arrived_at",
        "ask_id",
        "branches",
        "by",
        "call_id",
        "called",
        "caller",
        "caller_leg_id",
        "caller_live",
        "cause",
        "client_id",
        "customer_id",
        "dialled",
        "direction",
        "due",
        "ended_at",
        "forwarded",
        "legs",
        "originated",
        "phase",
        "race",
        "ring_told",
        "route",
        "tries",
        "winner",
    )

    def __init__(self, call_id: str, caller_leg_id: str, arrived_at: float) -> None:
        self.call_id = call_id
        self.caller_leg_id = caller_leg_id
        self.arrived_at = arrived_at
        self.customer_id = ""
        self.client_id = ""
        self.agent_id = ""
        "The agent who calls."
        self.direction: Direction = "internal"
        self.caller = ""
        self.called = ""
        self.caller_live = True
        self.phase: Phase = "ringing"
        self.legs: dict[str, Leg] = {}
        "The legs that we dialled and that have not ended."
        self.dialled = 0
        self.winner: Leg | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        "When the first side ended it; monotonic seconds as all times here."
        self.cause = Cause()
        "Why it ended; the status is what the caller saw."
        self.by: EndedBy = "system"
        self.alarm = Alarm(self)
        self.originated = False
        "Whether a command has begun it: its caller is who answers first, and has no id until then."
        self.due: float | None = None
        "When the joining is tried again, or the parked one is hung up."
        # Only before the answer:
        self.arrival: LegArrived | None = None
        self.route: Route | None = None
        self.race: Race | None = None
        self.branches: dict[Branch, Leg] = {}
        self.forwarded = False
        "Whether the no-answer target has had its turn."
        self.ring_told = False
        # Only while two parties of an originated call are being joined:
        self.ask_id = ""
        "Of the re-INVITE that offers the destination's session to the caller."
        self.tries = 0

    @property
    def caller_answered(self) -> bool:
        """Whether the caller's leg is an answered one: it is hung up, not rejected."""
        return self.originated or self.answered_at is not None


def end_caller(call: Call, cause: Cause) -> list[LegAction]:
    """How the caller's side is ended, if there is one."""
    if not call.caller_live:
        return []
    end = HangUp if call.caller_answered else Reject
    return [end(call.caller_leg_id, cause)]


def legs_of_agents(call: Call) -> Iterator[AgentLeg]:
    """The call's live legs that belong to agents, the caller's included.

    A leg that was told to end is not an agent's any more, though its phone may be slow to confirm.
    """
    if call.agent_id and call.caller_live:
        yield call.agent_id, call.call_id, call.caller_leg_id, call.caller_answered
    for leg in call.legs.values():
        if leg.agent_id and leg.ending is None:
            yield leg.agent_id, call.call_id, leg.leg_id, leg is call.winner
