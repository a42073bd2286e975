"""Who is shown as the caller."""

import pytest
from msgspec.structs import replace

from fakes.company import CARRIER
from switchroom.agents.identity import Caller, to_phone, to_trunk
from switchroom.directory.model import CallerIdChoice
from switchroom.foundation.leg import Destination, Identity

TO = Destination("sip:x@192.0.2.1")
BOB = Caller(Identity("+12025550199", "Bob"), "+12025550100", "Zeta")
COLLEAGUE = Caller(Identity("1002", "Ben"))


def test_phone_shows_for_which_client_the_caller_calls() -> None:
    assert to_phone(BOB, "caller", TO).caller == Identity("+12025550199", "Zeta: Bob")
    nameless = replace(BOB, identity=Identity("+12025550199"))
    assert to_phone(nameless, "caller", TO).caller == Identity("+12025550199", "Zeta")
    assert to_phone(COLLEAGUE, "caller", TO).caller == Identity("1002", "Ben")


@pytest.mark.parametrize(
    ("choice", "shown", "asserted"),
    [
        ("caller", "+12025550199", None),
        ("company", "+12025550100", None),
        ("both", "+12025550199", "+12025550100"),
    ],
)
def test_carrier_gets_the_numbers_the_address_chose(
    choice: CallerIdChoice, shown: str, asserted: str | None
) -> None:
    attempt = to_trunk(BOB, choice, TO, CARRIER, "US")
    assert attempt.caller == Identity(shown)
    assert attempt.asserted == (None if asserted is None else Identity(asserted))


@pytest.mark.parametrize("choice", ["company", "both"])
def test_phone_shows_the_company_where_the_address_chose_so(choice: CallerIdChoice) -> None:
    attempt = to_phone(BOB, choice, TO)
    company = Identity("+12025550100", "Zeta")
    assert (attempt.asserted or attempt.caller) == company


def test_carrier_never_sees_an_extension_or_a_name() -> None:
    assert to_trunk(COLLEAGUE, "caller", TO, CARRIER, "US").caller == Identity("+12025550000")


def test_numbers_are_written_as_the_carrier_wants_them() -> None:
    trunk = replace(CARRIER, number_format="without_plus")
    attempt = to_trunk(BOB, "both", TO, trunk, "US")
    assert attempt.caller.user == "12025550199"
    assert attempt.asserted == Identity("12025550100")


def test_without_any_number_the_carrier_gets_what_there_is() -> None:
    trunk = replace(CARRIER, caller_id="")
    assert to_trunk(COLLEAGUE, "both", TO, trunk, "US").caller == Identity("1002")
