"""The client transactions of RFC 3261 section 17.1, step by step on a clock of the test."""

from switchroom.foundation.leg import Hop
from switchroom.sip.transaction.client import ClientInvite, ClientOther, Verdict
from switchroom.sip.transaction.timers import Timers

UDP: Hop = ("udp", "192.0.2.1", 5060)
TCP: Hop = ("tcp", "192.0.2.1", 5060)


def invite(hop: Hop = UDP) -> ClientInvite:
    transaction = ClientInvite("key", hop, b"INVITE", "invite", None, Timers())
    transaction.start(100.0)
    return transaction


def other(hop: Hop = UDP) -> ClientOther:
    transaction = ClientOther("key", hop, b"BYE", "bye", None, Timers())
    transaction.start(100.0)
    return transaction


def resends(transaction: ClientInvite | ClientOther, end: float) -> tuple[list[float], Verdict]:
    """When it sends copies until it ends, in seconds after its start, and how it ends."""
    copies: list[float] = []
    while transaction.deadline is not None and transaction.deadline <= end:
        now = transaction.deadline
        verdict = transaction.tick(now)
        if verdict in (Verdict.RESEND, Verdict.SILENT):
            copies.append(now - 100.0)
        elif verdict is not Verdict.NOTHING:
            return copies, verdict
    return copies, Verdict.NOTHING


def test_an_invite_is_repeated_with_doubling_gaps_and_given_up_after_64_t1() -> None:
    assert resends(invite(), 200.0) == ([0.5, 1.5, 3.5, 7.5, 15.5, 31.5], Verdict.TIMEOUT)


def test_nothing_is_repeated_over_tcp_but_the_end_is_the_same() -> None:
    assert resends(invite(TCP), 200.0) == ([], Verdict.TIMEOUT)
    assert resends(other(TCP), 200.0) == ([], Verdict.TIMEOUT)


def test_other_requests_are_repeated_every_4_s_at_most() -> None:
    copies, verdict = resends(other(), 200.0)
    assert copies == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert verdict is Verdict.TIMEOUT


def test_a_ringing_invite_waits_for_ever() -> None:
    transaction = invite()
    assert transaction.receive(180, 101.0) is Verdict.PASS
    assert transaction.deadline is None


def test_after_a_cancel_the_final_response_has_a_limit() -> None:
    transaction = invite()
    transaction.receive(180, 101.0)
    transaction.expect_final_by(140.0)
    assert transaction.tick(139.0) is Verdict.NOTHING
    assert transaction.tick(140.0) is Verdict.TIMEOUT


def test_every_200_goes_up_until_timer_m() -> None:
    transaction = invite()
    assert [transaction.receive(200, 101.0) for _ in range(3)] == [Verdict.PASS] * 3
    assert transaction.receive(180, 102.0) is Verdict.NOTHING
    assert transaction.receive(486, 102.0) is Verdict.NOTHING
    assert transaction.deadline == 133.0
    assert transaction.tick(133.0) is Verdict.GONE


def test_a_refusal_goes_up_once_and_its_copies_get_the_ack_again() -> None:
    transaction = invite()
    assert transaction.receive(486, 101.0) is Verdict.PASS
    transaction.last = b"ACK"
    assert transaction.receive(486, 102.0) is Verdict.RESEND
    assert transaction.receive(200, 102.0) is Verdict.NOTHING
    assert transaction.tick(133.0) is Verdict.GONE  # timer D


def test_over_tcp_a_refused_invite_is_gone_at_once() -> None:
    transaction = invite(TCP)
    transaction.receive(486, 101.0)
    assert transaction.deadline == 101.0
    assert transaction.tick(101.0) is Verdict.GONE


def test_a_provisional_response_slows_the_copies_of_other_requests() -> None:
    transaction = other()
    assert transaction.receive(100, 100.1) is Verdict.PASS
    copies, _ = resends(transaction, 120.0)
    assert copies == [0.5, 4.5, 8.5, 12.5, 16.5]


def test_late_copies_of_an_answer_are_swallowed_for_t4() -> None:
    transaction = other()
    assert transaction.receive(200, 101.0) is Verdict.PASS
    assert transaction.receive(200, 102.0) is Verdict.NOTHING
    assert transaction.deadline == 106.0
    assert transaction.tick(106.0) is Verdict.GONE


def test_what_is_over_leaves_together_and_never_too_soon() -> None:
    ended = [other(), other(), other()]
    for place, transaction in enumerate(ended):
        transaction.receive(200, 101.01 + place * 0.03)
    assert {transaction.deadline for transaction in ended} == {106.1}


def test_a_failed_transport_ends_it() -> None:
    transaction = invite()
    transaction.fail()
    assert transaction.deadline is None
    assert transaction.receive(200, 101.0) is Verdict.NOTHING
