"""The real catalogue and the real built-in roles: what the design says of them."""

import pytest

from switchroom.app.catalog import catalog
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.grant import Asker, bind
from switchroom.permissions.model import Authority, Binding, Role, Scope
from switchroom.permissions.roles import builtin_roles

CATALOG = catalog()
ROLES = {role.name: role for role in builtin_roles(CATALOG)}
EVERYWHERE = Scope("customer")


def holder(role: str, scope: Scope = EVERYWHERE) -> Compiled:
    binding = Binding("b", ROLES[role], scope)
    return compile_authority(Authority("alice", "acme", frozenset({"t1"}), (binding,)), CATALOG, 0)


def test_every_resource_of_today_is_declared() -> None:
    assert {resource.name for resource in CATALOG.resources} >= {
        "customers", "clients", "agents", "agent_addresses", "agent_status", "tags", "memberships",
        "roles", "restrictions", "accesskeys", "sessions", "auth_settings", "authz", "audit",
        "calls", "groupcalls", "groups", "extensions", "trunks", "numbers", "routes", "dial",
        "events", "metrics", "system",
    }  # fmt: skip


def test_every_permission_says_what_it_allows() -> None:
    assert all(permission.text[0].isupper() for permission in CATALOG.permissions)


def test_the_platforms_owner_holds_everything_of_the_platform() -> None:
    compiled = holder("platform_owner", Scope("project"))
    assert compiled.project == CATALOG.platform
    assert compiled.beyond == CATALOG.all


def test_an_owner_holds_everything_in_the_customer_but_what_is_the_platforms() -> None:
    lacks = CATALOG.all & ~holder("owner").full
    platform = CATALOG.platform & CATALOG.sensitive
    assert lacks == platform | CATALOG.platform & ~CATALOG.within_customers


def test_an_admin_can_give_every_role_below_his_own() -> None:
    admin = Asker("alice", holder("admin"), CATALOG, 0)
    bob = Authority("bob", "acme")
    refused = {
        name for name, role in ROLES.items() if bind(admin, bob, role, EVERYWHERE) is not None
    }
    assert refused == {"platform_owner", "platform_support", "owner"}


def test_nobody_in_a_customer_can_give_a_role_of_the_platform() -> None:
    owner = Asker("alice", holder("owner"), CATALOG, 0)
    for role in ROLES.values():
        assert bind(owner, Authority("bob", "acme"), role, Scope("project")) is not None


@pytest.mark.parametrize("scope", [Scope("own"), Scope("team"), EVERYWHERE])
def test_an_agent_looks_after_himself_however_he_is_bound(scope: Scope) -> None:
    compiled = holder("agent", scope)
    assert not compiled.full
    assert {"calls:hangup", "agent_status:update", "dial:national", "events:subscribe"} <= set(
        CATALOG.names(compiled.held)
    )


def test_who_only_reads_changes_nothing() -> None:
    reading = CATALOG.reading | CATALOG.bit("events:subscribe")
    assert not holder("agent_readonly").held & ~reading
    assert not holder("auditor").held & ~reading & ~CATALOG.bit("authz:explain")


def test_a_supervisor_bound_to_a_client_sees_its_calls_and_follows_events() -> None:
    compiled = holder("supervisor", Scope("clients", frozenset({"zeta"})))
    assert {"calls:list", "calls:hangup", "numbers:list", "events:subscribe", "metrics:get"} <= set(
        CATALOG.names(compiled.held)
    )


def test_built_in_roles_only_allow() -> None:
    roles: list[Role] = list(ROLES.values())
    assert {one.effect for role in roles for one in role.statements} == {"allow"}
