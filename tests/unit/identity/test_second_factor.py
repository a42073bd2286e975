"""A second factor is set up, asked for, shown again, taken away."""

import pytest
from pyotp import TOTP

from fakes.identity import NOW, PASSWORD, House, code
from switchroom.identity.log_in import MfaNeeded
from switchroom.identity.model import Actor, AuthSettings, Refused
from switchroom.identity.second_factor import Enrolment, RecoveryCodes
from switchroom.permissions.grant import Refusal


def begin(house: House, actor: Actor, password: str = PASSWORD) -> Enrolment:
    found = house.factors.begin(actor, password, "Switchroom", NOW)
    assert isinstance(found, Enrolment), found
    return found


def shown(enrolment: Enrolment, at: float = NOW) -> str:
    found: str = TOTP(enrolment.secret).generate_otp(int(at // 30))
    return found


@pytest.fixture
def alice(house: House) -> Actor:
    return house.actor(house.log_in().tokens.access)


def test_from_the_first_code_on_log_ins_ask_for_one(house: House, alice: Actor) -> None:
    enrolment = begin(house, alice)
    assert "otpauth://totp/Switchroom:alice%40acme.example?secret=" in enrolment.address
    assert enrolment.secret not in repr(enrolment)
    assert house.log_in()

    codes = house.factors.confirm(alice, shown(enrolment), NOW)

    assert isinstance(codes, RecoveryCodes)
    assert len(set(codes.codes)) == 10
    assert house.try_log_in() == MfaNeeded()
    assert house.try_log_in(code=shown(enrolment)).code == "wrong"
    assert house.log_in(code=shown(enrolment, NOW + 30), at=NOW + 30)
    for one in codes.codes:
        assert house.log_in(code=one, at=NOW + 60)
        assert house.try_log_in(code=one, at=NOW + 60).code == "wrong"


def test_sessions_that_began_without_it_end(house: House, alice: Actor) -> None:
    other = house.log_in().tokens.access

    house.factors.confirm(alice, shown(begin(house, alice)), NOW)

    assert house.code_of(other) == "ended"
    again = house.authenticator.again(alice, NOW)
    assert isinstance(again, Actor)
    assert again.mfa_at == NOW


def test_who_must_enrol_may_everything_afterwards(house: House) -> None:
    house.settings(AuthSettings(require_mfa=True))
    token = house.log_in().tokens.access
    actor = house.actor(token)
    assert not actor.compiled.held

    house.factors.confirm(actor, shown(begin(house, actor)), NOW)

    assert house.actor(token).compiled.held
    assert not house.actor(token).must_enrol


def test_a_stolen_session_sets_none_up(house: House, alice: Actor) -> None:
    said = [house.factors.begin(alice, "not her password", "Switchroom", NOW) for _ in range(6)]

    assert [one.code for one in said if isinstance(one, Refused)] == ["wrong"] * 5 + ["wait"]


def test_wrong_codes_confirm_nothing(house: House, alice: Actor) -> None:
    begin(house, alice)

    said = [house.factors.confirm(alice, "000000", NOW) for _ in range(6)]

    assert [one.code for one in said if isinstance(one, Refused)] == ["wrong"] * 5 + ["wait"]
    assert house.log_in(source="198.51.100.1")


def test_nothing_is_confirmed_that_was_not_begun(house: House, alice: Actor) -> None:
    found = house.factors.confirm(alice, "000000", NOW)

    assert isinstance(found, Refused)
    assert found.code == "invalid"


def test_one_that_is_there_is_not_replaced_by_a_password(house: House) -> None:
    house.enrol()
    actor = house.actor(house.log_in(code=code()).tokens.access)

    found = house.factors.begin(actor, PASSWORD, "Switchroom", NOW)

    assert isinstance(found, Refused)
    assert house.try_log_in() == MfaNeeded()


def test_it_is_shown_again_before_what_asks_for_it(house: House) -> None:
    house.enrol()
    token = house.log_in(code=code()).tokens.access
    late = NOW + 600

    wrong = house.factors.show(house.actor(token, late), "000000", late)
    assert isinstance(wrong, Refused)
    assert house.actor(token, late).mfa_at == NOW
    assert house.factors.show(house.actor(token, late), code(late), late) is None
    assert house.actor(token, late).mfa_at == late
    assert isinstance(house.factors.show(house.actor(token, late), code(late), late), Refused)


def test_who_has_none_cannot_show_it(house: House, alice: Actor) -> None:
    for _ in range(7):
        found = house.factors.show(alice, "000000", NOW)
        assert isinstance(found, Refused)
        assert found.code == "invalid"


def test_it_is_taken_away_with_a_last_code(house: House) -> None:
    house.enrol()
    actor = house.actor(house.log_in(code=code()).tokens.access)

    assert isinstance(house.factors.remove(actor, "000000", NOW), Refused)
    assert house.try_log_in() == MfaNeeded()
    assert house.factors.remove(actor, code(NOW + 30), NOW + 30) is None
    assert house.log_in()


def test_an_administrator_takes_it_away_from_whom_he_dominates(house: House) -> None:
    house.hire("olga", "owner")
    house.hire("adam", "admin")
    adam = house.actor(house.log_in("adam").tokens.access)
    house.enrol()
    house.enrol("olga")
    token = house.log_in(code=code()).tokens.access

    assert house.factors.reset(adam, "alice", NOW) is None
    assert house.code_of(token) == "ended"
    assert house.log_in()
    assert isinstance(house.factors.reset(adam, "olga", NOW), Refusal)
    assert house.try_log_in("olga") == MfaNeeded()


def test_a_key_has_no_second_factor(house: House, alice: Actor) -> None:
    key = Actor("alice", "acme", alice.username, "accesskey", "k1", alice.compiled)

    for found in (
        house.factors.begin(key, PASSWORD, "Switchroom", NOW),
        house.factors.confirm(key, "000000", NOW),
        house.factors.show(key, "000000", NOW),
        house.factors.remove(key, "000000", NOW),
    ):
        assert isinstance(found, Refused)
        assert found.code == "invalid"
