"""What must survive a crash of a call: enough to carry it on, or to end it on both sides.

Times are Unix seconds here, since monotonic time does not survive a restart.
"""

from msgspec import Struct
from msgspec.structs import replace

from switchroom.calls.events import Direction
from switchroom.calls.model import Call, EndedBy, Leg, Phase, end_caller
from switchroom.calls.originated import PARK_S
from switchroom.calls.outcome import Outcome
from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.leg import Cancel, Cause, HangUp, LegAction

RESTARTED = Cause(480, 41, "Call server restarted")
"""For a call that still rang: 480, not 503, which would tell the caller's phone or carrier that
this server is down and make it try the next one with a call we have on record as ended."""


class LegSnapshot(Struct, frozen=True, omit_defaults=True):
    leg_id: str
    agent_id: str = ""
    answered: bool = False
    ending: Outcome | None = None


class CallSnapshot(Struct, frozen=True, omit_defaults=True):
    """A call as it was when something worth keeping had changed."""

    call_id: str
    customer_id: str
    caller_leg_id: str
    direction: Direction
    caller: str
    called: str
    arrived_at: UtcSeconds
    phase: Phase
    legs: tuple[LegSnapshot, ...]
    client_id: str = ""
    agent_id: str = ""
    caller_live: bool = True
    winner_leg_id: str = ""
    answered_at: UtcSeconds | None = None
    ended_at: UtcSeconds | None = None
    cause: Cause = Cause()
    by: EndedBy = "system"
    originated: bool = False


def take(call: Call, utc_offset: float) -> CallSnapshot:
    """``utc_offset`` is what makes Unix seconds of monotonic ones."""
    return CallSnapshot(
        call_id=call.call_id,
        customer_id=call.customer_id,
        caller_leg_id=call.caller_leg_id,
        direction=call.direction,
        caller=call.caller,
        called=call.called,
        arrived_at=call.arrived_at + utc_offset,
        phase=call.phase,
        legs=tuple(
            LegSnapshot(leg.leg_id, leg.agent_id, leg.answered, leg.ending)
            for leg in call.legs.values()
        ),
        client_id=call.client_id,
        agent_id=call.agent_id,
        caller_live=call.caller_live,
        winner_leg_id=call.winner.leg_id if call.winner is not None else "",
        answered_at=_shifted(call.answered_at, utc_offset),
        ended_at=_shifted(call.ended_at, utc_offset),
        cause=call.cause,
        by=call.by,
        originated=call.originated,
    )


def call_of(snapshot: CallSnapshot, utc_offset: float) -> Call:
    """The call as it was, without what only mattered while it rang."""
    call = Call(snapshot.call_id, snapshot.caller_leg_id, snapshot.arrived_at - utc_offset)
    call.customer_id = snapshot.customer_id
    call.client_id = snapshot.client_id
    call.agent_id = snapshot.agent_id
    call.direction = snapshot.direction
    call.caller = snapshot.caller
    call.called = snapshot.called
    call.caller_live = snapshot.caller_live
    call.phase = snapshot.phase
    for kept in snapshot.legs:
        leg = Leg(kept.leg_id, kept.agent_id, (-1, 0))
        leg.answered = kept.answered
        leg.ending = kept.ending
        call.legs[leg.leg_id] = leg
    call.winner = call.legs.get(snapshot.winner_leg_id)
    call.answered_at = _shifted(snapshot.answered_at, -utc_offset)
    call.ended_at = _shifted(snapshot.ended_at, -utc_offset)
    call.cause = snapshot.cause
    call.by = snapshot.by
    call.originated = snapshot.originated
    if call.phase == "connected" and call.winner is None and call.answered_at is not None:
        call.due = call.answered_at + PARK_S
    return call


def resume(call: Call, now: float) -> list[LegAction]:
    """Go on with a call that was connected; end everything that was not, or was ending."""
    if call.phase in ("ringing", "joining"):
        call.phase = "ending"
        call.winner = None
        call.cause = RESTARTED
        call.ended_at = now
    # Who has hung up may be named in the record; the phones are not told.
    cause = call.cause if call.cause is RESTARTED else replace(call.cause, text="")
    actions = end_caller(call, cause) if call.phase == "ending" else []
    for leg in call.legs.values():
        if leg is call.winner and call.phase == "connected":
            continue
        leg.ending = leg.ending or "cancelled"
        elsewhere = leg.ending == "elsewhere"
        if leg.answered:
            actions.append(HangUp(leg.leg_id, cause, elsewhere))
        else:
            actions.append(Cancel(leg.leg_id, elsewhere))
    return actions


def _shifted(when: float | None, by_s: float) -> float | None:
    return None if when is None else when + by_s
