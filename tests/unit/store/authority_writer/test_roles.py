"""A customer's own roles are made, changed for all who hold them, and deleted."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.authority import Company
from switchroom.identity.model import Refused
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Role, Scope, Statement
from switchroom.store.audit import AuditFilter, entries
from switchroom.store.authority import read_roles
from switchroom.store.authority_writer import (
    BindingWish,
    bind,
    create_role,
    delete_role,
    edit_role,
)

CALLS = Role("", "calls without hang-up", (
    Statement("allow", "calls:*"),
    Statement("deny", "calls:hangup"),
), text="for trainees")  # fmt: skip


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


def create(company: Company, role: Role = CALLS, by: str = "olga") -> str:
    found = company.change(create_role, role, by=by)
    assert isinstance(found, str), found
    return found


def give(company: Company, role_id: str, to: str = "alice") -> None:
    wish = BindingWish(to, role_id, Scope("customer"))
    assert isinstance(company.change(bind, wish, by="olga"), str)


def test_a_role_is_stored_as_it_was_written(company: Company) -> None:
    id = create(company)

    with company.engine.connect() as connection:
        (role,) = read_roles(connection, "acme")
    assert role == replace(CALLS, id=id, customer_id="acme")


def test_its_deny_wins_over_a_role_that_allows(company: Company) -> None:
    assert company.may("alice", "calls:hangup")

    give(company, create(company))

    assert not company.may("alice", "calls:hangup")
    assert company.may("alice", "calls:create")


def test_a_change_reaches_all_who_hold_it_with_their_next_request(company: Company) -> None:
    id = create(company, Role("", "readers", (Statement("allow", "numbers:list"),)))
    give(company, id)
    assert company.may("alice", "numbers:list")
    assert not company.may("alice", "trunks:list")

    wish = Role(id, "readers", (Statement("allow", "trunks:list"),))
    assert company.change(edit_role, wish, by="olga") == id

    assert not company.may("alice", "numbers:list")
    assert company.may("alice", "trunks:list")
    (entry, *_) = entries(company.engine, AuditFilter(action="roles:update"), limit=9)
    assert "numbers:list" in entry.before
    assert "trunks:list" in entry.after


def test_a_deleted_role_is_gone_from_all_who_held_it(company: Company) -> None:
    id = create(company)
    give(company, id)

    assert company.change(delete_role, id, by="olga") == id

    assert company.may("alice", "calls:hangup")
    assert company.change(delete_role, id, by="olga").code == "not_found"


def test_nobody_writes_into_a_role_what_he_does_not_hold(company: Company) -> None:
    mighty = Role("", "mighty", (Statement("allow", "numbers:release"),))
    assert isinstance(company.change(create_role, mighty, by="adam"), Refusal)

    id = create(company, mighty)
    harmless = replace(mighty, id=id, statements=(Statement("allow", "calls:list"),))
    assert isinstance(company.change(edit_role, harmless, by="adam"), Refusal)
    mine = create(company, Role("", "mine", (Statement("allow", "calls:list"),)), by="adam")
    wider = Role(mine, "mine", mighty.statements)
    assert isinstance(company.change(edit_role, wider, by="adam"), Refusal)
    assert isinstance(company.change(delete_role, id, by="adam"), Refusal)


def test_built_in_roles_stay_as_they_are(company: Company) -> None:
    wish = Role("builtin:agent", "agent", (Statement("allow", "*:*"),))

    for by in ("olga", ""):
        assert isinstance(company.change(edit_role, wish, by=by), Refusal)
        assert isinstance(company.change(delete_role, "builtin:agent", by=by), Refusal)


FAULTY: dict[str, tuple[Role, str, str]] = {
    "no name": (replace(CALLS, name=""), "invalid", "name"),
    "a name that cannot be shown": (replace(CALLS, name="a\0b"), "invalid", "name"),
    "a built-in name": (replace(CALLS, name="admin"), "invalid", "name"),
    "a name that is taken": (replace(CALLS, name="taken"), "conflict", "name"),
    "a long text": (replace(CALLS, text="x" * 501), "invalid", "text"),
    "nothing": (replace(CALLS, statements=()), "invalid", "statements"),
    "an unknown pattern": (
        replace(CALLS, statements=(Statement("allow", "calls:fly"),)),
        "invalid",
        "statements[0].pattern",
    ),
    "too many lines": (
        replace(CALLS, statements=(Statement("allow", "calls:list"),) * 201),
        "invalid",
        "statements",
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_what_makes_no_sense_is_said(company: Company, case: str) -> None:
    company.people.role("taken")
    role, code, field = FAULTY[case]

    found: Any = company.change(create_role, role, by="olga")

    assert isinstance(found, Refused)
    assert (found.code, found.field) == (code, field)


def test_another_customers_role_is_as_good_as_none(company: Company) -> None:
    company.people.role("theirs", ("allow", "calls:list", ""), customer_id="zeta")
    wish = replace(CALLS, id="theirs")

    assert company.change(edit_role, wish, by="olga").code == "not_found"
    assert company.change(delete_role, "theirs", by="olga").code == "not_found"


def test_two_customers_may_have_roles_of_one_name(company: Company) -> None:
    company.hire("zoe", "owner", customer_id="zeta")
    create(company)

    assert isinstance(company.change(create_role, CALLS, by="zoe", customer_id="zeta"), str)


def test_so_many_roles_of_one_customer(company: Company) -> None:
    for number in range(200):
        company.people.add("roles", id=f"r{number}", customer_id="acme", name=f"r{number}", text="")

    assert company.change(create_role, CALLS, by="olga").code == "too_many"
