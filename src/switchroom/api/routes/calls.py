"""Calls: those that live and those that are over."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.orders import Party, begin, check_party, hang_up, order
from switchroom.api.paging import List, Paging, listed
from switchroom.calls.permissions import CREATE_CALL, GET_CALL, HANG_UP_CALL, LIST_CALLS
from switchroom.directory.listing import Record
from switchroom.history.records import CallOutcome

Moment = Annotated[float, Field(description="Unix seconds.", examples=[1764200000.0])]
MaybeMoment = Annotated[float | None, Field(description="Unix seconds; null: not yet.")]
SORTS = {"started_at": float, "call_id": str}

router = APIRouter(prefix="/v1/calls", tags=["calls"])


class LegRead(BaseModel):
    """One side of a call."""

    leg_id: str
    role: str = "callee"
    agent_id: str = ""
    address: str = ""
    dialled_at: MaybeMoment = None
    rang_at: MaybeMoment = None
    answered_at: float | None = Field(
        None, description="Unix seconds; null: not yet. Of who has called: when he was connected."
    )
    ended_at: MaybeMoment = None
    outcome: str = Field(
        "live", description="`live` until it has ended; then `answered`, `elsewhere`, `busy`, …"
    )
    status: int = Field(0, description="SIP status with which it ended.")
    q850: int = Field(0, description="Q.850 cause with which it ended.")
    text: str = ""
    ended_by: str = ""


class CallRead(BaseModel):
    id: Id
    customer_id: Id
    client_id: str | None
    direction: str = Field(description="`in`, `out` or `internal`.")
    caller: str
    called: str
    agent_id: str | None = Field(description="Who answered; until then the first who was rung.")
    caller_agent_id: str | None
    started_at: Moment
    answered_at: MaybeMoment
    ended_at: MaybeMoment = Field(description="Unix seconds; null: the call lives.")
    waited_s: float
    talked_s: float
    outcome: str = Field(
        description=(
            "`live` until it has ended; then `answered`, `abandoned` (who called gave up), `busy`,"
            " `no_answer`, `unreachable`, `refused` or `failed`."
        )
    )
    status: int = Field(description="SIP status with which it ended; 0: none.")
    q850: int = Field(description="Q.850 cause with which it ended; 0: none.")
    text: str
    ended_by: str


class CallWithLegs(CallRead):
    legs: list[LegRead]


class CallCreate(Model):
    to: Party
    agent_id: str = Field("", max_length=64, description="Whose phones ring; empty: yours.")
    client_id: str = Field("", max_length=64, description="For which client; empty: for none.")


class CallBegun(BaseModel):
    id: Id


class CallFilters(BaseModel):
    direction: Literal["in", "out", "internal"] | None = None
    outcome: CallOutcome | None = None
    client_id: str | None = Field(None, max_length=64)
    agent_id: str | None = Field(
        None,
        max_length=64,
        serialization_alias="any_agent_id",
        description="Who called, was rung, or asked for the call.",
    )
    live: bool | None = Field(None, description="Only calls that live, or only those that do not.")
    since: float | None = Field(None, allow_inf_nan=False, description="Unix seconds.")
    until: float | None = Field(None, allow_inf_nan=False, description="Unix seconds.")


@router.get("", summary="List calls", response_model=List[CallRead])
@needs(LIST_CALLS)
def list_calls(
    paging: Paging,
    filters: Annotated[CallFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    """Calls that live and calls that are over, behind what happens by less than a second."""
    calls = ports.resources["calls"]
    return listed(calls, actor.compiled, paging, filters, SORTS, "-started_at")


@router.post("", summary="Call somebody", status_code=201, response_model=CallBegun)
@needs(CREATE_CALL)
def create_call(body: CallCreate, request: Request, actor: CurrentActor, response: Response) -> Any:
    """Click to call: rings the agent's own phones; who picks up is connected with `to`.

    From this answer on the call can be read and hung up. Only while its record is more than two
    seconds late it is 404 until that has been written.
    """
    agent_id = body.agent_id or actor.principal_id
    arguments = order(request, CREATE_CALL, agent_id, body.client_id)
    check_party(request, body.to, "to")
    arguments |= {"for_agent": agent_id, "destinations": [{"agent": agent_id}]}
    arguments |= {"connect_to": body.to.argument()}
    id = begin(request, CREATE_CALL, arguments)
    response.headers["Location"] = f"/v1/calls/{id}"
    return {"id": id}


@router.get("/{id}", summary="Get a call with its legs", response_model=CallWithLegs)
@needs(GET_CALL, row="calls")
async def get_call(id: Id, call: Annotated[Record, Visible]) -> Any:  # noqa: ARG001 - in the path
    return as_model(CallWithLegs, call)


@router.post("/{id}/hangup", summary="Hang up a call", status_code=204)
@needs(HANG_UP_CALL, row="calls")
def hang_up_call(id: Id, request: Request) -> None:
    """End it for everybody: as one's own, if one talks or has asked for it. 409 if it is over."""
    hang_up(request, HANG_UP_CALL, id)
