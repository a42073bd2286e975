"""What an end of a leg means."""

import pytest
from msgspec.structs import replace

from fakes.routers import phone
from switchroom.calls.outcome import NO_ANSWER, may_try_next, outcome_of, said_to_caller
from switchroom.calls.plan import BUSY, UNREACHABLE
from switchroom.foundation.leg import Cause

DIRECT = phone("direct")
AGENTS = replace(DIRECT, agent_id="alice")


@pytest.mark.parametrize(
    ("cause", "rang", "outcome"),
    [
        (Cause(486), True, "busy"),
        (Cause(600), False, "busy"),
        (Cause(480, 17), True, "busy"),
        (Cause(480), True, "no_answer"),
        (Cause(480), False, "unreachable"),
        (Cause(408), False, "unreachable"),
        (Cause(503), False, "unreachable"),
        (Cause(404, 1), False, "unreachable"),
        (Cause(603), True, "refused"),
        (Cause(407), False, "refused"),
        (Cause(500), False, "failed"),
        (Cause(302), False, "failed"),
        (Cause(), False, "failed"),
    ],
)
def test_outcome_of_a_leg(cause: Cause, rang: bool, outcome: str) -> None:
    assert outcome_of(cause, rang=rang) == outcome


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_trouble_at_one_host_is_tried_at_the_next(status: int) -> None:
    assert may_try_next(Cause(status), "peer")


@pytest.mark.parametrize("status", [404, 486, 403, 407, 484, 501, 505, 513, 603, 302])
def test_what_every_host_would_say_is_not_tried_again(status: int) -> None:
    assert not may_try_next(Cause(status), "peer")


@pytest.mark.parametrize("by", ["timeout", "transport"])
def test_silence_is_tried_at_the_next_host(by: str) -> None:
    assert may_try_next(Cause(), by)


def test_all_busy_or_declined_is_busy() -> None:
    met = [(AGENTS, Cause(486), True), (AGENTS, Cause(603), True), (AGENTS, BUSY, False)]
    assert said_to_caller(met) is BUSY


def test_who_is_busy_on_his_only_phone_that_is_switched_on_is_busy() -> None:
    switched_off = replace(AGENTS, attempts=())
    met = [(AGENTS, BUSY, False), (switched_off, UNREACHABLE, False)]
    assert said_to_caller(met) is BUSY
    assert said_to_caller([*met, (AGENTS, Cause(408), False)]) is UNREACHABLE
    assert said_to_caller([(switched_off, UNREACHABLE, False)] * 2) is UNREACHABLE


def test_one_that_rang_is_no_answer() -> None:
    assert said_to_caller([(AGENTS, Cause(486), False), (AGENTS, Cause(480), True)]) is NO_ANSWER


def test_one_that_was_stopped_in_time_is_no_answer() -> None:
    assert said_to_caller([(AGENTS, Cause(404), False), (AGENTS, NO_ANSWER, False)]) is NO_ANSWER


def test_nobody_there_is_unreachable() -> None:
    assert (
        said_to_caller([(AGENTS, Cause(404), False), (AGENTS, UNREACHABLE, False)]) is UNREACHABLE
    )
    assert said_to_caller([]) is UNREACHABLE


@pytest.mark.parametrize("status", [301, 302, 401, 403, 407, 500, 503])
def test_what_is_none_of_the_callers_business_never_leaks(status: int) -> None:
    for leg in (DIRECT, AGENTS):
        assert said_to_caller([(leg, Cause(status), False)]) is UNREACHABLE


@pytest.mark.parametrize(
    ("status", "said", "q850"), [(404, 404, 1), (604, 404, 1), (484, 484, 28), (603, 603, 21)]
)
def test_who_dialled_a_number_himself_hears_what_is_wrong_with_it(
    status: int, said: int, q850: int
) -> None:
    cause = said_to_caller([(DIRECT, Cause(status), False)])
    assert (cause.status, cause.q850) == (said, q850)


def test_an_agents_mobile_that_does_not_exist_says_nothing_about_the_number_called() -> None:
    assert said_to_caller([(AGENTS, Cause(404), False)]) is UNREACHABLE
