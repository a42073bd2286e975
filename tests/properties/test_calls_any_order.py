"""Whole calls in any order of events: what must hold at every moment and when all is over.

The real service, router and availability over a small company. The world is as unfriendly as a
network: it repeats events, invents legs, answers what was cancelled, and forgets nothing.
"""

from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.clock import FakeClock
from fakes.company import CONFIGURATION, Registered, company
from fakes.ids import CountingIds
from switchroom.agents.availability import Availability
from switchroom.agents.events import State
from switchroom.agents.routing import AgentRouter
from switchroom.calls.events import (
    CallConnected,
    CallCreated,
    CallEnded,
    CallFact,
    CallRefused,
    CallTaken,
    LegDialled,
    LegFinished,
    LegPickedUp,
    LegRang,
)
from switchroom.calls.outputs import CallGone, Checkpoint, Output
from switchroom.calls.plan import Order, Party, Refusal
from switchroom.calls.service import CallService
from switchroom.calls.snapshot import CallSnapshot
from switchroom.foundation.leg import (
    Answer,
    Ask,
    Cancel,
    Carry,
    Cause,
    Dial,
    HangUp,
    Identity,
    LegAcknowledged,
    LegAction,
    LegAnswered,
    LegArrived,
    LegAsked,
    LegEnded,
    LegEvent,
    LegProgressed,
    LegRedirected,
    LegReplied,
    LegRinging,
    LegWithdrew,
    Origin,
    Park,
    Progress,
    Reject,
    Reply,
    Ring,
)

CAUSES = [Cause(486), Cause(408), Cause(503), Cause(404), Cause(603), Cause(0, 16), Cause()]
ENDS: list[Literal["peer", "us", "timeout", "transport"]] = ["peer", "us", "timeout", "transport"]
DIALLED = ["+12025550100", "+12025550101", "+12025550102", "1001", "202", "302", "alice",
           "2025550144", "911", "0000"]  # fmt: skip
PARTIES = [
    Party("agent", "alice"),
    Party("agent", "202"),
    Party("extension", "1004"),
    Party("group", "all"),
    Party("number", "2025550144"),
    Party("number", "+12025550100"),
    Party("number", "911"),
    Party("sip", "sip:x@203.0.113.1"),
    Party("agent", "nobody"),
]
ORDERS = st.builds(
    Order,
    st.just("acme"),
    st.lists(st.sampled_from(PARTIES), min_size=1, max_size=3).map(tuple),
    st.sampled_from([None, *PARTIES]),
    st.sampled_from(["ring_all", "linear"]),
    asked_by=st.sampled_from(["", "alice", "ben"]),
    dial=st.just(("internal", "national", "sip")),
)
REPLIES = [
    Reply(200, body=b"answer"),
    Reply(200, body=b"answer"),
    Reply(200),
    Reply(491),
    Reply(488),
]
OTHERS = [
    "progress",
    "ask",
    "withdraw",
    "reply",
    "reply",
    "reply",
    "ack",
    "move",
    "confirm",
    "confirm",
    "decline",
    "hang-up",
    "restart",
]
MOVED = ("sip:1004@acme.example", "tel:+12025550188", "sip:x@203.0.113.1")


