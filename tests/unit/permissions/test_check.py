"""The decision itself, one rule at a time."""

import pytest
from msgspec.structs import replace

from fakes.permission_catalog import small_catalog
from switchroom.permissions.check import allows, holds
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Row,
    Scope,
    Statement,
)

CATALOG = small_catalog()
MINE = Row("acme", owner_ids=frozenset({"alice"}))
TEAM = Row("acme", owner_ids=frozenset({"bob"}), tag_ids=frozenset({"sales"}))
CLIENT = Row("acme", client_id="zeta")
OTHER = Row("acme", owner_ids=frozenset({"carol"}), tag_ids=frozenset({"support"}))
FOREIGN = Row("globex", owner_ids=frozenset({"alice"}), tag_ids=frozenset({"sales"}))
ROWS = {"mine": MINE, "team": TEAM, "client": CLIENT, "other": OTHER, "foreign": FOREIGN}


def bound(scope: Scope, *statements: Statement) -> Binding:
    return Binding("binding", Role("role", "role", statements, "acme"), scope)


def authority(*bindings: Binding, restrictions: tuple[Restriction, ...] = ()) -> Authority:
    return Authority("alice", "acme", frozenset({"sales"}), bindings, restrictions)


def allowed_on(who: Authority, permission: str = "calls:hangup", now: float = 0) -> set[str]:
    compiled = compile_authority(who, CATALOG, now)
    bit = CATALOG.bit(permission)
    found = {name for name, row in ROWS.items() if allows(compiled, bit, row)}
    assert holds(compiled, bit) or not found
    return found


ALLOW = Statement("allow", "calls:*")
DENY = Statement("deny", "calls:*")


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        (Scope("own"), {"mine"}),
        (Scope("team"), {"mine", "team"}),
        (Scope("clients", frozenset({"zeta"})), {"client"}),
        (Scope("clients", frozenset({"other"})), set()),
        (Scope("customer"), {"mine", "team", "client", "other"}),
        (Scope("project"), set()),
    ],
)
def test_a_scope_reaches(scope: Scope, rows: set[str]) -> None:
    assert allowed_on(authority(bound(scope, ALLOW))) == rows


def test_nothing_is_allowed_by_default() -> None:
    assert allowed_on(authority()) == set()


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        (Scope("own"), {"team", "client", "other"}),
        (Scope("team"), {"client", "other"}),
        (Scope("clients", frozenset({"zeta"})), {"mine", "team", "other"}),
        (Scope("customer"), set()),
        (Scope("project"), set()),
    ],
)
def test_a_deny_wins_over_an_allow(scope: Scope, rows: set[str]) -> None:
    everywhere = bound(Scope("customer"), ALLOW)
    assert allowed_on(authority(everywhere, bound(scope, DENY))) == rows
    assert allowed_on(authority(bound(scope, DENY), everywhere)) == rows
    restriction = Restriction("restriction", "calls:*", scope)
    assert allowed_on(authority(everywhere, restrictions=(restriction,))) == rows


def test_a_statements_own_scope_holds_however_its_role_is_bound() -> None:
    fixed = Statement("allow", "calls:*", "own")
    for scope in (Scope("customer"), Scope("team"), Scope("clients", frozenset({"zeta"}))):
        assert allowed_on(authority(bound(scope, fixed))) == {"mine"}


def test_a_scope_that_a_resource_has_no_attribute_for_grants_nothing() -> None:
    compiled = compile_authority(
        authority(bound(Scope("team"), Statement("allow", "*:*"))), CATALOG, 0
    )
    assert CATALOG.names(compiled.held) == ("calls:get", "calls:hangup", "calls:list")


def test_a_role_of_a_customer_does_not_reach_the_platform() -> None:
    everything = bound(Scope("customer"), Statement("allow", "*:*"))
    assert allowed_on(authority(everything), "system:get") == set()
    assert allowed_on(authority(everything), "customers:get") == {"mine", "team", "client", "other"}


def test_the_scope_project_reaches_every_row_of_the_platform() -> None:
    everything = bound(Scope("project"), Statement("allow", "*:*"))
    assert allowed_on(authority(everything), "customers:get") == set(ROWS)
    denied = Restriction("restriction", "customers:*", Scope("customer"))
    assert allowed_on(authority(everything, restrictions=(denied,)), "customers:get") == set()


