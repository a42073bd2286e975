"""A clock that stands still until a test moves it."""


class FakeClock:
    """Monotonic seconds; Unix time is ``EPOCH`` seconds more."""

    EPOCH = 1_700_000_000.0

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def utc_offset(self) -> float:
        return self.EPOCH
