"""The condition in SQL, on the real tables: whose rows come back."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, insert, select, update

from switchroom.app.catalog import catalog
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Authority, Binding, Role, Scope, Statement
from switchroom.store.database import writing
from switchroom.store.overlaps import TagItself, TagsColumn, TagsOfAgents
from switchroom.store.tables.authority import MembershipRow, TagRow
from switchroom.store.tables.configuration import AgentRow, CustomerRow, GroupRow
from switchroom.store.visible import ScopeColumns, visible

AGENTS = ScopeColumns(
    AgentRow.customer_id,
    owners=(AgentRow.id,),
    tags=TagsOfAgents((AgentRow.id,)),
)
CUSTOMERS = ScopeColumns(CustomerRow.id)
GROUPS = ScopeColumns(GroupRow.customer_id, tags=TagsColumn(GroupRow.tag_ids))
TAGS = ScopeColumns(TagRow.customer_id, tags=TagItself(TagRow.id))
MAY_ALL = Statement("allow", "*:*")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Two customers; alice and bob of acme are in sales, carol in support, dave in no team."""
    with writing(engine) as connection:
        for customer in ("acme", "globex"):
            _insert_customer(connection, customer)
        for agent, tags in (("alice", ["sales"]), ("bob", ["sales", "late"]), ("dave", [])):
            _insert_agent(connection, agent, "acme", tags)
        _insert_agent(connection, "carol", "acme", ["support"])
        _insert_agent(connection, "eve", "globex", ["sales"])
        for group, tags in (("first", ["sales"]), ("second", ["support"]), ("third", [])):
            _insert_group(connection, group, tags)
        for tag in ("sales", "support"):
            row = {"id": tag, "customer_id": "acme", "name": tag, "text": ""}
            connection.execute(insert(TagRow).values(row))
        yield connection


def _insert_customer(connection: Connection, name: str) -> None:
    row = {"id": name, "name": name, "domain": name, "country": "US", "is_default": False}
    connection.execute(insert(CustomerRow).values(row))


def _insert_agent(connection: Connection, agent: str, customer: str, tags: list[str]) -> None:
    row = {
        "id": agent, "customer_id": customer, "username": agent, "name": agent, "number": "",
        "ring_method": "ring_all", "ring_timeout_s": 30, "capacity": 1,
        "follow_redirects": False,
    }  # fmt: skip
    connection.execute(insert(AgentRow).values(row))
    membership = {"agent_id": agent, "customer_id": customer, "tag_ids": tags}
    connection.execute(insert(MembershipRow).values(membership))


def _insert_group(connection: Connection, group: str, tags: list[str]) -> None:
    row = {
        "id": group, "customer_id": "acme", "name": group, "number": "",
        "ring_method": "ring_all", "ring_timeout_s": 30, "tag_ids": tags,
    }  # fmt: skip
    connection.execute(insert(GroupRow).values(row))


def authority(scope: Scope, *statements: Statement) -> Authority:
    binding = Binding("binding", Role("role", "role", statements or (MAY_ALL,)), scope)
    return Authority("alice", "acme", frozenset({"sales"}), (binding,))


def compiled(who: Authority) -> Compiled:
    return compile_authority(who, catalog(), 0)


def seen(connection: Connection, columns: ScopeColumns, who: Authority, name: str) -> set[str]:
    ids = {AGENTS: AgentRow.id, CUSTOMERS: CustomerRow.id, GROUPS: GroupRow.id, TAGS: TagRow.id}
    condition = visible(columns, compiled(who), catalog().bit(name))
    return set(connection.scalars(select(ids[columns]).where(condition)))


def test_a_customers_whole_is_its_own_rows(connection: Connection) -> None:
    who = authority(Scope("customer"))
    assert seen(connection, AGENTS, who, "agents:list") == {"alice", "bob", "carol", "dave"}
    assert seen(connection, CUSTOMERS, who, "customers:get") == {"acme"}


def test_own_is_the_asker(connection: Connection) -> None:
    assert seen(connection, AGENTS, authority(Scope("own")), "agents:list") == {"alice"}


def test_a_team_is_who_has_one_of_my_tags_now(connection: Connection) -> None:
    who = authority(Scope("team"))
    assert seen(connection, AGENTS, who, "agents:list") == {"alice", "bob"}
    assert seen(connection, GROUPS, who, "groups:list") == {"first"}
    assert seen(connection, TAGS, who, "tags:list") == {"sales"}
    connection.execute(update(MembershipRow).values(tag_ids=["sales"]))
    assert seen(connection, AGENTS, who, "agents:list") == {"alice", "bob", "carol", "dave"}


def test_without_a_tag_a_team_is_only_oneself(connection: Connection) -> None:
    who = replace(authority(Scope("team")), tag_ids=frozenset())
    assert seen(connection, AGENTS, who, "agents:list") == {"alice"}
    assert seen(connection, GROUPS, who, "groups:list") == set()


def test_a_deny_takes_rows_away_and_no_others(connection: Connection) -> None:
    team = Statement("deny", "*:read", "team")
    who = authority(Scope("customer"), MAY_ALL, team)
    assert seen(connection, AGENTS, who, "agents:list") == {"carol", "dave"}
    assert seen(connection, GROUPS, who, "groups:list") == {"second", "third"}
    assert seen(connection, AGENTS, who, "agents:update") == {"alice", "bob", "carol", "dave"}


def test_the_platform_sees_all_customers(connection: Connection) -> None:
    who = authority(Scope("project"))
    assert seen(connection, CUSTOMERS, who, "customers:list") == {"acme", "globex"}
    assert seen(connection, AGENTS, who, "agents:list") == set()


def test_a_query_that_has_memberships_itself_is_not_confused(connection: Connection) -> None:
    condition = visible(AGENTS, compiled(authority(Scope("team"))), catalog().bit("agents:list"))
    query = (
        select(AgentRow.id, MembershipRow.tag_ids)
        .join(MembershipRow, MembershipRow.agent_id == AgentRow.id)
        .where(condition)
    )
    assert {row.id for row in connection.execute(query)} == {"alice", "bob"}


def test_an_update_obeys_in_its_own_statement(connection: Connection) -> None:
    condition = visible(AGENTS, compiled(authority(Scope("team"))), catalog().bit("agents:update"))
    change = update(AgentRow).where(condition).values(name="changed")
    assert connection.execute(change).rowcount == 2
