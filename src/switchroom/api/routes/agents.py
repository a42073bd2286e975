"""Agents: people who take calls."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.agents.permissions import AGENTS
from switchroom.api.configuration.fields import (
    Model,
    Name,
    RingMethod,
    RingTimeout,
    ShortNumber,
    TagIds,
    Thing,
    changes_of,
)
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.api.moments import Moment

Username = Annotated[
    str,
    Field(
        min_length=3,
        max_length=255,
        description="What he logs in with; unique on the platform.",
        examples=["alice@acme.example"],
    ),
]
Capacity = Annotated[int, Field(ge=1, le=100, description="Calls at once, offers included.")]


class AgentRead(Thing):
    username: Username
    name: Name = Field(examples=["Alice Ames"])
    number: ShortNumber
    ring_method: RingMethod
    ring_timeout_s: RingTimeout
    capacity: Capacity
    follow_redirects: bool = Field(description="Whether a phone may send his calls elsewhere.")
    tag_ids: TagIds
    disabled_at: Moment | None = Field(description="Since when his account is closed; null: not.")


class AgentCreate(Model):
    """A new agent is in no team, holds no role and cannot log in until he has a password."""

    username: Username
    name: Name = Field(examples=["Alice Ames"])
    number: ShortNumber = ""
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: RingTimeout = 30.0
    capacity: Capacity = 1
    follow_redirects: bool = False


class AgentFilters(BaseModel):
    username: str | None = Field(None, max_length=255)
    name: str | None = Field(None, max_length=255)
    number: str | None = Field(None, max_length=32)


router = configuration_router(
    RoutesSpec(
        AGENTS,
        Words("an agent", "agents", "A person who takes calls."),
        AgentRead,
        AgentCreate,
        changes_of(AgentCreate, "AgentUpdate", without=frozenset({"username"})),
        AgentFilters,
        sorts={"username": str, "name": str, "number": str, "id": str},
    )
)
