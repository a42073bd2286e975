"""How long each member of a linear list rings: nobody keeps those behind him from their turn."""

from collections.abc import Sequence

from msgspec.structs import replace

from switchroom.calls.plan import LegPlan, Plan

TURN_S = 15.0
"How long a phone rings in its turn unless something else is configured, in seconds."
LEAST_TURN_S = 5.0
"Nobody can pick up faster; members for whom that leaves no time are not rung."


def in_turns(plan: Plan, time_s: float) -> Plan:
    """``plan`` with such limits that within ``time_s`` seconds all linear lists are gone through,
    as far as the phones' own time-outs and the least turn allow.

    A phone's own time-out counts as it is. Otherwise a turn is 15 seconds, of agents and groups
    their own ringing time, but not longer than an equal share of the time that is left. The last
    of a list has the rest. Members with nothing to dial take no time.
    """
    if isinstance(plan, LegPlan):
        return plan
    time_s = min(time_s, plan.timeout_s or time_s)
    if plan.method == "linear":
        return replace(plan, members=_listed(plan.members, time_s))
    return replace(plan, members=tuple(in_turns(one, time_s - one.delay_s) for one in plan.members))


def _listed(members: Sequence[Plan], left_s: float) -> tuple[Plan, ...]:
    behind = sum(map(_rings, members))
    plans: list[Plan] = []
    for member in members:
        if not _rings(member):
            plans.append(member)
            continue
        behind -= 1
        turn_s = _own_s(member)
        if turn_s is not None:
            plans.append(member)
        elif behind:
            turn_s = min(member.timeout_s or TURN_S, left_s / (behind + 1))
            turn_s = max(LEAST_TURN_S, turn_s)
            plans.append(_limited(in_turns(member, turn_s), turn_s))
        else:
            plans.append(in_turns(member, left_s))
        left_s -= _delay_s(member) + (turn_s or 0.0)
    return tuple(plans)


def _rings(plan: Plan) -> bool:
    if isinstance(plan, LegPlan):
        return bool(plan.attempts)
    return any(map(_rings, plan.members))


def _own_s(plan: Plan) -> float | None:
    """How long the phones of one address ring, if that is configured for the address."""
    if isinstance(plan, LegPlan):
        return plan.timeout_s
    if plan.timeout_s is not None or not plan.members:
        return None
    return _own_s(plan.members[0])  # all phones of an extension have what their address has


def _limited(plan: Plan, turn_s: float) -> Plan:
    # The time-out of a group runs while its legs still wait for their own delays.
    return replace(plan, timeout_s=turn_s + _delay_s(plan) - plan.delay_s)


def _delay_s(plan: Plan) -> float:
    """Seconds before the first phone rings."""
    if isinstance(plan, LegPlan):
        return plan.delay_s
    return plan.delay_s + min(map(_delay_s, plan.members), default=0.0)
