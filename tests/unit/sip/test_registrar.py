"""The registrar, driven by REGISTER requests as phones send them."""

from itertools import count

import msgspec
import pytest

from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.sip.message import Request, parse
from switchroom.sip.registrar import (
    AddressOfRecord,
    Outcome,
    Registrar,
    RegistrarSettings,
)

AOR = AddressOfRecord(customer_id="acme", number="1001", max_contacts=3)
DESK = ("udp", "192.0.2.10", 5060)
SOFT = ("udp", "198.51.100.7", 40123)
FLOW = ("tcp", "203.0.113.9", 51234)
UTC = 1_700_000_000.0


class CountingIds:
    def __init__(self) -> None:
        self._next = count(1)

    def token(self) -> str:
        return f"b{next(self._next)}"


def make(**changes: float) -> Registrar:
    settings = msgspec.structs.replace(RegistrarSettings(), **changes)
    return Registrar(settings, CountingIds(), utc_offset=UTC)


def request(*lines: str, call_id: str = "one", cseq: int = 1) -> Request:
    head = [
        "REGISTER sip:acme.example SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKreg;rport",
        "From: <sip:1001@acme.example>;tag=a",
        "To: <sip:1001@acme.example>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        "User-Agent: Desk Phone 1",
        *lines,
        "Content-Length: 0",
    ]
    message = parse("\r\n".join([*head, "", ""]).encode())
    assert isinstance(message, Request)
    return message


def register(
    registrar: Registrar,
    *lines: str,
    hop: tuple[str, str, int] = DESK,
    now: float = 100.0,
    call_id: str = "one",
    cseq: int = 1,
) -> Outcome:
    return registrar.register(request(*lines, call_id=call_id, cseq=cseq), AOR, hop, now)


def uris(registrar: Registrar, now: float = 100.0) -> list[str]:
    return [binding.uri for binding in registrar.contacts("acme", "1001", now)]


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        # RFC 4475 sections 3.3.12 to 3.3.14
        ("sip:+1972555@gw1.example.net;unknownparam", "sip:+1972555@gw1.example.net"),
        ("<sip:+1972555@gw1.example.net;unknownparam>", ""),
        ("<sip:user@example.com?Route=%3Csip:sip.example.com%3E>", ""),
    ],
)
def test_what_belongs_to_the_uri_comes_back_in_it_and_nothing_else(contact: str, uri: str) -> None:
    registrar = make()
    wanted = f"Contact: <{uri or contact.strip('<>')}>;expires=3600"
    assert register(registrar, f"Contact: {contact}").lines == (wanted,)
    assert register(registrar, cseq=2).lines == (wanted,)


def test_a_phone_is_reached_at_the_address_its_register_came_from() -> None:
    registrar = make()
    outcome = register(
        registrar, "Contact: <sip:1001@10.0.0.1:5060;ob>;q=0.5", "Expires: 600", hop=SOFT
    )
    assert (outcome.status, outcome.lines) == (
        200,
        ("Contact: <sip:1001@10.0.0.1:5060;ob>;expires=600;q=0.5",),
    )
    [binding] = registrar.contacts("acme", "1001", 100.0)
    assert (binding.hop, binding.uri) == (SOFT, "sip:1001@10.0.0.1:5060;ob")
    [fact] = outcome.changes
    assert isinstance(fact, RegistrationAdded)
    assert (fact.at, fact.expires_at, fact.user_agent) == (UTC + 100, UTC + 700, "Desk Phone 1")
    assert not fact.is_refresh


