"""Accounts, tags, keys and references: the mistakes that others have made, each tried."""

import pytest
from msgspec.structs import replace

from fakes.admin_world import more_permissions
from switchroom.app.catalog import catalog
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import (
    Asker,
    Refusal,
    dominate,
    is_owner,
    issue_key,
    last_owner,
    move,
    refer,
    second_factor,
    set_tags,
)
from switchroom.permissions.grant.accounts import RECENT_S
from switchroom.permissions.model import Authority, Binding, Role, Row, Scope, Statement
from switchroom.permissions.roles import builtin_roles

CATALOG = catalog()
ROLES = {role.name: role for role in builtin_roles(CATALOG)}
EVERYWHERE = Scope("customer")
NOW = 10_000.0


def holder(name: str, *roles: str, scope: Scope = EVERYWHERE) -> Authority:
    bindings = tuple(Binding(f"{name} {role}", ROLES[role], scope) for role in roles)
    return Authority(name, "acme", frozenset({"sales"}), bindings)


def asker(authority: Authority) -> Asker:
    compiled = compile_authority(authority, CATALOG, NOW)
    return Asker(authority.principal_id, compiled, CATALOG, NOW)


ADMIN = holder("adam", "admin")
AGENT = holder("alice", "agent")
OWNER = holder("olga", "owner")


def rule(refusal: Refusal | None) -> str:
    return "" if refusal is None else refusal.rule


def test_an_admin_sets_an_agents_password_but_not_an_owners() -> None:
    assert dominate(asker(ADMIN), (AGENT,)) is None
    assert rule(dominate(asker(ADMIN), (OWNER,))) == "E5"
    assert rule(dominate(asker(AGENT), (ADMIN,))) == "E5"


def test_somebody_who_serves_another_customer_too_is_not_taken_over_from_here() -> None:
    abroad = replace(AGENT, customer_id="globex")
    assert rule(dominate(asker(OWNER), (AGENT, abroad))) == "E5"
    assert dominate(asker(OWNER), (AGENT, replace(abroad, bindings=()))) is None


def test_staff_of_the_platform_are_not_taken_over_by_their_customers_owner() -> None:
    staff = holder("sam", "platform_support", scope=Scope("project"))
    assert rule(dominate(asker(OWNER), (staff,))) == "E5"


def test_tags_are_set_by_who_holds_all_that_they_decide() -> None:
    lead = holder("lena", "supervisor", scope=Scope("team"))
    assert set_tags(asker(ADMIN), lead) is None
    tags_only = Role("r1", "hr", (Statement("allow", "agents:set_tags"),), "acme")
    hr = Authority("hr", "acme", bindings=(Binding("b1", tags_only, EVERYWHERE),))
    assert rule(set_tags(asker(hr), lead)) == "E6"
    assert set_tags(asker(hr), AGENT) is None
    assert rule(set_tags(asker(AGENT), AGENT)) == "E6"


def test_a_row_is_moved_by_who_may_change_every_row() -> None:
    assert move(asker(ADMIN), "numbers:update") is None
    lead = Role("r1", "lead", (Statement("allow", "numbers:update"),), "acme")
    clients = Binding("b1", lead, Scope("clients", frozenset({"c1"})))
    assert rule(move(asker(replace(AGENT, bindings=(clients,))), "numbers:update")) == "E6"


def test_a_key_names_nothing_that_its_owner_does_not_hold() -> None:
    refusal = issue_key(asker(AGENT), AGENT, ("calls:read", "agents:set_password"))
    assert refusal is not None
    assert refusal.rule == "E7"
    assert refusal.missing == ("agents:set_password",)
    assert rule(issue_key(asker(AGENT), AGENT, ("trunks:*",))) == "E7"
    assert issue_key(asker(AGENT), AGENT, ("calls:*", "events:subscribe")) is None


def test_a_key_makes_no_wider_key() -> None:
    key = asker(replace(OWNER, token=("accesskeys:create", "calls:read")))
    assert issue_key(key, OWNER, ("calls:get",)) is None
    assert rule(issue_key(key, OWNER, ("calls:*",))) == "E7"


def test_a_key_for_somebody_else_is_made_by_who_could_do_the_same() -> None:
    assert issue_key(asker(ADMIN), AGENT, ("calls:*",)) is None
    assert rule(issue_key(asker(ADMIN), OWNER, ("agents:delete",))) == "E7"
    assert issue_key(asker(ADMIN), OWNER, ("calls:*",)) is None


@pytest.mark.parametrize(
    ("name", "shown_at", "expected"),
    [
        ("roles:bind", None, "E11"),
        ("roles:bind", NOW - RECENT_S, "E11"),
        ("roles:bind", NOW - RECENT_S + 1, ""),
        ("roles:bind", NOW + 60, "E11"),
        ("agents:update", None, ""),
        ("numbers:buy", None, ""),
    ],
)
def test_identity_is_changed_with_a_recent_second_factor(
    name: str, shown_at: float | None, expected: str
) -> None:
    assert rule(second_factor(asker(ADMIN), CATALOG.permission(name), shown_at)) == expected


def test_what_may_not_be_seen_is_not_referred_to() -> None:
    lead = holder("lena", "supervisor", scope=Scope("clients", frozenset({"c1"})))
    seen, unseen = Row("acme", client_id="c1"), Row("acme", client_id="c2")
    assert rule(refer(asker(lead), "clients", seen)) == "E9"
    assert refer(asker(ADMIN), "clients", unseen) is None
    assert rule(refer(asker(ADMIN), "clients", Row("globex", client_id="c2"))) == "E9"
    assert refer(asker(ADMIN), "agents", Row("acme")) is None


def test_a_resource_without_use_takes_its_get() -> None:
    small = more_permissions()
    role = Role("r1", "reader", (Statement("allow", "numbers:get"),), "acme")
    who = Authority("alice", "acme", bindings=(Binding("b1", role, EVERYWHERE),))
    reader = Asker("alice", compile_authority(who, small, NOW), small, NOW)
    assert refer(reader, "numbers", Row("acme")) is None


def test_a_customer_keeps_an_owner() -> None:
    assert is_owner(OWNER, NOW)
    ending = replace(OWNER, bindings=(replace(OWNER.bindings[0], expires_at=NOW + 1),))
    for one in (ADMIN, ending, replace(OWNER, is_disabled=True)):
        assert not is_owner(one, NOW)
    assert last_owner(asker(OWNER), (ADMIN, OWNER)) is None
    assert rule(last_owner(asker(OWNER), (ADMIN, ending))) == "E5"
