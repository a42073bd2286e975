"""Call records are built from facts alone, whatever is missing or said twice."""

from functools import reduce

from fakes.call_facts import CUSTOMER, answered_call, created, dialled, ended
from switchroom.calls.events import CallCreated, CallFact, CallRefused, CallTaken, LegRang
from switchroom.history.records import LEG_LIMIT, CallRecord, apply


class ParkedFact(CallFact, frozen=True, kw_only=True, tag="call.parked"):
    """A kind of fact that history does not know."""


def record_of(facts: list[CallFact]) -> CallRecord:
    record = reduce(apply, facts, None)
    assert record is not None
    return record


def test_answered_call_has_who_answered_when_and_for_how_long() -> None:
    record = record_of(answered_call("c1", at=1000.0))

    assert (record.customer_id, record.client_id, record.direction) == (CUSTOMER, "zeta", "in")
    assert (record.caller, record.called) == ("+12025550123", "+12025550100")
    assert (record.started_at, record.answered_at, record.ended_at) == (1000.0, 1002.0, 1005.0)
    assert (record.waited_s, record.talked_s) == (2.0, 3.0)
    assert (record.agent_id, record.outcome, record.ended_by) == ("alice", "answered", "caller")


def test_every_leg_is_in_the_record_with_its_own_outcome() -> None:
    record = record_of(answered_call("c1"))

    assert [(leg.leg_id, leg.role, leg.outcome) for leg in record.legs] == [
        ("c1-caller", "caller", "answered"),
        ("c1-desk", "callee", "answered"),
        ("c1-mobile", "callee", "elsewhere"),
        ("c1-home", "callee", "elsewhere"),
    ]
    desk = record.legs[1]
    assert (desk.dialled_at, desk.rang_at, desk.answered_at, desk.ended_at) == (
        1000.001,
        1000.5,
        1002.0,
        1005.0,
    )
    assert (desk.address, desk.contact) == ("extension:1001", "sip:1001@192.0.2.9:5060")
    assert (record.legs[0].dialled_at, record.legs[0].answered_at) == (1000.0, 1002.0)
    assert record.legs[0].address == "trunk:carrier"
    assert record.legs[0].sip_call_id == "c1-caller@192.0.2.7"


def test_call_is_open_until_it_ended() -> None:
    record = record_of(answered_call("c1")[:-1])

    assert record.ended_at is None
    assert record.outcome == "live"


def test_leg_is_live_until_it_ended() -> None:
    record = record_of([created("c1", at=10.0), dialled("c1", "desk", at=10.0)])
    assert [(leg.ended_at, leg.outcome) for leg in record.legs] == [(None, "live")] * 2


def test_unanswered_call_says_why_and_waited_until_its_end() -> None:
    start: list[CallFact] = [created("c1", at=10.0), dialled("c1", "desk", at=10.0)]

    gave_up = record_of([*start, ended("c1", at=17.0, by="caller", status=487)])
    busy = record_of([*start, ended("c1", at=17.0, by="system", status=486, q850=17)])
    nobody = record_of([*start, ended("c1", at=40.0, by="system", status=480, q850=19)])
    gone = record_of([*start, ended("c1", at=11.0, by="system", status=480, q850=20)])
    other = record_of([*start, ended("c1", at=11.0, by="system", status=404, q850=1)])

    outcomes = [record.outcome for record in (gave_up, busy, nobody, gone, other)]
    assert outcomes == ["abandoned", "busy", "no_answer", "unreachable", "failed"]
    assert gave_up.waited_s == 7.0
    assert gave_up.agent_id == "alice"  # whose missed call it is


def test_refused_call_is_closed_at_once() -> None:
    refused = CallRefused(
        at=5.0,
        customer_id=CUSTOMER,
        call_id="c1",
        caller="+12025550123",
        called="999999",
        status=404,
        text="No such number",
    )
    record = record_of([refused])

    assert (record.outcome, record.status, record.ended_at) == ("refused", 404, 5.0)


def test_record_begins_with_any_fact_when_the_first_ones_are_missing() -> None:
    record = record_of(answered_call("c1", at=1000.0)[4:])

    assert record.started_at == 1000.5
    assert record.outcome == "answered"
    assert record.legs[0].address == ""


def test_fact_said_twice_changes_nothing() -> None:
    facts = answered_call("c1")

    assert record_of([fact for fact in facts for _ in range(2)]) == record_of(facts)


def test_ringing_again_keeps_the_first_time() -> None:
    again = LegRang(at=1001.5, customer_id=CUSTOMER, call_id="c1", leg_id="c1-desk")
    facts = answered_call("c1")

    assert record_of([*facts[:7], again]).legs[1].rang_at == 1000.5


def test_unknown_kind_of_fact_changes_nothing() -> None:
    facts = answered_call("c1")
    parked = ParkedFact(at=1003.0, customer_id=CUSTOMER, call_id="c1")

    assert record_of([*facts[:-1], parked, facts[-1]]) == record_of(facts)


def test_legs_of_one_record_are_limited() -> None:
    legs: list[CallFact] = [dialled("c1", f"leg-{n}") for n in range(LEG_LIMIT + 10)]

    assert len(record_of([created("c1"), *legs]).legs) == LEG_LIMIT


def test_whoever_takes_an_originated_call_is_its_caller() -> None:
    begun = CallCreated(
        at=1000.0,
        customer_id=CUSTOMER,
        call_id="c1",
        leg_id="",
        direction="out",
        caller="201, 202",
        called="+12025550177",
        origin="command",
        origin_id="ben",
    )
    rung = dialled("c1", "c1-desk", at=1000.0)
    facts: list[CallFact] = [begun, rung]
    waiting = record_of(facts)
    assert (waiting.caller, waiting.agent_id, waiting.caller_agent_id) == ("201, 202", "alice", "")
    assert [leg.role for leg in waiting.legs] == ["callee"]
    assert (waiting.origin, waiting.asked_by) == ("command", "ben")
    facts.append(
        CallTaken(
            at=1002.0,
            customer_id=CUSTOMER,
            call_id="c1",
            leg_id="c1-desk",
            agent_id="alice",
            caller="201",
        )
    )
    taken = record_of(facts)
    assert (taken.caller, taken.agent_id, taken.caller_agent_id) == ("201", "", "alice")
    assert [(leg.role, leg.address) for leg in taken.legs] == [("caller", "extension:1001")]
