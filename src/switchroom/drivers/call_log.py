"""One log line per call, when it is over or was turned away."""

from collections.abc import Callable

import structlog
from structlog.typing import FilteringBoundLogger

from switchroom.calls.events import CallEnded, CallRefused
from switchroom.foundation.events import Fact


def call_log() -> Callable[[Fact], None]:
    """What watches a node's facts for ends of calls; made once the logs are configured."""
    log = structlog.get_logger().bind()
    return lambda fact: _log_call(log, fact)


def _log_call(log: FilteringBoundLogger, fact: Fact) -> None:
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
