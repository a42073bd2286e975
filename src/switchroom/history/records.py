"""Call records with all their legs, built from facts alone.

Tolerant by design: a fact may come twice, late or never. What is missing stays empty, and a fact
of an unknown kind changes nothing.
"""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from switchroom.calls import events

CallOutcome = Literal[
    "live", "answered", "abandoned", "busy", "no_answer", "unreachable", "refused", "failed"
]
"``live`` until it has ended; ``abandoned``: the caller gave up before anybody answered."

LEG_LIMIT = 256
"Legs kept in one record; a call dials 64 at most, each perhaps with fail-over attempts."


class LegRecord(Struct, frozen=True, omit_defaults=True):
    """One side of a call; times are Unix seconds, ``None`` for what has not happened."""

    leg_id: str
    role: Literal["caller", "callee"] = "callee"
    agent_id: str = ""
    address: str = ""
    contact: str = ""
    "URI dialled, or transport and address the caller came from."
    trunk: str = ""
    sip_call_id: str = ""
    "Empty if it is the leg id, as for every leg that we dialled."
    dialled_at: float | None = None
    rang_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    outcome: str = "live"
    "``live`` until it has ended."
    status: int = 0
    q850: int = 0
    text: str = ""
    ended_by: str = ""


class CallRecord(Struct, frozen=True):
    """One call as reports see it; times are Unix seconds, ``None`` for what has not happened."""

    call_id: str
    customer_id: str
    started_at: float
    client_id: str = ""
    direction: str = ""
    caller: str = ""
    called: str = ""
    agent_id: str = ""
    "Who answered; until then the first agent dialled."
    caller_agent_id: str = ""
    answered_at: float | None = None
    ended_at: float | None = None
    waited_s: float = 0.0
    "Seconds from the call's arrival to its answer, or to its end without one."
    talked_s: float = 0.0
    status: int = 0
    q850: int = 0
    text: str = ""
    outcome: CallOutcome = "live"
    ended_by: str = ""
    legs: tuple[LegRecord, ...] = ()
    origin: str = ""
    "``extension``, ``trunk``, or ``command``: nobody has called."
    asked_by: str = ""
    "The agent who wanted the call that a command has begun."
    agent_ids: str = ""
    "All agents that the call has touched so far, with a space before and after each."


CallHistoryFact = (
    events.CallCreated
    | events.LegDialled
    | events.LegRang
    | events.LegPickedUp
    | events.LegFinished
    | events.CallTaken
    | events.CallConnected
    | events.CallEnded
    | events.CallRefused
)
"Every fact that a call record is built from."


def apply(record: CallRecord | None, fact: events.CallFact) -> CallRecord:
    """Return ``record`` with ``fact`` in it; ``None`` is a call of which nothing is known yet."""
    if record is None:
        record = CallRecord(fact.call_id, fact.customer_id, fact.at, fact.client_id)
    step = _STEPS.get(type(fact))
    return record if step is None else _touched(step(record, fact), fact)


def _touched(record: CallRecord, fact: events.CallFact) -> CallRecord:
    known = record.agent_ids
    if isinstance(fact, events.CallCreated) and fact.origin == "command":
        known = _with_agent(known, fact.origin_id)  # who wants a call may see what becomes of it
    known = _with_agent(known, getattr(fact, "agent_id", ""))
    return record if known is record.agent_ids else replace(record, agent_ids=known)


def _with_agent(known: str, agent_id: str) -> str:
    if not agent_id or f" {agent_id} " in known:
        return known
    return f"{known or ' '}{agent_id} "


def _created(record: CallRecord, fact: events.CallCreated) -> CallRecord:
    legs = record.legs
    if fact.leg_id:  # a call that a command has begun has no caller yet
        leg = replace(
            _leg(record, fact.leg_id),
            role="caller",
            agent_id=fact.agent_id,
            address=f"{fact.origin}:{fact.origin_name or fact.origin_id}",
            contact=fact.source,
            sip_call_id=fact.sip_call_id,
            dialled_at=fact.at,
        )
        legs = _with_leg(record, leg)
    return replace(
        record,
        customer_id=fact.customer_id,
        client_id=fact.client_id,
        started_at=fact.at,
        direction=fact.direction,
        caller=fact.caller,
        called=fact.called,
        caller_agent_id=fact.agent_id,
        legs=legs,
        origin=fact.origin,
        asked_by=fact.origin_id if fact.origin == "command" else "",
    )


