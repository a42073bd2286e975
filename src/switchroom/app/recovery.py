"""Puts back what lived before a restart: registrations, agents' statuses, the dialogs of calls."""

import structlog

from switchroom.app.parts import Parts
from switchroom.calls.outputs import CallGone
from switchroom.drivers.recovery import Recovered
from switchroom.history.closing import closing_facts
from switchroom.sip.dialog.snapshot import restore

log = structlog.get_logger()


def put_back(parts: Parts, recovered: Recovered, now: float, utc_offset: float) -> None:
    """Established calls go on; those that still rang are ended on both sides.

    Calls of which nothing usable is left are closed in the records.

    What this sends waits in the node until its sockets are open and it is flushed.
    """
    node = parts.node
    for removed in parts.registrar.restore(recovered.registrations, now):
        node.publish(removed)
    parts.availability.restore(recovered.statuses)
    for live in recovered.calls:
        for leg in live.legs:
            restore(node.user_agent.legs, leg, now, utc_offset)
        node.take_up(node.calls.restore(live.call, now))
    for record in recovered.abandoned:
        for fact in closing_facts(record, now + utc_offset):
            node.publish(fact)
    for call_id in recovered.useless_snapshots:
        log.error("a call of before the restart cannot be read", call=call_id)
        node.take_up([CallGone(call_id)])
    # Also ends calls of which a leg could not be read.
    node.take_up(node.calls.reconcile(set(node.user_agent.legs.by_id), now))
    for changed in parts.availability.speak(now + utc_offset):
        node.publish(changed)
    log.info(
        "recovered",
        calls=len(recovered.calls),
        registrations=len(parts.registrar),
        facts=recovered.facts_loaded,
        damaged_bytes=recovered.lost_bytes,
        unreadable=recovered.unreadable,
    )
