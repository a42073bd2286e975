"""The real catalogue and the real built-in roles: what the design says of them."""

import re
import sys
from pathlib import Path

import pytest

import switchroom
from switchroom.app.catalog import catalog
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.grant import Asker, bind
from switchroom.permissions.model import Authority, Binding, Role, Row, Scope
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
    platform = CATALOG.platform & CATALOG.sensitive & ~CATALOG.bit("audit:export")
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


def test_the_new_resource_of_contributing_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text()
    block = re.search(r'```python\n("""What may be done to voicemails.*?)```', text, re.DOTALL)
    assert block
    package = tmp_path / "voicemails"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "permissions.py").write_text(block[1])
    monkeypatch.setattr(switchroom, "__path__", [*switchroom.__path__, str(tmp_path)])
    catalog.cache_clear()
    try:
        grown = catalog()
    finally:
        catalog.cache_clear()
        for name in ("switchroom.voicemails.permissions", "switchroom.voicemails"):
            sys.modules.pop(name, None)
    added = set(grown.permissions) - set(CATALOG.permissions)
    assert {one.name for one in added} == {
        "voicemails:list", "voicemails:get", "voicemails:play", "voicemails:delete",
    }  # fmt: skip
    roles = {role.name: role for role in builtin_roles(grown)}
    agent = Authority("alice", "acme", bindings=(Binding("b", roles["agent"], EVERYWHERE),))
    compiled = compile_authority(agent, grown, 0)
    mine, other = Row("acme", frozenset({"alice"})), Row("acme", frozenset({"bob"}))
    play = grown.bit("voicemails:play")
    assert (allows(compiled, play, mine), allows(compiled, play, other)) == (True, False)
    for name in ("owner", "platform_owner"):
        who = Authority("o", "acme", bindings=(Binding("b", roles[name], EVERYWHERE),))
        assert compile_authority(who, grown, 0).full & play
