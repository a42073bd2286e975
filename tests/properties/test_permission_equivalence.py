"""One rule, told five times: naive, compiled, SQL, explanation and Cedar agree about everything.

The invariants I1 to I16 are those of the guide about permissions.
"""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, insert

from fakes.cedar_oracle import cedar_allows
from fakes.effort import cases
from fakes.naive_permissions import naive_allows
from fakes.permission_catalog import small_catalog
from fakes.permission_table import AGENTS_TAGS, columns_of, fill, seen
from fakes.permission_worlds import THINGS, Worlds, random_authority
from switchroom.app.catalog import catalog as real_catalog
from switchroom.permissions.catalog import Catalog, is_wild
from switchroom.permissions.check import allows, holds
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.declare import Permission
from switchroom.permissions.explain import explain
from switchroom.permissions.lines import granted
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Row,
    Scope,
    Statement,
)
from switchroom.permissions.switch import switched
from switchroom.store.tables import metadata

SMALL = small_catalog()
SEEDS = st.integers(0, 2**48)
TIMES = st.sampled_from([0.0, 10.0, 15.0, 20.0, 40.0])
ON_A_DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def examples(usual: int) -> settings:
    return settings(max_examples=cases(usual), deadline=None, suppress_health_check=ON_A_DATABASE)


def allowed_things(compiled: Compiled, catalog: Catalog, permission: Permission) -> frozenset[int]:
    bit = catalog.bit(permission)
    return frozenset(
        thing.id for thing in THINGS if allows(compiled, bit, thing.row(permission, catalog))
    )


def naive_things(
    who: Authority, catalog: Catalog, permission: Permission, now: float
) -> frozenset[int]:
    return frozenset(
        thing.id
        for thing in THINGS
        if naive_allows(who, catalog, permission, thing.row(permission, catalog), now)
    )


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """All things there can be; never committed, so that memberships need no agents."""
    with engine.connect() as connection, connection.begin() as transaction:
        fill(connection)
        rows = [
            {"agent_id": agent, "customer_id": "acme", "tag_ids": list(tags)}
            for agent, tags in AGENTS_TAGS.items()
        ]
        connection.execute(insert(metadata.tables["memberships"]), rows)
        yield connection
        transaction.rollback()


@examples(60)
@given(SEEDS, TIMES)
def test_i7_compiled_decides_as_naive_does(seed: int, now: float) -> None:
    who = random_authority(Random(seed), SMALL)
    compiled = compile_authority(who, SMALL, now)
    for permission in SMALL.permissions:
        expected = naive_things(who, SMALL, permission, now)
        assert allowed_things(compiled, SMALL, permission) == expected
        # Held means that there is a row it is allowed on, in a customer or on the platform.
        assert holds(compiled, SMALL.bit(permission)) == bool(expected)


@examples(6)
@given(SEEDS, TIMES)
def test_i7_the_real_catalogue_too(seed: int, now: float) -> None:
    catalog, random = real_catalog(), Random(seed)
    who = random_authority(random, catalog)
    compiled = compile_authority(who, catalog, now)
    for permission in random.sample(catalog.permissions, 5):
        expected = naive_things(who, catalog, permission, now)
        assert allowed_things(compiled, catalog, permission) == expected


@examples(30)
@given(SEEDS, TIMES)
def test_i7_cedar_decides_the_same(seed: int, now: float) -> None:
    random = Random(seed)
    who = random_authority(random, SMALL)
    compiled = compile_authority(who, SMALL, now)
    asked = [
        (permission, thing)
        for permission in SMALL.permissions
        for thing in random.sample(THINGS, 20)
    ]
    decided = [
        allows(compiled, SMALL.bit(permission), thing.row(permission, SMALL))
        for permission, thing in asked
    ]
    assert decided == cedar_allows(who, SMALL, asked, now)


@examples(40)
@given(seed=SEEDS, now=TIMES)
def test_i8_sql_finds_exactly_what_is_allowed(
    connection: Connection, seed: int, now: float
) -> None:
    compiled = compile_authority(random_authority(Random(seed), SMALL), SMALL, now)
    for permission in SMALL.permissions:
        columns = columns_of(permission, SMALL)
        found = seen(connection, columns, compiled, SMALL.bit(permission))
        assert found == allowed_things(compiled, SMALL, permission)


