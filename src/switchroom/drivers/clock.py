"""The only reader of clocks: everything else gets ``now`` as an argument."""

import time


class Clock:
    """The machine's two clocks."""

    __slots__ = ()

    def monotonic(self) -> float:
        """Seconds that never jump: for deadlines and durations."""
        return time.monotonic()

    def utc(self) -> float:
        """Unix time in seconds: for people, journals and other machines."""
        return time.time()

    def utc_offset(self) -> float:
        """What added to monotonic seconds gives Unix time, until somebody sets the clock."""
        return time.time() - time.monotonic()
