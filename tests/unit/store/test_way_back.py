"""The operator lets somebody in again, and the audit log says so."""

import pytest
from sqlalchemy import Engine, select

from fakes.people import People
from switchroom.identity.model import AuthSettings, Refused
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.auth_settings import read_settings, write_settings
from switchroom.store.database import writing
from switchroom.store.tables import metadata
from switchroom.store.way_back import WayBack, let_in

AUDIT = metadata.tables["audit"]
SETTINGS = AuthSettings(require_mfa=True, networks=("192.0.2.0/24", "2001:db8::/32"))


@pytest.fixture
def locked(engine: Engine) -> Engine:
    """Olga cannot come in: wrong network, and her authenticator is lost."""
    people = People(engine)
    people.customer()
    people.agent("olga")
    people.account("olga", totp_secret="ABC", totp_confirmed_at=1.0, recovery_hashes=["x"])
    with writing(engine) as connection:
        write_settings(connection, "acme", SETTINGS)
    return engine


def test_networks_are_cleared_and_nothing_else(locked: Engine) -> None:
    with writing(locked) as connection:
        done = let_in(connection, WayBack("Olga@acme.example", True, False), 9.0)
        settings = read_settings(connection, "acme")
        account = DatabaseAccounts(connection).find("olga")
        (entry,) = connection.execute(select(AUDIT)).all()

    assert done == (
        "his customer takes its people from anywhere, not only 192.0.2.0/24, 2001:db8::/32",
    )
    assert settings == AuthSettings(require_mfa=True)
    assert account is not None
    assert account.has_second_factor
    assert (entry.action, entry.decision, entry.token_kind, entry.customer_id, entry.reason) == (
        "auth_settings:update",
        "done",
        "operator",
        "acme",
        "switchroom unlock",
    )


def test_the_second_factor_is_forgotten_and_nothing_else(locked: Engine) -> None:
    with writing(locked) as connection:
        let_in(connection, WayBack("olga@acme.example", False, True), 9.0)
        settings = read_settings(connection, "acme")
        account = DatabaseAccounts(connection).find("olga")
        (entry,) = connection.execute(select(AUDIT)).all()

    assert settings == SETTINGS
    assert account is not None
    assert (account.totp_secret, account.totp_confirmed_at, account.recovery_hashes) == (
        "",
        None,
        (),
    )
    assert (entry.action, entry.target_id, entry.token_kind) == (
        "agents:reset_mfa",
        "olga",
        "operator",
    )


def test_what_keeps_nobody_out_is_said_and_not_noted(locked: Engine) -> None:
    wish = WayBack("olga@acme.example", True, True)
    with writing(locked) as connection:
        let_in(connection, wish, 9.0)
        noted = len(connection.execute(select(AUDIT)).all())
        again = let_in(connection, wish, 10.0)
        assert len(connection.execute(select(AUDIT)).all()) == noted == 2
    assert again == (
        "his customer takes its people from anywhere already",
        "he has no second factor",
    )


def test_nobody_is_made(locked: Engine) -> None:
    with writing(locked) as connection:
        found = let_in(connection, WayBack("eve@acme.example", True, True), 9.0)
    assert isinstance(found, Refused)
    assert found.text == "nobody logs in as eve@acme.example"
