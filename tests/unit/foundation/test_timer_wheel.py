"""Deadlines are data: moving one costs nothing, and a stale entry wakes nobody."""

from switchroom.foundation.timer_wheel import TICK_S, TimerWheel


class Item:
    def __init__(self, name: str, deadline: float | None) -> None:
        self.name = name
        self.deadline = deadline


def due(wheel: TimerWheel[Item], now: float) -> list[str]:
    return [item.name for item in wheel.due(now)]


def test_things_come_when_their_time_has_come_and_not_before() -> None:
    wheel = TimerWheel[Item]()
    for item in (Item("late", 30.0), Item("soon", 10.0), Item("never", None)):
        wheel.watch(item)
    assert due(wheel, 9.99) == []
    assert due(wheel, 10.0 + TICK_S) == ["soon"]
    assert due(wheel, 100.0) == ["late"]
    assert wheel.deadline() is None


def test_the_wheel_says_when_to_look_again_and_is_never_early() -> None:
    wheel = TimerWheel[Item]()
    wheel.watch(Item("soon", 10.0))
    when = wheel.deadline()
    assert when is not None
    assert 10.0 <= when <= 10.0 + TICK_S
    assert due(wheel, when) == ["soon"]


def test_a_deadline_moved_later_is_filed_again_by_itself() -> None:
    wheel = TimerWheel[Item]()
    item = Item("moved", 10.0)
    wheel.watch(item)
    item.deadline = 20.0
    assert due(wheel, 11.0) == []
    assert due(wheel, 20.1) == ["moved"]


def test_a_deadline_that_was_cleared_wakes_nobody() -> None:
    wheel = TimerWheel[Item]()
    item = Item("cleared", 10.0)
    wheel.watch(item)
    item.deadline = None
    assert due(wheel, 50.0) == []
    assert len(wheel) == 0


def test_stale_deadlines_at_the_front_are_no_reason_to_look_again() -> None:
    wheel = TimerWheel[Item]()
    cleared, moved, waiting = Item("cleared", 10.0), Item("moved", 10.5), Item("waiting", 20.0)
    for item in (cleared, moved, waiting):
        wheel.watch(item)
    cleared.deadline, moved.deadline = None, 30.0
    assert wheel.deadline() == 20.0 + TICK_S
    assert due(wheel, 25.0) == ["waiting"]
    assert due(wheel, 30.0 + TICK_S) == ["moved"]
    assert wheel.deadline() is None


def test_a_bucket_is_not_dropped_while_one_in_it_waits() -> None:
    wheel = TimerWheel[Item]()
    items = [Item("first", 10.0), Item("second", 10.001), Item("third", 10.002)]
    for item in items:
        wheel.watch(item)
    items[2].deadline = None
    assert wheel.deadline() is not None
    assert due(wheel, 11.0) == ["first", "second"]


def test_a_long_sleep_is_caught_up_in_order() -> None:
    wheel = TimerWheel[Item]()
    for second in (5, 3, 9, 1):
        wheel.watch(Item(str(second), float(second)))
    assert due(wheel, 1000.0) == ["1", "3", "5", "9"]