@examples(30)
@given(seed=SEEDS, now=TIMES, spaced=st.booleans())
def test_i8_sql_finds_the_tags_that_agents_have(
    connection: Connection, seed: int, now: float, spaced: bool
) -> None:
    compiled = compile_authority(random_authority(Random(seed), SMALL), SMALL, now)
    for permission in (SMALL.permission("calls:get"), SMALL.permission("calls:hangup")):
        columns = columns_of(permission, SMALL, derived=True, spaced=spaced)
        expected = set()
        for thing in THINGS:
            tags = {tag for agent in thing.owners for tag in AGENTS_TAGS[agent]}
            row = replace(
                thing.row(permission, SMALL),
                tag_ids=frozenset(tags if thing.customer_id == "acme" else ()),
            )
            if allows(compiled, SMALL.bit(permission), row):
                expected.add(thing.id)
        assert seen(connection, columns, compiled, SMALL.bit(permission)) == expected


@examples(30)
@given(seed=SEEDS)
def test_i9_what_may_be_listed_and_got_is_found_by_one_condition(
    connection: Connection, seed: int
) -> None:
    """A list asks for list and get together; then whatever is listed can be got."""
    compiled = compile_authority(random_authority(Random(seed), SMALL), SMALL, 0)
    columns = columns_of(SMALL.permission("calls:list"), SMALL)
    listed = seen(connection, columns, compiled, SMALL.bit("calls:list"))
    got = seen(connection, columns, compiled, SMALL.bit("calls:get"))
    both = {
        thing.id
        for thing in THINGS
        if thing.id in listed
        and allows(
            compiled, SMALL.bit("calls:get"), thing.row(SMALL.permission("calls:get"), SMALL)
        )
    }
    assert both == listed & got


@given(SEEDS)
def test_i1_without_a_statement_nothing_is_allowed(seed: int) -> None:
    who = replace(random_authority(Random(seed), SMALL), bindings=())
    assert compile_authority(who, SMALL, 0).held == 0


@examples(60)
@given(SEEDS)
def test_i2_a_deny_wins_in_any_order(seed: int) -> None:
    random = Random(seed)
    who = random_authority(random, SMALL)
    mixed = [
        replace(one, role=replace(one.role, statements=one.role.statements[::-1]))
        for one in who.bindings
    ]
    random.shuffle(mixed)
    other = replace(who, bindings=tuple(mixed), restrictions=who.restrictions[::-1])
    first, second = (compile_authority(one, SMALL, 15) for one in (who, other))
    for permission in SMALL.permissions:
        assert allowed_things(first, SMALL, permission) == allowed_things(second, SMALL, permission)
    denied = replace(
        who, restrictions=(*who.restrictions, Restriction("x", "*:*", Scope("customer")))
    )
    assert compile_authority(denied, SMALL, 15).held == 0


@given(SEEDS)
def test_i3_nothing_of_another_customer_is_allowed(seed: int) -> None:
    compiled = compile_authority(random_authority(Random(seed), SMALL), SMALL, 15)
    for permission in SMALL.permissions:
        if not SMALL.resource(permission.resource).is_platform:
            found = allowed_things(compiled, SMALL, permission)
            assert all(thing.customer_id == "acme" for thing in THINGS if thing.id in found)


@examples(40)
@given(SEEDS, st.booleans())
def test_i4_an_allow_never_takes_and_a_deny_never_gives(seed: int, is_deny: bool) -> None:
    random = Random(seed)
    who = random_authority(random, SMALL)
    worlds = Worlds(random, SMALL)
    statement = Statement("deny" if is_deny else "allow", worlds.pattern())
    binding = Binding("new", Role("new", "new", (statement,)), worlds.scope())
    more = replace(who, bindings=(*who.bindings, binding))
    before, after = (compile_authority(one, SMALL, 15) for one in (who, more))
    for permission in SMALL.permissions:
        was, is_now = (allowed_things(one, SMALL, permission) for one in (before, after))
        assert is_now <= was if is_deny else was <= is_now


