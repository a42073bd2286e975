"""A call that vanished with its process gets an end, and so does each of its legs."""

from functools import reduce

from fakes.call_facts import answered_call
from switchroom.calls.events import CallFact
from switchroom.history.closing import closing_facts
from switchroom.history.records import CallRecord, apply


def closed(facts: list[CallFact]) -> CallRecord:
    record = reduce(apply, facts, None)
    assert record is not None
    for fact in closing_facts(record, at=9000.0):
        record = apply(record, fact)
    return record


def test_ringing_call_is_closed_with_its_legs() -> None:
    record = closed(answered_call("c1")[:6])

    assert (record.ended_at, record.outcome, record.text) == (
        9000.0,
        "failed",
        "Call server restarted",
    )
    assert [leg.outcome for leg in record.legs] == ["failed"] * 4
    assert {leg.ended_at for leg in record.legs} == {9000.0}


def test_answered_call_counts_up_to_the_last_thing_known() -> None:
    record = closed(answered_call("c1", at=1000.0)[:10])

    assert record.outcome == "answered"
    assert record.talked_s == 1002.1 - 1002.0


def test_legs_that_ended_keep_their_own_end() -> None:
    record = closed(answered_call("c1", at=1000.0)[:11])

    assert [leg.outcome for leg in record.legs] == [
        "answered",
        "answered",
        "elsewhere",
        "elsewhere",
    ]
    assert record.legs[2].ended_at == 1002.1
