"""A call that a command has begun: it rings some, and connects who answers first or parks him.

Every phone says what it hears of the other: the offers and answers have really crossed.
"""

import pytest
from msgspec.structs import replace

from scenarios.world import (
    ALICE,
    TRUNK_PLACE,
    World,
    agent,
    configuration,
    phone_address,
    trunk,
)
from switchroom.calls.events import CallFact
from switchroom.calls.model import Ender
from switchroom.calls.plan import Order, Party
from switchroom.foundation.leg import Cause
from switchroom.history.records import CallRecord, apply
from switchroom.simulator.call import PhoneCall
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy

BEN = agent("ben", phone_address("2001"), number="202")
EVERYTHING = ("internal", "national", "international")
RINGS = Policy(answer_after_s=None)
TO_ALICE = Party("agent", "alice")
TO_BEN = Party("agent", "202")
JUST_JOINING = (6.0045, 6.0055)
"Seconds after which a destination that rings for 5 s has answered an agent that rings for 1 s."
OUTSIDE = Party("number", "(202) 555-0177")


def world_of(*, seed: int = 1) -> World:
    carrier = trunk("carrier", TRUNK_PLACE, caller_id="+12025550100")
    return World(configuration(ALICE, BEN, trunks=(carrier,)), seed=seed)


def order(*destinations: Party, to: Party | None = None, **more: object) -> Order:
    return replace(Order("acme", destinations, to, dial=EVERYTHING), **more)


def only(phone: Phone) -> PhoneCall:
    """The phone's only live call."""
    (call,) = phone.calls.values()
    return call


def record(world: World) -> CallRecord:
    """What history makes of the facts of the only call."""
    made: CallRecord | None = None
    for fact in world.host.facts:
        if isinstance(fact, CallFact):
            assert made is None or made.call_id == fact.call_id
            made = apply(made, fact)
    assert made is not None
    return made


def outcomes(made: CallRecord) -> dict[str, list[str]]:
    """How the legs of each address ended."""
    found: dict[str, list[str]] = {}
    for leg in made.legs:
        found.setdefault(leg.address, []).append(leg.outcome)
    return found


def hear_each_other(one: PhoneCall, other: PhoneCall, media: tuple[bytes, bytes]) -> None:
    """Each has the other's address, both send and receive."""
    assert media[1] in one.peer_session
    assert media[0] in other.peer_session
    for call in (one, other):
        assert b"a=sendrecv" in call.peer_session
        assert b"m=audio 9 " not in call.peer_session


def place_of(phone: Phone) -> bytes:
    return f"c=IN IP4 {phone.settings.address}".encode()


def test_click_to_call_rings_the_agent_and_then_dials_the_number() -> None:
    world = world_of()
    desk, spare = world.phone("1001", Policy(answer_after_s=2.0)), world.phone("1002", RINGS)
    carrier = world.carrier(Policy(answer_after_s=5.0))
    call_id = world.host.originate(order(TO_ALICE, to=OUTSIDE, asked_by="agent-alice"))
    world.run(1.0)
    assert not carrier.calls
    (invite,) = desk.log.requests("INVITE")
    assert not invite.body
    assert "+12025550177" in (invite.get("from") or "")
    world.run(3.0)
    assert b"a=inactive" in only(desk).peer_session
    assert b"m=audio 9 RTP/AVP 0 8" in only(desk).peer_session
    assert "completed elsewhere" in str(spare.log.requests("CANCEL")[0].get("reason"))
    (dialled,) = carrier.log.requests("INVITE")
    assert "+12025550177" in dialled.uri
    assert "+12025550100" in (dialled.get("from") or "")
    assert world.host.availability.state("agent-alice") == ("on_call", 1)
    world.run(10.0)
    assert desk.log.requests("INVITE")[1].to_tag
    hear_each_other(only(desk), only(carrier), (place_of(desk), place_of(carrier)))
    assert [state.phase for state in world.host.calls.calls.values()] == ["connected"]
    desk.hold(only(desk))
    world.run(1.0)
    assert b"a=sendonly" in only(carrier).peer_session
    carrier.hang_up(only(carrier))
    world.run(1.0)
    made = record(world)
    assert made.call_id == call_id
    assert (made.outcome, made.direction, made.ended_by) == ("answered", "out", "callee")
    assert (made.caller, made.called) == ("201", "+12025550177")
    assert (made.caller_agent_id, made.agent_id) == ("agent-alice", "")
    assert 6.5 < made.waited_s < 8.0
    assert outcomes(made) == {
        "extension:1001": ["answered"],
        "extension:1002": ["elsewhere"],
        "tel:+12025550177": ["answered"],
    }
    assert [leg.role for leg in made.legs if leg.outcome == "answered"] == ["caller", "callee"]
    world.assert_empty()


