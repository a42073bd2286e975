"""Customers of the platform: tenants. Their owners see their own."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Id, Model, Name, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.api.moments import Moment
from switchroom.directory.permissions import CUSTOMERS

Domain = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="SIP domain, also the realm of its phones.",
        examples=["acme.example"],
    ),
]
Country = Annotated[
    str,
    Field(
        min_length=2,
        max_length=2,
        description="ISO 3166: how numbers without a plus are read.",
        examples=["US"],
    ),
]


class CustomerRead(BaseModel):
    id: Id
    name: Name = Field(examples=["acme"])
    domain: Domain
    country: Country
    is_default: bool = Field(description="Requests for the server's own address are its.")
    plan: list[str] = Field(description="The most that its roles can allow; empty: no ceiling.")
    frozen_at: Moment | None = Field(description="Since when only reading is allowed; null: not.")


class CustomerCreate(Model):
    name: Name = Field(examples=["acme"])
    domain: Domain
    country: Country
    is_default: bool = False


class CustomerFilters(BaseModel):
    name: str | None = Field(None, max_length=255)
    domain: str | None = Field(None, max_length=255)


router = configuration_router(
    RoutesSpec(
        CUSTOMERS,
        Words("a customer", "customers", "A tenant of the platform; owns everything else."),
        CustomerRead,
        CustomerCreate,
        changes_of(CustomerCreate, "CustomerUpdate"),
        CustomerFilters,
        sorts={"name": str, "id": str},
    )
)
