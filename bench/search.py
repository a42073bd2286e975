"""Finds the highest rate of calls that a peer still serves: growing steps, then halving."""

from collections.abc import Callable

from bench.generator import Run
from msgspec import Struct

SMALLEST_GROWTH = 1.15
LARGEST_GROWTH = 2.5
"From one step to the next while all goes well."
REACH = 0.9
"The next step is so much of what the CPU per call of the last one promises."
CAUTION = 0.95
"From one attempt to confirm to the next."
LIMIT_STEPS = 12
LIMIT_CONFIRMATIONS = 6

Attempt = Callable[[float, float], Run]
"Makes calls at a rate (per second) for so many seconds."


class Effort(Struct, frozen=True):
    """How exact the result shall be."""

    step_s: float
    confirm_s: float
    exactness: float
    "The search ends when the next higher rate that failed is at most so many times as high."


class Found(Struct, frozen=True):
    """The highest rate, in calls per second, and the run that confirmed it; 0 if none passed."""

    rate: float
    run: Run | None


def highest_rate(attempt: Attempt, estimate: float, effort: Effort) -> Found:
    """Search from ``estimate``, upwards or downwards."""
    passed, failed, rate = 0.0, float("inf"), max(estimate, 1.0)
    for _ in range(LIMIT_STEPS):
        run = attempt(rate, effort.step_s)
        if run.is_good:
            passed = rate
        else:
            failed = rate
        if passed and failed / passed <= effort.exactness:
            break
        rate = _next(passed, failed, run)
        if rate < 1:
            return Found(0.0, None)
    return _confirmed(attempt, passed, effort.confirm_s)


def _next(passed: float, failed: float, last: Run) -> float:
    if not passed:
        return failed * 0.75
    if failed < float("inf"):
        return float((passed * failed) ** 0.5)
    cpu = last.peer.cpu_s_per_1000_calls if last.peer is not None else 0.0
    promised = REACH * 1000 / cpu if cpu else 0.0
    return passed * min(max(promised / passed, SMALLEST_GROWTH), LARGEST_GROWTH)


def _confirmed(attempt: Attempt, rate: float, seconds: float) -> Found:
    for _ in range(LIMIT_CONFIRMATIONS):
        if rate < 1:
            break
        run = attempt(rate, seconds)
        if run.is_good:
            return Found(rate, run)
        rate *= CAUTION
    return Found(0.0, None)
