"""Who may give and take roles and restrictions: the cases people ask about."""

from msgspec.structs import replace

from fakes.permission_catalog import small_catalog
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import (
    Asker,
    Refusal,
    bind,
    create_role,
    delete_role,
    edit_role,
    lift,
    restrict,
    unbind,
)
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Scope,
    Statement,
)

CATALOG = small_catalog()
EVERYWHERE = Scope("customer")
CALLS = Role("r1", "calls", (Statement("allow", "calls:*"),), "acme")
LISTEN = Role("r2", "listen", (Statement("allow", "calls:listen"),), "acme")
NO_HANGUP = Role("r3", "no hang-up", (Statement("deny", "calls:hangup"),), "acme")
BOB = Authority("bob", "acme")


def authority(*bindings: Binding, name: str = "alice") -> Authority:
    return Authority(name, "acme", frozenset({"t1"}), bindings)


def asker(*bindings: Binding, restrictions: tuple[Restriction, ...] = ()) -> Asker:
    who = replace(authority(*bindings), restrictions=restrictions)
    return Asker("Alice", compile_authority(who, CATALOG, 0), CATALOG, 0)


ADMIN = asker(Binding("b1", CALLS, EVERYWHERE))


def rule(refusal: Refusal | None) -> str:
    return "" if refusal is None else refusal.rule


def test_what_is_held_for_the_whole_customer_can_be_given_as_far_as_one_likes() -> None:
    clients = Scope("clients", frozenset({"c1"}))
    for scope in (EVERYWHERE, Scope("team"), Scope("own"), clients):
        assert bind(ADMIN, BOB, CALLS, scope) is None


def test_nobody_gives_what_he_does_not_hold_and_is_told_what() -> None:
    refusal = bind(ADMIN, BOB, LISTEN, Scope("own"))
    assert refusal is not None
    assert refusal.rule == "E1"
    assert refusal.missing == ("calls:listen",)
    assert refusal.text.startswith("Alice does not hold calls:listen")


def test_who_holds_it_for_his_team_cannot_give_it_for_another_team() -> None:
    lead = asker(Binding("b1", CALLS, Scope("team")))
    assert rule(bind(lead, BOB, CALLS, Scope("team"))) == "E1"


def test_who_holds_it_for_clients_gives_it_for_those_only() -> None:
    lead = asker(Binding("b1", CALLS, Scope("clients", frozenset({"c1", "c2"}))))
    assert bind(lead, BOB, CALLS, Scope("clients", frozenset({"c2"}))) is None
    assert rule(bind(lead, BOB, CALLS, Scope("clients", frozenset({"c2", "c3"})))) == "E1"
    assert rule(bind(lead, BOB, CALLS, EVERYWHERE)) == "E1"


def test_who_is_denied_it_anywhere_cannot_pass_it_round() -> None:
    own = (Restriction("x1", "calls:hangup", Scope("own")),)
    restricted = asker(Binding("b1", CALLS, EVERYWHERE), restrictions=own)
    refusal = bind(restricted, BOB, CALLS, EVERYWHERE)
    assert refusal is not None
    assert refusal.missing == ("calls:hangup",)
    assert rule(create_role(restricted, CALLS)) == "E1"


def test_the_platform_is_not_given_from_inside_a_customer() -> None:
    assert rule(bind(ADMIN, BOB, CALLS, Scope("project"))) == "E2"
    fixed = Role("r9", "own", (Statement("allow", "calls:*", "own"),), "acme")
    assert rule(bind(ADMIN, BOB, fixed, Scope("project"))) == "E2"


def test_an_unknown_scope_is_refused() -> None:
    assert rule(bind(ADMIN, BOB, CALLS, Scope("galaxy"))) == "E2"  # type: ignore[arg-type]
    assert rule(restrict(ADMIN, BOB, Restriction("x", "calls:*", Scope("clients")))) == "E2"


def test_only_who_can_do_as_much_may_deny_take_or_restrict() -> None:
    boss = authority(Binding("b9", LISTEN, Scope("own")), name="boss")
    assert rule(bind(ADMIN, boss, NO_HANGUP, EVERYWHERE)) == "E5"
    assert rule(unbind(ADMIN, boss, boss.bindings[0])) == "E5"
    assert rule(restrict(ADMIN, boss, Restriction("x", "calls:get", EVERYWHERE))) == "E5"
    equal = authority(Binding("b8", CALLS, EVERYWHERE), name="equal")
    assert bind(ADMIN, equal, NO_HANGUP, EVERYWHERE) is None
    assert unbind(ADMIN, equal, equal.bindings[0]) is None