def test_a_group_is_parked_until_it_hangs_up() -> None:
    world = world_of()
    desk, ben = world.phone("1001", Policy(answer_after_s=3.0)), world.phone("2001", RINGS)
    world.host.originate(order(TO_ALICE, TO_BEN))
    world.run(1.0)
    assert only(ben).state == "ringing"
    world.run(30.0)
    call = only(desk)
    assert b"a=inactive" in call.peer_session
    assert not ben.calls
    desk.ask(call, "INVITE", desk.session())
    world.run(1.0)
    assert call.replies[-1].status == 200
    assert b"a=inactive" in call.peer_session
    desk.ask(call, "UPDATE", b"")
    desk.ask(call, "INFO", b"Signal=5", "application/dtmf-relay")
    world.run(1.0)
    assert [reply.status for reply in call.replies] == [200, 200, 500]
    desk.hang_up(call)
    world.run(1.0)
    made = record(world)
    assert (made.outcome, made.called, made.caller) == ("answered", "park", "201")
    assert (made.ended_by, made.direction) == ("caller", "internal")
    assert made.talked_s > 28
    world.assert_empty()


def test_nobody_stays_parked_for_ever() -> None:
    world = world_of()
    desk = world.phone("1001")
    world.host.originate(order(TO_ALICE))
    world.run(3590.0)
    assert only(desk).state == "answered"
    world.run(20.0)
    assert desk.ended[-1].cause.text == "Parked too long"
    assert record(world).ended_by == "system"
    world.assert_empty()


def test_linear_rings_one_after_the_other() -> None:
    world = world_of()
    ben = world.phone("2001", RINGS)
    desk = world.phone("1001", Policy(answer_after_s=1.0))
    world.host.originate(order(TO_BEN, TO_ALICE, ring_method="linear", ring_timeout_s=20.0))
    world.run(9.0)
    assert not desk.log.requests("INVITE")
    world.run(3.0)
    assert only(desk).state == "answered"
    assert "completed elsewhere" not in str(ben.log.requests("CANCEL")[0].get("reason"))
    desk.hang_up(only(desk))
    world.assert_empty()


def test_everybody_of_the_destination_rings_for_the_agent() -> None:
    world = world_of()
    ben = world.phone("2001")
    phones = [world.phone(user, RINGS) for user in ("1001", "1002")]
    last = world.phone("1003", Policy(answer_after_s=4.0))
    world.host.originate(order(TO_BEN, to=TO_ALICE))
    world.run(2.0)
    assert all(only(phone).state == "ringing" for phone in phones)
    assert '"Ben" <sip:202@' in (phones[0].log.requests("INVITE")[0].get("from") or "")
    world.run(4.0)
    hear_each_other(only(ben), only(last), (place_of(ben), place_of(last)))
    assert not any(phone.calls for phone in phones)
    assert world.host.availability.state("agent-alice") == ("on_call", 1)
    last.hang_up(only(last))
    world.run(1.0)
    made = record(world)
    assert (made.agent_id, made.caller_agent_id) == ("agent-alice", "agent-ben")
    world.assert_empty()


@pytest.mark.parametrize("seed", range(5))
def test_two_answers_at_once(seed: int) -> None:
    world = world_of(seed=seed)
    phones = [world.phone(user, Policy(answer_after_s=1.0)) for user in ("1001", "1002", "1003")]
    ben = world.phone("2001")
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(5.0)
    (taker,) = [phone for phone in phones if phone.calls]
    hear_each_other(only(taker), only(ben), (place_of(taker), place_of(ben)))
    for phone in phones:
        assert phone.log.requests("ACK")[0].body
        if phone is not taker:
            assert b"m=audio 0 " in phone.log.requests("ACK")[0].body
            assert "completed elsewhere" in str(phone.log.requests("BYE")[0].get("reason"))
    ben.hang_up(only(ben))
    world.assert_empty()


def test_the_destination_is_busy() -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001", Policy(reject=486))
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(2.0)
    assert not desk.calls
    assert (desk.ended[-1].cause.status, desk.ended[-1].cause.q850) == (486, 17)
    assert ben.log.requests("INVITE")
    made = record(world)
    assert (made.outcome, made.ended_by) == ("busy", "callee")
    assert outcomes(made) == {"extension:1001": ["answered"], "extension:2001": ["busy"]}
    world.assert_empty()


