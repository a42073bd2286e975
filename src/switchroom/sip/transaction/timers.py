"""The timer values of RFC 3261 table 4, and what follows from them."""

from math import ceil
from typing import Final

from msgspec import Struct

_ENDS_PER_S: Final = 10


class Timers(Struct, frozen=True):
    """All in seconds; the names are the RFC's."""

    t1: float = 0.5
    "Round-trip estimate."
    t2: float = 4.0
    "Longest interval between two copies of a non-INVITE request or an INVITE response."
    t4: float = 5.0
    "How long a message may stay in the network."
    trying_after: float = 0.2
    "A caller who has heard nothing for so long gets a 100 (RFC 3261 section 17.2.1)."

    @property
    def give_up(self) -> float:
        """64*T1: timers B, F, H, J, L and M."""
        return 64 * self.t1


def with_others(when: float) -> float:
    """``when`` at the next tenth of a second, so that one wake-up ends many transactions.

    For finished transactions only: how long they stay is a least time in the RFC.
    """
    return ceil(when * _ENDS_PER_S) / _ENDS_PER_S
