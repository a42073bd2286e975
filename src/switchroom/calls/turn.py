"""One turn of the calls: the time it happens at, what it may ask, what comes out of it."""

from switchroom.calls.events import CallConnected, LegFinished
from switchroom.calls.model import Call
from switchroom.calls.outcome import Outcome
from switchroom.calls.outputs import Output
from switchroom.calls.ports import Router
from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Cause


class Turn:
    """Lives as long as the service; begins anew with each input."""

    __slots__ = ("at", "call_of_leg", "ids", "keep", "now", "out", "router", "stopped_as")

    def __init__(self, router: Router, ids: Ids) -> None:
        self.router = router
        self.ids = ids
        self.call_of_leg: dict[str, Call] = {}
        "Every live leg's call, the callers' legs included."
        self.begin(0.0, 0.0)

    def begin(self, now: float, at: float) -> None:
        self.now = now
        self.at = at
        self.out: list[Output] = []
        self.keep = False
        "Whether something worth a snapshot has changed."
        self.stopped_as: Outcome = "no_answer"
        "The outcome of legs that the race stops in this turn without an answer elsewhere."

    def leg_finished(
        self, call: Call, leg_id: str, agent_id: str, end: tuple[Outcome, Cause, str]
    ) -> None:
        """Say that a leg is over; ``end``: outcome, cause and who ended it."""
        outcome, cause, by = end
        self.call_of_leg.pop(leg_id, None)
        self.out.append(
            LegFinished(
                at=self.at,
                customer_id=call.customer_id,
                call_id=call.call_id,
                client_id=call.client_id,
                leg_id=leg_id,
                agent_id=agent_id,
                outcome=outcome,
                status=cause.status,
                q850=cause.q850,
                text=cause.text,
                by=by,
            )
        )

    def call_answered(self, call: Call, leg_id: str, agent_id: str) -> None:
        """Say that the call has been answered on this leg, now."""
        call.answered_at = self.now
        self.out.append(
            CallConnected(
                at=self.at,
                customer_id=call.customer_id,
                call_id=call.call_id,
                client_id=call.client_id,
                leg_id=leg_id,
                agent_id=agent_id,
                waited_s=self.now - call.arrived_at,
            )
        )

    def engaged(self, call: Call, leg_id: str, agent_id: str) -> None:
        """An agent talks on this leg, if it is one's."""
        if agent_id:
            self.out += self.router.connected(agent_id, call.call_id, leg_id, self.at)

    def release(self, call: Call, leg_id: str, agent_id: str) -> None:
        if agent_id:
            self.out += self.router.release(agent_id, call.call_id, leg_id, self.at)
