"""Roles are given and taken, and the very next request obeys."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.authority import NOW, Company, builtin
from switchroom.app.catalog import catalog
from switchroom.identity.model import Refused
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Restriction, Role, Scope, Statement
from switchroom.store.audit import AuditFilter, entries
from switchroom.store.authority_writer import (
    BindingWish,
    Change,
    bind,
    create_role,
    lift,
    restrict,
    unbind,
)
from switchroom.store.database import writing

EVERYWHERE = Scope("customer")
WISH = BindingWish("alice", "builtin:supervisor", EVERYWHERE, reason="she leads the team now")


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


def test_a_role_is_held_with_the_next_request_and_gone_with_the_next(company: Company) -> None:
    assert not company.may("alice", "numbers:list")

    id = company.change(bind, WISH, by="olga")
    assert isinstance(id, str), id
    assert company.may("alice", "numbers:list")

    assert company.change(unbind, id, by="olga") == id
    assert not company.may("alice", "numbers:list")


def test_the_audit_log_has_who_what_and_why(company: Company) -> None:
    id = company.change(bind, WISH, by="olga")

    (entry,) = entries(company.engine, AuditFilter(target_id=id), limit=10)

    assert (entry.action, entry.actor_id, entry.token_id) == ("roles:bind", "olga", "olga-acme")
    assert entry.reason == "she leads the team now"
    assert '"role":"supervisor"' in entry.after
    assert entry.request_id == "request-1"


def test_nobody_gives_what_he_does_not_hold(company: Company) -> None:
    owner = BindingWish("alice", "builtin:owner", EVERYWHERE)

    assert isinstance(company.change(bind, owner, by="adam"), Refusal)
    assert isinstance(company.change(bind, replace(owner, principal_id="adam"), by="adam"), Refusal)
    assert isinstance(company.change(bind, owner, by="alice"), Refusal)
    assert not company.may("alice", "trunks:list")


def test_what_was_taken_from_the_asker_meanwhile_counts(company: Company) -> None:
    asking = company.actor("adam")
    company.change(unbind, "adam-admin", by="olga")

    with writing(company.engine) as connection:
        change = Change(connection, catalog(), builtin(), company.ids, "acme", NOW, asking)
        assert isinstance(bind(change, WISH), Refusal)


def test_who_owns_the_platform_is_said_on_its_machine_only(company: Company) -> None:
    company.hire("petra", "platform_owner", scope_kind="project")
    wish = BindingWish("olga", "builtin:platform_owner", Scope("project"))

    refused = company.change(bind, wish, by="petra")
    assert isinstance(refused, Refusal)
    assert "machine" in refused.text
    assert isinstance(company.change(bind, wish), str)


FAULTY = {
    "no such role": (replace(WISH, role_id="builtin:astronaut"), "not_found"),
    "a role of another customer": (replace(WISH, role_id="theirs"), "not_found"),
    "no such agent": (replace(WISH, principal_id="nobody"), "not_found"),
    "an agent of another customer": (replace(WISH, principal_id="zoe"), "not_found"),
    "a client of another customer": (
        replace(WISH, scope=Scope("clients", frozenset({"z1"}))),
        "invalid",
    ),
    "no client": (replace(WISH, scope=Scope("clients")), "invalid"),
    "it has ended": (replace(WISH, expires_at=NOW), "invalid"),
    "it ends before it begins": (replace(WISH, not_before=9e9, expires_at=8e9), "invalid"),
    "a long reason": (replace(WISH, reason="x" * 501), "invalid"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_what_makes_no_sense_is_said(company: Company, case: str) -> None:
    company.hire("zoe", customer_id="zeta")
    company.people.client("z1", "zeta")
    company.people.role("theirs", ("allow", "calls:list", ""), customer_id="zeta")
    wish, code = FAULTY[case]

    found = company.change(bind, wish, by="olga")

    assert isinstance(found, Refused)
    assert found.code == code


def test_a_binding_of_another_customer_cannot_be_taken(company: Company) -> None:
    company.hire("zoe", "agent", customer_id="zeta")

    assert company.change(unbind, "zoe-agent", by="olga").code == "not_found"
    assert company.may("zoe", "calls:list", "zeta")


def test_a_binding_begins_and_ends_by_itself(company: Company) -> None:
    wish = replace(WISH, not_before=1_100.0, expires_at=1_200.0)
    company.change(bind, wish, by="olga")

    held = [company.may("alice", "numbers:list", now=now) for now in (1_099.0, 1_100.0, 1_199.0)]
    assert held == [False, True, True]
    assert not company.may("alice", "numbers:list", now=1_200.0)


def test_the_last_owner_stays(company: Company) -> None:
    for by in ("olga", ""):
        refused = company.change(unbind, "olga-owner", by=by)
        assert isinstance(refused, Refusal), by
        assert "owner" in refused.text

    second = company.change(bind, BindingWish("adam", "builtin:owner", EVERYWHERE), by="olga")
    assert company.change(unbind, "olga-owner", by="olga") == "olga-owner"
    assert isinstance(company.change(unbind, second, by="adam"), Refusal)


def test_the_same_role_is_not_given_twice(company: Company) -> None:
    wish = BindingWish("alice", "builtin:supervisor", Scope("team"))
    id = company.change(bind, wish, by="olga")

    again = company.change(bind, wish, by="olga")

    assert isinstance(again, Refused)
    assert again.code == "conflict"
    later = BindingWish("alice", "builtin:supervisor", Scope("team"), expires_at=NOW + 60.0000004)
    assert isinstance(company.change(bind, later, by="olga"), str)
    assert isinstance(company.change(bind, later, by="olga"), Refused)
    assert company.change(unbind, id, by="olga") == id
    assert isinstance(company.change(bind, wish, by="olga"), str)


def test_two_owners_who_leave_at_once_do_not_both_leave(company: Company) -> None:
    company.hire("oscar", "owner")

    def leave(name: str) -> Any:
        return company.change(unbind, f"{name}-owner", by=name)

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(leave, ("olga", "oscar")))

    assert sorted(isinstance(one, str) for one in said) == [False, True]


def test_a_restriction_wins_and_is_lifted(company: Company) -> None:
    assert company.may("adam", "calls:hangup")

    id = company.change(
        restrict, "adam", Restriction("", "calls:hangup", EVERYWHERE), "", by="olga"
    )
    assert isinstance(id, str), id
    assert not company.may("adam", "calls:hangup")
    assert company.may("adam", "calls:list")
    assert isinstance(company.change(lift, id, by="adam"), Refusal)

    assert company.change(lift, id, by="olga") == id
    assert company.may("adam", "calls:hangup")
    assert company.change(lift, id, by="olga").code == "not_found"


def test_a_restriction_that_denies_nothing_is_refused(company: Company) -> None:
    wish = Restriction("", "calls:fly", EVERYWHERE)

    assert company.change(restrict, "alice", wish, "", by="olga").code == "invalid"


def test_a_restricted_admin_cannot_pass_it_on_through_a_role(company: Company) -> None:
    company.change(restrict, "adam", Restriction("", "calls:hangup", EVERYWHERE), "", by="olga")
    role = Role("", "hangers", (Statement("allow", "calls:hangup"),))

    assert isinstance(company.change(create_role, role, by="adam"), Refusal)


def test_so_many_bindings_and_no_more(company: Company) -> None:
    wish = replace(WISH, role_id="builtin:agent", scope=Scope("own"))
    for number in range(49):
        company.people.binding(f"b{number}", "alice", builtin="agent")

    assert company.change(bind, wish, by="olga").code == "too_many"