class World:
    """Legs as they are at the far ends, and what the service has said and asked for."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.availability = Availability()
        self.router = AgentRouter(company(), Registered(), self.availability, confirms=True)
        self.ids = CountingIds()
        self.service = CallService(self.router, self.ids, self.clock.utc_offset)
        self.legs: list[str] = ["nobody's"]
        self.live: set[str] = set()
        self.answered: set[str] = set()
        self.told_to_end: set[str] = set()
        self.agent_of: dict[str, tuple[str, str]] = {}
        "Agent and call of each live leg of an agent."
        self.talking: set[str] = set()
        self.takers: dict[str, str] = {}
        "By call, the leg that has taken it: the caller of a call that a command has begun."
        self.asks: dict[str, str] = {}
        "The latest request carried to each leg."
        self.facts: dict[str, list[CallFact]] = {}
        self.kept: dict[str, CallSnapshot] = {}
        "What the journal holds of each call."
        self.told_twice: set[str] = set()
        "Legs whose end the journal does not know; it is told again after a restart."
        self.restarts = False
        self.gone: list[str] = []
        self.lost: set[str] = set()
        "Calls that a restart has left to history to close."
        self.silent: set[str] = set()
        "Legs that had answered or ended when the process died: they do not answer again."

    def do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case LegAction():
                    self._told(output)
                case CallFact():
                    assert output.call_id not in self.gone, "nothing is said of a call that is gone"
                    self.facts.setdefault(output.call_id, []).append(output)
                    self._heard(output)
                case Checkpoint(call_id):
                    snapshot = self.service.snapshot(call_id)
                    assert snapshot is not None
                    self.kept[call_id] = snapshot
                case CallGone(call_id):
                    self.gone.append(call_id)
                    self.kept.pop(call_id, None)
        self.check_now()

    def _told(self, action: LegAction) -> None:
        leg_id = action.leg_id
        match action:
            case Dial():
                assert leg_id not in self.legs, "a leg's id is new"
                self.legs.append(leg_id)
                self.live.add(leg_id)
            case Cancel():
                assert leg_id not in self.told_to_end, "cancelled once"
                assert leg_id not in self.answered
                self.told_to_end.add(leg_id)
                self.agent_of.pop(leg_id, None)  # free at once, however slow the phone is
            case HangUp():
                assert leg_id in self.answered, "only who answered is hung up"
                self.told_to_end.add(leg_id)
                is_caller = leg_id.startswith("call") or leg_id in self.takers.values()
                if leg_id not in self.talking or (self.restarts and not is_caller):
                    self.agent_of.pop(leg_id, None)
            case Reject():
                assert leg_id not in self.answered, "who was answered is not rejected"
                assert action.cause.status not in (401, 407), (
                    "that is none of the caller's business"
                )
                self.told_to_end.add(leg_id)
            case Answer():
                assert leg_id not in self.answered, "answered once"
                self.answered.add(leg_id)
            case Ring() | Progress():
                assert leg_id.startswith("call"), "who has answered cannot be told that it rings"
            case Carry(_, ask_id):
                self.asks[leg_id] = ask_id
            case Park():
                assert leg_id in self.answered - self.told_to_end

    def _heard(self, fact: CallFact) -> None:
        match fact:
            case LegDialled(leg_id=leg_id, agent_id=agent_id) if agent_id:
                self.agent_of[leg_id] = (agent_id, fact.call_id)
            case CallCreated(leg_id=leg_id, agent_id=agent_id) if agent_id:
                self.agent_of[leg_id] = (agent_id, fact.call_id)
            case LegFinished(leg_id=leg_id):
                self.agent_of.pop(leg_id, None)
            case CallTaken(leg_id=leg_id):
                self.takers[fact.call_id] = leg_id
                self.talking.add(leg_id)
            case CallConnected(leg_id=leg_id):
                created = self.facts[fact.call_id][0]
                assert isinstance(created, CallCreated)
                self.talking |= {leg_id, created.leg_id}

    def feed(self, event: LegEvent) -> None:
        leg_id = event.leg_id
        ends = isinstance(event, LegEnded | LegRedirected)
        if isinstance(event, LegAnswered):
            if leg_id in self.silent:
                return
            if leg_id in self.live:
                self.answered.add(leg_id)
        if ends:
            self.live.discard(leg_id)
        self.do(self.service.feed(event, self.clock.now))

    def call(self, kind: Literal["trunk", "extension"], origin: str, dialled: str) -> None:
        leg_id = f"call{len(self.legs)}"
        self.legs.append(leg_id)
        self.live.add(leg_id)
        self.feed(
            LegArrived(
                leg_id,
                Origin(kind, origin, "acme"),
                dialled,
                "acme.example",
                Identity("+12025550199"),
                b"offer",
                70,
                ("udp", "192.0.2.9", 5060),
            )
        )

    def originate(self, order: Order) -> None:
        begun = self.service.originate(order, self.clock.now)
        if isinstance(begun, Refusal):
            assert begun.cause.status in (403, 404)
        else:
            self.do(begun.outputs)

    def restart(self) -> None:
        """The process dies; what the journal holds comes back, and nothing else."""
        self.availability = Availability()
        self.router = AgentRouter(company(), Registered(), self.availability, confirms=True)
        self.service = CallService(self.router, self.ids, self.clock.utc_offset)
        for facts in self.facts.values():
            self._forget_unless_kept(facts)
        self.silent |= self.answered | (set(self.legs) - self.live)
        self.agent_of.clear()
        self.answered.clear()
        self.told_to_end.clear()
        for snapshot in list(self.kept.values()):
            self._remember(snapshot)
            self.restarts = True
            self.do(self.service.restore(snapshot, self.clock.now))
            self.restarts = False
        self.do(self.service.reconcile(self.live, self.clock.now))

    def _forget_unless_kept(self, facts: list[CallFact]) -> None:
        """A call without a snapshot has gone; history closes its record."""
        created = facts[0]
        if isinstance(created, CallCreated) and created.call_id not in {*self.kept, *self.gone}:
            assert not any(isinstance(fact, LegDialled) for fact in facts), "whoever rings is kept"
            self.live.discard(created.leg_id)
            self.lost.add(created.call_id)

    def _remember(self, snapshot: CallSnapshot) -> None:
        call_id, caller = snapshot.call_id, snapshot.caller_leg_id
        legs = {leg.leg_id: leg.agent_id for leg in snapshot.legs}
        if snapshot.caller_live:
            legs[caller] = snapshot.agent_id
        self.told_twice |= set(legs) - self.live
        self.live |= set(legs)
        self.answered |= {leg.leg_id for leg in snapshot.legs if leg.answered}
        if snapshot.answered_at is not None or snapshot.originated:
            self.answered.add(caller)
        self.agent_of |= {leg_id: (agent, call_id) for leg_id, agent in legs.items() if agent}

    def check_now(self) -> None:
        """Agents' states are what their live legs make; nobody rings on once it is decided."""
        joining = {
            call.winner.leg_id
            for call in self.service.calls.values()
            if call.phase == "joining" and call.winner is not None
        }
        wanted: dict[str, dict[str, bool]] = {}
        for leg_id, (agent_id, call_id) in self.agent_of.items():
            calls = wanted.setdefault(agent_id, {})
            calls[call_id] = calls.get(call_id, False) or leg_id in self.talking | joining
        for agent in CONFIGURATION.agents:
            calls = wanted.get(agent.id, {})
            state: State = "idle" if not calls else "on_call" if any(calls.values()) else "ringing"
            assert self.availability.state(agent.id) == (state, len(calls))
        for call in self.service.calls.values():
            if call.phase == "ringing":
                continue
            loose = set(call.legs) - self.told_to_end
            is_on = call.phase in ("connected", "joining")
            wanted_loose = {call.winner.leg_id} if is_on and call.winner else set()
            assert loose == wanted_loose, "one is connected, nobody rings on"

    def finish(self) -> None:
        """Everybody hangs up, now or as soon as he is rung."""
        while self.live or self.service.calls:
            if not self.live:
                self.clock.now = max(self.service.deadline() or 0.0, self.clock.now)
                self.do(self.service.tick(self.clock.now))
                continue
            callers = sorted(leg_id for leg_id in self.live if leg_id.startswith("call"))
            leg_id = callers[0] if callers else sorted(self.live)[0]
            self.feed(LegEnded(leg_id, Cause(0, 16), "peer"))
        assert not self.service.calls
        created = {id for id, facts in self.facts.items() if isinstance(facts[0], CallCreated)}
        assert sorted(self.gone) == sorted(created - self.lost)
        for call_id, facts in self.facts.items():
            if call_id not in self.lost:
                check_story(facts, self.told_twice)
        for agent in CONFIGURATION.agents:
            assert self.availability.state(agent.id) == ("idle", 0)
        differences, _ = self.availability.reconcile([], 0.0)
        assert not differences