def test_nobody_answers_and_nobody_is_dialled() -> None:
    world = world_of()
    world.phone("1001", RINGS)
    ben = world.phone("2001")
    world.host.originate(order(TO_ALICE, to=TO_BEN, ring_timeout_s=7.0))
    world.run(10.0)
    assert not ben.log.requests("INVITE")
    assert record(world).outcome == "no_answer"
    world.assert_empty()


@pytest.mark.parametrize(
    ("asked_by", "for_agent", "outcome"),
    [
        ("", "", "busy"),
        ("agent-alice", "", "answered"),
        ("agent-ben", "", "busy"),
        ("agent-ben", "agent-alice", "answered"),
    ],
)
def test_whose_call_it_is_is_rung_though_he_takes_no_calls(
    asked_by: str, for_agent: str, outcome: str
) -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001")
    world.host.availability.set_status("agent-alice", "away", 0.0)
    world.host.originate(order(TO_ALICE, to=TO_BEN, asked_by=asked_by, for_agent=for_agent))
    world.run(3.0)
    for call in list(desk.calls.values()):
        assert only(ben).state == "answered"
        desk.hang_up(call)
    world.run(1.0)
    made = record(world)
    assert (made.outcome, made.asked_by) == (outcome, asked_by)
    assert set(made.agent_ids.split()) >= {asked_by, for_agent} - {""}
    world.assert_empty()


def test_an_asker_who_is_away_is_not_rung_as_the_destination() -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001")
    world.host.availability.set_status("agent-alice", "away", 0.0)
    world.host.originate(order(TO_BEN, to=TO_ALICE, asked_by="agent-alice"))
    world.run(3.0)
    assert not desk.log.requests("INVITE")
    assert not ben.calls
    assert record(world).outcome == "busy"
    world.assert_empty()


def test_nobody_can_be_reached() -> None:
    world = world_of()
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    assert record(world).outcome == "unreachable"
    world.assert_empty()


def test_the_agent_hangs_up_while_the_destination_rings() -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001", RINGS)
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(5.0)
    desk.hang_up(only(desk))
    world.run(1.0)
    assert not ben.calls
    assert "completed elsewhere" not in str(ben.log.requests("CANCEL")[0].get("reason"))
    made = record(world)
    assert (made.outcome, made.ended_by) == ("abandoned", "caller")
    assert outcomes(made) == {"extension:1001": ["answered"], "extension:2001": ["cancelled"]}
    world.assert_empty()


def test_the_agent_hangs_up_as_the_destination_answers() -> None:
    for after_s in (4.998, 5.0, 5.001, 5.002, 5.003, 5.004, 5.005, 5.006):
        world = world_of()
        desk, ben = world.phone("1001"), world.phone("2001", Policy(answer_after_s=5.0))
        world.host.originate(order(TO_ALICE, to=TO_BEN))
        world.run(after_s)
        desk.hang_up(only(desk))
        world.run(2.0)
        assert not ben.calls, after_s
        assert len(world.host.named("call.ended")) == 1
        world.assert_empty()


def test_the_destination_hangs_up_as_soon_as_it_has_answered() -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001", Policy(talk_s=0.0))
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(2.0)
    assert not desk.calls
    assert not ben.calls
    world.assert_empty()


def test_the_agents_phone_does_not_like_the_destinations_session() -> None:
    world = world_of()
    desk, ben = world.phone("1001", Policy(ask_status=488)), world.phone("2001")
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(2.0)
    assert (desk.ended[-1].cause.status, desk.ended[-1].cause.q850) == (488, 88)
    assert not ben.calls
    assert b"m=audio 0 " in ben.log.requests("ACK")[0].body
    made = record(world)
    assert (made.outcome, made.text) == ("failed", "No common media")
    world.assert_empty()


def test_a_phone_that_is_never_ready_is_asked_five_times() -> None:
    world = world_of()
    desk, ben = world.phone("1001", Policy(ask_status=491)), world.phone("2001")
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(8.0)
    assert desk.calls
    world.run(2.0)
    assert not desk.calls
    assert not ben.calls
    assert len(desk.log.requests("INVITE")) == 1 + 5
    assert "491" in record(world).text
    world.assert_empty()


