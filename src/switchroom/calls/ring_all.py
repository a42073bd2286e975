"""Who still rings, who won, and when to stop: the race of a call's legs.

The plan is a tree, the race is flat: every leaf of the tree that rings takes part, whatever group
it is nested in, and the first answer wins over all of them at one place, ``_connect``. A leg has
a name, its ``Branch``: the leaf's place in the plan, and which of the leaf's attempts it is.

Once the race is decided nothing is dialled any more. A leg that answers all the same (its 200 OK
crossed our CANCEL, RFC 3261 section 9.2) is hung up. Late and repeated inputs change nothing.
"""

from msgspec.structs import replace

from switchroom.calls.outcome import NO_ANSWER
from switchroom.calls.plan import LegPlan, Plan
from switchroom.calls.progress import Progress, flatten
from switchroom.calls.race import (
    GOING,
    Action,
    Branch,
    CallerGone,
    Confirmed,
    Connect,
    Declined,
    Ended,
    HangUp,
    Input,
    LegInput,
    Node,
    PickedUp,
    Place,
    Race,
    Rang,
    Redirected,
    Start,
    Tick,
)
from switchroom.foundation.leg import Cause, Hop

CONFIRM_S = 20.0
"Longest time to confirm an answer, in seconds."


def start(plan: Plan, now: float, give_up_s: float) -> tuple[Race, list[Action]]:
    """Begin to ring ``plan``, for ``give_up_s`` seconds at most."""
    nodes = flatten(plan)
    work = Progress(nodes, [Place()] * len(nodes), now, now + give_up_s)
    if not work.begin(0):
        work.give_up()
    return work.result(), work.actions


def step(race: Race, event: Input) -> tuple[Race, list[Action]]:
    """Return the next state and what must be done, in that order."""
    match event:
        case CallerGone():
            return _caller_gone(race)
        case Tick(now):
            return _tick(race, now)
    leaf, attempt = event.branch
    place = race.places[leaf] if 0 <= leaf < len(race.places) else _NOWHERE
    if place.attempt != attempt or place.phase == "over":
        return race, []  # late, repeated or never heard of
    return _leg_step(race, leaf, event)


def deadline(race: Race) -> float | None:
    """When to send the next ``Tick``, in monotonic seconds."""
    return race.due


def leg_of(race: Race, branch: Branch) -> LegPlan:
    """The plan of this branch's leaf, which must exist."""
    leg = race.nodes[branch[0]].leg
    assert leg is not None
    return leg


def is_alone(race: Race) -> bool:
    """Whether a single leg rings and none can still be added to it."""
    left = 0
    for node, place in zip(race.nodes, race.places, strict=True):
        leg = node.leg
        if leg is None or place.phase in ("stopping", "over"):
            continue
        more = place.attempt + 1 < len(leg.attempts) or leg.follow_redirects
        if place.phase != "ringing" or more:
            return False
        left += 1
    return left == 1


# --- below: how --------------------------------------------------------------------------------

_NOWHERE = Place(phase="over", attempt=-1)


def _leg_step(race: Race, leaf: int, event: LegInput) -> tuple[Race, list[Action]]:
    place = race.places[leaf]
    match event, place.phase:
        case Rang(), "ringing" if not place.rang:
            return _with_place(race, leaf, replace(place, rang=True)), []
        case PickedUp(_, now), "ringing":
            return _picked_up(race, leaf, now)
        case PickedUp(branch), "stopping":
            over = _with_place(race, leaf, replace(place, phase="over"))
            return over, [HangUp(branch, race.state == "connected")]
        case Confirmed(), "confirming":
            return _connect(race, leaf)
        case Declined(branch, now), "confirming":
            return _lost(race, leaf, NO_ANSWER, now, [HangUp(branch, elsewhere=False)])
        case Ended(), "ringing" | "confirming":
            return _ended(race, leaf, event)
        case ((Ended() | Redirected()), "stopping" | "won"):
            return _with_place(race, leaf, replace(place, phase="over")), []
        case Redirected(_, _, now), "confirming":
            return _lost(race, leaf, NO_ANSWER, now, [])
        case Redirected(), "ringing":
            return _redirected(race, leaf, event)
    return race, []  # already settled: nothing to do


def _with_place(race: Race, index: int, place: Place) -> Race:
    places = (*race.places[:index], place, *race.places[index + 1 :])
    return Race(race.nodes, places, race.give_up_at, race.state, race.due)