def check_story(facts: list[CallFact], told_twice: set[str]) -> None:
    """The facts of one call that is over tell one consistent story, in causal order."""
    if isinstance(facts[0], CallRefused):
        assert len(facts) == 1
        return
    created, ended = facts[0], facts[-1]
    assert isinstance(created, CallCreated)
    assert isinstance(ended, CallEnded)
    begun, over = {created.leg_id} - {""}, dict[str, str]()
    caller = created.leg_id
    answered = set[str]()
    picked_up = set[str]()
    for fact in facts[1:-1]:
        match fact:
            case LegDialled(leg_id=leg_id):
                assert leg_id not in begun
                begun.add(leg_id)
            case LegRang(leg_id=leg_id):
                assert leg_id in begun - {*over}
            case LegPickedUp(leg_id=leg_id):
                assert leg_id in begun - {*over} - picked_up
                picked_up.add(leg_id)
            case CallTaken(leg_id=leg_id):
                assert not caller, "taken once, and only what has no caller of its own"
                assert leg_id in picked_up - {*over}
                caller = leg_id
            case CallConnected(leg_id=leg_id):
                assert leg_id in picked_up - {*over}
                assert not answered, "answered once"
                answered = {leg_id, caller}
            case LegFinished(leg_id=leg_id):
                assert leg_id in begun
                assert leg_id not in over or leg_id in told_twice, "a leg ends once"
                assert over.get(leg_id, fact.outcome) == fact.outcome, "and in one way"
                taken = created.origin == "command" and leg_id == caller
                assert (fact.outcome == "answered") == (leg_id in answered or taken)
                over[leg_id] = fact.outcome
            case _:
                raise AssertionError(f"{fact} does not belong in the middle of a call")
    assert set(over) == begun, "every leg has ended before the call has"
    assert len(answered) in (0, 2) or (answered == {caller} and created.called == "park")
    assert (ended.status == 200) == bool(answered)
    assert ended.status, "somebody has decided that it is over"


