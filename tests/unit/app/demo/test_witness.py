"""A witness tells the story's call from what other calls have left on the wire."""

from fakes.demo_call import ELSEWHERE, DemoCall
from switchroom.app.demo.cast import LAPTOP
from switchroom.app.demo.moments import MomentName


def test_an_invite_of_an_earlier_story_is_no_new_call() -> None:
    call = DemoCall()
    laptop = call.witnesses[LAPTOP]
    call.request(LAPTOP, "in", "INVITE", 0)
    laptop.begin()
    call.request(LAPTOP, "in", "INVITE", 500)
    assert laptop.call_ids == []
    assert not laptop.story
    assert not laptop.is_past("called")


def test_each_moment_is_told_once() -> None:
    call = DemoCall()
    laptop = call.witnesses[LAPTOP]
    told: list[MomentName] = []
    laptop.watch = lambda name, _at: told.append(name)
    for ms in (0, 500):
        call.request(LAPTOP, "in", "INVITE", ms)
        call.response(LAPTOP, "out", 180, ms)
    call.cancelled(LAPTOP, 600, ELSEWHERE)
    assert told == ["called", "rings", "completed elsewhere"]
    assert len(laptop.sent("INVITE", "in")) == 2


def test_what_is_no_message_changes_nothing() -> None:
    laptop = DemoCall().witnesses[LAPTOP]
    laptop.add(1.0, "in", b"\x00\xff nonsense")
    assert not laptop.story
    assert len(laptop.seen) == 1
