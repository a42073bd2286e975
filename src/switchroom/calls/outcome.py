"""What an end of a leg means: for its record, for trying another host, for the caller.

The caller never sees 3xx, 401, 407 or 503 of a leg, since they would make his phone act on
something that is none of its business. What he gets when nobody answered:

================================================  ==============================
legs                                              status, Q.850
================================================  ==============================
all were busy or declined (486, 600, 603) [1]_    486, 17 user busy
one rang, or was not answered in time             480, 19 no answer from user
anything else                                     480, 20 subscriber absent
the only leg, nobody's phone: 404, 410, 604       404, 1 unallocated number
the only leg, nobody's phone: 484                 484, 28 invalid number format
the only leg, nobody's phone: 488, 606            488, 88 incompatible destination
the only leg, nobody's phone: 603                 603, 21 call rejected
================================================  ==============================

.. [1] Phones that were not registered do not count, as long as there was another one: whoever
   has just one phone switched on and talks on it is busy.

"Nobody's phone" is a destination that the caller himself has dialled; that the mobile of an agent
does not exist says nothing about the number that the caller dialled.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from switchroom.calls.plan import BUSY, UNREACHABLE, LegPlan
from switchroom.foundation.leg import Cause

Outcome: TypeAlias = Literal[
    "answered",
    "elsewhere",
    "cancelled",
    "busy",
    "no_answer",
    "unreachable",
    "refused",
    "failed",
]

NO_ANSWER = Cause(480, 19, "No answer")

_BY_STATUS: dict[int, Outcome] = {
    404: "unreachable",
    408: "unreachable",
    410: "unreachable",
    430: "unreachable",
    480: "unreachable",
    484: "unreachable",
    486: "busy",
    487: "cancelled",
    502: "unreachable",
    503: "unreachable",
    504: "unreachable",
    600: "busy",
    401: "refused",
    403: "refused",
    407: "refused",
    433: "refused",
    603: "refused",
    604: "unreachable",
    607: "refused",
}

# What a gateway says about the far network is more exact than the SIP status it chose for it.
_BY_Q850: dict[int, Outcome] = {
    1: "unreachable",
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    20: "unreachable",
    21: "refused",
}

_SAID_TO_WHO_DIALLED: dict[int, Cause] = {
    404: Cause(404, 1, "This number does not exist"),
    410: Cause(404, 1, "This number does not exist"),
    604: Cause(404, 1, "This number does not exist"),
    484: Cause(484, 28, "The number is not complete"),
    488: Cause(488, 88, "No common media"),
    606: Cause(488, 88, "No common media"),
    603: Cause(603, 21, "Declined"),
}

# Their own request is at fault; another host of the same carrier would say the same.
_NOT_RETRYABLE = frozenset({501, 505, 513, 555, 580})


def outcome_of(cause: Cause, *, rang: bool) -> Outcome:
    """The outcome of a leg that ended by itself before anybody answered."""
    if cause.q850 in _BY_Q850:
        return _BY_Q850[cause.q850]
    outcome = _BY_STATUS.get(cause.status, "failed")
    if rang and outcome == "unreachable":
        return "no_answer"
    return outcome


def may_try_next(cause: Cause, by: str) -> bool:
    """Whether another host may do better: no answer at all, or trouble at this one (5xx, 408)."""
    if by in ("timeout", "transport"):
        return True
    status = cause.status
    return status == 408 or (500 <= status < 600 and status not in _NOT_RETRYABLE)


def said_to_caller(met: Sequence[tuple[LegPlan, Cause, bool]]) -> Cause:
    """The caller's final answer; ``met`` holds each leg, its last cause and whether it rang."""
    if len(met) == 1:
        leg, cause, _ = met[0]
        useful = _SAID_TO_WHO_DIALLED.get(cause.status)
        if useful is not None and not leg.agent_id:
            return useful
    reached = [cause for leg, cause, _ in met if leg.attempts or _turned_away(cause)]
    if reached and all(map(_turned_away, reached)):
        return BUSY
    if any(rang or cause is NO_ANSWER for _, cause, rang in met):
        return NO_ANSWER
    return UNREACHABLE


def _turned_away(cause: Cause) -> bool:
    # A person who declines (603) is as good as busy to the caller.
    return cause.status in (486, 600, 603) or cause.q850 == 17
