"""Reason headers both ways, and what a status means in Q.850."""

import pytest

from switchroom.foundation.leg import Cause
from switchroom.sip.dialog.reasons import ELSEWHERE, cause_of, q850_of, reason_lines
from switchroom.sip.message import Request, parse


def bye(*reasons: str) -> Request:
    lines = "".join(f"Reason: {reason}\r\n" for reason in reasons)
    found = parse(
        "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:c@d>;tag=1\r\n"
        f"To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n{lines}\r\n".encode()
    )
    assert isinstance(found, Request)
    return found


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        ((), Cause()),
        (("Q.850;cause=16",), Cause(0, 16)),
        (('SIP;cause=480;text="No, answer"', "Q.850;cause=19"), Cause(480, 19, "No, answer")),
        (('q.850 ; cause=17 ; text="Busy"',), Cause(0, 17, "Busy")),
        (("SIP;cause=486",), Cause(486, 17, "Busy Here")),
        (("Q.850;cause=999",), Cause()),
        (("Q.850;cause=-1", "Q.850;cause=x", "Q.850", ";;;"), Cause()),
        (("SIP;cause=9999",), Cause()),
    ],
)
def test_what_a_bye_tells(reasons: tuple[str, ...], cause: Cause) -> None:
    assert cause_of(bye(*reasons), 0) == cause


def test_lines_to_send() -> None:
    assert reason_lines(Cause(), elsewhere=True) == ELSEWHERE
    assert reason_lines(Cause()) == ()
    assert reason_lines(Cause(480, 19, 'No\r\nX: 1 "it"')) == (
        'Reason: SIP;cause=480;text="NoX: 1 it"',
        'Reason: Q.850;cause=19;text="NoX: 1 it"',
    )


def test_statuses_in_q850() -> None:
    assert [q850_of(status) for status in (200, 404, 480, 486, 499, 599, 603)] == [
        0, 1, 19, 17, 31, 127, 21,
    ]  # fmt: skip