def test_the_agents_hold_crosses_the_joining() -> None:
    """491 either way; ours comes again after 2.1 seconds, and the destination waits so long."""
    crossed = set[tuple[int, ...]]()
    for after_s in (5.0025, 5.003, 5.0035, 5.004, 5.0045, 5.005, 5.0055, 5.006):
        world = world_of()
        desk, ben = world.phone("1001"), world.phone("2001", Policy(answer_after_s=5.0))
        world.host.originate(order(TO_ALICE, to=TO_BEN))
        world.run(after_s)
        desk.hold(only(desk))
        world.run(5.0)
        ours = tuple(desk.log.statuses("INVITE", "out"))
        crossed.add(ours)
        hear_each_other(only(desk), only(ben), (place_of(desk), place_of(ben)))
        ben.hang_up(only(ben))
        world.assert_empty()
    assert (180, 200, 491, 200) in crossed, crossed


def test_an_operator_ends_it_at_any_time() -> None:
    phases = set[str]()
    for after_s in (0.5, 3.0, *JUST_JOINING, 7.0):
        world = world_of()
        desk = world.phone("1001", Policy(answer_after_s=1.0))
        ben = world.phone("2001", Policy(answer_after_s=5.0))
        call_id = world.host.originate(order(TO_ALICE, to=TO_BEN))
        world.run(after_s)
        calls, now = world.host.calls, world.network.now
        phases.add(calls.calls[call_id].phase)
        world.host.node.perform(calls.hang_up(call_id, Cause(0, 16, "Ended by hand"), now))
        world.run(1.0)
        assert not desk.calls, after_s
        assert not ben.calls, after_s
        assert record(world).ended_by == "system"
        world.assert_empty()
    assert phases == {"ringing", "joining", "connected"}


def test_a_restart_while_it_rings_ends_all_sides() -> None:
    phases = [restart_after(after_s) for after_s in (0.5, 3.0, *JUST_JOINING)]
    assert set(phases) == {"ringing", "joining"}


def restart_after(after_s: float) -> str:
    """The phase in which it was."""
    world = world_of()
    desk = world.phone("1001", Policy(answer_after_s=1.0))
    ben = world.phone("2001", Policy(answer_after_s=5.0))
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(after_s)
    (call,) = world.host.calls.calls.values()
    world.restart()
    world.run(10.0)
    assert not desk.calls
    assert not ben.calls
    (ended,) = world.host.named("call.ended")
    assert (ended.status, ended.q850) == (480, 41)  # type: ignore[attr-defined]
    assert outcomes(record(world)).get("extension:2001", ["cancelled"]) == ["cancelled"]
    world.assert_empty()
    return call.phase


@pytest.mark.parametrize(
    ("agent_id", "by", "outcome"),
    [("agent-alice", "caller", "abandoned"), ("agent-ben", "system", "failed")],
)
def test_who_wants_a_call_is_its_caller_when_he_ends_it_from_outside(
    agent_id: str, by: str, outcome: str
) -> None:
    world = world_of()
    world.phone("1001", RINGS)
    call_id = world.host.originate(order(TO_ALICE, to=TO_BEN, asked_by="agent-alice"))
    world.run(1.0)
    ender, now = Ender(agent_id, "Hung up by hand"), world.network.now
    world.host.node.perform(world.host.calls.hang_up(call_id, Cause(0, 16), now, ender))
    world.run(1.0)
    made = record(world)
    assert (made.ended_by, made.outcome, made.text) == (by, outcome, "Hung up by hand")
    world.assert_empty()


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_connected_one_goes_on_after_a_restart(who: str) -> None:
    world = world_of()
    desk, ben = world.phone("1001"), world.phone("2001")
    world.host.originate(order(TO_ALICE, to=TO_BEN))
    world.run(5.0)
    world.restart()
    world.run(1.0)
    asker, other = (desk, ben) if who == "caller" else (ben, desk)
    asker.hold(only(asker))
    world.run(1.0)
    assert b"a=sendonly" in only(other).peer_session
    assert world.host.availability.state("agent-ben") == ("on_call", 1)
    asker.hang_up(only(asker))
    world.run(1.0)
    assert not other.calls
    made = record(world)
    assert (made.outcome, made.ended_by) == ("answered", who)
    world.assert_empty()


def test_a_parked_one_is_still_parked_after_a_restart() -> None:
    world = world_of()
    desk = world.phone("1001")
    world.host.originate(order(TO_ALICE))
    world.run(1000.0)
    world.restart()
    world.run(2590.0)
    desk.hold(only(desk))
    world.run(1.0)
    assert only(desk).replies[-1].status == 200
    world.run(20.0)
    assert desk.ended[-1].cause.text == "Parked too long"
    world.assert_empty()