@examples(60)
@given(SEEDS, TIMES)
def test_i5_a_key_never_allows_what_its_owner_may_not(seed: int, now: float) -> None:
    random = Random(seed)
    who = replace(random_authority(random, SMALL), token=None)
    ceiling = tuple(Worlds(random, SMALL).pattern() for _ in range(random.randint(0, 4)))
    owner, key = (compile_authority(one, SMALL, now) for one in (who, replace(who, token=ceiling)))
    for permission in SMALL.permissions:
        assert allowed_things(key, SMALL, permission) <= allowed_things(owner, SMALL, permission)


@examples(60)
@given(SEEDS, TIMES)
def test_i6_a_plan_is_a_ceiling(seed: int, now: float) -> None:
    random = Random(seed)
    plan = (Worlds(random, SMALL).pattern(),)
    who = replace(random_authority(random, SMALL), plan=plan)
    compiled = compile_authority(who, SMALL, now)
    assert not compiled.held & ~granted(plan[0], SMALL)


def test_i11_no_pattern_grants_a_sensitive_permission() -> None:
    for catalog in (SMALL, real_catalog()):
        resources = ["*", *(one.name for one in catalog.resources)]
        verbs = ["*", "read", *(one.verb for one in catalog.permissions)]
        for pattern in (f"{resource}:{verb}" for resource in resources for verb in verbs):
            if is_wild(pattern):
                assert not granted(pattern, catalog) & catalog.sensitive


@given(SEEDS, TIMES)
def test_i12_compiling_is_pure(seed: int, now: float) -> None:
    who = random_authority(Random(seed), SMALL)
    again = random_authority(Random(seed), small_catalog())
    assert compile_authority(who, SMALL, now) == compile_authority(again, small_catalog(), now)


@examples(60)
@given(SEEDS)
def test_i15_nothing_changes_before_valid_until(seed: int) -> None:
    who, now = random_authority(Random(seed), SMALL), 0.0
    while True:
        compiled = compile_authority(who, SMALL, now)
        if compiled.valid_until is None:
            break
        assert compiled.valid_until > now
        just_before = compile_authority(who, SMALL, compiled.valid_until - 0.001)
        assert replace(just_before, valid_until=None) == replace(compiled, valid_until=None)
        now = compiled.valid_until
    assert compile_authority(who, SMALL, 1e12) == compiled


@examples(50)
@given(SEEDS, TIMES)
def test_i16_the_explanation_is_of_the_decision(seed: int, now: float) -> None:
    random = Random(seed)
    who = random_authority(random, SMALL)
    compiled = compile_authority(who, SMALL, now)
    for permission in SMALL.permissions:
        bit = SMALL.bit(permission)
        thing = random.choice(THINGS)
        row = thing.row(permission, SMALL)
        decision = explain(who, SMALL, permission, row, now)
        assert decision.allowed == allows(compiled, bit, row)
        assert (decision.code == "allowed") == decision.allowed
        effects = [reason.effect for reason in decision.because]
        if decision.allowed:
            assert effects
            assert set(effects) == {"allow"}
        if decision.code == "explicit_deny":
            assert "deny" in effects
        if decision.code == "implicit_deny":
            assert "allow" not in effects
        assert explain(who, SMALL, permission, None, now).allowed == holds(compiled, bit)


@examples(60)
@given(SEEDS, TIMES)
def test_staff_have_in_a_customer_no_more_than_at_the_scope_project(seed: int, now: float) -> None:
    home = random_authority(Random(seed), SMALL)
    there = compile_authority(switched(home, "globex"), SMALL, now)
    at_home = compile_authority(home, SMALL, now)
    assert not there.held & ~at_home.beyond
    assert there.project == there.beyond == 0
    assert not there.conditional
    foreign = Row("acme", frozenset({"alice"}))
    assert not any(allows(there, SMALL.bit(p), foreign) for p in SMALL.permissions)
