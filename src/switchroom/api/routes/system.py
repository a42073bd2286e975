"""How the platform is doing, for those who run it."""

from typing import Any

from fastapi import APIRouter

from switchroom.api.access import CurrentPorts, needs
from switchroom.api.node import NodeCommands
from switchroom.api.permissions import GET_SYSTEM

router = APIRouter(prefix="/v1/system", tags=["system"])


@router.get("", summary="What the node says about itself", response_model=dict[str, Any])
@needs(GET_SYSTEM)
def get_system(ports: CurrentPorts) -> Any:
    """Where it listens, registrations, trunks, calls, bans: of all customers."""
    return NodeCommands(ports.node).status()
