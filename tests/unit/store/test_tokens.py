"""One query finds a token with all that decides whether it counts."""

from typing import Any

import pytest
from sqlalchemy import Engine

from fakes.people import People
from fakes.statements import counted
from switchroom.identity.model import AuthSettings, FoundToken
from switchroom.identity.tokens import Token
from switchroom.store.auth_settings import write_settings
from switchroom.store.database import writing
from switchroom.store.tokens import find_token, find_token_by_id


@pytest.fixture
def people(engine: Engine) -> People:
    made = People(engine)
    made.customer()
    made.customer("zeta")
    made.agent()
    made.account()
    return made


def find(engine: Engine, form: Any, digest: bytes) -> FoundToken | None:
    with engine.connect() as connection:
        return find_token(connection, Token(form, digest))


def test_a_session_is_found_by_its_access_token_with_one_query(people: People) -> None:
    people.session("s1", mfa_at=1_500.0)
    people.add("authority_epochs", subject="customer:acme", epoch=7)
    people.add("authority_epochs", subject="agent:alice", epoch=3)

    with counted(people.engine) as statements:
        found = find(people.engine, "session", b"access of s1")

    assert len(statements) == 1
    assert found is not None
    assert (found.agent_id, found.customer_id, found.home_id) == ("alice", "acme", "acme")
    assert found.username == "alice@acme.example"
    assert (found.customer_epoch, found.agent_epoch) == (7, 3)
    assert (found.has_account, found.is_disabled, found.has_second_factor) == (True, False, False)
    assert found.settings == AuthSettings()
    assert found.key is None
    assert found.session is not None
    assert (found.session.id, found.session.mfa_at) == ("s1", 1_500.0)


def test_a_token_of_another_form_finds_nothing(people: People) -> None:
    people.session("s1")
    people.accesskey("k1")

    assert find(people.engine, "session", b"refresh of s1") is None
    assert find(people.engine, "accesskey", b"access of s1") is None
    assert find(people.engine, "refresh", b"access of s1") is None
    assert find(people.engine, "session", b"") is None


def test_a_key_is_found_by_its_hash_and_by_the_one_before(people: People) -> None:
    people.accesskey(
        "k1", previous_hash=b"before", previous_until=1_500.0, networks=["192.0.2.0/24"]
    )

    for digest in (b"key k1", b"before"):
        with counted(people.engine) as statements:
            found = find(people.engine, "accesskey", digest)
        assert len(statements) == 1
        assert found is not None
        assert found.key is not None
        assert found.key.ceiling == ("calls:*",)
        assert found.key.networks == ("192.0.2.0/24",)
        assert found.session is None


def test_what_a_customer_asks_of_log_ins_comes_along(people: People) -> None:
    people.session("s1")
    asked = AuthSettings(require_mfa=True, networks=("198.51.100.0/24",), session_idle_s=60.0)
    with writing(people.engine) as connection:
        write_settings(connection, "acme", asked)

    found = find(people.engine, "session", b"access of s1")

    assert found is not None
    assert found.settings == asked


@pytest.mark.parametrize("cause", ["account", "membership", "no membership"])
def test_what_is_disabled_is_said(people: People, cause: str) -> None:
    people.agent("bob", disabled_at=5.0 if cause == "membership" else None)
    people.account("bob", disabled_at=5.0 if cause == "account" else None)
    people.session("s2", "bob", customer_id="zeta" if cause == "no membership" else "acme")

    found = find(people.engine, "session", b"access of s2")

    assert found is not None
    assert found.is_disabled


def test_staff_who_switched_need_their_home_membership_only(people: People) -> None:
    people.session("s3", customer_id="zeta", switched_from="acme")
    people.add("authority_epochs", subject="customer:acme", epoch=7)
    people.add("authority_epochs", subject="customer:zeta", epoch=5)

    found = find(people.engine, "session", b"access of s3")

    assert found is not None
    assert (found.customer_id, found.home_id, found.is_disabled) == ("zeta", "acme", False)
    assert found.customer_epoch == 12


def test_a_token_is_found_by_what_a_ticket_says_of_it(people: People) -> None:
    people.session("s1")
    people.accesskey("k1")

    with people.engine.connect() as connection:
        session = find_token_by_id(connection, "session", "s1")
        key = find_token_by_id(connection, "accesskey", "k1")
        nothing = find_token_by_id(connection, "webhook", "s1")

    assert session is not None
    assert key is not None
    assert (session.key, key.session, nothing) == (None, None, None)
