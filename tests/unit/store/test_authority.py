"""What is stored of somebody's authority comes back whole, and only where it counts."""

import msgspec
import pytest
from sqlalchemy import Engine

from fakes.people import People
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Scope,
    Statement,
)
from switchroom.store.authority import load_authority, read_roles

AGENT = Role("builtin:agent", "agent", (Statement("allow", "calls:read", "own"),))
OWNER = Role("builtin:platform_owner", "platform_owner", (Statement("allow", "*:*"),))
BUILTIN = {role.id: role for role in (AGENT, OWNER)}


@pytest.fixture
def people(engine: Engine) -> People:
    made = People(engine)
    made.customer()
    made.customer("zeta")
    made.client("c1")
    made.agent(tag_ids=["t1", "t2"])
    made.account()
    return made


def load(people: People, customer_id: str = "acme", *, is_switched: bool = False) -> Authority:
    with people.engine.connect() as connection:
        return load_authority(
            connection, "alice", customer_id, builtin=BUILTIN, is_switched=is_switched
        )


def test_everything_that_is_stored_comes_back(people: People) -> None:
    people.role("r1", ("allow", "calls:*", ""), ("deny", "calls:hangup", "team"))
    people.binding("b1", builtin="agent", not_before=5.0, expires_at=6.0)
    people.binding("b2", role_id="r1", scope_kind="clients", client_ids=["c1"])
    people.restriction("x1", scope_kind="own")
    people.add("plan_statements", customer_id="acme", position=1, pattern="agents:*")
    people.add("plan_statements", customer_id="acme", position=0, pattern="calls:*")

    statements = (Statement("allow", "calls:*"), Statement("deny", "calls:hangup", "team"))
    assert load(people) == Authority(
        "alice",
        "acme",
        tag_ids=frozenset({"t1", "t2"}),
        bindings=(
            Binding("b1", AGENT, Scope("customer"), 5.0, 6.0),
            Binding(
                "b2", Role("r1", "r1", statements, "acme"), Scope("clients", frozenset({"c1"}))
            ),
        ),
        restrictions=(Restriction("x1", "calls:hangup", Scope("own")),),
        plan=("calls:*", "agents:*"),
    )


def test_a_guest_has_what_he_holds_where_he_is_and_no_more(people: People) -> None:
    people.binding("b1", builtin="platform_owner", scope_kind="project")
    people.member("alice", "zeta", tag_ids=["z1"])
    people.binding("b2", builtin="agent", customer_id="zeta", scope_kind="own")
    people.restriction("x1")

    found = load(people, "zeta")

    assert [binding.id for binding in found.bindings] == ["b2"]
    assert found.restrictions == ()
    assert found.tag_ids == {"z1"}
    assert not found.is_disabled


def test_staff_who_switched_have_their_project_bindings_cut_to_the_customer(people: People) -> None:
    people.binding("b1", builtin="platform_owner", scope_kind="project")
    people.binding("b2", builtin="agent")
    people.restriction("x1", scope_kind="own")

    found = load(people, "zeta", is_switched=True)

    assert found.customer_id == "zeta"
    assert {b.id for b in found.bindings} == {"b1"}
    assert Scope("customer") in {b.scope for b in found.bindings}
    assert [x.scope for x in found.restrictions] == [Scope("customer")]
    assert found.tag_ids == frozenset()
    assert not found.is_disabled


def test_who_is_no_member_is_disabled(people: People) -> None:
    people.binding("b1", builtin="agent", customer_id="zeta")

    assert load(people, "zeta").is_disabled
    with people.engine.connect() as connection:
        assert load_authority(connection, "nobody", "acme", builtin=BUILTIN).is_disabled


@pytest.mark.parametrize("cause", ["account", "membership"])
def test_who_is_disabled_is_said_to_be(people: People, cause: str) -> None:
    people.agent("bob", disabled_at=1.0 if cause == "membership" else None)
    people.account("bob", disabled_at=1.0 if cause == "account" else None)

    with people.engine.connect() as connection:
        assert load_authority(connection, "bob", "acme", builtin=BUILTIN).is_disabled


def test_a_frozen_customer_is_said_to_be(people: People) -> None:
    people.add("authority_epochs", subject="customer:acme", epoch=1, frozen_at=2.0)

    assert load(people).is_frozen


def test_a_built_in_role_that_is_gone_grants_nothing(people: People) -> None:
    people.binding("b1", builtin="astronaut")

    assert load(people).bindings[0].role.statements == ()


@pytest.mark.parametrize("what", ["scope", "effect", "fixed scope"])
def test_what_no_version_writes_allows_nothing(people: People, what: str) -> None:
    effect = "perhaps" if what == "effect" else "allow"
    fixed = "galaxy" if what == "fixed scope" else ""
    people.role("r1", (effect, "calls:*", fixed))
    people.binding("b1", role_id="r1", scope_kind="galaxy" if what == "scope" else "customer")

    with pytest.raises(msgspec.ValidationError):
        load(people)


def test_roles_of_a_customer_are_listed_with_their_statements(people: People) -> None:
    people.role("r2", ("allow", "calls:list", ""))
    people.role("r1")
    people.role("other", ("allow", "calls:list", ""), customer_id="zeta")

    with people.engine.connect() as connection:
        roles = read_roles(connection, "acme")

    assert [(role.id, len(role.statements)) for role in roles] == [("r1", 0), ("r2", 1)]
