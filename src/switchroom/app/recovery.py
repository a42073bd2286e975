"""Puts back what lived before a restart: registrations, and the dialogs of calls."""

import msgspec
import structlog

from switchroom.app.parts import Parts
from switchroom.calls.snapshot import CallSnapshot
from switchroom.drivers.recovery import Recovered
from switchroom.history.closing import closing_facts
from switchroom.sip.dialog.snapshot import LegSnapshot, restore

_call = msgspec.json.Decoder(CallSnapshot)
_leg = msgspec.json.Decoder(LegSnapshot)

log = structlog.get_logger()


def put_back(parts: Parts, recovered: Recovered, now: float, utc_offset: float) -> None:
    """Established calls go on; those that still rang are ended on both sides.

    What this sends waits in the node until its sockets are open and it is flushed.
    """
    node = parts.node
    for removed in parts.registrar.restore(recovered.registrations, now):
        node.publish(removed)
    for state in recovered.calls:
        try:
            call = _call.decode(state.call)
            legs = [_leg.decode(leg) for leg in state.legs.values()]
        except msgspec.MsgspecError as error:
            log.error("a call of before the restart cannot be read", call=state.call_id, why=error)
            continue
        for leg in legs:
            restore(node.user_agent.legs, leg, now)
        node.take_up(node.calls.restore(call, now))
    for record in recovered.abandoned:
        for fact in closing_facts(record, now + utc_offset):
            node.publish(fact)
    node.take_up(node.calls.reconcile(set(node.user_agent.legs.by_id), now))
    log.info(
        "recovered",
        calls=len(recovered.calls),
        registrations=len(parts.registrar),
        facts=recovered.facts_loaded,
        damaged_bytes=recovered.lost_bytes,
        unreadable=recovered.unreadable,
    )
