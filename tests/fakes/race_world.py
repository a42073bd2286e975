"""What the world has seen of a race, and what must hold of it whatever the machine does.

The invariants speak about the legs as seen from outside, so they hold of what is done and not of
how the machine keeps its books.
"""

from msgspec import Struct
from msgspec.structs import replace

from switchroom.calls.race import (
    Action,
    Branch,
    CallerGone,
    Cancel,
    Connect,
    Ended,
    GiveUp,
    HangUp,
    Input,
    PickedUp,
    Race,
    Redirected,
    Start,
    Tick,
)

GIVE_UP_S = 30.0


class World(Struct, frozen=True):
    """What has happened to the legs so far, as seen from outside."""

    now: float
    seen: tuple[tuple[Branch, str], ...] = ()
    "Per leg: D dialled, A answered, K connected, C cancelled, H hung up, E ended by itself."
    decision: str = ""
    "``connect``, ``give up`` or ``caller gone``."

    def of(self, branch: Branch) -> str:
        return dict(self.seen).get(branch, "")

    def note(self, branch: Branch, letter: str) -> "World":
        seen = dict(self.seen)
        seen[branch] = seen.get(branch, "") + letter
        return replace(self, seen=tuple(sorted(seen.items())))


def before(world: World, event: Input) -> World:
    """The world with what it has just done itself."""
    match event:
        case Tick(now):
            return replace(world, now=now)
        case PickedUp(branch) if world.of(branch) in ("D", "DC"):
            return world.note(branch, "A")
        case Ended(branch) | Redirected(branch) if world.of(branch) and "E" not in world.of(branch):
            return world.note(branch, "E")
        case CallerGone() if not world.decision:
            return replace(world, decision="caller gone")
    return world


def after(world: World, action: Action) -> World:
    """The world with one action done; an action that may not be done now fails the test."""
    match action:
        case Start(branch):
            assert not world.decision, "nothing is dialled after the decision"
            assert not world.of(branch), "a leg is dialled once"
            return world.note(branch, "D")
        case Connect(branch):
            assert not world.decision, "one decision, so never two connected"
            assert world.of(branch) == "DA", "connected is who answered and is still there"
            return replace(world.note(branch, "K"), decision="connect")
        case Cancel(branch, elsewhere):
            assert world.of(branch) == "D", "cancelled is what rings, and once"
            assert elsewhere == (world.decision == "connect"), "losers learn the right reason"
            return world.note(branch, "C")
        case HangUp(branch, elsewhere):
            assert world.of(branch) in ("DA", "DCA"), "hung up is who answered and lost, once"
            assert elsewhere == (world.decision == "connect"), "losers learn the right reason"
            return world.note(branch, "H")
        case GiveUp():
            assert not world.decision, "give up or connect, once"
            return replace(world, decision="give up")


def check(race: Race, world: World) -> None:
    """What must hold between any two inputs."""
    assert (race.state == "ringing") == (world.decision == ""), "the race knows its decision"
    loose = [branch for branch, seen in world.seen if seen in ("D", "DA")]
    assert not [seen for _, seen in world.seen if seen == "DCA"], "a late answer is hung up"
    if world.decision:
        assert not loose, "nobody is left ringing or waiting for a prompt when it is over"
        assert race.due is None, "a decided race wants no more time"
    else:
        assert race.due is not None, "a race that rings ends by itself"
        assert race.due <= race.give_up_at
        pending = any(place.phase == "delayed" for place in race.places)
        assert loose or pending, "a race that rings rings somewhere"