@pytest.mark.parametrize(
    ("lines", "expires"),
    [
        (["Contact: <sip:1001@10.0.0.1>;expires=120", "Expires: 600"], 120),
        (["Contact: <sip:1001@10.0.0.1>", "Expires: 600"], 600),
        (["Contact: <sip:1001@10.0.0.1>"], 3600),
        (["Contact: <sip:1001@10.0.0.1>", "Expires: 86400"], 3600),
        (["Contact: <sip:1001@10.0.0.1>;expires=soon"], 3600),
        (["Contact: <sip:1001@10.0.0.1>;expires=-5"], 3600),
        (["Contact: <sip:1001@10.0.0.1>;expires=99999999999999"], 3600),
        (["Contact: sip:1001@10.0.0.1;expires=90"], 90),
        (["m: <sip:1001@10.0.0.1>;expires=60"], 60),
    ],
)
def test_expiry_comes_from_the_contact_then_the_header_then_the_default(
    lines: list[str], expires: int
) -> None:
    registrar = make()
    assert register(registrar, *lines).status == 200
    [binding] = registrar.contacts("acme", "1001", 100.0)
    assert binding.expires_at == 100.0 + expires
    assert registrar.contacts("acme", "1001", 100.0 + expires) == []


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Contact: <sip:1001@10.0.0.1>;expires=59"], 423),
        (["Contact: <sip:a@10.0.0.1>", "Contact: <sip:b@10.0.0.1>;expires=1"], 423),
        (["Contact: *"], 400),
        (["Contact: *", "Expires: 60"], 400),
        (["Contact: *, <sip:1001@10.0.0.1>", "Expires: 0"], 400),
        (["Contact: <tel:+12025550100>"], 400),
        (["Contact: <sips:1001@10.0.0.1>"], 400),
        (["Contact: <mailto:a@b.example>"], 400),
        (["Contact: <>"], 400),
        (["Contact: <sip:good@10.0.0.1>", "Contact: nonsense"], 400),
        ([f"Contact: <sip:{'a' * 2000}@10.0.0.1>"], 400),
        ([f'Contact: <sip:a@10.0.0.1>;+sip.instance="{"i" * 300}"'], 400),
        ([f"Contact: <sip:a{n}@10.0.0.1>" for n in range(11)], 400),
        ([f"Contact: <sip:a{n}@10.0.0.1>" for n in range(4)], 403),
    ],
)
def test_a_refused_register_changes_nothing(lines: list[str], status: int) -> None:
    registrar = make()
    register(registrar, "Contact: <sip:kept@10.0.0.9>", call_id="before")
    outcome = register(registrar, *lines)
    assert outcome.status == status
    assert outcome.changes == ()
    assert uris(registrar) == ["sip:kept@10.0.0.9"]


def test_hostile_bytes_reach_neither_the_journal_nor_a_terminal() -> None:
    registrar = make()
    data = (
        b"REGISTER sip:acme.example SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n"
        b"From: <sip:1001@h>;tag=a\r\nTo: <sip:1001@h>\r\nCall-ID: \xff\xfe\r\nCSeq: 1 REGISTER\r\n"
        b"User-Agent: evil \x1b[2J\xff\r\nContact: <sip:a@10.0.0.1>\r\nContent-Length: 0\r\n\r\n"
    )
    message = parse(data)
    assert isinstance(message, Request)
    [fact] = registrar.register(message, AOR, DESK, 100.0).changes
    assert isinstance(fact, RegistrationAdded)
    assert (fact.user_agent, fact.sip_call_id) == ("evil ?[2Jÿ", "ÿþ")
    assert msgspec.json.encode(fact)


def test_too_brief_names_the_least_expiry() -> None:
    outcome = register(make(), "Contact: <sip:1001@10.0.0.1>;expires=30")
    assert (outcome.reason, outcome.lines) == ("Interval Too Brief", ("Min-Expires: 60",))


def test_without_contact_the_bindings_are_listed_with_what_they_have_left() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>;expires=600, <sip:b@10.0.0.2>;expires=300")
    outcome = register(registrar, now=200.0, cseq=2)
    assert outcome.changes == ()
    assert outcome.lines == (
        "Contact: <sip:a@10.0.0.1>;expires=500",
        "Contact: <sip:b@10.0.0.2>;expires=200",
    )


def test_refresh_keeps_the_binding_and_follows_a_new_nat_port() -> None:
    registrar = make()
    [first] = register(registrar, "Contact: <sip:1001@10.0.0.1>;expires=60", hop=SOFT).changes
    moved = ("udp", "198.51.100.7", 50999)
    outcome = register(
        registrar, "Contact: <sip:1001@10.0.0.1>;expires=60", hop=moved, now=150.0, cseq=2
    )
    [fact] = outcome.changes
    assert isinstance(fact, RegistrationAdded)
    assert fact.is_refresh
    assert fact.binding_id == first.binding_id
    [binding] = registrar.contacts("acme", "1001", 150.0)
    assert (binding.hop, binding.expires_at, binding.registered_at) == (moved, 210.0, 100.0)


def test_expiry_zero_removes_one_contact_and_star_removes_all() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>, <sip:b@10.0.0.1>, <sip:c@10.0.0.1>")
    outcome = register(registrar, "Contact: <sip:b@10.0.0.1>;expires=0", cseq=2)
    [fact] = outcome.changes
    assert isinstance(fact, RegistrationRemoved)
    assert (fact.contact, fact.reason) == ("sip:b@10.0.0.1", "unregistered")
    assert uris(registrar) == ["sip:a@10.0.0.1", "sip:c@10.0.0.1"]
    outcome = register(registrar, "Contact: *", "Expires: 0", cseq=3)
    assert (outcome.status, outcome.lines, len(outcome.changes)) == (200, (), 2)
    assert len(registrar) == 0


