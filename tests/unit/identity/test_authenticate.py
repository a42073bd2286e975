"""A token is looked up with every request; what was compiled is used as long as it is true."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fakes.identity import NOW, House
from fakes.statements import counted
from switchroom.app.catalog import catalog
from switchroom.identity.authenticate import is_csrf_right
from switchroom.identity.model import Actor, Refused
from switchroom.identity.ports import StorageError
from switchroom.permissions.check import holds
from switchroom.store.identity import DatabaseIdentity


def test_a_request_costs_one_query_once_the_authority_is_compiled(house: House) -> None:
    token = house.log_in().tokens.access
    house.actor(token)

    with counted(house.engine) as statements:
        house.actor(token)

    assert len(statements) == 1


def test_a_raised_epoch_compiles_anew(house: House) -> None:
    token = house.log_in().tokens.access
    assert holds(house.actor(token).compiled, catalog().bit("calls:list"))

    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM bindings"))
    house.people.add("authority_epochs", subject="agent:alice", epoch=1)

    assert not house.actor(token).compiled.held


def test_a_binding_that_ends_needs_no_epoch(house: House) -> None:
    house.people.binding("b2", builtin="auditor", expires_at=NOW + 50)
    token = house.log_in().tokens.access

    held = [
        holds(house.actor(token, at).compiled, catalog().bit("audit:list"))
        for at in (NOW, NOW + 49, NOW + 50)
    ]
    assert held == [True, True, False]


@pytest.mark.parametrize("shown", ["", "x", "Bearer sr_s_", "sr_s_" + "0" * 64])
def test_what_is_no_token_of_ours_is_unknown(house: House, shown: str) -> None:
    assert house.code_of(shown) == "unknown"


def test_what_has_not_the_form_of_a_token_is_not_even_looked_up(house: House) -> None:
    with counted(house.engine) as statements:
        house.code_of("sr_s_" + "0" * 63)

    assert statements == []


def test_other_forms_open_nothing(house: House) -> None:
    tokens = house.log_in(is_cookie=True).tokens

    assert house.code_of(tokens.refresh) == "unknown"
    assert house.code_of(tokens.csrf) == "unknown"


def test_only_its_own_csrf_token_belongs_to_a_session(house: House) -> None:
    mine, other = house.log_in(is_cookie=True).tokens, house.log_in(is_cookie=True).tokens
    bare = house.log_in().tokens
    actor = house.actor(mine.access)

    assert is_csrf_right(actor, mine.csrf)
    assert not is_csrf_right(actor, other.csrf)
    assert not is_csrf_right(actor, "")
    assert not is_csrf_right(actor, mine.access)
    assert not is_csrf_right(house.actor(bare.access), "")
    assert not is_csrf_right(house.actor(bare.access), mine.csrf)


def test_an_open_socket_asks_again_and_hears_of_every_change(house: House) -> None:
    found = house.log_in()
    actor = house.actor(found.tokens.access)

    much_later = house.authenticator.again(actor, NOW + 3_600)
    assert isinstance(much_later, Actor)
    house.sessions.log_out(actor, NOW + 3_600)
    ended = house.authenticator.again(actor, NOW + 3_601)
    assert isinstance(ended, Refused)
    assert ended.code == "ended"


def test_with_the_database_down_nobody_may_do_anything(house: House) -> None:
    token = house.log_in().tokens.access
    house.actor(token)
    with house.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO gone"))

    with pytest.raises(StorageError):
        house.authenticator.authenticate(token, "192.0.2.7", NOW)


def test_a_fault_of_what_is_read_together_is_not_taken_for_a_database_that_is_down(
    house: House,
) -> None:
    storage = DatabaseIdentity(house.engine, {})
    with pytest.raises(ProgrammingError), storage.together():
        raise ProgrammingError("SELECT of ours", {}, Exception("no such column"))


def test_a_row_that_no_version_writes_lets_nobody_in(house: House) -> None:
    house.people.binding("b2", builtin="owner", scope_kind="galaxy")
    token = house.log_in().tokens.access

    with pytest.raises(StorageError):
        house.authenticator.authenticate(token, "192.0.2.7", NOW)
