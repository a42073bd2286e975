"""The configuration as rows of its tables, and back. Both ways in one place, so they agree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Table

from switchroom.directory.model import (
    Agent,
    Client,
    Configuration,
    Customer,
    Extension,
    Group,
    Number,
    Route,
    Tag,
    Target,
    Trunk,
)
from switchroom.store.stored import Origin, Stored
from switchroom.store.tables import metadata

Row = Mapping[str, Any]
"Column names and values, as JSON has them: lists, no tuples."
Rows = Mapping[Table, Sequence[Row]]

CUSTOMERS = metadata.tables["customers"]
CLIENTS = metadata.tables["clients"]
TAGS = metadata.tables["tags"]
EXTENSIONS = metadata.tables["extensions"]
TRUNKS = metadata.tables["trunks"]
ROUTES = metadata.tables["routes"]
ROUTE_TRUNKS = metadata.tables["route_trunks"]
AGENTS = metadata.tables["agents"]
MEMBERSHIPS = metadata.tables["memberships"]
ADDRESSES = metadata.tables["addresses"]
GROUPS = metadata.tables["groups"]
GROUP_MEMBERS = metadata.tables["group_members"]
NUMBERS = metadata.tables["numbers"]
TABLES: tuple[Table, ...] = (
    CUSTOMERS,
    CLIENTS,
    TAGS,
    EXTENSIONS,
    TRUNKS,
    ROUTES,
    ROUTE_TRUNKS,
    AGENTS,
    MEMBERSHIPS,
    ADDRESSES,
    GROUPS,
    GROUP_MEMBERS,
    NUMBERS,
)
"Every table of the configuration, the ones referred to before the ones that refer."


def to_rows(stored: Stored) -> Rows:
    """The rows that each table has when it holds exactly this."""
    configuration = stored.configuration
    plain = {
        CUSTOMERS: configuration.customers,
        CLIENTS: configuration.clients,
        TAGS: configuration.tags,
        ROUTES: configuration.routes,
        AGENTS: configuration.agents,
        GROUPS: configuration.groups,
    }
    rows = {table: [_columns(one, table) for one in things] for table, things in plain.items()}
    rows[EXTENSIONS] = [_extension_row(one, stored) for one in configuration.extensions]
    rows[TRUNKS] = [_trunk_row(one, stored) for one in configuration.trunks]
    rows[ROUTE_TRUNKS] = [
        {"route_id": route.id, "position": position, "trunk_id": id}
        for route in configuration.routes
        for position, id in enumerate(route.trunk_ids)
    ]
    rows[GROUP_MEMBERS] = [
        {"group_id": group.id, "position": position, "member_id": id}
        for group in configuration.groups
        for position, id in enumerate(group.member_ids)
    ]
    rows[MEMBERSHIPS] = [
        {"agent_id": agent.id, "customer_id": agent.customer_id, "tag_ids": list(agent.tag_ids)}
        for agent in configuration.agents
    ]
    rows[ADDRESSES] = [row for agent in configuration.agents for row in _address_rows(agent)]
    rows[NUMBERS] = [_number_row(one) for one in configuration.numbers]
    return rows


def from_rows(rows: Rows) -> Stored:
    """What the rows say, each kind ordered by what people call it.

    Raises:
        msgspec.ValidationError: A row holds what no version of ours writes.
    """
    addresses = _grouped(rows[ADDRESSES], "agent_id")
    members = _grouped(rows[GROUP_MEMBERS], "group_id")
    trunks = _grouped(rows[ROUTE_TRUNKS], "route_id")
    configuration = Configuration(
        customers=_things(Customer, rows[CUSTOMERS], "name"),
        clients=_things(Client, rows[CLIENTS], "customer_id", "name"),
        tags=_things(Tag, rows[TAGS], "customer_id", "name"),
        extensions=_things(Extension, rows[EXTENSIONS], "customer_id", "number"),
        trunks=_things(Trunk, rows[TRUNKS], "customer_id", "name"),
        routes=_things(
            Route, _with(rows[ROUTES], "trunk_ids", trunks, "trunk_id"), "customer_id", "prefix"
        ),
        agents=_things(
            Agent,
            _with_tags(_with(rows[AGENTS], "addresses", addresses), rows[MEMBERSHIPS]),
            "username",
        ),
        groups=_things(
            Group, _with(rows[GROUPS], "member_ids", members, "member_id"), "customer_id", "name"
        ),
        numbers=_things(Number, map(_with_targets, rows[NUMBERS]), "e164"),
    )
    origins = {
        row["id"]: Origin(row["secret"], row.get("secret_check", ""))
        for row in (*rows[EXTENSIONS], *rows[TRUNKS])
        if row["secret"]
    }
    return Stored(configuration, origins)


def _columns(thing: msgspec.Struct, table: Table) -> dict[str, Any]:
    """The fields that are columns; tuples become lists, as the JSON columns give them back."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name in thing.__struct_fields__
        if name in table.c
        for value in (getattr(thing, name),)
    }


def _extension_row(extension: Extension, stored: Stored) -> dict[str, Any]:
    origin = stored.origin(extension.id)
    return _columns(extension, EXTENSIONS) | {"secret": origin.reference}


def _trunk_row(trunk: Trunk, stored: Stored) -> dict[str, Any]:
    origin = stored.origin(trunk.id)
    row = {"secret": origin.reference, "secret_check": origin.check}
    return _columns(trunk, TRUNKS) | row


def _address_rows(agent: Agent) -> Iterator[dict[str, Any]]:
    for position, address in enumerate(agent.addresses):
        owner = {"customer_id": agent.customer_id, "agent_id": agent.id, "position": position}
        yield _columns(address, ADDRESSES) | owner


def _number_row(number: Number) -> dict[str, Any]:
    no_answer = number.no_answer
    return _columns(number, NUMBERS) | {
        "client_id": number.client_id or None,
        "to_kind": number.to.kind,
        "to_id": number.to.id,
        "no_answer_kind": no_answer.kind if no_answer else None,
        "no_answer_id": no_answer.id if no_answer else None,
    }


def _with_targets(row: Row) -> Row:
    no_answer = None
    if row["no_answer_kind"] is not None:
        no_answer = Target(row["no_answer_kind"], row["no_answer_id"])
    return {
        **row,
        "client_id": row["client_id"] or "",
        "to": Target(row["to_kind"], row["to_id"]),
        "no_answer": no_answer,
    }


def _grouped(rows: Sequence[Row], owner: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row["position"])):
        found.setdefault(row[owner], []).append(row)
    return found


def _with(
    rows: Sequence[Row], field: str, children: Mapping[str, list[Row]], column: str = ""
) -> Iterator[Row]:
    for row in rows:
        own = children.get(row["id"], [])
        yield {**row, field: [child[column] for child in own] if column else own}


def _with_tags(agents: Iterator[Row], memberships: Sequence[Row]) -> Iterator[Row]:
    tags = {(row["agent_id"], row["customer_id"]): row["tag_ids"] for row in memberships}
    for row in agents:
        yield {**row, "tag_ids": tags.get((row["id"], row["customer_id"]), [])}


def _things(kind: type[Any], rows: "Iterator[Row] | Sequence[Row]", *order: str) -> tuple[Any, ...]:
    ordered = sorted(rows, key=lambda row: [row[column] for column in order])
    return tuple(msgspec.convert(row, kind) for row in ordered)