@pytest.mark.parametrize(
    "ceiling", [{"plan": ("trunks:*",)}, {"token": ("trunks:*",)}, {"token": ()}, {"plan": ("?",)}]
)
def test_a_ceiling_cuts(ceiling: dict[str, tuple[str, ...]]) -> None:
    who = authority(bound(Scope("customer"), ALLOW))
    assert allowed_on(replace(who, **ceiling)) == set()


def test_a_ceiling_covers_sensitive_permissions_only_by_name() -> None:
    listen = authority(bound(Scope("own"), Statement("allow", "calls:listen")))
    assert allowed_on(replace(listen, token=("*:*",)), "calls:listen") == set()
    assert allowed_on(replace(listen, token=("calls:listen",)), "calls:listen") == {"mine"}


def test_a_frozen_customer_can_be_read() -> None:
    who = replace(authority(bound(Scope("customer"), ALLOW)), is_frozen=True)
    assert allowed_on(who) == set()
    assert allowed_on(who, "calls:get") == {"mine", "team", "client", "other"}


@pytest.mark.parametrize("change", [{"is_disabled": True}, {"principal_id": ""}])
def test_who_is_disabled_or_nobody_may_nothing(change: dict[str, object]) -> None:
    who = replace(authority(bound(Scope("customer"), ALLOW)), **change)
    assert allowed_on(who, "calls:get") == set()


def test_a_binding_counts_from_its_beginning_until_its_end() -> None:
    binding = replace(bound(Scope("own"), ALLOW), not_before=10.0, expires_at=20.0)
    seen = {now: bool(allowed_on(authority(binding), now=now)) for now in (9.9, 10, 19.9, 20)}
    assert seen == {9.9: False, 10: True, 19.9: True, 20: False}
    compiled = [compile_authority(authority(binding), CATALOG, now) for now in (0, 10, 20)]
    assert [one.valid_until for one in compiled] == [10, 20, None]


def test_what_is_unknown_allows_nothing() -> None:
    unknown: list[Binding] = [
        bound(Scope("galaxy"), ALLOW),  # type: ignore[arg-type]
        bound(Scope("galaxy"), Statement("allow", "calls:*", "own")),  # type: ignore[arg-type]
        bound(Scope("clients"), ALLOW),
        bound(Scope("clients", frozenset({""})), ALLOW),
        bound(Scope("customer"), Statement("allow", "calls:*", "galaxy")),  # type: ignore[arg-type]
        bound(Scope("customer"), Statement("maybe", "calls:*")),  # type: ignore[arg-type]
        bound(Scope("customer"), Statement("allow", "callz:*")),
    ]
    for binding in unknown:
        assert allowed_on(authority(binding)) == set()


def test_an_unknown_deny_denies_all_that_it_might_mean() -> None:
    everywhere = bound(Scope("customer"), ALLOW)
    unknown: list[Binding] = [
        bound(Scope("galaxy"), DENY),  # type: ignore[arg-type]
        bound(Scope("clients"), DENY),
        bound(Scope("customer"), Statement("deny", "calls:*", "galaxy")),  # type: ignore[arg-type]
        bound(Scope("customer"), Statement("maybe", "calls:*")),  # type: ignore[arg-type]
        bound(Scope("customer"), Statement("deny", "callz:*")),
    ]
    for binding in unknown:
        assert allowed_on(authority(everywhere, binding)) == set()
    restriction = Restriction("restriction", "callz:*", Scope("customer"))
    assert allowed_on(authority(everywhere, restrictions=(restriction,))) == set()


def test_a_row_without_client_is_no_clients() -> None:
    scope = Scope("clients", frozenset({"", "zeta"}))
    assert allowed_on(authority(bound(scope, ALLOW))) == {"client"}
    everywhere = bound(Scope("customer"), ALLOW)
    assert "mine" in allowed_on(authority(everywhere, bound(scope, DENY)))


def test_what_is_allowed_and_denied_for_the_same_reason_is_not_held() -> None:
    who = authority(bound(Scope("team"), ALLOW), bound(Scope("team"), DENY))
    assert compile_authority(who, CATALOG, 0).held == 0