def test_removing_what_was_never_registered_succeeds() -> None:
    outcome = register(make(), "Contact: <sip:a@10.0.0.1>;expires=0")
    assert (outcome.status, outcome.changes) == (200, ())


@pytest.mark.parametrize("late", ["Contact: <sip:a@10.0.0.1>;expires=0", "Contact: *"])
@pytest.mark.parametrize("cseq", [4, 5])
def test_an_older_register_of_the_same_call_id_is_aborted(late: str, cseq: int) -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>", cseq=5)
    outcome = register(registrar, late, "Expires: 0", cseq=cseq)
    assert (outcome.status, outcome.changes) == (500, ())
    assert uris(registrar) == ["sip:a@10.0.0.1"]


def test_a_rebooted_phone_with_a_new_call_id_may_start_its_cseq_again() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>", cseq=50)
    assert register(registrar, "Contact: <sip:a@10.0.0.1>", call_id="two", cseq=1).status == 200
    assert len(registrar) == 1


def test_the_same_contact_twice_in_one_request_is_one_binding() -> None:
    registrar = make()
    outcome = register(registrar, "Contact: <sip:a@10.0.0.1>, <sip:a@10.0.0.1>;expires=120")
    assert (outcome.status, len(registrar)) == (200, 1)


@pytest.mark.parametrize(
    ("one", "other", "bindings"),
    [
        ("<sip:a@h.example>", "<sip:a@H.EXAMPLE>", 1),
        ("<sip:a@h.example>", "<sip:%61@h.example>", 1),
        ("<sip:a@h.example>", "<sip:A@h.example>", 2),
        ("<sip:a@h.example>", "<sip:a@h.example:5060>", 2),
        ("<sip:a@h.example>", "<sip:a@h.example;transport=udp>", 2),
        ("<sip:a@h.example;transport=TCP>", "<sip:a@h.example;transport=tcp>", 1),
        ("<sip:a@h.example;ob>", "<sip:a@h.example>", 1),
        ("<sip:a@h.example;rinstance=1>", "<sip:a@h.example;rinstance=2>", 2),
    ],
)
def test_contacts_are_compared_as_uris(one: str, other: str, bindings: int) -> None:
    registrar = make()
    register(registrar, f"Contact: {one}")
    register(registrar, f"Contact: {other}", call_id="two")
    assert len(registrar) == bindings


def test_two_homes_with_the_same_private_address_are_told_apart_by_instance() -> None:
    registrar = make()
    register(registrar, 'Contact: <sip:a@10.0.0.1>;+sip.instance="<urn:uuid:1>"', hop=DESK)
    register(
        registrar, 'Contact: <sip:a@10.0.0.1>;+sip.instance="<urn:uuid:2>"', hop=SOFT, call_id="two"
    )
    assert {b.hop for b in registrar.contacts("acme", "1001", 100.0)} == {DESK, SOFT}


def test_instance_and_reg_id_know_a_phone_that_changed_its_address() -> None:
    registrar = make()
    rest = '+sip.instance="<urn:uuid:1>";reg-id=1'
    register(registrar, f"Contact: <sip:a@10.0.0.1>;{rest}")
    outcome = register(registrar, f"Contact: <sip:a@10.9.9.9>;{rest}", hop=SOFT, call_id="two")
    assert uris(registrar) == ["sip:a@10.9.9.9"]
    assert outcome.lines == (
        'Contact: <sip:a@10.9.9.9>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1',
    )


def fill(registrar: Registrar) -> None:
    for n in range(3):
        register(
            registrar,
            f'Contact: <sip:p{n}@10.0.0.{n}>;+sip.instance="<urn:uuid:{n}>"',
            hop=("udp", "192.0.2.1", 6000 + n),
            call_id=f"phone{n}",
        )


def test_when_full_a_stranger_is_refused_and_the_living_phones_stay() -> None:
    registrar = make()
    fill(registrar)
    outcome = register(registrar, "Contact: <sip:new@10.0.0.9>")
    assert (outcome.status, outcome.reason) == (403, "Too many contacts")
    assert len(registrar) == 3


