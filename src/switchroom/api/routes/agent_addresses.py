"""Addresses: the ways to reach an agent. All of an agent's: ``?agent_id=…&sort=position``."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from switchroom.agents.permissions import AGENT_ADDRESSES
from switchroom.api.configuration.fields import Id, Model, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words

AddressType = Literal["extension", "tel", "sip"]
AddressTarget = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="Extension number, telephone number or SIP URI.",
        examples=["1001"],
    ),
]
Delay = Annotated[
    float, Field(ge=0, le=120, allow_inf_nan=False, description="Seconds before it rings.")
]
Timeout = Annotated[
    float | None,
    Field(
        ge=1,
        le=600,
        allow_inf_nan=False,
        description="Seconds that it rings; null: as long as the agent.",
    ),
]
CallerIdChoice = Literal["caller", "company", "both"]


class AddressRead(Thing):
    agent_id: Id
    position: int = Field(description="Place in the agent's list, from 0: the order of `linear`.")
    type: AddressType
    target: AddressTarget
    enabled: bool
    delay_s: Delay
    timeout_s: Timeout
    caller_id: CallerIdChoice
    confirm: bool


class AddressCreate(Model):
    agent_id: Id
    type: AddressType
    target: AddressTarget
    enabled: bool = True
    delay_s: Delay = 0.0
    timeout_s: Timeout = None
    caller_id: CallerIdChoice = "caller"
    confirm: bool = False


class AddressFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64)
    type: AddressType | None = None
    target: str | None = Field(None, max_length=255)


router = configuration_router(
    RoutesSpec(
        AGENT_ADDRESSES,
        Words("an address", "addresses", "One way to reach an agent."),
        AddressRead,
        AddressCreate,
        changes_of(AddressCreate, "AddressUpdate", without=frozenset({"agent_id"})),
        AddressFilters,
        sorts={"target": str, "agent_id": str, "position": int, "id": str},
    )
)