def _progress(race: Race, now: float) -> Progress:
    work = Progress(list(race.nodes), list(race.places), now, race.give_up_at)
    work.state = race.state
    return work


def _picked_up(race: Race, leaf: int, now: float) -> tuple[Race, list[Action]]:
    leg = race.nodes[leaf].leg
    if leg is None or not leg.confirm:
        return _connect(race, leaf)
    work = _progress(race, now)
    # The address's own timeout was for ringing; now a person listens to the prompt.
    work.places[leaf] = replace(work.places[leaf], phase="confirming", due=now + CONFIRM_S)
    return work.result(), []


def _connect(race: Race, leaf: int) -> tuple[Race, list[Action]]:
    """The one decision: this leg wins, all others stop."""
    winner = race.places[leaf]
    work = _progress(race, 0.0)
    work.state = "connected"
    work.places[leaf] = replace(winner, phase="won")
    work.actions.append(Connect((leaf, winner.attempt)))
    work.stop(0, elsewhere=True, cause=NO_ANSWER)
    return work.result(), work.actions


def _ended(race: Race, leaf: int, event: Ended) -> tuple[Race, list[Action]]:
    place, leg = race.places[leaf], race.nodes[leaf].leg
    # Once a phone has rung another host would only ring it again.
    retry = event.try_next and place.phase == "ringing" and not place.rang
    if leg is None or not retry:
        return _lost(race, leaf, event.cause, event.now, [])
    attempt = place.attempt + 1
    if event.others:
        race = _with_addresses(race, leaf, leg, attempt, event.others)
    elif attempt >= len(leg.attempts):
        return _lost(race, leaf, event.cause, event.now, [])
    return _with_place(race, leaf, replace(place, attempt=attempt)), [Start((leaf, attempt))]


def _with_addresses(
    race: Race, leaf: int, leg: LegPlan, attempt: int, hops: tuple[Hop, ...]
) -> Race:
    """The attempt before ``attempt`` once more for each of ``hops``, right after it."""
    tried = leg.attempts[attempt - 1]
    more = [replace(tried, to=replace(tried.to, hop=hop)) for hop in hops]
    attempts = (*leg.attempts[:attempt], *more, *leg.attempts[attempt:])
    node = replace(race.nodes[leaf], leg=replace(leg, attempts=attempts))
    return replace(race, nodes=(*race.nodes[:leaf], node, *race.nodes[leaf + 1 :]))


def _lost(
    race: Race, leaf: int, cause: Cause, now: float, first: list[Action]
) -> tuple[Race, list[Action]]:
    work = _progress(race, now)
    work.actions = first
    work.places[leaf] = replace(work.places[leaf], phase="over", cause=cause)
    work.settle(leaf)
    return work.result(), work.actions


def _redirected(race: Race, leaf: int, event: Redirected) -> tuple[Race, list[Action]]:
    """Put a group with the new plan where the leaf was; its own timeout goes on."""
    work = _progress(race, event.now)
    base = len(work.nodes)
    work.nodes[leaf] = Node(race.nodes[leaf].parent, (base,), False, 0.0, None, None)
    work.places[leaf] = Place("active", race.places[leaf].due)
    added = flatten(event.to, leaf, base)
    work.nodes += added
    work.places += [Place()] * len(added)
    if not work.begin(base):
        work.places[leaf] = Place("over")
        work.settle(leaf)
    return work.result(), work.actions


def _caller_gone(race: Race) -> tuple[Race, list[Action]]:
    if race.state != "ringing":
        return race, []
    work = _progress(race, 0.0)
    work.state = "over"
    work.stop(0, elsewhere=False, cause=NO_ANSWER)
    return work.result(), work.actions


def _tick(race: Race, now: float) -> tuple[Race, list[Action]]:
    if race.due is None or now < race.due:
        return race, []
    work = _progress(race, now)
    if now >= race.give_up_at:
        work.stop(0, elsewhere=False, cause=NO_ANSWER)
        work.give_up()
        return work.result(), work.actions
    for index in range(len(race.nodes)):  # groups come before their members: they stop first
        place = work.places[index]
        if place.due is None or now < place.due or place.phase not in GOING:
            continue
        if place.phase == "delayed" and work.go(index):
            continue
        work.stop(index, elsewhere=False, cause=NO_ANSWER)
        work.settle(index)
    return work.result(), work.actions
