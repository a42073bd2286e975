"""The language of a race: its state, what happens in it, what is to be done."""

from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.calls.plan import LegPlan, Plan
from switchroom.foundation.leg import Cause, Hop

Branch: TypeAlias = tuple[int, int]
"The leaf's place in the plan, and the attempt: a leg's name within its race."

Phase: TypeAlias = Literal[
    "waiting",  # its turn has not come
    "delayed",  # begins at ``due``
    "ringing",
    "confirming",  # answered, but a person has to say so; the others ring on
    "active",  # a group with members that go on
    "stopping",  # told to stop; its end, or an answer that crossed, is still to come
    "won",
    "over",
]
GOING = frozenset({"delayed", "ringing", "confirming", "active"})


class Node(Struct, frozen=True):
    """One node of the plan. Members have higher places than what contains them."""

    parent: int
    members: tuple[int, ...]
    linear: bool
    delay_s: float
    timeout_s: float | None
    leg: LegPlan | None


class Place(Struct, frozen=True):
    """How far a node has come."""

    phase: Phase = "waiting"
    due: float | None = None
    "When to begin if delayed, else when to stop; monotonic seconds."
    attempt: int = 0
    rang: bool = False
    cause: Cause | None = None
    "Why it is over; ``None`` while it is not, or if it never had its turn."


class Race(Struct, frozen=True):
    """The whole race; ``places`` are those of ``nodes``."""

    nodes: tuple[Node, ...]
    places: tuple[Place, ...]
    give_up_at: float
    state: Literal["ringing", "connected", "over"] = "ringing"
    due: float | None = None


# --- inputs -------------------------------------------------------------------------------------


class Rang(Struct, frozen=True):
    branch: Branch


class PickedUp(Struct, frozen=True):
    branch: Branch
    now: float


class Confirmed(Struct, frozen=True):
    branch: Branch


class Declined(Struct, frozen=True):
    """Answered but not wanted: a wrong key, a prompt without answer."""

    branch: Branch
    now: float


class Ended(Struct, frozen=True):
    """The leg is over by itself. ``try_next``: another host may do better.

    ``others`` are further addresses of the host that was tried; they come before the next host.
    """

    branch: Branch
    cause: Cause
    now: float
    try_next: bool = False
    others: tuple[Hop, ...] = ()


class Redirected(Struct, frozen=True):
    """The leg is over, and ``to`` is rung in its place."""

    branch: Branch
    to: Plan
    now: float


class CallerGone(Struct, frozen=True):
    pass


class Tick(Struct, frozen=True):
    now: float


LegInput: TypeAlias = Rang | PickedUp | Confirmed | Declined | Ended | Redirected
Input: TypeAlias = LegInput | CallerGone | Tick


# --- actions ------------------------------------------------------------------------------------


class Start(Struct, frozen=True):
    """Dial this branch."""

    branch: Branch


class Connect(Struct, frozen=True):
    branch: Branch


class Cancel(Struct, frozen=True):
    branch: Branch
    elsewhere: bool


class HangUp(Struct, frozen=True):
    branch: Branch
    elsewhere: bool


class GiveUp(Struct, frozen=True):
    """Nobody answered; ``cause`` is for the caller."""

    cause: Cause


Action: TypeAlias = Start | Connect | Cancel | HangUp | GiveUp
