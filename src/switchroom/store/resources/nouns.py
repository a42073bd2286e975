"""Every kind of configuration: where it lies, whose it is, how it is changed.

Another kind is another entry here and a file in ``api/routes/``.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, select

from switchroom.directory.model import Agent, Client, Customer, Group, Route, Tag
from switchroom.store.overlaps import TagItself, TagsColumn, TagsOfAgents
from switchroom.store.resources import addresses, agents, customers, extensions, numbers
from switchroom.store.resources.edits import (
    creating,
    deleting,
    refusing_while_used,
    updating,
)
from switchroom.store.resources.spec import Companion, Fields, Named, ResourceSpec
from switchroom.store.resources.trunks import TrunkEdits
from switchroom.store.rows import (
    ADDRESSES,
    AGENTS,
    CLIENTS,
    CUSTOMERS,
    EXTENSIONS,
    GROUP_MEMBERS,
    GROUPS,
    MEMBERSHIPS,
    NUMBERS,
    ROUTE_TRUNKS,
    ROUTES,
    TAGS,
    TRUNKS,
)
from switchroom.store.tables import metadata
from switchroom.store.visible import ScopeColumns

_ACCOUNTS = metadata.tables["accounts"]
_EXTENSION_AGENT = (
    select(ADDRESSES.c.agent_id)
    .where(
        ADDRESSES.c.customer_id == EXTENSIONS.c.customer_id,
        ADDRESSES.c.type == "extension",
        ADDRESSES.c.target == EXTENSIONS.c.number,
    )
    # Said, since it also stands inside other subqueries: there it would be of any extension.
    .correlate(EXTENSIONS)
    .scalar_subquery()
)

_AT_HOME = (
    select(AGENTS.c.id, MEMBERSHIPS.c.tag_ids, _ACCOUNTS.c.disabled_at)
    .join(
        MEMBERSHIPS,
        and_(
            MEMBERSHIPS.c.agent_id == AGENTS.c.id,
            MEMBERSHIPS.c.customer_id == AGENTS.c.customer_id,
        ),
    )
    .outerjoin(_ACCOUNTS, _ACCOUNTS.c.agent_id == AGENTS.c.id)
    .where(AGENTS.c.id.in_(bindparam("ids", expanding=True)))
)


_PLAN, _EPOCHS = metadata.tables["plan_statements"], metadata.tables["authority_epochs"]
_PLANS = (
    select(_PLAN.c.customer_id, _PLAN.c.pattern)
    .where(_PLAN.c.customer_id.in_(bindparam("ids", expanding=True)))
    .order_by(_PLAN.c.customer_id, _PLAN.c.position)
)
_FROZEN = select(_EPOCHS.c.subject, _EPOCHS.c.frozen_at).where(
    _EPOCHS.c.subject.in_(bindparam("subjects", expanding=True))
)


def resource_specs(directory: Path) -> Mapping[str, ResourceSpec]:
    """All of them by noun. ``directory``: the node's, for the passwords of trunks."""
    specs = (*_plain(), *_of_people(), *_of_telephony(directory))
    return {spec.noun: spec for spec in specs}


def _plain() -> tuple[ResourceSpec, ...]:
    return (
        ResourceSpec(
            noun="customers",
            table=CUSTOMERS,
            scope=ScopeColumns(CUSTOMERS.c.id),
            create=creating("customers", Customer),
            update=customers.update,
            delete=customers.delete,
            sorts=("name", "id"),
            equal=("name", "domain"),
            companions=(_standing,),
        ),
        ResourceSpec(
            noun="clients",
            table=CLIENTS,
            scope=ScopeColumns(CLIENTS.c.customer_id, client=CLIENTS.c.id),
            create=creating("clients", Client),
            update=updating("clients", Client),
            delete=refusing_while_used("clients"),
            sorts=("name", "id"),
            equal=("name",),
        ),
        ResourceSpec(
            noun="tags",
            table=TAGS,
            scope=ScopeColumns(TAGS.c.customer_id, tags=TagItself(TAGS.c.id)),
            create=creating("tags", Tag),
            update=updating("tags", Tag),
            delete=refusing_while_used("tags"),
            sorts=("name", "id"),
            equal=("name",),
        ),
        ResourceSpec(
            noun="routes",
            table=ROUTES,
            scope=ScopeColumns(ROUTES.c.customer_id),
            create=creating("routes", Route),
            update=updating("routes", Route),
            delete=deleting("routes"),
            sorts=("prefix", "id"),
            equal=("prefix",),
            companions=(_listed("trunk_ids", ROUTE_TRUNKS, "route_id", "trunk_id"),),
            references=lambda fields: _each(fields, "trunk_ids", "trunks"),
        ),
        ResourceSpec(
            noun="groups",
            table=GROUPS,
            scope=ScopeColumns(GROUPS.c.customer_id, tags=TagsColumn(GROUPS.c.tag_ids)),
            create=creating("groups", Group),
            update=updating("groups", Group),
            delete=refusing_while_used("groups"),
            sorts=("name", "number", "id"),
            equal=("name", "number"),
            companions=(_listed("member_ids", GROUP_MEMBERS, "group_id", "member_id"),),
            references=lambda fields: (
                *_each(fields, "member_ids", "agents", "groups"),
                *_each(fields, "tag_ids", "tags"),
            ),
        ),
    )