def _dialled(record: CallRecord, fact: events.LegDialled) -> CallRecord:
    leg = replace(
        _leg(record, fact.leg_id),
        agent_id=fact.agent_id,
        address=fact.address,
        contact=fact.contact,
        trunk=fact.trunk,
        sip_call_id=fact.leg_id,  # what we dial has our own name for it
        dialled_at=fact.at,
    )
    return replace(record, agent_id=record.agent_id or fact.agent_id, legs=_with_leg(record, leg))


def _rang(record: CallRecord, fact: events.LegRang) -> CallRecord:
    leg = _leg(record, fact.leg_id)
    if leg.rang_at is not None:
        return record  # a phone may say 180 again; the first one counts
    return replace(record, legs=_with_leg(record, replace(leg, rang_at=fact.at)))


def _picked_up(record: CallRecord, fact: events.LegPickedUp) -> CallRecord:
    leg = replace(_leg(record, fact.leg_id), answered_at=fact.at)
    return replace(record, legs=_with_leg(record, leg))


def _finished(record: CallRecord, fact: events.LegFinished) -> CallRecord:
    leg = _leg(record, fact.leg_id)
    if leg.ended_at is not None:
        return record  # told again after a crash
    leg = replace(
        leg,
        ended_at=fact.at,
        outcome=fact.outcome,
        status=fact.status,
        q850=fact.q850,
        text=fact.text,
        ended_by=fact.by,
    )
    return replace(record, legs=_with_leg(record, leg))


def _taken(record: CallRecord, fact: events.CallTaken) -> CallRecord:
    """Who answered first is the caller; who answers the call itself is still to come."""
    leg = replace(_leg(record, fact.leg_id), role="caller")
    return replace(
        record,
        caller=fact.caller,
        caller_agent_id=fact.agent_id,
        agent_id="",
        legs=_with_leg(record, leg),
    )


def _connected(record: CallRecord, fact: events.CallConnected) -> CallRecord:
    # Who has called gets our 200 with the winner's answer; who was rung first had answered before.
    legs = tuple(
        replace(leg, answered_at=fact.at)
        if leg.role == "caller" and leg.answered_at is None and leg.ended_at is None
        else leg
        for leg in record.legs
    )
    return replace(
        record,
        legs=legs,
        answered_at=fact.at,
        waited_s=fact.waited_s,
        agent_id=fact.agent_id or record.agent_id,
    )


def _ended(record: CallRecord, fact: events.CallEnded) -> CallRecord:
    if record.outcome == "refused":
        return record
    answered = record.answered_at is not None
    return replace(
        record,
        ended_at=fact.at,
        waited_s=record.waited_s if answered else max(0.0, fact.at - record.started_at),
        talked_s=fact.talked_s,
        status=fact.status,
        q850=fact.q850,
        text=fact.text,
        ended_by=fact.by,
        outcome="answered" if answered else _unanswered(fact),
    )


def _refused(record: CallRecord, fact: events.CallRefused) -> CallRecord:
    return replace(
        record,
        ended_at=fact.at,
        caller=fact.caller,
        called=fact.called,
        status=fact.status,
        q850=fact.q850,
        text=fact.text,
        ended_by="system",
        outcome="refused",
    )


_STEPS: dict[type[events.CallFact], Callable[[CallRecord, Any], CallRecord]] = {
    events.CallCreated: _created,
    events.LegDialled: _dialled,
    events.LegRang: _rang,
    events.LegPickedUp: _picked_up,
    events.LegFinished: _finished,
    events.CallTaken: _taken,
    events.CallConnected: _connected,
    events.CallEnded: _ended,
    events.CallRefused: _refused,
}


_UNAVAILABLE: dict[int, CallOutcome] = {
    0: "no_answer",
    18: "no_answer",
    19: "no_answer",
    20: "unreachable",
}
"What 480 means by its Q.850 cause; 41, for one, is a failure of ours."


def _unanswered(fact: events.CallEnded) -> CallOutcome:
    if fact.by == "caller":
        return "abandoned"
    if fact.status in (486, 600):
        return "busy"
    if fact.status == 480:
        return _UNAVAILABLE.get(fact.q850, "failed")
    return "failed"


def _leg(record: CallRecord, leg_id: str) -> LegRecord:
    for leg in record.legs:
        if leg.leg_id == leg_id:
            return leg
    return LegRecord(leg_id)


def _with_leg(record: CallRecord, changed: LegRecord) -> tuple[LegRecord, ...]:
    legs = record.legs
    for place, leg in enumerate(legs):
        if leg.leg_id == changed.leg_id:
            return (*legs[:place], changed, *legs[place + 1 :])
    return (*legs, changed) if len(legs) < LEG_LIMIT else legs
