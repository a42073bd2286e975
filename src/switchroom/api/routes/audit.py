"""The audit log: who changed what, and who was refused."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import shown
from switchroom.api.moments import Moment
from switchroom.api.paging import List, Paging, listed
from switchroom.directory.listing import Record
from switchroom.identity.permissions import GET_AUDIT, LIST_AUDIT

SORTS = {"seq": int, "at": float}

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class EntryRead(BaseModel):
    seq: int = Field(description="Place in the chain; nothing is ever left out.")
    at: Moment
    customer_id: str
    actor_id: str = Field(description="Agent; empty: the operator on the machine, or nobody.")
    token_kind: str
    token_id: str
    source: str
    action: str = Field(examples=["agents:update"])
    decision: str = Field(description="`done`, `refused` or `allowed`.")
    resource: str
    target_id: str
    before: Any = None
    after: Any = None
    reason: str
    repeated: int = Field(description="How many more like it were counted and not written.")
    request_id: str
    previous: str = Field(description="Hash of the entry before, hexadecimal.")
    hash: str


class EntryFilters(BaseModel):
    actor_id: str | None = Field(None, max_length=64)
    action: str | None = Field(None, max_length=128)
    decision: Literal["done", "refused", "allowed"] | None = None
    resource: str | None = Field(None, max_length=64)
    target_id: str | None = Field(None, max_length=64)
    since: float | None = Field(None, allow_inf_nan=False, description="Unix seconds.")


@router.get("", summary="List entries", response_model=List[EntryRead])
@needs(LIST_AUDIT)
def list_entries(
    paging: Paging,
    filters: Annotated[EntryFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    """Newest first."""
    return listed(ports.resources["audit"], actor.compiled, paging, filters, SORTS, "-seq")


@router.get("/{id}", summary="Get an entry", response_model=EntryRead)
@needs(GET_AUDIT, row="audit")
async def get_entry(
    id: Annotated[str, Field(max_length=18)],  # noqa: ARG001
    entry: Annotated[Record, Visible],
    response: Response,
) -> Any:
    return shown(EntryRead, entry, response)
