"""What is read by the API and changed by others: calls, statuses, what identity keeps."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement

from switchroom.directory.listing import Value
from switchroom.store.overlaps import TagsOfAgents, TagsOfSpacedIds
from switchroom.store.records import TOUCHED
from switchroom.store.resources.identities import of_identity
from switchroom.store.resources.spec import ReadSpec
from switchroom.store.rows import AGENTS
from switchroom.store.tables.runtime import call_records
from switchroom.store.visible import ScopeColumns

CALLS = call_records
TALKING = (CALLS.c.agent_id, CALLS.c.caller_agent_id, CALLS.c.asked_by)
"Who may end a call as his own; who was rung as well sees it, as its events tell, and no more."


def read_specs() -> tuple[ReadSpec, ...]:
    """Everything that is read here and changed elsewhere."""
    return (
        ReadSpec(
            noun="calls",
            table=CALLS,
            key="call_id",
            scope=ScopeColumns(
                CALLS.c.customer_id, (TOUCHED,), TagsOfSpacedIds(TOUCHED), CALLS.c.client_id
            ),
            scopes={
                "hangup": ScopeColumns(
                    CALLS.c.customer_id, TALKING, TagsOfAgents(TALKING), CALLS.c.client_id
                )
            },
            sorts=("started_at", "call_id"),
            equal=("direction", "outcome", "client_id", "agent_id", "caller_agent_id"),
            filters={
                "live": _live,
                "any_agent_id": lambda value: TOUCHED.has(str(value)),
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
                TagsOfAgents((AGENTS.c.id,)),
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


def _call(columns: dict[str, Any]) -> dict[str, Any]:
    """Legs are kept as JSON; an id of nobody is null."""
    nobody = {name: columns[name] or None for name in ("client_id", "agent_id", "caller_agent_id")}
    legs = msgspec.json.decode(columns["legs"])
    return {**columns, **nobody, "id": columns["call_id"], "legs": legs}
