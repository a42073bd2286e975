"""Calls that somebody wants over HTTP, as the node takes them."""

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request

from switchroom.api.access import require
from switchroom.api.configuration.fields import Model
from switchroom.api.errors import FieldFault, invalid
from switchroom.api.ports import Ports
from switchroom.identity.model import Actor
from switchroom.permissions.check import holds
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import Row

DIAL = ("internal", "national", "international", "premium")
_REFERENCES = {"agent": "agents:get", "extension": "extensions:use", "group": "groups:use"}


class Party(Model):
    """Somebody who is to be rung, or to be connected with."""

    kind: Literal["agent", "extension", "group", "number", "sip"]
    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=256,
            description=(
                "Of an agent, extension or group its id; of a number what one would dial on a"
                " desk phone: a short number, a user name, a telephone number; a SIP URI."
            ),
            examples=["+12025550123"],
        ),
    ]

    def argument(self) -> dict[str, str]:
        """As the node's command has it."""
        return {self.kind: self.name}


def order(
    request: Request, permission: Permission, agent_id: str, client_id: str
) -> dict[str, Any]:
    """What every order says: for whom it is, and what he may dial.

    Raises:
        ProblemError: 403; the asker may not do this for that agent or client.
    """
    actor: Actor = request.scope["state"]["actor"]
    ports: Ports = request.app.state.ports
    require(request, permission, Row(actor.customer_id, frozenset({agent_id}), client_id=client_id))
    if client_id:
        _seen(ports, actor, "clients:use", client_id, "client_id")
    held = [one for one in DIAL if holds(actor.compiled, ports.catalog.bit(f"dial:{one}"))]
    # A SIP address elsewhere may be anywhere, so it takes the right to call abroad.
    elsewhere = ["sip"] if "international" in held else []
    return {
        "customer": actor.customer_id,
        "client": client_id,
        "asked_by": agent_id,
        "dial": [*held, *elsewhere],
    }


def check_party(request: Request, party: Party, field: str) -> None:
    """Whoever cannot be seen cannot be rung by his id.

    Raises:
        ProblemError: 422; to the asker there is no such thing.
    """
    wanted = _REFERENCES.get(party.kind)
    if wanted is not None:
        actor: Actor = request.scope["state"]["actor"]
        _seen(request.app.state.ports, actor, wanted, party.name, f"{field}.name")


def _seen(ports: Ports, actor: Actor, permission: str, id: str, field: str) -> None:
    noun = permission.partition(":")[0]
    if ports.resources[noun].find(actor.compiled, ports.catalog.bit(permission), id) is None:
        raise invalid([FieldFault(field, f"there is no such {noun.removesuffix('s')}")])
