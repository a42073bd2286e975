"""The audit log: who changed what, and who was refused."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.edge.services import service
from switchroom.api.moments import Moment
from switchroom.api.paging import List, Paging, listed
from switchroom.api.ports import AuditExport
from switchroom.directory.listing import Record
from switchroom.identity.permissions import EXPORT_AUDIT, GET_AUDIT, LIST_AUDIT

SORTS = {"seq": int, "at": float}
NDJSON = "application/x-ndjson"
MOST_SEQ = 2**63 - 1
Export = Annotated[AuditExport, Depends(service(AuditExport))]

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
    decision: str = Field(description="`done`, `refused`, `allowed` or `failed`.")
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
    decision: Literal["done", "refused", "allowed", "failed"] | None = None
    resource: str | None = Field(None, max_length=64)
    target_id: str | None = Field(None, max_length=64)
    since: float | None = Field(None, allow_inf_nan=False, description="Unix seconds.")


@router.get("", summary="List entries", response_model=List[EntryRead])
@needs(LIST_AUDIT)
def list_audit_entries(
    paging: Paging,
    filters: Annotated[EntryFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    """Newest first."""
    return listed(ports.resources["audit"], actor.compiled, paging, filters, SORTS, "-seq")


@router.get(
    "/export",
    summary="Take entries out",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}}},
)
@needs(EXPORT_AUDIT)
def export_audit(
    actor: CurrentActor,
    ports: CurrentPorts,
    export: Export,
    after: Annotated[int, Query(ge=0, le=MOST_SEQ, description="Number of an entry.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 10_000,
) -> StreamingResponse:
    """Entries behind `after`, oldest first, each a line of JSON with all that its hash covers.

    The last line, `{"end": {"entries": …, "next": …}}`, has where to go on, or null. An export
    without it is cut off. `switchroom audit verify-export` checks what you have got.
    """
    asked = {"after": after, "limit": limit}
    ports.gate.allowed(actor, EXPORT_AUDIT, "", ports.utc(), after=asked)
    lines = export.lines(actor.compiled, after, limit)
    return StreamingResponse(lines, media_type=NDJSON, headers={"Cache-Control": "no-store"})


@router.get("/{id}", summary="Get an entry", response_model=EntryRead)
@needs(GET_AUDIT, row="audit")
async def get_audit_entry(
    id: Annotated[str, Field(max_length=18)],  # noqa: ARG001 - in the path
    entry: Annotated[Record, Visible],
) -> Any:
    return as_model(EntryRead, entry)