def _of_people() -> tuple[ResourceSpec, ...]:
    its_tags = TagsOfAgents((AGENTS.c.id,))
    scope = ScopeColumns(AGENTS.c.customer_id, (AGENTS.c.id,), its_tags)
    address_tags = TagsOfAgents((ADDRESSES.c.agent_id,))
    return (
        ResourceSpec(
            noun="agents",
            table=AGENTS,
            scope=scope,
            create=agents.create,
            update=updating("agents", Agent),
            delete=refusing_while_used("agents"),
            sorts=("username", "name", "number", "id"),
            equal=("username", "name", "number"),
            companions=(_at_home,),
            hidden=frozenset({"dial"}),
            references=lambda fields: _each(fields, "tag_ids", "tags"),
        ),
        ResourceSpec(
            noun="agent_addresses",
            table=ADDRESSES,
            scope=ScopeColumns(ADDRESSES.c.customer_id, (ADDRESSES.c.agent_id,), address_tags),
            create=addresses.create,
            update=addresses.update,
            delete=addresses.delete,
            sorts=("target", "agent_id", "position", "id"),
            equal=("agent_id", "type", "target"),
            references=addresses.references,
        ),
    )


def _of_telephony(directory: Path) -> tuple[ResourceSpec, ...]:
    trunks = TrunkEdits(directory)
    owner_tags = TagsOfAgents((_EXTENSION_AGENT,))
    return (
        ResourceSpec(
            noun="extensions",
            table=EXTENSIONS,
            scope=ScopeColumns(EXTENSIONS.c.customer_id, (_EXTENSION_AGENT,), owner_tags),
            create=extensions.create,
            update=extensions.update,
            delete=extensions.delete,
            sorts=("number", "id"),
            equal=("number",),
            hidden=frozenset({"ha1_md5", "ha1_sha256", "secret"}),
            edits={"rotate_secret": extensions.rotate_secret},
        ),
        ResourceSpec(
            noun="trunks",
            table=TRUNKS,
            scope=ScopeColumns(TRUNKS.c.customer_id),
            create=trunks.create,
            update=trunks.update,
            delete=refusing_while_used("trunks"),
            sorts=("name", "id"),
            equal=("name",),
            hidden=frozenset({"secret", "secret_check"}),
            edits={"rotate_secret": trunks.rotate_secret},
        ),
        ResourceSpec(
            noun="numbers",
            table=NUMBERS,
            scope=ScopeColumns(NUMBERS.c.customer_id, client=NUMBERS.c.client_id),
            create=numbers.create,
            update=numbers.update,
            delete=deleting("numbers"),
            sorts=("e164", "id"),
            equal=("e164", "client_id"),
            shape=numbers.shape,
            references=numbers.references,
        ),
    )


def _each(fields: Fields, field: str, *resources: str) -> Iterable[Named]:
    for index, id in enumerate(fields.get(field) or ()):
        yield Named((field, index), resources, id)


def _listed(field: str, table: Table, parent: str, column: str) -> Companion:
    """A list in the thing that is rows of another table, in their order."""

    query = (
        select(table.c[parent], table.c[column])
        .where(table.c[parent].in_(bindparam("ids", expanding=True)))
        .order_by(table.c[parent], table.c.position)
    )

    def read(connection: Connection, ids: Sequence[str]) -> Mapping[str, Fields]:
        found: dict[str, list[Any]] = {id: [] for id in ids}
        for id, value in connection.execute(query, {"ids": list(ids)}):
            found[id].append(value)
        return {id: {field: values} for id, values in found.items()}

    return read


def _at_home(connection: Connection, ids: Sequence[str]) -> Mapping[str, Fields]:
    """An agent's teams at home, and whether his account is closed."""
    rows = connection.execute(_AT_HOME, {"ids": list(ids)})
    found = {id: {"tag_ids": list(tags), "disabled_at": closed} for id, tags, closed in rows}
    return {id: found.get(id, {"tag_ids": [], "disabled_at": None}) for id in ids}


def _standing(connection: Connection, ids: Sequence[str]) -> Mapping[str, Fields]:
    """What the platform says of customers: what they bought, and since when they are frozen."""
    found: dict[str, dict[str, Any]] = {id: {"plan": [], "frozen_at": None} for id in ids}
    for id, pattern in connection.execute(_PLANS, {"ids": list(ids)}):
        found[id]["plan"].append(pattern)
    subjects = {f"customer:{id}": id for id in ids}
    for subject, since in connection.execute(_FROZEN, {"subjects": list(subjects)}):
        found[subjects[subject]]["frozen_at"] = since
    return found
