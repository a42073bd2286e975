"""What is written wrongly is said with its place and what to write instead."""

import pytest

from fakes.permission_catalog import small_catalog
from switchroom.permissions.model import Restriction, Role, Scope, Statement
from switchroom.permissions.validate import (
    CLIENTS_LIMIT,
    STATEMENTS_LIMIT,
    faults_of_binding,
    faults_of_ceiling,
    faults_of_restriction,
    faults_of_role,
    unreached,
)

CATALOG = small_catalog()


def role(*statements: Statement, id: str = "r1", name: str = "calls") -> Role:
    return Role(id, name, statements, "acme")


GOOD = role(Statement("allow", "calls:*"), Statement("deny", "calls:listen", "own"))


def test_a_good_role_has_no_faults() -> None:
    assert faults_of_role(GOOD, CATALOG) == ()
    assert faults_of_binding(GOOD, Scope("team"), CATALOG) == ()


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (role(Statement("allow", "calls:hangupp")), "statements[0].pattern"),
        (role(Statement("allow", "*:listen")), "statements[0].pattern"),
        (role(Statement("deny", "calls")), "statements[0].pattern"),
        (role(Statement("maybe", "calls:get")), "statements[0].effect"),  # type: ignore[arg-type]
        (role(Statement("allow", "calls:get", "project")), "statements[0].scope"),  # type: ignore[arg-type]
        (role(), "statements"),
        (role(*[Statement("allow", "calls:get")] * (STATEMENTS_LIMIT + 1)), "statements"),
        (role(Statement("allow", "calls:get"), name="owner"), "name"),
        (role(Statement("allow", "calls:get"), id="builtin:mine"), "name"),
    ],
)
def test_a_fault_of_a_role_has_its_place(bad: Role, field: str) -> None:
    assert [fault.field for fault in faults_of_role(bad, CATALOG)] == [field]


def test_a_fault_says_what_may_have_been_meant() -> None:
    (fault,) = faults_of_role(role(Statement("allow", "calls:hangupp")), CATALOG)
    assert "calls:hangup" in fault.text


def test_a_deny_may_name_sensitive_permissions_by_a_pattern() -> None:
    assert faults_of_role(role(Statement("deny", "*:listen")), CATALOG) == ()


@pytest.mark.parametrize(
    "scope",
    [
        Scope("galaxy"),  # type: ignore[arg-type]
        Scope("clients"),
        Scope("own", frozenset({"c1"})),
        Scope("clients", frozenset(str(n) for n in range(CLIENTS_LIMIT + 1))),
    ],
)
def test_a_bad_scope_is_refused(scope: Scope) -> None:
    assert faults_of_binding(GOOD, scope, CATALOG)
    assert faults_of_restriction(Restriction("x", "calls:*", scope), CATALOG)


def test_a_binding_that_comes_to_nothing_is_refused() -> None:
    trunks = role(Statement("allow", "trunks:*"))
    assert faults_of_binding(trunks, Scope("own"), CATALOG)[0].field == "scope"
    assert faults_of_binding(trunks, Scope("customer"), CATALOG) == ()
    assert faults_of_restriction(Restriction("x", "trunks:*", Scope("own")), CATALOG)


def test_what_a_scope_does_not_reach_is_named() -> None:
    mixed = role(Statement("allow", "trunks:get"), Statement("allow", "calls:get"))
    assert unreached(mixed, Scope("team"), CATALOG) == ("trunks:get",)
    assert unreached(mixed, Scope("customer"), CATALOG) == ()


def test_a_ceiling_is_checked_pattern_by_pattern() -> None:
    found = faults_of_ceiling(["calls:*", "calls:nothing"], CATALOG)
    assert [fault.field for fault in found] == ["ceiling[1]"]
    (fault,) = faults_of_ceiling(["calls:nothing"], CATALOG, "patterns")
    assert fault.field == "patterns[0]"
    assert faults_of_ceiling(["calls:*"] * (STATEMENTS_LIMIT + 1), CATALOG)
