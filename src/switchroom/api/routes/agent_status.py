"""Agents' status (what they chose) and state (what calls make of it)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from switchroom.agents.permissions import GET_STATUS, LIST_STATUS, UPDATE_STATUS
from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.node import AgentState, NodeCommands
from switchroom.api.paging import List, Paging, write_cursor
from switchroom.directory.listing import Record

Status = Literal["available", "away", "busy", "offline"]
SORTS = {"username": str, "name": str, "id": str}

router = APIRouter(tags=["agent_status"])


class StatusRead(BaseModel):
    agent_id: Id
    username: str
    name: str
    status: str = Field(description="What he chose.", examples=["available"])
    state: str = Field(description="`idle`, `ringing` or `on_call`.", examples=["idle"])
    live_calls: int
    capacity: int


class StatusWrite(Model):
    status: Status


class StatusFilters(BaseModel):
    username: str | None = Field(None, max_length=255)


@router.get("/v1/agent_status", summary="List status and state", response_model=List[StatusRead])
@needs(LIST_STATUS)
def list_agent_status(
    paging: Paging,
    filters: Annotated[StatusFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    """Of all agents that you may both list and get, as they are this moment."""
    wanted = paging.wanted(SORTS, filters.model_dump(exclude_none=True))
    agents = ports.resources["agent_status"]
    page = agents.page(actor.compiled, wanted)
    states = NodeCommands(ports.node).agent_states([one.id for one in page.records])
    return {
        "items": [_status(one, states.get(one.id)) for one in page.records],
        "next_cursor": write_cursor(wanted, page.after),
        "total": agents.count(actor.compiled, wanted) if paging.count else None,
    }


@router.get("/v1/agents/{id}/status", summary="Get status and state", response_model=StatusRead)
@needs(GET_STATUS, row="agent_status")
def get_agent_status(id: Id, agent: Annotated[Record, Visible], ports: CurrentPorts) -> Any:
    return _status(agent, NodeCommands(ports.node).agent_states([id]).get(id))


@router.put("/v1/agents/{id}/status", summary="Choose a status", response_model=StatusRead)
@needs(UPDATE_STATUS, row="agent_status")
def choose_status(
    id: Id,
    body: StatusWrite,
    agent: Annotated[Record, Visible],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    """Who is not `available` is not rung; calls that are on go on."""
    node = NodeCommands(ports.node)
    node.choose_status(id, body.status)
    if id != actor.principal_id:  # one's own is said by events, a dozen times a day
        ports.gate.done(actor, UPDATE_STATUS, id, ports.utc(), after={"status": body.status})
    return _status(agent, node.agent_states([id]).get(id))


def _status(agent: Record, state: AgentState | None) -> dict[str, Any]:
    known = state or AgentState(agent.id, "offline", "idle", 0)
    return {
        "agent_id": agent.id,
        "username": agent.fields["username"],
        "name": agent.fields["name"],
        "status": known.status,
        "state": known.state,
        "live_calls": known.live_calls,
        "capacity": agent.fields["capacity"],
    }
