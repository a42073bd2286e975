"""Calls that somebody wants over HTTP, as the node takes them."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request

from switchroom.api.access import require
from switchroom.api.configuration.fields import Model
from switchroom.api.errors import FieldFault, FieldRefusedError, invalid
from switchroom.api.node import NodeCommands
from switchroom.api.ports import Ports, Scalar
from switchroom.directory.validate import DIAL_RIGHTS
from switchroom.foundation.errors import SwitchroomError
from switchroom.identity.model import Actor
from switchroom.permissions.check import holds
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import Row

NO_NODE = "no_node"
"What ``NodePort.ask`` raises when the node does not answer."
_DESTINATION = re.compile(r"(destinations\[\d+\]): (.*)", re.DOTALL)
"How the node names whom it means, if several are to be rung."
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
                "Of an agent, extension or group its id, as their lists have it, and no name; of a"
                " number what one would dial on a desk phone: a short number, a user name, a"
                " telephone number; a SIP URI."
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
    """What every order says: who asks, and what he may dial.

    ``agent_id``: whose call it will be.

    Raises:
        ProblemError: 403; the asker may not do this for that agent or client.
    """
    actor, ports = _asked(request)
    require(request, permission, Row(actor.customer_id, frozenset({agent_id}), client_id=client_id))
    if client_id:
        _seen(ports, actor, "clients:use", client_id, "client_id")
    may = actor.compiled
    return {
        "customer": actor.customer_id,
        "client": client_id,
        "asked_by": actor.principal_id,
        "dial": [one for one in DIAL_RIGHTS if holds(may, ports.catalog.bit(f"dial:{one}"))],
    }


def begin(request: Request, permission: Permission, order: Mapping[str, Scalar]) -> str:
    """Have the node begin the call; returns its id. The audit log is told what comes of it.

    Raises:
        SwitchroomError: The node does not answer, or refused; of several destinations it is named
            which.
    """
    actor, ports = _asked(request)
    try:
        call_id = NodeCommands(ports.node).originate(order)
    except SwitchroomError as error:
        _note(request, permission, "", error)
        if found := _DESTINATION.match(str(error)):
            raise FieldRefusedError(error, FieldFault(found[1], found[2])) from error
        raise
    ports.gate.done(actor, permission, call_id, ports.utc(), after=order)
    return call_id


def hang_up(request: Request, permission: Permission, call_id: str) -> None:
    """Have the node end the call. The audit log is told what comes of it.

    Raises:
        SwitchroomError: The call is over, or the node does not answer.
    """
    actor, ports = _asked(request)
    try:
        NodeCommands(ports.node).hang_up(call_id, actor.principal_id)
    except SwitchroomError as error:
        _note(request, permission, call_id, error)
        raise
    ports.gate.done(actor, permission, call_id, ports.utc())


def check_party(request: Request, party: Party, field: str) -> None:
    """Whoever cannot be seen cannot be rung by his id.

    Raises:
        ProblemError: 422; to the asker there is no such thing.
    """
    wanted = _REFERENCES.get(party.kind)
    if wanted is not None:
        actor, ports = _asked(request)
        _seen(ports, actor, wanted, party.name, f"{field}.name")


def _asked(request: Request) -> tuple[Actor, Ports]:
    return request.scope["state"]["actor"], request.app.state.ports


def _note(request: Request, permission: Permission, call_id: str, error: SwitchroomError) -> None:
    actor, ports = _asked(request)
    # Who does not answer has refused nothing, and may have done it all the same.
    note = ports.gate.failed if error.code == NO_NODE else ports.gate.refused
    note(actor, permission, call_id, ports.utc(), f"{error.code}: {error}")


def _seen(ports: Ports, actor: Actor, permission: str, id: str, field: str) -> None:
    noun, bit = permission.partition(":")[0], ports.catalog.bit(permission)
    one = noun.removesuffix("s")
    if not holds(actor.compiled, bit):
        # The same whether it is there or not.
        text = f"this takes the permission {permission}"
        if noun != "clients":
            text += f"; {one}s with a number can be rung without it, as kind `number`"
        raise invalid([FieldFault(field, text)])
    if ports.resources[noun].find(actor.compiled, bit, id) is None:
        text = f"there is no such {one}: its id is wanted here, as GET /v1/{noun} has it"
        raise invalid([FieldFault(field, text)])
