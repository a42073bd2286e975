"""Client businesses that an outsourcing customer answers calls for."""

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Model, Name, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.directory.permissions import CLIENTS


class ClientRead(Thing):
    name: Name = Field(examples=["Zeta Shoes"])


class ClientCreate(Model):
    name: Name = Field(examples=["Zeta Shoes"])


class ClientFilters(BaseModel):
    name: str | None = Field(None, max_length=255)


router = configuration_router(
    RoutesSpec(
        CLIENTS,
        Words("a client", "clients", "A business that you answer calls for."),
        ClientRead,
        ClientCreate,
        changes_of(ClientCreate, "ClientUpdate"),
        ClientFilters,
        sorts={"name": str, "id": str},
    )
)
