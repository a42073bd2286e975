"""Events: followed on a socket, or asked for now and then."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, WebSocket
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, needs, public
from switchroom.api.edge.services import service
from switchroom.api.errors import FieldFault, invalid
from switchroom.api.events.connection import Connection
from switchroom.api.events.hub import Hub
from switchroom.api.events.listing import EventListing, EventPage
from switchroom.api.events.messages import Wanted
from switchroom.history.permissions import LIST_EVENTS, SUBSCRIBE
from switchroom.live.round import FACTS_AT_ONCE
from switchroom.live.sequence import Cursor, cursor_of

CurrentHub = Annotated[Hub, Depends(service(Hub))]
Events = Annotated[EventListing, Depends(service(EventListing))]

router = APIRouter(prefix="/v1", tags=["events"])


class EventRead(BaseModel):
    number: int = Field(description="Its place in your customer's sequence.")
    type: str = Field(examples=["call.answered"])
    at: float | None = Field(None, description="Unix seconds.")
    resource: str = Field(examples=["calls"])
    id: str = Field(description="Of the thing that it is about.")
    data: dict[str, Any] | None = Field(None, description="As `/v1/asyncapi.json` describes it.")


class EventsRead(BaseModel):
    """A page of events, in order."""

    items: list[EventRead]
    cursor: str = Field(description="Give it as `cursor` to go on from here.")
    is_all: bool = Field(description="False: there are more already.")
    truncated: str = Field(
        "", description="`purged`, `epoch` or `ahead`: events after the given cursor are lost."
    )
    oldest: int = Field(description="Number of the first event that is still stored.")


class EventQuery(BaseModel):
    cursor: str = Field("", max_length=64, description="Empty: from the oldest event on.")
    resource: list[str] = Field(
        [], max_length=30, description="Of what; may be repeated. None: of all you may see."
    )
    limit: int = Field(
        100,
        ge=1,
        le=FACTS_AT_ONCE,
        description="Events that are looked at; those you may not see count.",
    )


@router.websocket("/events")
@needs(SUBSCRIBE, asker=True)
async def follow_events(websocket: WebSocket, actor: CurrentActor, hub: CurrentHub) -> None:
    """Described in `/v1/asyncapi.json`."""
    await websocket.accept()
    await Connection(websocket, hub, actor).serve()


@router.get("/events", summary="List events", response_model=EventsRead)
@needs(LIST_EVENTS, asker=True)
def list_events(query: Annotated[EventQuery, Query()], actor: CurrentActor, events: Events) -> Any:
    """What has happened since a cursor, oldest first, as far as you may see it."""
    page = events.page(actor.compiled, _cursor(query), _wanted(query, events), query.limit)
    return Response(_body(page), media_type="application/json")


@router.get("/asyncapi.json", summary="The socket of events, described", response_model=dict)
@public("the description holds nothing of any customer")
def get_asyncapi(events: Events) -> Any:
    """AsyncAPI 3."""
    return Response(events.description, media_type="application/json")


def _cursor(query: EventQuery) -> Cursor | None:
    if not query.cursor:
        return None
    cursor = cursor_of(query.cursor)
    if cursor is None:
        raise invalid([FieldFault("cursor", "what an earlier answer gave, and nothing else")])
    return cursor


def _wanted(query: EventQuery, events: EventListing) -> tuple[Wanted, ...]:
    unknown = set(query.resource) - events.resources
    if unknown:
        raise invalid(
            [FieldFault("resource", f"there are no events of {', '.join(sorted(unknown))}")]
        )
    return tuple(Wanted(one) for one in query.resource or sorted(events.resources))


def _body(page: EventPage) -> str:
    is_all = "true" if page.is_all else "false"
    return (
        f'{{"items":[{",".join(page.texts)}],"cursor":"{page.cursor}","is_all":{is_all},'
        f'"truncated":"{page.loss}","oldest":{page.oldest}}}'
    )