@pytest.mark.parametrize(
    ("contact", "hop", "gone"),
    [
        ('<sip:new@10.0.0.9>;+sip.instance="<urn:uuid:1>"', SOFT, "sip:p1@10.0.0.1"),
        ("<sip:new@10.0.0.9>", ("udp", "192.0.2.1", 6002), "sip:p2@10.0.0.2"),
    ],
)
def test_when_full_a_phone_replaces_what_it_left_behind_itself(
    contact: str, hop: tuple[str, str, int], gone: str
) -> None:
    registrar = make()
    fill(registrar)
    outcome = register(registrar, f"Contact: {contact}", hop=hop)
    assert outcome.status == 200
    [removed] = [fact for fact in outcome.changes if isinstance(fact, RegistrationRemoved)]
    assert (removed.contact, removed.reason) == (gone, "replaced")
    assert len(registrar) == 3


def test_a_full_node_refuses_new_phones_but_refreshes_known_ones() -> None:
    registrar = make(limit_bindings=1)
    register(registrar, "Contact: <sip:a@10.0.0.1>")
    assert register(registrar, "Contact: <sip:b@10.0.0.1>", call_id="two").status == 503
    assert register(registrar, "Contact: <sip:a@10.0.0.1>", cseq=2).status == 200


def test_extensions_and_customers_do_not_see_each_other() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>")
    assert registrar.contacts("zeta", "1001", 100.0) == []
    assert registrar.contacts("acme", "1002", 100.0) == []


def test_preferred_contacts_come_first() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:low@h>;q=0.1, <sip:high@h>;q=0.9, <sip:odd@h>;q=nan")
    assert uris(registrar) == ["sip:odd@h", "sip:high@h", "sip:low@h"]


def test_time_removes_what_was_not_refreshed() -> None:
    registrar = make(ping_interval_s=0.0)
    register(registrar, "Contact: <sip:a@10.0.0.1>;expires=60, <sip:b@10.0.0.1>;expires=200")
    assert registrar.tick(159.9).expired == ()
    [fact] = registrar.tick(160.1).expired
    assert (fact.contact, fact.reason) == ("sip:a@10.0.0.1", "expired")
    deadline = registrar.deadline()
    assert deadline is not None
    assert deadline <= 300.1
    assert [fact.contact for fact in registrar.tick(300.1).expired] == ["sip:b@10.0.0.1"]
    assert len(registrar) == 0
    registrar.tick(400.0)
    assert registrar.deadline() is None


def test_udp_phones_are_pinged_each_interval_and_tcp_phones_never() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>")
    register(registrar, "Contact: <sip:t@10.0.0.2;transport=tcp>", hop=FLOW, call_id="two")
    pinged = []
    for now in range(100, 200):
        pinged += [(b.uri, now) for b in registrar.tick(float(now)).pings]
    assert [uri for uri, _ in pinged] == ["sip:a@10.0.0.1"] * 3
    assert [now for _, now in pinged] == [126, 152, 178]


def test_a_phone_that_stops_answering_is_left_out_until_it_answers_or_registers() -> None:
    registrar = make()
    [fact] = register(registrar, "Contact: <sip:a@10.0.0.1>").changes
    registrar.ping_answered(fact.binding_id)
    for _ in range(3):
        assert uris(registrar) == ["sip:a@10.0.0.1"]
        registrar.ping_failed(fact.binding_id)
    assert uris(registrar) == []
    assert len(registrar) == 1
    registrar.ping_answered(fact.binding_id)
    assert uris(registrar) == ["sip:a@10.0.0.1"]
    for _ in range(3):
        registrar.ping_failed(fact.binding_id)
    register(registrar, "Contact: <sip:a@10.0.0.1>", cseq=2)
    assert uris(registrar) == ["sip:a@10.0.0.1"]
    for _ in range(3):
        registrar.ping_failed(fact.binding_id)
    assert uris(registrar) == [], "a refresh does not forget that it used to answer"


def test_only_pings_missed_in_a_row_count() -> None:
    registrar = make()
    [fact] = register(registrar, "Contact: <sip:a@10.0.0.1>").changes
    for _ in range(5):
        registrar.ping_answered(fact.binding_id)
        registrar.ping_failed(fact.binding_id)
        registrar.ping_failed(fact.binding_id)
    assert uris(registrar) == ["sip:a@10.0.0.1"]


def test_a_phone_that_never_answered_options_keeps_its_calls() -> None:
    registrar = make()
    [fact] = register(registrar, "Contact: <sip:a@10.0.0.1>").changes
    for _ in range(9):
        registrar.ping_failed(fact.binding_id)
    assert uris(registrar) == ["sip:a@10.0.0.1"]
    registrar.ping_failed("unknown")
    registrar.ping_answered("unknown")


