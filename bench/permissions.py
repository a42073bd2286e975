"""What a check, a filtered list and compiling cost, as ratios; ``make bench-permissions``.

The world of the checks: 60 permissions, 10 roles, 1000 agents. Beside our check stand Cedar with
policies and entities that it has parsed before, and Casbin with the same world as its own rules.
"""

import argparse
import json
import timeit
from collections.abc import Callable, Iterable
from itertools import islice
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import casbin  # type: ignore[import-untyped]  # it comes without types
import cedarpy
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.declare import Feature, Resource
from switchroom.permissions.model import Authority, Binding, Role, Row, Scope, Statement
from switchroom.store.overlaps import TagsColumn
from switchroom.store.tables.base import TAGS
from switchroom.store.visible import ScopeColumns, visible

RESOURCES, VERBS, ROLES, AGENTS, TAG_COUNT = 12, 5, 10, 1000, 20
TABLE_ROWS, PAGE, REPEATS = 100_000, 50, 7
EVERYWHERE = Scope("customer")

CASBIN_MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
"""

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("owner_id", String, nullable=False),
    Column("tag_ids", TAGS, nullable=False),
    Column("client_id", String, nullable=False),
    Index("ix_things_customer_id", "customer_id", "id"),
    Index("ix_things_owner_id", "customer_id", "owner_id", "id"),
)
COLUMNS = ScopeColumns(
    things.c.customer_id, (things.c.owner_id,), TagsColumn(things.c.tag_ids), things.c.client_id
)


class World:
    """Agents with two roles each: one for the whole customer, one for their team."""

    def __init__(self) -> None:
        random = Random(1)
        self.catalog = Catalog([Feature(tuple(_resource(n) for n in range(RESOURCES)))])
        names = [permission.name for permission in self.catalog.permissions]
        self.roles = [
            Role(
                f"r{n}", f"r{n}", tuple(Statement("allow", one) for one in random.sample(names, 15))
            )
            for n in range(ROLES)
        ]
        self.agents = [self._agent(random, number) for number in range(AGENTS)]
        self.compiled = [compile_authority(one, self.catalog, 0) for one in self.agents]

    def _agent(self, random: Random, number: int) -> Authority:
        whole, team = random.sample(self.roles, 2)
        bindings = (Binding("whole", whole, EVERYWHERE), Binding("team", team, Scope("team")))
        tags = frozenset({f"t{number % TAG_COUNT}"})
        return Authority(f"a{number}", "acme", tags, bindings)


def _resource(number: int) -> Resource:
    resource = Resource(f"things{number}", attributes=("owner", "tags", "client"))
    for verb in ("list", "get", "create", "update", "delete")[:VERBS]:
        resource.may(verb, "Do it")
    return resource


def main() -> None:
    options = _options()
    world = World()
    _checks(world)
    _compiling(world)
    _lists(world, options.rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=TABLE_ROWS, help="rows of the table of lists")
    return parser.parse_args()


def _checks(world: World) -> None:
    """One check, with what to ask prepared, as in a request that has found its row."""
    agent, compiled = world.agents[7], world.compiled[7]
    full = next(bit for bit in _bits(world) if compiled.full & bit)
    partly = next(iter(compiled.conditional))
    row = Row("acme", frozenset({"a8"}), agent.tag_ids)
    empty = _seconds(_nothing)
    print(f"an empty function: 1 ({empty * 1e9:.0f} ns)")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("our check, whole customer", lambda: allows(compiled, full, row)),
        ("our check, by team", lambda: allows(compiled, partly, row)),
        ("Cedar, everything parsed before", _cedar(world, full)),
        ("Casbin", _casbin(world, full)),
    ]
    for name, ask in rows:
        assert ask(), name
        # The lambda around it is part of what is measured, for all alike.
        print(f"{name}: {_seconds(ask) / empty:.1f}")


def _nothing() -> None:
    """What every check is compared with."""


def _bits(world: World) -> Iterable[int]:
    return (world.catalog.bit(permission) for permission in world.catalog.permissions)


def _cedar(world: World, bit: int) -> Callable[[], bool]:
    policies = cedarpy.PolicySet.from_str("\n".join(_cedar_policies(world)))
    entities = cedarpy.Entities.from_json_str(json.dumps(list(_cedar_entities(world))))
    request = {
        "principal": 'Agent::"a7"',
        "action": f"Action::{json.dumps(world.catalog.names(bit)[0])}",
        "resource": 'Thing::"one"',
    }
    return lambda: cedarpy.is_authorized(request, policies, entities).allowed


def _cedar_policies(world: World) -> Iterable[str]:
    for role in world.roles:
        actions = ", ".join(f"Action::{json.dumps(one.pattern)}" for one in role.statements)
        in_team = "resource.tags.containsAny(principal.tags) || resource.owner == principal"
        yield f'permit (principal in Role::"{role.id} whole", action in [{actions}], resource);'
        yield (
            f'permit (principal in Role::"{role.id} team", action in [{actions}], resource)'
            f" when {{ {in_team} }};"
        )


def _cedar_entities(world: World) -> Iterable[dict[str, Any]]:
    owner = {"__entity": {"type": "Agent", "id": "a8"}}
    thing = {"owner": owner, "tags": ["t7"]}
    yield {"uid": {"type": "Thing", "id": "one"}, "attrs": thing, "parents": []}
    for role in world.roles:
        for kind in ("whole", "team"):
            yield {"uid": {"type": "Role", "id": f"{role.id} {kind}"}, "attrs": {}, "parents": []}
    for agent in world.agents:
        yield {
            "uid": {"type": "Agent", "id": agent.principal_id},
            "attrs": {"tags": sorted(agent.tag_ids)},
            "parents": [{"type": "Role", "id": f"{b.role.id} {b.id}"} for b in agent.bindings],
        }


def _casbin(world: World, bit: int) -> Callable[[], bool]:
    with TemporaryDirectory() as directory:
        path = f"{directory}/model.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CASBIN_MODEL)
        enforcer = casbin.Enforcer(path)
    for role in world.roles:
        enforcer.add_policies([[role.id, *one.pattern.split(":")] for one in role.statements])
    whole = [[one.principal_id, one.bindings[0].role.id] for one in world.agents]
    enforcer.add_grouping_policies(whole)
    resource, verb = world.catalog.names(bit)[0].split(":")
    return lambda: bool(enforcer.enforce("a7", resource, verb))


def _compiling(world: World) -> None:
    seconds = _seconds(lambda: compile_authority(world.agents[7], world.catalog, 0))
    print(f"compiling an agent of two roles with 15 statements each: {seconds * 1e6:.0f} us")


def _lists(world: World, count: int) -> None:
    """The first page of what somebody sees, filtered in SQL and by checking row after row."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        _fill(connection, count)
        print(f"the first {PAGE} of {count} rows and how many there are, on SQLite:")
        for share, tags in (("a team of a twentieth", {"t7"}), ("a team of one", {"alone"})):
            _one_list(world, connection, share, frozenset(tags))
    engine.dispose()


