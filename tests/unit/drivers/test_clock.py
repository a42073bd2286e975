"""The clock of the real machine."""

from switchroom.drivers.clock import Clock


def test_offset_turns_monotonic_seconds_into_utc() -> None:
    clock = Clock()
    assert abs(clock.monotonic() + clock.utc_offset() - clock.utc()) < 0.5


def test_monotonic_never_goes_back() -> None:
    clock = Clock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)
