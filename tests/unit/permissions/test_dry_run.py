"""What a change would do, said before it is made."""

from fakes.permission_catalog import small_catalog
from switchroom.permissions.dry_run import (
    Difference,
    dry_run,
    with_binding,
    with_restriction,
    with_role,
    without_binding,
    without_restriction,
)
from switchroom.permissions.model import Authority, Binding, Restriction, Role, Scope, Statement

CATALOG = small_catalog()
READING = Role("r1", "reading", (Statement("allow", "calls:read"),), "acme")
OWN = Binding("b1", READING, Scope("own"))
ALICE = Authority("alice", "acme", frozenset({"t1"}), (OWN,))


def told(after: Authority, before: Authority = ALICE) -> list[tuple[str, str, str, bool, bool]]:
    found = dry_run(before, after, CATALOG, 0)
    return [(d.permission, d.before, d.after, d.is_gain, d.is_loss) for d in found]


def test_nothing_changes_for_what_stays() -> None:
    assert dry_run(ALICE, ALICE, CATALOG, 0) == ()


def test_a_wider_binding_is_a_gain() -> None:
    wider = with_binding(ALICE, Binding("b1", READING, Scope("team")))
    assert told(wider) == [
        ("calls:get", "own", "team", True, False),
        ("calls:list", "own", "team", True, False),
    ]


def test_a_restriction_is_a_loss_and_lifting_it_a_gain() -> None:
    less = with_restriction(ALICE, Restriction("x1", "calls:list", Scope("customer")))
    assert told(less) == [("calls:list", "own", "nothing", False, True)]
    assert told(without_restriction(less, "x1"), less) == [
        ("calls:list", "nothing", "own", True, False)
    ]


def test_a_changed_role_counts_wherever_it_is_bound() -> None:
    more = Role("r1", "reading", (Statement("allow", "calls:*"),), "acme")
    assert told(with_role(ALICE, more)) == [("calls:hangup", "nothing", "own", True, False)]
    assert told(with_role(ALICE, Role("r9", "other", ()))) == []


def test_a_move_is_gain_and_loss() -> None:
    client = Binding("b1", READING, Scope("clients", frozenset({"zeta"})))
    assert told(with_binding(ALICE, client))[0] == (
        "calls:get",
        "own",
        "clients zeta",
        True,
        True,
    )


def test_an_exception_is_said() -> None:
    all_but_own = Role(
        "r2", "others", (Statement("allow", "calls:get"), Statement("deny", "calls:get", "own"))
    )
    after = with_binding(
        without_binding(ALICE, "b1"), Binding("b2", all_but_own, Scope("customer"))
    )
    assert ("calls:get", "own", "customer but own", True, True) in told(after)


def test_the_platform_is_told_apart() -> None:
    staff = Role("r3", "staff", (Statement("allow", "customers:get"),))
    after = with_binding(ALICE, Binding("b3", staff, Scope("project")))
    assert dry_run(ALICE, after, CATALOG, 0) == (
        Difference("customers:get", "nothing", "project", True, False),
    )
