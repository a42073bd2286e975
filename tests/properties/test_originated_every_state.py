"""Every reachable state of a small originated call, every input in each of them.

Breadth first over the real service. The ledger beside it is what the far ends have seen; what must
hold is said of the ledger. Phones repeat themselves, answer what was cancelled, refuse the offer
that is to join them, and hang up whenever they like; somebody may end the call by hand.
"""

from collections import deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial

import pytest

from fakes.clock import FakeClock
from fakes.ids import CountingIds
from fakes.routers import PlannedRouter, in_turn, phone, together
from switchroom.calls import originated
from switchroom.calls.events import CallFact, LegFinished
from switchroom.calls.outputs import CallGone, Output
from switchroom.calls.plan import Order, Party, Plan, Refusal
from switchroom.calls.service import CallService, Originated
from switchroom.foundation.events import name_of
from switchroom.foundation.leg import (
    Acknowledge,
    Cancel,
    Carry,
    Cause,
    Dial,
    HangUp,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegReplied,
    Park,
    Reply,
)

REPLIES = {"Y": Reply(200, body=b"answer"), "": Reply(491), "R": Reply(488)}
ANYBODY = Party("agent", "anybody")
Step = Callable[["World"], None]


class World:
    """One call, and what has happened on each of its legs."""

    def __init__(self, first: Plan, then: Plan | Refusal | None) -> None:
        self.clock = FakeClock()
        router = PlannedRouter(first)
        router.destination = then
        self.service = CallService(router, CountingIds(), self.clock.utc_offset)
        self.seen: dict[str, str] = {}
        """Of each leg: D dialled, A answered, P parked, O offered to, R offer refused, Y taken, K
        acknowledged, C cancelled, H hung up, E ended."""
        self.asked: dict[str, str] = {}
        "The offer that each leg has yet to answer."
        self.said: list[str] = []
        order = Order("acme", (ANYBODY,), None if then is None else ANYBODY)
        begun = self.service.originate(order, self.clock.now)
        assert isinstance(begun, Originated)
        self.do(begun.outputs)

    def do(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Dial(leg_id, session=session):
                    assert session is None
                    self.seen[leg_id] = "D"
                case Park(leg_id, b"offer", ""):
                    assert not any("P" in seen for seen in self.seen.values()), "one is the caller"
                    self._note(leg_id, "P", ("DA",))
                case Carry(leg_id, ask_id):
                    assert leg_id not in self.asked
                    self.asked[leg_id] = ask_id
                    self._note(leg_id, "O", ("DAP", "DAPO"))
                case Acknowledge(leg_id, session):
                    assert session == b"answer"
                    assert [seen for seen in self.seen.values() if seen[-1] == "Y"]
                    self._note(leg_id, "K", ("DA",))
                case Cancel(leg_id):
                    self._note(leg_id, "C", ("D",))
                case HangUp(leg_id):
                    assert "A" in self.seen[leg_id]
                    assert "H" not in self.seen[leg_id], "hung up once"
                    self.seen[leg_id] += "H"
                case CallFact():
                    self._heard(output)
                case CallGone():
                    self.said.append("gone")

    def _heard(self, fact: CallFact) -> None:
        self.said.append(name_of(type(fact)))
        if isinstance(fact, LegFinished):
            talked = any(letter in self.seen[fact.leg_id] for letter in "PK")
            assert (fact.outcome == "answered") == talked

    def _note(self, leg_id: str, letter: str, after: tuple[str, ...]) -> None:
        assert self.seen[leg_id] in after, (leg_id, self.seen[leg_id], letter)
        self.seen[leg_id] += letter

    def feed(self, event: LegEvent) -> None:
        self.do(self.service.feed(event, self.clock.now))

    # --- what may happen ----------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        for leg_id, seen in self.seen.items():
            if "E" not in seen:
                yield partial(World.answer, leg_id=leg_id)
                yield partial(World.end, leg_id=leg_id, status=486)
            if leg_id in self.asked:
                for letter, reply in REPLIES.items():
                    yield partial(World.reply, leg_id=leg_id, reply=reply, letter=letter)
        if self.service.deadline() is not None:
            yield World.wait
        if self.service.calls:
            yield World.hang_up

    def answer(self, leg_id: str) -> None:
        if "A" not in self.seen[leg_id]:
            self.seen[leg_id] += "A"
        self.feed(LegAnswered(leg_id, b"offer"))

    def end(self, leg_id: str, status: int) -> None:
        self.seen[leg_id] += "E"
        self.asked.pop(leg_id, None)
        self.feed(LegEnded(leg_id, Cause(status), "peer"))

    def reply(self, leg_id: str, reply: Reply, letter: str) -> None:
        self.seen[leg_id] += letter
        self.feed(LegReplied(leg_id, self.asked.pop(leg_id), reply))

    def wait(self) -> None:
        due = self.service.deadline()
        assert due is not None
        self.clock.now = max(due, self.clock.now) + 0.001
        self.do(self.service.tick(self.clock.now))

    def hang_up(self) -> None:
        (call_id,) = self.service.calls
        self.do(self.service.hang_up(call_id, Cause(0, 16), self.clock.now))

    # --- what must hold -----------------------------------------------------------------------

    def check(self) -> None:
        live = {leg: seen for leg, seen in self.seen.items() if "E" not in seen}
        loose = [seen for seen in live.values() if not set(seen) & set("CH")]
        late = [seen for seen in live.values() if "C" in seen and "A" in seen and "H" not in seen]
        assert not late, "an answer that crossed our CANCEL is hung up"
        callers = [seen for seen in loose if "P" in seen]
        assert len(callers) <= 1
        talking = [seen for seen in loose if "K" in seen]
        assert len(talking) <= 1
        assert bool(talking) <= bool(callers), "nobody talks alone"
        if talking:
            assert len(loose) == 2, "two are connected, and nobody rings"
        elif any("P" in seen for seen in self.seen.values()) and not callers:
            assert not loose, "the caller is gone: everybody has been told"
        if not self.service.calls:
            assert not live
            assert self.said[-2:] == ["call.ended", "gone"]
            assert self.said.count("leg.ended") == len(self.seen)
            return
        waits = self.service.deadline() is not None or self.asked
        assert live or waits, "a live call has a live leg, or one to come"
        told = len(loose) < len(live)
        assert waits or told or talking, "something ends it even if nobody does anything more"

    def finish(self) -> None:
        """Everybody hangs up, now or as soon as he is rung: nothing may be left."""
        while self.service.calls:
            live = [leg_id for leg_id, seen in self.seen.items() if "E" not in seen]
            if live:
                self.end(live[0], 0)
            else:
                self.wait()
        self.check()
        assert not self.service.calls
        assert self.said.count("call.ended") == 1
        assert self.said.count("call.answered") <= 1

    def state(self) -> object:
        """What tells this state from others; times as how long they are still to come."""
        due = self.service.deadline()
        calls = [
            (call.phase, call.caller_leg_id, call.tries, call.race, call.winner is None)
            for call in self.service.calls.values()
        ]
        left = None if due is None else round(due - self.clock.now, 2)
        return str((sorted(self.seen.items()), sorted(self.asked), left, calls, self.said))


PLANS: dict[str, tuple[Plan, Plan | Refusal | None]] = {
    "two, parked": (together(phone("a"), phone("b")), None),
    "one, then one": (phone("a"), phone("x")),
    "two, then one": (together(phone("a"), phone("b")), phone("x")),
    "one and a delayed one, parked": (together(phone("a"), phone("b", delay_s=2.0)), None),
    "one, then a delayed one": (phone("a"), phone("x", delay_s=1.0)),
    "one, then two in turn": (phone("a"), in_turn(phone("x"), phone("y"), timeout_s=20.0)),
    "one, then nobody": (phone("a"), together()),
    "two, then a destination that has gone": (
        in_turn(phone("a"), phone("b"), timeout_s=20.0),
        Refusal(Cause(404, 1)),
    ),
    "nobody": (together(), phone("x")),
}


def explore(first: Plan, then: Plan | Refusal | None) -> tuple[int, set[str]]:
    """Visit every state; how many there are, and which calls can be answered."""
    start = World(first, then)
    start.check()
    known, queue = {start.state()}, deque([start])
    told = set(start.said)
    while queue:
        world = queue.popleft()
        told.update(world.said)
        for step in world.steps():
            after = deepcopy(world)
            step(after)
            after.check()
            if (state := after.state()) in known:
                continue
            known.add(state)
            queue.append(after)
        world.finish()
    return len(known), told


@pytest.mark.parametrize("name", PLANS)
def test_every_state_of(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originated, "MOST_TRIES", 2)
    first, then = PLANS[name]
    states, told = explore(first, then)
    if first == together():
        assert states == 1
        assert told == {"call.created", "call.ended", "gone"}
        return
    # The smallest of them: one phone that rings, answers, is parked, and nobody to connect it with.
    assert states >= (8 if name == "one, then nobody" else 11)
    can_talk = name not in ("one, then nobody", "two, then a destination that has gone")
    assert ("call.answered" in told) == can_talk
    assert "call.taken" in told