def test_when_full_a_phone_that_stopped_answering_makes_room() -> None:
    registrar = make()
    fill(registrar)
    dead = registrar.contacts("acme", "1001", 100.0)[1]
    registrar.ping_answered(dead.binding_id)
    for _ in range(3):
        registrar.ping_failed(dead.binding_id)
    assert register(registrar, "Contact: <sip:new@10.0.0.9>").status == 200
    assert dead.uri not in uris(registrar)


def test_a_closed_connection_takes_its_registrations_with_it() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:t@10.0.0.2;transport=tcp>", hop=FLOW)
    register(registrar, "Contact: <sip:a@10.0.0.1>", call_id="two")
    [fact] = registrar.remove_flow(FLOW, 120.0)
    assert (fact.contact, fact.reason, fact.at) == (
        "sip:t@10.0.0.2;transport=tcp",
        "flow_closed",
        UTC + 120,
    )
    assert registrar.remove_flow(FLOW, 121.0) == ()
    assert uris(registrar) == ["sip:a@10.0.0.1"]


def test_a_phone_that_reconnected_survives_the_end_of_its_old_connection() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:t@10.0.0.2;transport=tcp>", hop=FLOW)
    fresh = ("tcp", "203.0.113.9", 51999)
    register(registrar, "Contact: <sip:t@10.0.0.2;transport=tcp>", hop=fresh, cseq=2)
    assert registrar.remove_flow(FLOW, 120.0) == ()
    assert [b.hop for b in registrar.contacts("acme", "1001", 120.0)] == [fresh]


def test_an_extension_that_is_no_longer_configured_loses_its_phones() -> None:
    registrar = make()
    register(registrar, "Contact: <sip:a@10.0.0.1>, <sip:b@10.0.0.1>")
    assert registrar.keep(lambda customer, number: (customer, number) == ("acme", "1001"), 9) == ()
    gone = registrar.keep(lambda _customer, _number: False, 120.0)
    assert [fact.reason for fact in gone] == ["unconfigured"] * 2
    assert len(registrar) == 0


def test_registrations_survive_a_restart_on_another_monotonic_clock() -> None:
    before = make()
    register(before, 'Contact: <sip:a@10.0.0.1>;q=0.3;+sip.instance="<x>";reg-id=2;expires=600')
    register(before, "Contact: <sip:gone@10.0.0.1>;expires=60", call_id="two")
    encoded = msgspec.json.encode(before.snapshot(100.0))
    facts = msgspec.json.decode(encoded, type=list[RegistrationAdded])

    after = Registrar(RegistrarSettings(), CountingIds(), utc_offset=UTC + 100 + 61 - 5)
    expired = after.restore(facts, now=5.0)

    assert [(f.contact, f.reason) for f in expired] == [("sip:gone@10.0.0.1", "expired")]
    [old] = [b for b in before.bindings() if b.uri == "sip:a@10.0.0.1"]
    [new] = after.bindings()
    assert new == msgspec.structs.replace(old, expires_at=5 + 539, registered_at=5 - 61)
    stale = register(after, "Contact: <sip:a@10.0.0.1>;expires=0", now=6.0)
    assert stale.status == 500, "the order of CSeq holds across the restart"


def test_a_restored_tcp_phone_without_nat_is_called_where_it_listens() -> None:
    before = make()
    register(before, "Contact: <sip:t@203.0.113.9:5070;transport=tcp>", hop=FLOW)
    register(before, "Contact: <sip:n@10.0.0.7;transport=tcp>", hop=FLOW, call_id="two")
    after = make()
    after.restore(before.snapshot(100.0), now=100.0)
    hops = {b.uri: b.hop for b in after.bindings()}
    assert hops["sip:t@203.0.113.9:5070;transport=tcp"] == ("tcp", "203.0.113.9", 5070)
    assert hops["sip:n@10.0.0.7;transport=tcp"] == FLOW


def test_refreshing_for_hours_leaves_nothing_behind() -> None:
    registrar = make()
    for n in range(400):
        now = 100.0 + 30 * n
        registrar.tick(now)
        expires = 60 if n % 2 else 3600
        register(registrar, f"Contact: <sip:a@10.0.0.1>;expires={expires}", now=now, cseq=n + 1)
    assert len(registrar) == 1
    assert len(registrar._wheel) <= 4
