"""A configuration is applied to a node on which people talk."""

from interop.office import DESK, FIRST, ONE_PHONE, SECOND, THIRD, THREE_PHONES, Office
from interop.programs import needs, until
from interop.sipp_scenario import (
    answered_call,
    answers,
    call_hangs_up,
    invite,
    is_cancelled,
    is_hung_up,
    refused,
    rings,
    told,
)

pytestmark = needs("sipp")

NOTHING_LEFT = """
customers:
  - {name: acme, domain: acme.example, country: US}
"""


def test_calls_go_on_though_everything_they_came_by_is_taken_away(doomed: Office) -> None:
    office, node = doomed, doomed.node
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    talks = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up())
    first = office.phone(FIRST, rings(), told(), answers(), is_hung_up())
    others = [office.phone(place, rings(), is_cancelled()) for place in (SECOND, THIRD)]
    waits = office.caller(THREE_PHONES, answered_call(), call_hangs_up())
    desk.first("ACK")
    for phone in (first, *others):
        phone.gets("INVITE", 1)
    waits.gets("180 INVITE", 1)

    file = office.node.directory / "nothing.yaml"
    file.write_text(NOTHING_LEFT, "utf-8")
    said = node.ask("apply", str(file))

    assert "delete" in said
    assert not node.status.agents
    first.tell()
    talks.tell()
    for party in (talks, desk, waits, first, *others):
        party.succeeded()
    ended = node.all_ended(2)
    assert {record.outcome for record in ended} == {"answered"}
    late = office.caller(ONE_PHONE, invite(), refused(401))
    late.succeeded()
    until(node.is_idle, "no call lives")
