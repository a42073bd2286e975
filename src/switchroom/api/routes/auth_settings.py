"""What the active customer asks of log-ins."""

from typing import Annotated, Any

from fastapi import APIRouter
from msgspec.structs import asdict
from pydantic import Field

from switchroom.api.access import CurrentActor, needs
from switchroom.api.configuration.fields import Model
from switchroom.api.errors import FieldFault, invalid
from switchroom.api.scopes import Reader
from switchroom.identity.model import AuthSettings
from switchroom.identity.permissions import GET_AUTH_SETTINGS, UPDATE_AUTH_SETTINGS
from switchroom.identity.rules.accesskeys import networks_fault

router = APIRouter(prefix="/v1/auth_settings", tags=["auth_settings"])


class Settings(Model):
    require_mfa: bool = Field(False, description="Everybody must set up a second factor.")
    session_idle_s: float = Field(
        900.0, ge=60, le=86_400, allow_inf_nan=False, description="Seconds without use."
    )
    session_longest_s: float = Field(
        43_200.0, ge=300, le=604_800, allow_inf_nan=False, description="Seconds until a new log-in."
    )
    password_least: int = Field(12, ge=12, le=128, description="Characters.")
    key_longest_days: int = Field(365, ge=1, le=365)
    networks: Annotated[
        list[Annotated[str, Field(max_length=43)]],
        Field(max_length=64, description="From where people log in (CIDR); empty: anywhere."),
    ] = Field([])


@router.get("", summary="What is asked of log-ins", response_model=Settings)
@needs(GET_AUTH_SETTINGS)
def get_settings(actor: CurrentActor, reader: Reader) -> Any:
    return asdict(reader.auth_settings(actor.customer_id))


@router.put("", summary="Say what is asked of log-ins", response_model=Settings)
@needs(UPDATE_AUTH_SETTINGS)
def put_settings(body: Settings, by: CurrentActor, reader: Reader) -> Any:
    """From the next request on, of sessions that are open, too."""
    if fault := networks_fault(body.networks):
        raise invalid([FieldFault("networks", fault)])
    said = body.model_dump() | {"networks": tuple(body.networks)}
    reader.set_auth_settings(by, AuthSettings(**said))
    return body
