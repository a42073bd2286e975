"""The facts that close a call which nobody can end any more: it vanished with its process."""

from switchroom.calls.events import CallEnded, CallFact, LegFinished
from switchroom.history.records import CallRecord, LegRecord

TEXT = "Call server restarted"
STATUS = 480
Q850 = 41
"Temporary failure: what a caller whose call still rang is told, too."


def closing_facts(record: CallRecord, at: float) -> list[CallFact]:
    """Facts, as of ``at`` (Unix seconds), after which ``record`` and all its legs have ended.

    Nobody knows how long an answered call really went on; it counts up to the last thing known.
    """
    facts: list[CallFact] = [
        LegFinished(
            at=at,
            customer_id=record.customer_id,
            call_id=record.call_id,
            client_id=record.client_id,
            leg_id=leg.leg_id,
            agent_id=leg.agent_id,
            outcome="answered" if leg.answered_at is not None else "failed",
            status=STATUS,
            q850=Q850,
            text=TEXT,
            by="system",
        )
        for leg in record.legs
        if leg.ended_at is None
    ]
    end = CallEnded(
        at=at,
        customer_id=record.customer_id,
        call_id=record.call_id,
        client_id=record.client_id,
        status=STATUS,
        q850=Q850,
        text=TEXT,
        by="system",
        talked_s=_talked_s(record),
    )
    return [*facts, end]


def _talked_s(record: CallRecord) -> float:
    if record.answered_at is None:
        return 0.0
    return max(0.0, max(map(_last, record.legs), default=0.0) - record.answered_at)


def _last(leg: LegRecord) -> float:
    times = (leg.dialled_at, leg.rang_at, leg.answered_at, leg.ended_at)
    return max((time for time in times if time is not None), default=0.0)
