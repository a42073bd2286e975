"""A call after a restart of the node."""

import msgspec
import pytest
from msgspec.structs import replace

from fakes.clock import FakeClock
from fakes.ids import CountingIds
from fakes.ringing_phones import RingingPhones
from fakes.routers import PlannedRouter, phone, together
from switchroom.calls.events import CallEnded
from switchroom.calls.outputs import Checkpoint
from switchroom.calls.service import CallService
from switchroom.calls.snapshot import CallSnapshot
from switchroom.foundation.leg import Ask, Cancel, Cause, LegAsked, LegRedirected


def ringing() -> RingingPhones:
    legs = (phone(name, agent_id="alice") for name in ("desk", "soft"))
    phones = RingingPhones(PlannedRouter(together(*legs)))
    phones.call()
    return phones


def restarted(phones: RingingPhones) -> RingingPhones:
    """The same phones around a new service that has read what was kept last."""
    kept = msgspec.json.decode(msgspec.json.encode(phones.kept), type=CallSnapshot)
    assert kept == phones.kept
    phones.clock = FakeClock(now=phones.clock.now + 7.0)  # monotonic time began anew
    phones.router = PlannedRouter(phone("nobody"))
    phones.service = CallService(phones.router, CountingIds(), lambda: FakeClock.EPOCH - 7.0)
    phones.outputs.clear()
    phones.do(phones.service.restore(kept, phones.clock.now))
    return phones


def test_connected_call_goes_on_as_if_nothing_had_happened() -> None:
    phones = ringing()
    phones.answer("desk")
    restarted(phones)
    assert not phones.outputs
    phones.feed(LegAsked(phones.leg_of["desk"], "ask1", Ask("INVITE", "sdp", b"hold")))
    assert phones.told == {"caller": ["carry"]}
    phones.advance(10.0)
    phones.end("caller")
    assert phones.story == ["leg.ended", "leg.ended", "call.ended"]
    fact = phones.facts[-1]
    assert isinstance(fact, CallEnded)
    assert fact.talked_s == pytest.approx(10.0)


def test_call_that_still_rang_is_ended_on_both_sides_with_the_reason() -> None:
    phones = restarted(ringing())
    assert phones.told == {"caller": ["reject"], "desk": ["cancel"], "soft": ["cancel"]}
    assert phones.last("desk") == Cancel(phones.leg_of["desk"], elsewhere=False)
    assert phones.outcomes["desk"] == "cancelled"
    fact = phones.facts[-1]
    assert isinstance(fact, CallEnded)
    assert (fact.status, fact.q850, fact.text) == (480, 41, "Call server restarted")
    assert not phones.service.calls


def test_losers_that_had_not_ended_are_cancelled_again() -> None:
    phones = ringing()
    phones.obedient = False
    phones.answer("desk")
    restarted(phones)
    assert phones.told == {"soft": ["cancel"]}


def test_call_that_was_being_hung_up_is_hung_up_to_the_end() -> None:
    phones = ringing()
    phones.obedient = False
    phones.answer("desk")
    phones.end("caller", q850=16)
    restarted(phones)
    assert phones.told["desk"] == ["hang up"]
    phones.settle()
    assert not phones.service.calls


def test_agents_of_restored_calls_are_engaged_again() -> None:
    phones = ringing()
    phones.answer("desk")
    restarted(phones)
    router = phones.router
    assert isinstance(router, PlannedRouter)
    assert list(router.busy) == ["alice"]
    phones.end("caller")
    assert router.busy["alice"] == {}


def test_leg_that_did_not_come_back_ends_its_call() -> None:
    phones = ringing()
    phones.answer("desk")
    restarted(phones)
    phones.do(phones.service.reconcile({"caller"}, phones.clock.now))
    assert phones.told == {"caller": ["hang up"]}
    assert not phones.service.calls


def test_checkpoint_when_dialled_when_connected_when_two_are_left_and_when_ending() -> None:
    phones = ringing()
    phones.obedient = False
    assert phones.checkpoints == 1
    phones.ring("desk")
    assert phones.checkpoints == 1
    phones.answer("desk")
    assert phones.checkpoints == 2
    phones.settle()
    assert phones.checkpoints == 3
    phones.end("caller")
    assert phones.checkpoints == 4


def test_leg_that_has_failed_is_not_ended_again_after_a_restart() -> None:
    phones = ringing()
    phones.end("desk", 486)
    restarted(phones)
    assert phones.told == {"caller": ["reject"], "soft": ["cancel"]}


def test_leg_that_was_forwarded_is_not_ended_again_after_a_restart() -> None:
    phones = ringing()
    phones.feed(LegRedirected(phones.leg_of["desk"], ("sip:x@y",), Cause(302)))
    restarted(phones)
    assert phones.told == {"caller": ["reject"], "soft": ["cancel"]}


def test_caller_who_had_given_up_is_not_rejected_after_a_restart() -> None:
    phones = ringing()
    phones.obedient = False
    phones.end("caller")
    restarted(phones)
    phones.settle()
    assert phones.told == {"desk": ["cancel"], "soft": ["cancel"]}
    fact = phones.facts[-1]
    assert isinstance(fact, CallEnded)
    assert (fact.status, fact.by) == (487, "caller")


def test_answer_that_waits_to_be_confirmed_is_hung_up_after_a_restart() -> None:
    router = PlannedRouter(replace(phone("mobile"), confirm=True))
    phones = RingingPhones(router)
    phones.call()
    phones.answer("mobile")
    restarted(phones)
    assert phones.told == {"caller": ["reject"], "mobile": ["hang up"]}


def test_restoring_twice_is_restoring_once() -> None:
    phones = ringing()
    phones.answer("desk")
    (call_id,) = phones.service.calls
    snapshot = phones.service.snapshot(call_id)
    assert snapshot is not None
    assert phones.service.restore(snapshot, phones.clock.now) == []


def test_no_snapshot_of_a_call_that_is_over() -> None:
    phones = ringing()
    checkpoint = next(o for o in phones.outputs if isinstance(o, Checkpoint))
    phones.end("caller")
    assert phones.service.snapshot(checkpoint.call_id) is None
    assert phones.service.hang_up(checkpoint.call_id, Cause(), phones.clock.now) == []
