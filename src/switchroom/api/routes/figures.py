"""Figures of the active customer, as far as the asker may see its calls."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, needs
from switchroom.directory.listing import Wanted
from switchroom.history.permissions import GET_METRICS

router = APIRouter(prefix="/v1/metrics", tags=["metrics"])
OUTCOMES = ("answered", "abandoned", "busy", "no_answer", "unreachable", "refused", "failed")


class Figures(BaseModel):
    since: float = Field(description="Unix seconds.")
    live: int = Field(description="Calls that live now.")
    began: int = Field(description="Calls that began since then.")
    outcomes: dict[str, int] = Field(description="How those ended that are over.")


@router.get("", summary="Figures about calls", response_model=Figures)
@needs(GET_METRICS, asker=True)
def get_figures(
    actor: CurrentActor,
    ports: CurrentPorts,
    last_s: Annotated[float, Query(ge=1, le=604_800, description="The last seconds.")] = 3600.0,
) -> Any:
    """Counted over the calls that you may list and get, and no others."""
    calls, since = ports.resources["calls"], ports.utc() - last_s

    def count(**filters: Any) -> int:
        return calls.count(actor.compiled, Wanted(filters))

    outcomes = {outcome: count(since=since, outcome=outcome) for outcome in OUTCOMES}
    return {
        "since": since,
        "live": count(live=True),
        "began": count(since=since),
        "outcomes": {outcome: number for outcome, number in outcomes.items() if number},
    }