def test_what_somebody_will_hold_counts_as_what_he_holds() -> None:
    later = authority(Binding("b9", LISTEN, EVERYWHERE, not_before=100), name="later")
    assert rule(unbind(ADMIN, later, later.bindings[0])) == "E5"
    paused = replace(authority(Binding("b9", LISTEN, EVERYWHERE), name="paused"), is_disabled=True)
    assert rule(unbind(ADMIN, paused, paused.bindings[0])) == "E5"
    over = authority(Binding("b9", LISTEN, EVERYWHERE, expires_at=0), name="over")
    assert unbind(ADMIN, over, over.bindings[0]) is None


def test_everybody_may_give_up_his_own_role() -> None:
    me = authority(Binding("b9", LISTEN, Scope("own")))
    assert unbind(ADMIN, me, me.bindings[0]) is None


def test_to_take_a_deny_off_is_to_grant() -> None:
    listener = replace(
        authority(Binding("b9", LISTEN, EVERYWHERE), name="bob"),
        restrictions=(Restriction("x1", "calls:listen", Scope("own")),),
    )
    assert rule(lift(ADMIN, listener, listener.restrictions[0])) == "E3"
    assert lift(ADMIN, BOB, Restriction("x1", "calls:listen", Scope("own"))) is None
    deny = Role("r5", "deaf", (Statement("deny", "calls:listen"),), "acme")
    both = authority(Binding("b9", LISTEN, EVERYWHERE), Binding("b8", deny, EVERYWHERE), name="bob")
    assert rule(unbind(ADMIN, both, both.bindings[1])) == "E3"


def test_nobody_lifts_his_own_restriction() -> None:
    own = (Restriction("x1", "calls:hangup", EVERYWHERE),)
    me = asker(Binding("b1", CALLS, EVERYWHERE), restrictions=own)
    target = replace(authority(Binding("b1", CALLS, EVERYWHERE)), restrictions=own)
    assert rule(lift(me, target, own[0])) == "E3"


def test_a_role_is_changed_by_who_holds_what_it_was_and_what_it_will_be() -> None:
    more = replace(CALLS, statements=(*CALLS.statements, Statement("allow", "calls:listen")))
    assert rule(edit_role(ADMIN, CALLS, more, ())) == "E1"
    assert rule(edit_role(ADMIN, more, CALLS, ())) == "E1"
    fewer = replace(CALLS, statements=(Statement("allow", "calls:get"),))
    assert edit_role(ADMIN, CALLS, fewer, ()) is None


def test_a_role_that_is_bound_for_the_platform_is_changed_by_who_holds_it_there() -> None:
    holder = authority(Binding("b9", CALLS, Scope("project")), name="sam")
    assert rule(edit_role(ADMIN, CALLS, CALLS, (holder,))) == "E1"


def test_a_deny_is_put_into_a_role_only_over_holders_who_can_do_less() -> None:
    strict = replace(CALLS, statements=(*CALLS.statements, *NO_HANGUP.statements))
    holder = authority(Binding("b9", CALLS, EVERYWHERE), name="bob")
    assert edit_role(ADMIN, CALLS, strict, (holder,)) is None
    boss = replace(holder, bindings=(*holder.bindings, Binding("b8", LISTEN, EVERYWHERE)))
    assert rule(edit_role(ADMIN, CALLS, strict, (boss,))) == "E5"


def test_a_deny_is_taken_out_of_a_role_only_by_who_could_grant_it() -> None:
    deaf = Role("r6", "deaf", (Statement("deny", "calls:listen"),), "acme")
    none = replace(deaf, statements=(Statement("allow", "calls:get"),))
    both = authority(Binding("b9", LISTEN, EVERYWHERE), Binding("b8", deaf, EVERYWHERE), name="bob")
    assert rule(edit_role(ADMIN, deaf, none, (both,))) == "E3"


def test_built_in_roles_stay_as_they_are() -> None:
    builtin = replace(CALLS, id="builtin:agent", customer_id="")
    assert rule(edit_role(ADMIN, builtin, CALLS, ())) == "E4"
    assert rule(delete_role(ADMIN, builtin, ())) == "E4"
    assert rule(create_role(ADMIN, builtin)) == "E4"


def test_to_delete_a_role_is_to_take_it_from_all() -> None:
    boss = authority(
        Binding("b9", CALLS, EVERYWHERE), Binding("b8", LISTEN, EVERYWHERE), name="boss"
    )
    assert delete_role(ADMIN, CALLS, ()) is None
    assert rule(delete_role(ADMIN, CALLS, (boss,))) == "E5"
