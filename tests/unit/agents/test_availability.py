"""An agent's state is the set of his live legs, and nothing else."""

from fakes.company import ALICE, BEN
from switchroom.agents.availability import Availability, Difference
from switchroom.agents.events import AgentStateChanged

AT = 1_700_000_000.0


def agents() -> Availability:
    availability = Availability()
    availability.configure([ALICE, BEN])
    return availability


def test_agent_is_available_unless_he_chose_otherwise() -> None:
    availability = agents()
    assert availability.is_available("alice")
    (fact,) = availability.set_status("alice", "away", AT)
    assert (fact.status, fact.state, fact.customer_id) == ("away", "idle", "acme")
    assert not availability.is_available("alice")
    assert availability.status("alice") == "away"


def test_calls_never_change_what_an_agent_chose() -> None:
    availability = agents()
    availability.set_status("alice", "away", AT)
    availability.leg_started("alice", "call1", "leg1", AT)
    availability.leg_ended("alice", "call1", "leg1", AT)
    assert availability.status("alice") == "away"


def test_all_legs_of_a_call_are_one_call() -> None:
    availability = agents()
    first = availability.leg_started("alice", "call1", "desk", AT)
    assert first == (
        AgentStateChanged(
            at=AT,
            customer_id="acme",
            agent_id="alice",
            status="available",
            state="ringing",
            calls=1,
        ),
    )
    assert not availability.leg_started("alice", "call1", "mobile", AT)
    assert availability.state("alice") == ("ringing", 1)
    assert not availability.is_available("alice")
    assert availability.is_available("alice", "call1")


def test_talking_on_one_leg_is_being_on_a_call() -> None:
    availability = agents()
    availability.leg_started("alice", "call1", "desk", AT)
    availability.leg_started("alice", "call1", "mobile", AT)
    (fact,) = availability.leg_connected("alice", "call1", "desk", AT)
    assert fact.state == "on_call"
    assert not availability.leg_ended("alice", "call1", "mobile", AT)
    (fact,) = availability.leg_ended("alice", "call1", "desk", AT)
    assert (fact.state, fact.calls) == ("idle", 0)


def test_capacity_counts_calls() -> None:
    availability = agents()
    availability.leg_started("ben", "call1", "leg1", AT)
    assert availability.is_available("ben")
    availability.leg_started("ben", "call2", "leg2", AT)
    assert not availability.is_available("ben")


def test_ends_in_any_order_and_repeated_come_back_to_idle() -> None:
    availability = agents()
    for leg in ("a", "b"):
        availability.leg_started("alice", "call1", leg, AT)
    for leg in ("b", "b", "unknown", "a", "a"):
        availability.leg_ended("alice", "call1", leg, AT)
    assert availability.state("alice") == ("idle", 0)
    assert not availability.leg_connected("alice", "call1", "a", AT)


def test_unknown_agent_is_not_available_and_not_remembered() -> None:
    availability = agents()
    assert not availability.is_available("nobody")
    assert not availability.set_status("nobody", "away", AT)
    availability.leg_started("nobody", "call1", "leg1", AT)
    assert availability.state("nobody") == ("ringing", 1)
    availability.leg_ended("nobody", "call1", "leg1", AT)
    assert availability.status("nobody") == "offline"


def test_agent_removed_during_a_call_takes_no_other_and_is_then_forgotten() -> None:
    availability = agents()
    availability.leg_started("alice", "call1", "leg1", AT)
    availability.configure([BEN])
    assert availability.state("alice") == ("ringing", 1)
    assert not availability.is_available("alice")
    (fact,) = availability.leg_ended("alice", "call1", "leg1", AT)
    assert fact.customer_id == "acme"
    assert availability.status("alice") == "offline"


def test_reconciling_repairs_and_reports() -> None:
    availability = agents()
    availability.leg_started("alice", "call1", "stuck", AT)
    differences, facts = availability.reconcile([("ben", "call2", "missed", True)], AT)
    assert differences == [
        Difference("alice", "call1", "stuck", lives=False),
        Difference("ben", "call2", "missed", lives=True),
    ]
    assert [(fact.agent_id, fact.state, fact.corrected) for fact in facts] == [
        ("alice", "idle", True),
        ("ben", "on_call", True),
    ]
    assert availability.reconcile([("ben", "call2", "missed", True)], AT) == ([], [])


def test_a_restored_status_is_no_news_and_counts_at_once() -> None:
    availability = agents()
    availability.restore({"alice": ("away", "idle", 0), "long gone": ("busy", "idle", 0)})
    assert not availability.speak(AT)
    assert not availability.is_available("alice")
    assert availability.set_status("alice", "away", AT) == ()
    assert len(availability.set_status("alice", "available", AT)) == 1


def test_only_what_a_restart_has_changed_is_told_and_once() -> None:
    availability = agents()
    availability.restore({"alice": ("available", "on_call", 1), "ben": ("away", "ringing", 1)})
    assert not availability.leg_started("alice", "call1", "desk", AT)
    assert not availability.leg_connected("alice", "call1", "desk", AT)
    (fact,) = availability.speak(AT)
    assert (fact.agent_id, fact.status, fact.state, fact.calls) == ("ben", "away", "idle", 0)
    assert not availability.speak(AT)
    (fact,) = availability.leg_ended("alice", "call1", "desk", AT)
    assert (fact.agent_id, fact.state) == ("alice", "idle")
