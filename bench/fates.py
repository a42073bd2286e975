"""What becomes of the calls of a soak, and how often each happens."""

from bench.peer import RING_TIMEOUT_S, Team, new_teams
from msgspec import Struct

RING = 3
GROUPS = 6
"Agents per fate; each takes 100 calls at once."
SHORT_RING_S = 2.0
"Ring timeout where nobody answers and the caller waits."


class Fate(Struct, frozen=True):
    """One kind of call, with the options that make the generator's phones play it."""

    name: str
    share: float
    "Of all calls."
    options: tuple[str, ...]
    ring_timeout_s: float = RING_TIMEOUT_S


FATES = (
    Fate("answered", 0.35, ("--answer", "rr")),
    Fate("busy", 0.10, ("--answer", "busy", "--expect", "486")),
    Fate("abandoned", 0.15, ("--answer", "none", "--hold", "1000")),
    Fate("no_answer", 0.05, ("--answer", "none", "--expect", "480"), SHORT_RING_S),
    Fate("all_at_once", 0.15, ("--answer", "all", "--answer-delay", "0")),
    Fate("callee_ends", 0.15, ("--answer", "rr", "--hangup", "callee")),
    Fate("dead_phone", 0.05, ("--answer", "1", "--dead", "3")),
)


def teams() -> list[Team]:
    """One per fate, in the same order, on ports that are free now."""
    return new_teams(RING, GROUPS, {fate.name: fate.ring_timeout_s for fate in FATES})
