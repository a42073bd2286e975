"""Finds the highest rate of calls that a peer still serves: growing steps, then halving."""

from collections.abc import Callable

from bench.generator import Run
from msgspec import Struct

GROWTH = 1.3
"From one step to the next while all goes well."
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
        if attempt(rate, effort.step_s).is_good:
            passed = rate
        else:
            failed = rate
        if passed and failed / passed <= effort.exactness:
            break
        rate = _next(passed, failed)
        if rate < 1:
            return Found(0.0, None)
    return _confirmed(attempt, passed, effort.confirm_s)


def _next(passed: float, failed: float) -> float:
    if not passed:
        return failed * 0.75
    if failed == float("inf"):
        return passed * GROWTH
    return float((passed * failed) ** 0.5)


def _confirmed(attempt: Attempt, rate: float, seconds: float) -> Found:
    for _ in range(LIMIT_CONFIRMATIONS):
        if rate < 1:
            break
        run = attempt(rate, seconds)
        if run.is_good:
            return Found(rate, run)
        rate *= CAUTION
    return Found(0.0, None)
