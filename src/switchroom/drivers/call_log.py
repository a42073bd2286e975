"""One log line per call, when it is over or was turned away."""

import structlog

from switchroom.calls.events import CallEnded, CallRefused
from switchroom.foundation.events import Fact

log = structlog.get_logger()


def log_call(fact: Fact) -> None:
    """Watch a node's facts for ends of calls."""
    if isinstance(fact, CallEnded):
        log.info(
            "call ended",
            call=fact.call_id,
            status=fact.status,
            q850=fact.q850,
            by=fact.by,
            talked_s=round(fact.talked_s, 3),
        )
    elif isinstance(fact, CallRefused):
        log.info(
            "call refused",
            call=fact.call_id,
            status=fact.status,
            why=fact.text,
            caller=fact.caller,
            called=fact.called,
            source=fact.source,
        )
