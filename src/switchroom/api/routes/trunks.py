"""Trunks: carriers."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Model, Name, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import Action, RoutesSpec, Words
from switchroom.directory.permissions import TRUNKS

Hosts = Annotated[
    list[Annotated[str, Field(max_length=255)]],
    Field(
        max_length=16,
        description="`host`, `host:port` or `sip:host:port;transport=tcp`, tried in order.",
        examples=[["sip.carrier.example"]],
    ),
]
Networks = Annotated[
    list[Annotated[str, Field(max_length=43)]],
    Field(
        max_length=64,
        description="Networks (CIDR) whose calls are taken as this trunk's.",
        examples=[["192.0.2.0/24"]],
    ),
]
NumberFormat = Literal["e164", "national", "without_plus"]
Username = Annotated[str, Field(max_length=255, description="For the carrier's challenge.")]
CallerId = Annotated[
    str,
    Field(
        max_length=64,
        description="Number shown when nothing better is known; empty: none.",
        examples=["+12025550100"],
    ),
]
Password = Annotated[
    str,
    Field(
        max_length=128,
        description="Kept in a private file on the node, never shown.",
        json_schema_extra={"writeOnly": True},
    ),
]


class TrunkRead(Thing):
    name: Name = Field(examples=["carrier"])
    hosts: Hosts
    allow_from: Networks
    number_format: NumberFormat
    username: Username
    caller_id: CallerId


class TrunkCreate(Model):
    name: Name = Field(examples=["carrier"])
    hosts: Hosts
    allow_from: Networks = Field([])
    number_format: NumberFormat = "e164"
    username: Username = ""
    password: Password = ""
    caller_id: CallerId = ""


class TrunkPassword(Model):
    password: Password = Field(min_length=1)


class TrunkFilters(BaseModel):
    name: str | None = Field(None, max_length=255)


router = configuration_router(
    RoutesSpec(
        TRUNKS,
        Words("a trunk", "trunks", "A carrier: where calls to telephone numbers go."),
        TrunkRead,
        TrunkCreate,
        changes_of(TrunkCreate, "TrunkUpdate", without=frozenset({"password"})),
        TrunkFilters,
        sorts={"name": str, "id": str},
        actions=(Action("rotate_secret", TrunkPassword, "Give a trunk another password"),),
    )
)
