"""The loop that runs a node: bytes to the user agent, leg events to the calls, and back.

Rules: everything that one turn of the event loop has caused is decided first, then written to the
journal with one write, and only then sent. Nothing in here awaits.
"""

from collections import Counter
from collections.abc import Callable

import msgspec
import structlog

from switchroom.calls.outputs import CallGone, Checkpoint, Output
from switchroom.calls.service import CallService
from switchroom.drivers.capture import Direction
from switchroom.drivers.clock import Clock
from switchroom.drivers.journal import Journal
from switchroom.foundation.events import Fact
from switchroom.foundation.leg import Cause, Hop, LegAction, LegArrived, Reject
from switchroom.history.live import CallState, CallStateGone
from switchroom.sip.dialog.snapshot import snapshot
from switchroom.sip.user_agent import UserAgent

OVERLOAD_AFTER = 40
"Full drains of the socket in a row (each 64 datagrams): we are too slow for what arrives."

LOGGED_FAULTS = 100
"Tracebacks written in the life of a node; after that they are only counted."

_OUR_FAULT = Cause(500, 41, "Internal error")

log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Node:
    """Owns the live state of a node; the sockets and timers around it only feed it."""

    def __init__(
        self,
        user_agent: UserAgent,
        calls: CallService,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self.user_agent = user_agent
        self.calls = calls
        self.journal = journal
        self.received = 0
        "Messages that arrived."
        self.sent = 0
        self.faults = 0
        "Messages and timers that ran into an error of ours."
        self.facts_of: Counter[type[Fact]] = Counter()
        "How many facts of each kind were published."
        self.capture: Callable[[float, Direction, Hop, bytes], None] | None = None
        "Sees every message, at Unix time."
        self.watchers: list[Callable[[Fact], None]] = []
        "Called with every fact once it is in the journal."
        self._now = clock.monotonic
        self._utc = clock.utc
        self._outbox: list[tuple[bytes, Hop]] = []
        self._facts: list[Fact] = []
        self._changed: dict[str, None] = {}
        "Calls to be kept at the end of the turn, in order."
        self._full_drains = 0

    def attach(
        self,
        send: Callable[[bytes, Hop], None],
        look_up: Callable[[str, Callable[[tuple[str, ...]], None]], None],
        wake_at: Callable[[float | None], None],
    ) -> None:
        """Sockets, resolver and timer; before the first ``flush``."""
        self._send = send
        self._look_up = look_up
        self._wake_at = wake_at

    # --- inputs -------------------------------------------------------------------------------

    def receive(self, data: bytes, source: Hop) -> None:
        """One message has arrived; ``flush`` follows at the end of the turn."""
        now = self._now()
        self.received += 1
        if self.capture is not None:
            self.capture(self._utc(), "in", source, data)
        try:
            self.user_agent.receive(data, source, now)
            self._settle(now)
        except Exception:
            # A fault of ours in one message must not cost the others of this turn.
            self._fault("a message could not be worked on", source=source)

    def drained(self, count: int, most: int = 64) -> None:
        """The UDP socket has been read; ``count`` messages in this turn."""
        self._full_drains = self._full_drains + 1 if count >= most else 0
        self.user_agent.overloaded = self._full_drains >= OVERLOAD_AFTER
        self.flush()

    def tick(self) -> None:
        """Time has passed."""
        now = self._now()
        self._work(lambda: self.user_agent.tick(now), now)
        self._work(lambda: self._do(self.calls.tick(now), now), now)
        self.flush()

    def transport_failed(self, hop: Hop) -> None:
        now = self._now()
        self._work(lambda: self.user_agent.transport_failed(hop, now), now)
        self.flush()

    def flow_closed(self, hop: Hop) -> None:
        now = self._now()
        self._work(lambda: self.user_agent.flow_closed(hop, now), now)
        self.flush()

    def perform(self, outputs: list[Output]) -> None:
        """Do what a command from outside has decided."""
        self.take_up(outputs)
        self.flush()

    def take_up(self, outputs: list[Output]) -> None:
        """Like ``perform``, but what it sends waits for the next ``flush``."""
        now = self._now()
        self._work(lambda: self._do(outputs, now), now)

    def publish(self, fact: Fact) -> None:
        """Put a fact of another part of the node into the journal."""
        self.facts_of[type(fact)] += 1
        self._facts.append(fact)
        self.journal.add(fact)

    # --- the way round ------------------------------------------------------------------------

    def _settle(self, now: float) -> None:
        """Carry events up and actions down until nothing is left to do."""
        agent = self.user_agent
        while True:
            sends, events, lookups, facts = agent.take()
            self._outbox += sends
            for fact in facts:
                self.publish(fact)
            for leg_id, host in lookups:
                self._look_up(host, self._resolved(leg_id))
            if not events:
                return
            for event in events:
                try:
                    self._do(self.calls.feed(event, now), now)
                except Exception:
                    self._fault("an event of a leg could not be worked on", leg=event.leg_id)
                    if isinstance(event, LegArrived):
                        agent.perform(Reject(event.leg_id, _OUR_FAULT), now)

    def _work(self, step: Callable[[], None], now: float) -> None:
        """One step and what follows from it; a fault of ours must not cost the rest of the turn."""
        try:
            step()
            self._settle(now)
        except Exception:
            self._fault("a turn could not be finished")

    def _do(self, outputs: list[Output], now: float) -> None:
        for output in outputs:
            if isinstance(output, LegAction):
                self.user_agent.perform(output, now)
            elif isinstance(output, Fact):
                self.publish(output)
            elif isinstance(output, Checkpoint):
                self._changed[output.call_id] = None
            elif isinstance(output, CallGone):
                self._changed.pop(output.call_id, None)
                self.journal.add(CallStateGone(output.call_id))

    def _fault(self, text: str, **details: object) -> None:
        """Log a fault of ours with its traceback, but not a flood of them."""
        self.faults += 1
        if self.faults <= LOGGED_FAULTS:
            log.exception(text, **details)

    def _keep(self, call_id: str) -> None:
        """Snapshot a call and its legs, so that it outlives this process."""
        kept = self.calls.snapshot(call_id)
        if kept is None:
            return
        legs = self.user_agent.legs.by_id
        utc_offset = self._utc() - self._now()
        leg_ids = [kept.caller_leg_id, *[leg.leg_id for leg in kept.legs]]
        states = {
            leg_id: msgspec.Raw(_encode(snapshot(leg, utc_offset)))
            for leg_id in leg_ids
            if (leg := legs.get(leg_id)) is not None
        }
        self.journal.add(CallState(call_id, msgspec.Raw(_encode(kept)), states))

    def _resolved(self, leg_id: str) -> Callable[[tuple[str, ...]], None]:
        def found(addresses: tuple[str, ...]) -> None:
            now = self._now()
            self._work(lambda: self.user_agent.resolved(leg_id, addresses, now), now)
            self.flush()

        return found

    def flush(self) -> None:
        """End the turn: journal first, then the network, then the watchers."""
        if self._changed:
            changed, self._changed = self._changed, {}
            for call_id in changed:
                try:
                    self._keep(call_id)
                except Exception:
                    self._fault("a call could not be kept for a restart", call=call_id)
        try:
            self._write_and_send()
        finally:
            self._wake_at(self.deadline())

    def _write_and_send(self) -> None:
        self.journal.flush()
        outbox = self._outbox
        if outbox:
            self._outbox = []
            send = self._send
            self.sent += len(outbox)
            if self.capture is not None:
                at = self._utc()
                for data, hop in outbox:
                    self.capture(at, "out", hop, data)
            for data, hop in outbox:
                send(data, hop)
        facts = self._facts
        if facts:
            self._facts = []
            for watch in self.watchers:
                try:
                    for fact in facts:
                        watch(fact)
                except Exception:
                    self._fault("facts could not be shown")

    def deadline(self) -> float | None:
        """When ``tick`` must be called, in monotonic seconds."""
        first, second = self.user_agent.deadline(), self.calls.deadline()
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)
