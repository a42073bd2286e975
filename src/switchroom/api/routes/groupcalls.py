"""Groupcalls: ring any list of destinations, and connect who answers first, or park him."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.edge.services import service
from switchroom.api.moments import Moment, now_of
from switchroom.api.orders import Party, begin, check_party, hang_up, order
from switchroom.api.paging import List, Paging, listed
from switchroom.api.ports import Groupcall, Groupcalls
from switchroom.calls.permissions import (
    CREATE_GROUPCALL,
    GET_GROUPCALL,
    HANG_UP_GROUPCALL,
    LIST_GROUPCALLS,
)
from switchroom.directory.listing import Record

SORTS = {"created_at": float, "id": str}
Kept = Annotated[Groupcalls, Depends(service(Groupcalls))]
RingTime = Annotated[
    float | None,
    Field(ge=1, le=180, allow_inf_nan=False, description="Seconds; null: as configured, or 30."),
]

router = APIRouter(prefix="/v1/groupcalls", tags=["groupcalls"])


class GroupcallRead(BaseModel):
    id: Id = Field(description="Also the call's: `GET /v1/calls/{id}` has what became of it.")
    customer_id: Id
    agent_id: str = Field(description="Who asked for it.")
    client_id: str | None
    destinations: list[Party]
    connect_to: Party | None
    ring_method: str
    ring_timeout_s: float | None = Field(description="Seconds; null: as configured, or 30.")
    created_at: Moment


class GroupcallCreate(Model):
    destinations: Annotated[list[Party], Field(min_length=1, max_length=64)]
    connect_to: Party | None = Field(None, description="null: park who answers first.")
    ring_method: Literal["ring_all", "linear"] = "ring_all"
    ring_timeout_s: RingTime = None
    client_id: str = Field("", max_length=64, description="For which client; empty: for none.")


class GroupcallFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64)


@router.get("", summary="List groupcalls", response_model=List[GroupcallRead])
@needs(LIST_GROUPCALLS)
def list_groupcalls(
    paging: Paging,
    filters: Annotated[GroupcallFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    groupcalls = ports.resources["groupcalls"]
    return listed(groupcalls, actor.compiled, paging, filters, SORTS, "-created_at")


@router.post("", summary="Begin a groupcall", status_code=201, response_model=GroupcallRead)
@needs(CREATE_GROUPCALL)
def create_groupcall(
    body: GroupcallCreate,
    request: Request,
    actor: CurrentActor,
    kept: Kept,
    response: Response,
) -> Any:
    """Rings at once. Whom you cannot see you cannot ring by id; the rest is what you may dial.

    What becomes of it is the call's: `GET /v1/calls/{id}` with the same id has its outcome.
    """
    arguments = order(request, CREATE_GROUPCALL, actor.principal_id, body.client_id)
    for place, party in enumerate(body.destinations):
        check_party(request, party, f"destinations[{place}]")
    if body.connect_to is not None:
        check_party(request, body.connect_to, "connect_to")
    connect_to = body.connect_to.argument() if body.connect_to else None
    arguments |= {
        "destinations": [one.argument() for one in body.destinations],
        "connect_to": connect_to,
        "ring_method": body.ring_method,
        "ring_timeout_s": body.ring_timeout_s,
    }
    id = begin(request, CREATE_GROUPCALL, arguments)
    made = Groupcall(
        id,
        actor.customer_id,
        actor.principal_id,
        body.client_id,
        [one.model_dump() for one in body.destinations],
        body.connect_to.model_dump() if body.connect_to else None,
        body.ring_method,
        body.ring_timeout_s,
        now_of(request),
    )
    kept.add(made)
    response.headers["Location"] = f"/v1/groupcalls/{id}"
    return {name: getattr(made, name) for name in GroupcallRead.model_fields} | {
        "client_id": made.client_id or None
    }


@router.get("/{id}", summary="Get a groupcall", response_model=GroupcallRead)
@needs(GET_GROUPCALL, row="groupcalls")
async def get_groupcall(id: Id, row: Annotated[Record, Visible]) -> Any:  # noqa: ARG001 - in the path
    return as_model(GroupcallRead, row)


@router.post("/{id}/hangup", summary="Hang up a groupcall", status_code=204)
@needs(HANG_UP_GROUPCALL, row="groupcalls")
def hang_up_groupcall(id: Id, request: Request) -> None:
    """Whoever still rings is cancelled. 409 if it is over already."""
    hang_up(request, HANG_UP_GROUPCALL, id)
