"""A refusal says why, and what would help."""

import pytest
from msgspec.structs import replace

from fakes.permission_catalog import small_catalog
from switchroom.permissions.catalog import UnknownPatternError
from switchroom.permissions.explain import Decision, explain, who_can, why_not
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
MINE = Row("acme", frozenset({"alice"}))
OTHER = Row("acme", frozenset({"bob"}))
ALL_CALLS = Role("r1", "calls", (Statement("allow", "calls:*"),), "acme")
NO_HANGUP = Role("r2", "no hang-up", (Statement("deny", "calls:hangup"),), "acme")
EVERYWHERE = Scope("customer")
ALICE = Authority("alice", "acme", bindings=(Binding("b1", ALL_CALLS, EVERYWHERE),))


def asked(who: Authority, row: Row | None = OTHER, name: str = "calls:hangup") -> Decision:
    return explain(who, CATALOG, name, row, 10, (ALL_CALLS, NO_HANGUP))


def test_an_allow_names_the_statement() -> None:
    decision = asked(ALICE)
    assert decision.allowed
    assert decision.code == "allowed"
    (reason,) = decision.because
    assert (reason.via, reason.role, reason.statement, reason.scope) == (
        "role",
        "calls",
        "calls:*",
        "customer",
    )
    assert decision.roles_that_would == ()


def test_a_deny_is_told_beside_what_allows_and_what_is_left() -> None:
    denied = replace(ALICE, bindings=(*ALICE.bindings, Binding("b2", NO_HANGUP, EVERYWHERE)))
    decision = asked(replace(denied, restrictions=(Restriction("x1", "*:*", Scope("own")),)), MINE)
    assert decision.code == "explicit_deny"
    assert [(one.effect, one.via, one.id) for one in decision.because] == [
        ("allow", "role", "b1"),
        ("deny", "role", "b2"),
        ("deny", "restriction", "x1"),
    ]
    assert decision.held == ("calls:get", "calls:list")
    assert decision.roles_that_would == ()


def test_without_any_statement_a_role_is_named_that_would_help() -> None:
    decision = asked(replace(ALICE, bindings=()))
    assert decision.code == "implicit_deny"
    assert decision.because == ()
    assert decision.roles_that_would == ("r1",)


@pytest.mark.parametrize(
    ("who", "row", "code", "text"),
    [
        (
            replace(ALICE, bindings=(Binding("b", ALL_CALLS, Scope("own")),)),
            OTHER,
            "out_of_scope",
            "does not reach this one",
        ),
        (ALICE, Row("globex"), "out_of_scope", "does not reach this one"),
        (replace(ALICE, token=("trunks:*",)), OTHER, "token_ceiling", "its ceiling leaves out"),
        (replace(ALICE, plan=("trunks:*",)), OTHER, "plan_ceiling", "plan leaves out"),
        (replace(ALICE, is_frozen=True), OTHER, "customer_frozen", "is frozen"),
        (replace(ALICE, is_disabled=True), OTHER, "disabled", "may not be used here"),
        (replace(ALICE, bindings=()), OTHER, "implicit_deny", "you need the permission"),
        (
            replace(ALICE, restrictions=(Restriction("x", "calls:*", EVERYWHERE),)),
            OTHER,
            "explicit_deny",
            "a restriction of yours denies",
        ),
        (
            replace(ALICE, bindings=(Binding("b", ALL_CALLS, EVERYWHERE, expires_at=10),)),
            OTHER,
            "expired_binding",
            "is not in force",
        ),
        (
            replace(ALICE, bindings=(Binding("b", ALL_CALLS, EVERYWHERE, not_before=11),)),
            OTHER,
            "expired_binding",
            "is not in force",
        ),
    ],
)
def test_code_and_sentence_say_what_stands_in_the_way(
    who: Authority, row: Row, code: str, text: str
) -> None:
    decision = asked(who, row)
    assert decision.code == code
    assert text in why_not(decision)


def test_a_role_that_is_not_in_force_is_shown() -> None:
    ended = Binding("b", ALL_CALLS, EVERYWHERE, expires_at=10)
    decision = asked(replace(ALICE, bindings=(ended,)))
    assert [reason.id for reason in decision.because] == ["b"]


def test_a_statement_that_does_not_reach_so_far_is_shown() -> None:
    decision = asked(replace(ALICE, bindings=(Binding("b", ALL_CALLS, Scope("own")),)))
    assert [reason.scope for reason in decision.because] == ["own"]


def test_another_customers_row_is_spoken_to_by_nothing_of_this_one() -> None:
    staff = Role("r3", "staff", (Statement("allow", "customers:get"),), "acme")
    both = (Binding("b1", staff, Scope("project")), Binding("b2", staff, EVERYWHERE))
    decision = asked(replace(ALICE, bindings=both), Row("globex"), "customers:get")
    assert [reason.id for reason in decision.because] == ["b1"]


def test_without_a_row_it_is_asked_whether_it_is_held_at_all() -> None:
    own = replace(ALICE, bindings=(Binding("b", ALL_CALLS, Scope("own")),))
    assert asked(own, None).allowed
    assert asked(own, None, "trunks:get").code == "implicit_deny"


def test_a_former_name_is_explained_by_the_name_of_today() -> None:
    assert asked(ALICE, name="calls:end").permission == "calls:hangup"
    with pytest.raises(UnknownPatternError, match="did you mean"):
        asked(ALICE, name="calls:hangupp")


def test_who_can_names_those_who_may() -> None:
    bob = replace(ALICE, principal_id="bob", bindings=())
    found = who_can((ALICE, bob), CATALOG, "calls:hangup", MINE, 10)
    assert [name for name, decision in found if decision.allowed] == ["alice"]
