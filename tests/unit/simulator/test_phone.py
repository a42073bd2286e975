"""Two phones that call each other directly, on a network in memory."""

from switchroom.simulator.call import Happening
from switchroom.simulator.ids import SeededIds
from switchroom.simulator.network import Network, Place
from switchroom.simulator.phone import Phone, PhoneSettings
from switchroom.simulator.policy import Policy

ONE: Place = ("10.0.0.1", 5060)
TWO: Place = ("10.0.0.2", 5060)


def phone(network: Network, place: Place, server: Place) -> Phone:
    made = Phone(
        PhoneSettings(f"phone{place[0][-1]}", "test", ("udp", *server), *place),
        SeededIds(str(place)),
        network.clock,
        lambda data, hop: network.send(data, place, hop),
    )
    network.attach(made, place)
    return made


def two_phones(policy: Policy) -> tuple[Network, Phone, Phone, list[Happening]]:
    network = Network()
    one, two = phone(network, ONE, TWO), phone(network, TWO, ONE)
    two.policy = policy
    happenings: list[Happening] = []
    one.watch = happenings.append
    return network, one, two, happenings


def test_a_call_is_answered_held_and_hung_up() -> None:
    network, one, two, happenings = two_phones(Policy(answer_after_s=2.0))
    call = one.call("bob", talk_s=3.0)
    network.run(2.5)
    assert call.state == "answered"
    (answered,) = two.calls.values()
    assert b"c=IN IP4 10.0.0.1" in answered.peer_session
    one.hold(call)
    network.run(0.1)
    assert b"a=recvonly" in call.peer_session
    network.run(3.0)
    assert [happening.name for happening in happenings] == [
        "calling", "ringing", "answered", "ended",
    ]  # fmt: skip
    assert happenings[-1].by == "us"
    assert not one.calls
    assert not two.calls


def test_refusals_name_their_status() -> None:
    network, one, _, happenings = two_phones(Policy(reject=603, reject_after_s=1.0))
    one.call("bob")
    network.run(2.0)
    assert (happenings[-1].cause.status, happenings[-1].cause.q850) == (603, 21)
    assert 1.0 < happenings[-1].after_s < 1.1


def test_a_redirect_ends_the_call() -> None:
    network, one, two, happenings = two_phones(Policy(redirect_to=("sip:else@10.0.0.3",)))
    one.call("bob")
    network.run(1.0)
    assert happenings[-1].cause.status == 302
    assert two.log.statuses("INVITE", "out") == [302]
    assert not one.calls


def test_giving_up_cancels() -> None:
    network, one, two, happenings = two_phones(Policy(answer_after_s=None))
    call = one.call("bob")
    one.give_up_after(call, 3.0)
    network.run(4.0)
    assert len(two.log.requests("CANCEL")) == 1
    assert happenings[-1].by == "us"
    assert call.cause.status == 487


def test_a_dead_phone_is_given_up_after_64_t1() -> None:
    network, one, _, happenings = two_phones(Policy(is_dead=True))
    one.call("bob")
    network.run(33.0)
    assert (happenings[-1].cause.status, happenings[-1].by) == (408, "timeout")


def test_a_phone_says_when_it_cannot_register() -> None:
    network, one, _, happenings = two_phones(Policy(is_dead=True))
    one.register()
    network.run(33.0)
    assert happenings[-1].name == "not_registered"
    assert happenings[-1].cause.text == "No answer"
