"""Passwords are changed with the old one, or by somebody who may do all that their owner may."""

import pytest
from sqlalchemy import Engine

from fakes.identity import NOW, PASSWORD, House
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.model import Actor, AuthSettings, Refused
from switchroom.permissions.grant import Refusal
from switchroom.store.audit import AuditFilter, entries

NEW = "a new and longer sentence"


def change(house: House, actor: Actor, old: str = PASSWORD, new: str = NEW) -> str:
    found = house.desk.change_own(actor, old, new, NOW)
    return "ok" if found is None else found.code


def test_other_sessions_end_and_this_one_goes_on(house: House) -> None:
    here, there = house.log_in().tokens, house.log_in().tokens

    assert change(house, house.actor(here.access)) == "ok"

    assert house.code_of(here.access) == "ok"
    assert house.code_of(there.access) == "ended"
    assert house.try_log_in().code == "wrong"
    assert house.log_in(password=NEW)
    (entry,) = entries(house.engine, AuditFilter(action="sessions:change_password"), limit=9)
    assert NEW not in entry.before + entry.after + entry.reason


def test_a_stolen_session_guesses_no_faster_than_a_log_in(house: House) -> None:
    actor = house.actor(house.log_in().tokens.access)

    said = [change(house, actor, old="a wrong old password") for _ in range(6)]

    assert said == ["wrong"] * 5 + ["wait"]


@pytest.mark.parametrize(
    "new", ["short", "x" * 1025, PASSWORD, "alice@acme.example", "\ud800" * 12]
)
def test_a_bad_new_password_changes_nothing_and_counts_nothing(house: House, new: str) -> None:
    actor = house.actor(house.log_in().tokens.access)

    assert [change(house, actor, new=new) for _ in range(7)] == ["invalid"] * 7
    assert house.log_in()


def test_a_customer_may_ask_for_longer_ones(house: House) -> None:
    house.settings(AuthSettings(password_least=30))
    actor = house.actor(house.log_in().tokens.access)

    assert change(house, actor) == "invalid"
    assert change(house, actor, new="a new and much longer sentence") == "ok"


def test_a_key_changes_no_password(house: House) -> None:
    house.people.accesskey("k1", expires_at=NOW + 1)
    actor = house.actor(house.log_in().tokens.access)
    key = Actor("alice", "acme", actor.username, "accesskey", "k1", actor.compiled)

    assert change(house, key) == "invalid"


def test_when_too_many_hash_the_next_comes_back_later(house: House) -> None:
    actor = house.actor(house.log_in().tokens.access)
    house.hasher.is_full = True

    assert change(house, actor) == "busy"


def test_an_accent_is_the_same_however_it_is_typed(engine: Engine) -> None:
    house = House(engine, Argon2Passwords())
    actor = house.actor(house.log_in().tokens.access)

    assert change(house, actor, new="caf\u00e9 au lait at nine") == "ok"
    assert house.log_in(password="cafe\u0301 au lait at nine")


class TestForOthers:
    """An administrator sets a password; rule E5."""

    @pytest.fixture
    def admin(self, house: House) -> Actor:
        house.hire("olga", "owner")
        house.hire("adam", "admin")
        return house.actor(house.log_in("adam").tokens.access)

    def test_all_sessions_of_the_other_end(self, house: House, admin: Actor) -> None:
        token = house.log_in().tokens.access

        assert house.desk.set_for(admin, "alice", NEW, NOW) is None

        assert house.code_of(token) == "ended"
        assert house.log_in(password=NEW)

    def test_an_agent_gets_his_first_one(self, house: House, admin: Actor) -> None:
        house.people.agent("bob")

        assert house.desk.set_for(admin, "bob", NEW, NOW) is None
        assert house.log_in("bob", password=NEW)

    def test_not_of_somebody_mightier(self, house: House, admin: Actor) -> None:
        refused = house.desk.set_for(admin, "olga", NEW, NOW)

        assert isinstance(refused, Refusal)
        assert refused.rule == "E5"
        assert house.log_in("olga")

    def test_nor_of_a_guest_who_is_mighty_elsewhere(self, house: House, admin: Actor) -> None:
        house.people.member("alice", "zeta")
        house.people.binding("b9", "alice", builtin="owner", customer_id="zeta")

        assert isinstance(house.desk.set_for(admin, "alice", NEW, NOW), Refusal)

    def test_nor_of_another_customers_agent(self, house: House, admin: Actor) -> None:
        house.hire("zoe", customer_id="zeta")

        for agent_id in ("zoe", "nobody"):
            found = house.desk.set_for(admin, agent_id, NEW, NOW)
            assert isinstance(found, Refused)
            assert found.code == "not_found"

    def test_nor_a_bad_one(self, house: House, admin: Actor) -> None:
        found = house.desk.set_for(admin, "alice", "alice alice alice", NOW)

        assert isinstance(found, Refused)
        assert found.field == "password"