def _fill(connection: Connection, count: int) -> None:
    random = Random(2)
    things.create(connection)
    rows = (
        {
            "id": number,
            "customer_id": f"c{number % 2}" if number % 5 == 0 else "acme",
            "owner_id": f"a{random.randrange(AGENTS)}",
            "tag_ids": [f"t{random.randrange(TAG_COUNT)}"],
            "client_id": f"k{random.randrange(10)}",
        }
        for number in range(count)
    )
    while chunk := list(islice(rows, 1000)):
        connection.execute(insert(things), chunk)


def _one_list(world: World, connection: Connection, share: str, tags: frozenset[str]) -> None:
    bit = world.catalog.bit("things0:list")
    role = Role("lister", "lister", (Statement("allow", "things0:list"),))
    binding = Binding("b", role, Scope("team"))
    compiled = compile_authority(Authority("a7", "acme", tags, (binding,)), world.catalog, 0)

    def filtered() -> tuple[list[int], int]:
        return _filtered(connection, compiled, bit)

    def checked_after() -> tuple[list[int], int]:
        return _checked_after(connection, compiled, bit)

    assert filtered() == checked_after()
    ratio = _seconds(checked_after, least_s=0.0) / _seconds(filtered, least_s=0.0)
    print(f"  {share} ({filtered()[1]} rows): in SQL 1, checked after {ratio:.1f}")


def _filtered(connection: Connection, compiled: Compiled, bit: int) -> tuple[list[int], int]:
    condition = visible(COLUMNS, compiled, bit)
    ids = list(connection.scalars(select(things.c.id).where(condition).order_by(things.c.id)))
    return ids[:PAGE], len(ids)


def _checked_after(connection: Connection, compiled: Compiled, bit: int) -> tuple[list[int], int]:
    query = select(things).where(things.c.customer_id == "acme").order_by(things.c.id)
    ids = [
        one.id
        for one in connection.execute(query)
        if allows(
            compiled,
            bit,
            Row("acme", frozenset({one.owner_id}), frozenset(one.tag_ids), one.client_id),
        )
    ]
    return ids[:PAGE], len(ids)


def _seconds(ask: Callable[[], object], *, least_s: float = 0.05) -> float:
    """Seconds of one call: the median of several runs, each long enough to be measured."""
    timer = timeit.Timer(ask)
    number = 1
    while (took := timer.timeit(number)) < least_s:
        number = max(number * 2, int(number * least_s / max(took, 1e-9)))
    return median(timer.repeat(REPEATS, number)) / number


if __name__ == "__main__":
    main()
