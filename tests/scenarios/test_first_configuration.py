"""The configuration file that users see first, as it stands: number, agent, three addresses."""

from pathlib import Path

from fakes.configuration import configured
from scenarios.peer import OFFER
from scenarios.world import World
from switchroom.simulator.policy import Policy

FILE = Path(__file__).parents[1] / "data" / "config" / "issue.yaml"
PASSWORD = "correct horse"


def the_world() -> World:
    environ = {"EXT_1001": PASSWORD}
    with configured() as database:
        assert not database.apply(FILE.read_text(), environ).faults
        return World(database.load(environ).configuration)


def test_a_call_to_the_number_rings_the_desk_and_the_uri_at_once_and_the_mobile_after_2_s() -> None:
    world = the_world()
    desk = world.phone("1001", Policy(answer_after_s=None), password=PASSWORD)
    softphone, carrier = world.peer(("127.0.0.1", 5091)), world.peer(("127.0.0.1", 5090))
    caller = world.peer(("127.0.0.1", 6000))
    caller.request("INVITE", uri="sip:+12025550100@acme.example", body=OFFER)
    world.run(0.2)
    assert len(desk.calls) == 1
    assert softphone.last("INVITE").uri == "sip:alice@127.0.0.1:5091"
    assert "zeta" in softphone.last("INVITE").from_.display.lower()
    assert not carrier.requests
    softphone.answer(softphone.last("INVITE"), "180 Ringing")
    world.run(2.0)
    assert carrier.last("INVITE").uri == "sip:+12025550123@127.0.0.1:5090"

    carrier.answer(carrier.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.2)
    assert caller.statuses()[-1] == 200
    assert "Call completed elsewhere" in str(softphone.last("CANCEL").raw("reason"))
