"""The demo notices when a promise is broken, whatever breaks it."""

from fakes.demo_call import ELSEWHERE, HALF, DemoCall
from switchroom.app.demo import promises
from switchroom.app.demo.cast import CALLER, DESK, LAPTOP, MOBILE, PHONES


def answered_by_desk() -> DemoCall:
    call = DemoCall()
    call.rings()
    call.answers(DESK, 100)
    call.connects(102)
    call.cancelled(LAPTOP, 103, ELSEWHERE)
    call.cancelled(MOBILE, 104, ELSEWHERE)
    return call


def two_answers() -> DemoCall:
    call = DemoCall()
    call.rings()
    call.response(DESK, "out", 200, 100, 4000)
    call.response(LAPTOP, "out", 200, 101, 4002)
    call.request(DESK, "in", "ACK", 103)
    call.connects(103)
    call.request(LAPTOP, "in", "CANCEL", 104, ELSEWHERE)
    call.request(LAPTOP, "in", "ACK", 105)
    call.request(LAPTOP, "in", "BYE", 106, ELSEWHERE)
    call.cancelled(MOBILE, 104, ELSEWHERE)
    return call


def test_a_call_as_it_should_be_keeps_all_promises_and_is_measured() -> None:
    call = answered_by_desk()
    call.request(DESK, "out", "BYE", 500)
    call.request(CALLER, "in", "BYE", 502)
    seen = call.evidence(legs=("answered", "elsewhere", "elsewhere"))
    kept = [
        promises.called_at_once(seen),
        promises.rang(seen, PHONES),
        promises.connected(seen, (DESK,)),
        promises.completed_elsewhere(seen, (LAPTOP, MOBILE)),
        promises.hung_up(seen, DESK),
        promises.recorded(seen, "answered", ("elsewhere", "answered", "elsewhere")),
        promises.free_again(seen),
    ]
    assert [promise.broken for promise in kept] == [""] * 7
    assert [round(promise.ms or 0) for promise in kept] == [3, 5, 2, 4, 2, 0, 0]


def test_a_phone_that_was_not_called_is_named() -> None:
    call = DemoCall()
    call.rings((DESK, MOBILE))
    assert promises.called_at_once(call.evidence()).broken == "the laptop was called 0 times"
    assert promises.rang(call.evidence(), PHONES).broken == "no ringing at: laptop"


def test_one_phone_after_the_other_is_not_at_once() -> None:
    call = DemoCall()
    call.rings((DESK, LAPTOP))
    call.request(MOBILE, "in", "INVITE", 3000)
    assert "2999 ms after the first" in promises.called_at_once(call.evidence()).broken


def test_nobody_may_be_told_less_than_both_reasons() -> None:
    for lines in ((), HALF):
        call = answered_by_desk()
        call.witnesses[MOBILE].begin()
        call.request(MOBILE, "in", "INVITE", 3)
        call.cancelled(MOBILE, 104, lines)
        assert not promises.completed_elsewhere(call.evidence(), (LAPTOP, MOBILE)).is_kept


def test_two_answers_of_which_one_is_ended_keep_the_promises() -> None:
    call = two_answers()
    pair = (DESK, LAPTOP)
    seen = call.evidence()
    assert promises.crossed(seen, pair).is_kept
    assert promises.connected(seen, pair).is_kept
    assert promises.other_answer_ended(seen, pair).is_kept
    assert promises.completed_elsewhere(seen, (MOBILE,)).is_kept


def test_two_that_stay_connected_are_found() -> None:
    call = answered_by_desk()
    call.answers(LAPTOP, 100, 4002)
    broken = promises.connected(call.evidence(), (DESK, LAPTOP)).broken
    assert broken == "connected: desk, laptop"


def test_an_answer_that_had_heard_of_the_other_did_not_cross() -> None:
    call = DemoCall()
    call.rings()
    call.answers(DESK, 100)
    call.response(LAPTOP, "out", 200, 200)
    assert "already heard" in promises.crossed(call.evidence(), (DESK, LAPTOP)).broken


def test_an_answer_that_is_hung_up_without_ack_breaks_the_promise() -> None:
    call = DemoCall()
    call.rings()
    call.answers(DESK, 100)
    call.response(LAPTOP, "out", 200, 101, 4002)
    call.request(LAPTOP, "in", "BYE", 104, ELSEWHERE)
    broken = promises.other_answer_ended(call.evidence(), (DESK, LAPTOP)).broken
    assert broken == "the laptop got no ACK before the BYE"


def test_the_audio_of_another_phone_is_found() -> None:
    call = DemoCall()
    call.rings()
    call.answers(DESK, 100, port=4000)
    call.connects(102, port=4002)
    assert "audio" in promises.connected(call.evidence(), (DESK,)).broken


def test_a_caller_who_gives_up_leaves_missed_calls() -> None:
    call = DemoCall()
    call.rings()
    call.request(CALLER, "out", "CANCEL", 100)
    call.response(CALLER, "in", 487, 101)
    for key in PHONES:
        call.cancelled(key, 102)
    seen = call.evidence("abandoned", ("cancelled",) * 3)
    assert promises.stopped_ringing(seen).is_kept
    assert promises.missed(seen).is_kept
    assert promises.terminated(seen).is_kept
    assert promises.recorded(seen, "abandoned", ("cancelled",) * 3).is_kept


def test_one_hint_of_elsewhere_hides_a_missed_call() -> None:
    call = DemoCall()
    call.rings()
    call.cancelled(DESK, 102)
    call.cancelled(LAPTOP, 102, HALF)
    call.cancelled(MOBILE, 102)
    assert promises.missed(call.evidence()).broken == "the laptop shows none"


def test_a_phone_that_rings_on_is_named() -> None:
    call = DemoCall()
    call.rings()
    call.request(CALLER, "out", "CANCEL", 100)
    call.cancelled(DESK, 102)
    assert promises.stopped_ringing(call.evidence()).broken == "still ringing: laptop, mobile"


def test_what_the_busy_phone_said_is_not_for_the_caller() -> None:
    call = DemoCall()
    call.rings((MOBILE,))
    assert promises.told_nothing_of(call.evidence()).is_kept
    call.response(CALLER, "in", 486, 10)
    assert promises.told_nothing_of(call.evidence()).broken == "the caller was told [486]"


def test_the_record_must_tell_the_same() -> None:
    call = answered_by_desk()
    legs = ("answered", "elsewhere", "elsewhere")
    assert promises.recorded(call.evidence(), "answered", legs).broken == "there is no record"
    other = call.evidence(legs=("answered", "cancelled", "elsewhere"))
    assert not promises.recorded(other, "answered", legs).is_kept
    assert promises.recorded_legs(other, {"extension": "elsewhere"}).is_kept
    assert not promises.recorded_legs(other, {"tel": "answered"}).is_kept


def test_an_agent_who_stays_taken_is_a_broken_promise() -> None:
    assert not promises.free_again(DemoCall().evidence(is_over=False)).is_kept