def one_step(world: World, draw: st.DataObject) -> None:
    leg_id = draw.draw(st.sampled_from(world.legs), "leg")
    can = ["call", "ring", "answer", "answer", "end", "end", "time", "other", "settle", "originate"]
    match draw.draw(st.sampled_from(can), "what"):
        case "originate":
            world.originate(draw.draw(ORDERS, "order"))
        case "call":
            if draw.draw(st.booleans(), "from the carrier"):
                world.call("trunk", "carrier", draw.draw(st.sampled_from(DIALLED)))
            else:
                extension = draw.draw(st.sampled_from(["x1001", "x1002", "x1004"]))
                world.call("extension", extension, draw.draw(st.sampled_from(DIALLED)))
        case "ring":
            world.feed(LegRinging(leg_id))
        case "answer" if not leg_id.startswith("call"):
            world.feed(LegAnswered(leg_id, draw.draw(st.sampled_from([b"answer", None]))))
        case "end":
            cause, by = draw.draw(st.sampled_from(CAUSES)), draw.draw(st.sampled_from(ENDS))
            world.feed(LegEnded(leg_id, cause, by))
        case "time":
            world.clock.now += draw.draw(st.sampled_from([0.5, 2.1, 10.0, 31.0, 100.0]))
            world.do(world.service.tick(world.clock.now))
        case "settle":
            for told in sorted(world.told_to_end & world.live):
                world.feed(LegEnded(told, Cause(487), "us"))
        case _:
            other(world, draw, leg_id)


def carried(what: str, leg_id: str) -> LegEvent:
    """An event that the call only passes on."""
    events: dict[str, LegEvent] = {
        "progress": LegProgressed(leg_id, b"early"),
        "ask": LegAsked(leg_id, "ask", Ask("INVITE")),
        "withdraw": LegWithdrew(leg_id, "ask"),
        "reply": LegReplied(leg_id, "ask", Reply(200)),
        "ack": LegAcknowledged(leg_id, b"late answer"),
    }
    return events[what]


def other(world: World, draw: st.DataObject, leg_id: str) -> None:
    now = world.clock.now
    match draw.draw(st.sampled_from(OTHERS), "what other"):
        case "progress":
            world.feed(LegProgressed(leg_id, b"early"))
        case "ask":
            world.feed(LegAsked(leg_id, "ask", Ask("INVITE")))
        case "reply":
            leg_id = draw.draw(st.sampled_from(sorted(world.asks) or [leg_id]), "asked leg")
            reply = draw.draw(st.sampled_from(REPLIES), "reply")
            world.feed(LegReplied(leg_id, world.asks.get(leg_id, "ask"), reply))
        case "withdraw":
            world.feed(LegWithdrew(leg_id, "ask"))
        case "ack":
            world.feed(LegAcknowledged(leg_id, b"late answer"))
        case "move" if not leg_id.startswith("call"):
            world.feed(LegRedirected(leg_id, MOVED, Cause(302)))
        case "confirm" | "decline" as said:
            world.do(world.service.confirm(leg_id, now, accepted=said == "confirm"))
        case "restart":
            world.restart()
        case _:
            for call_id in sorted(world.service.calls)[:1]:
                world.do(world.service.hang_up(call_id, Cause(480, 16, "Ended by hand"), now))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.integers(1, 40))
def test_no_order_of_events_leaves_a_call_a_ringing_phone_or_a_busy_agent(
    draw: st.DataObject, steps: int
) -> None:
    world = World()
    world.call("trunk", "carrier", "+12025550100")
    for _ in range(steps):
        one_step(world, draw)
    world.finish()


def go_well(world: World) -> None:
    """Whoever rings longest picks up; whoever has been offered a session takes it."""
    for leg_id in world.legs:
        may_answer = leg_id in world.live - world.answered - world.told_to_end
        if may_answer and not leg_id.startswith("call"):
            world.feed(LegAnswered(leg_id, b"offer"))
            break
    for leg_id, ask_id in world.asks.items():
        world.feed(LegReplied(leg_id, ask_id, Reply(200, body=b"answer")))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), ORDERS, st.integers(1, 30))
def test_no_order_of_events_leaves_half_a_call_that_a_command_has_begun(
    draw: st.DataObject, order: Order, steps: int
) -> None:
    world = World()
    world.originate(order)
    for _ in range(steps):
        one_step(world, draw)
        if draw.draw(st.sampled_from([True, False]), "it goes well"):
            go_well(world)
    world.finish()
