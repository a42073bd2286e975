"""The server transactions of RFC 3261 section 17.2 with RFC 6026, step by step."""

from switchroom.foundation.leg import Hop
from switchroom.sip.message import Request, parse
from switchroom.sip.transaction.server import REFRESH_RINGING_S, Due, ServerInvite, ServerOther
from switchroom.sip.transaction.timers import Timers

UDP: Hop = ("udp", "192.0.2.1", 5060)
TCP: Hop = ("tcp", "192.0.2.1", 5060)


def request(method: str) -> Request:
    found = parse(
        f"{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:c@d>;tag=1"
        f"\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 {method}\r\n\r\n".encode()
    )
    assert isinstance(found, Request)
    return found


def invite(hop: Hop = UDP) -> ServerInvite:
    transaction = ServerInvite("key", request("INVITE"), hop, Timers())
    transaction.start(100.0)
    return transaction


def other(hop: Hop = UDP) -> ServerOther:
    transaction = ServerOther("key", request("BYE"), hop, Timers())
    transaction.start(100.0)
    return transaction


def resends(transaction: ServerInvite) -> tuple[list[float], Due]:
    copies: list[float] = []
    while transaction.deadline is not None:
        now = transaction.deadline
        due = transaction.tick(now)
        if due is Due.RESEND:
            copies.append(now - 100.0)
        elif due is not Due.NOTHING:
            return copies, due
    return copies, Due.NOTHING


def test_a_caller_who_hears_nothing_gets_a_100_after_200_ms() -> None:
    transaction = invite()
    assert transaction.deadline == 100.2
    assert transaction.tick(100.2) is Due.TRYING


def test_a_180_is_refreshed_every_minute() -> None:
    transaction = invite()
    transaction.owner = "somebody who works on it"
    transaction.respond(180, b"180", 100.0)
    assert transaction.deadline == 100.0 + REFRESH_RINGING_S
    assert transaction.tick(transaction.deadline) is Due.RESEND
    assert transaction.repeated() == b"180"


def test_an_invite_that_nobody_works_on_is_given_up() -> None:
    transaction = invite()
    transaction.respond(100, b"100", 100.0)
    assert transaction.tick(100.0 + REFRESH_RINGING_S) is Due.GONE


def test_a_200_is_repeated_until_64_t1_and_then_told() -> None:
    for hop in (UDP, TCP):
        transaction = invite(hop)
        transaction.respond(200, b"200", 100.0)
        assert transaction.repeated() == b""  # copies of the INVITE are absorbed (RFC 6026)
        copies, due = resends(transaction)
        assert copies == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert due is Due.UNACKNOWLEDGED


def test_an_acknowledged_200_is_forgotten_quietly() -> None:
    transaction = invite()
    transaction.respond(200, b"200", 100.0)
    transaction.acknowledged(100.1)
    assert resends(transaction) == ([], Due.GONE)


def test_a_refusal_without_ack_ends_without_complaint() -> None:
    transaction = invite()
    transaction.respond(486, b"486", 100.0)
    assert transaction.repeated() == b"486"
    copies, due = resends(transaction)
    assert len(copies) == 10
    assert due is Due.GONE


def test_a_refusal_over_tcp_is_not_repeated() -> None:
    transaction = invite(TCP)
    transaction.respond(486, b"486", 100.0)
    assert resends(transaction) == ([], Due.GONE)


def test_an_acknowledged_refusal_swallows_copies_for_t4() -> None:
    transaction = invite()
    transaction.respond(486, b"486", 100.0)
    transaction.acknowledged(100.1)
    assert transaction.repeated() == b""
    assert transaction.deadline == 105.1
    assert transaction.tick(105.1) is Due.GONE


def test_only_the_first_final_response_counts() -> None:
    transaction = invite()
    transaction.respond(486, b"486", 100.0)
    transaction.respond(200, b"200", 100.0)
    assert transaction.state == "completed"
    assert transaction.last == b"486"


def test_other_requests_are_answered_from_memory_for_64_t1() -> None:
    transaction = other()
    assert transaction.repeated() == b""
    transaction.respond(200, b"200", 101.0)
    assert transaction.repeated() == b"200"
    assert transaction.tick(132.9) is Due.NOTHING
    assert transaction.tick(133.0) is Due.GONE


def test_over_tcp_an_answered_request_is_gone_at_once() -> None:
    transaction = other(TCP)
    transaction.respond(200, b"200", 101.0)
    assert transaction.tick(101.0) is Due.GONE


def test_a_request_that_nobody_answers_does_not_stay() -> None:
    transaction = other()
    assert transaction.tick(132.0) is Due.GONE
