"""What is read by the API and changed by others: calls, statuses, what identity keeps."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, or_

from switchroom.directory.listing import Value
from switchroom.store.overlaps import TagsOfAgents
from switchroom.store.resources.identities import of_identity
from switchroom.store.resources.spec import ReadSpec
from switchroom.store.rows import AGENTS
from switchroom.store.tables.runtime import call_records
from switchroom.store.visible import ScopeColumns

CALLS = call_records


def read_specs() -> tuple[ReadSpec, ...]:
    """Everything that is read here and changed elsewhere."""
    agents = (CALLS.c.agent_id, CALLS.c.caller_agent_id)
    return (
        ReadSpec(
            noun="calls",
            table=CALLS,
            key="call_id",
            scope=ScopeColumns(
                CALLS.c.customer_id,
                agents,
                TagsOfAgents(CALLS.c.customer_id, agents),
                CALLS.c.client_id,
            ),
            sorts=("started_at", "call_id"),
            equal=("direction", "outcome", "client_id", "agent_id", "caller_agent_id"),
            filters={
                "live": _live,
                "any_agent_id": _any_agent,
                "since": lambda value: CALLS.c.started_at >= value,
                "until": lambda value: CALLS.c.started_at < value,
            },
            shape=_call,
        ),
        ReadSpec(
            noun="agent_status",
            table=AGENTS,
            scope=ScopeColumns(
                AGENTS.c.customer_id,
                (AGENTS.c.id,),
                TagsOfAgents(AGENTS.c.customer_id, (AGENTS.c.id,)),
            ),
            sorts=("username", "name", "id"),
            equal=("username",),
            hidden=frozenset({"dial"}),
        ),
        *of_identity(),
    )


def _live(value: Value) -> ColumnElement[bool]:
    found: ColumnElement[bool] = CALLS.c.ended_at.is_(None)
    return found if value else ~found


def _any_agent(value: Value) -> ColumnElement[bool]:
    return or_(CALLS.c.agent_id == value, CALLS.c.caller_agent_id == value)


def _call(columns: dict[str, Any]) -> dict[str, Any]:
    """Legs are kept as JSON; an id of nobody is null."""
    nobody = {name: columns[name] or None for name in ("client_id", "agent_id", "caller_agent_id")}
    legs = msgspec.json.decode(columns["legs"])
    return {**columns, **nobody, "id": columns["call_id"], "legs": legs}
