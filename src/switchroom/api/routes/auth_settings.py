"""What the active customer asks of log-ins."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from msgspec.structs import asdict
from pydantic import Field

from switchroom.api.access import CurrentActor, done, needs
from switchroom.api.configuration.answers import IfMatch, etag, if_match
from switchroom.api.configuration.fields import Model, changes_of
from switchroom.api.errors import FieldFault, invalid
from switchroom.api.scopes import Reader
from switchroom.foundation.versions import version_of
from switchroom.identity.model import AuthSettings
from switchroom.identity.permissions import GET_AUTH_SETTINGS, UPDATE_AUTH_SETTINGS
from switchroom.identity.rules.accesskeys import networks_fault

router = APIRouter(prefix="/v1/auth_settings", tags=["auth_settings"])


class AuthSettingsRead(Model):
    require_mfa: bool = Field(description="Everybody must set up a second factor.")
    session_idle_s: float = Field(
        ge=60, le=86_400, allow_inf_nan=False, description="Seconds without use."
    )
    session_longest_s: float = Field(
        ge=300, le=604_800, allow_inf_nan=False, description="Seconds until a new log-in."
    )
    password_least: int = Field(ge=12, le=128, description="Characters.")
    key_longest_days: int = Field(ge=1, le=365)
    networks: Annotated[
        list[Annotated[str, Field(max_length=43)]],
        Field(max_length=64, description="From where people log in (CIDR); empty: anywhere."),
    ]


SettingsUpdate: Any = changes_of(AuthSettingsRead, "AuthSettingsUpdate")


@router.get("", summary="What is asked of log-ins", response_model=AuthSettingsRead)
@needs(GET_AUTH_SETTINGS)
def get_auth_settings(actor: CurrentActor, reader: Reader, response: Response) -> Any:
    return _shown(reader.auth_settings(actor.customer_id), response)


@router.patch("", summary="Change what is asked of log-ins", response_model=AuthSettingsRead)
@needs(UPDATE_AUTH_SETTINGS)
def update_auth_settings(
    body: SettingsUpdate,
    by: CurrentActor,
    reader: Reader,
    response: Response,
    version: IfMatch = None,
) -> Any:
    """What the body leaves out stays as it is. It counts from the next request on.

    For sessions that are open, too. `networks` that would shut out whoever asks are refused.
    """
    said = body.model_dump(exclude_unset=True)
    if "networks" in said:
        said["networks"] = tuple(said["networks"])
        if fault := networks_fault(said["networks"]):
            raise invalid([FieldFault("networks", fault)])
    outcome = reader.edit_auth_settings(by, said, if_match(version))
    settings: AuthSettings = done(outcome, UPDATE_AUTH_SETTINGS.name)
    return _shown(settings, response)


def _shown(settings: AuthSettings, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(version_of(settings))
    return asdict(settings) | {"networks": list(settings.networks)}
