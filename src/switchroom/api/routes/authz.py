"""Who may do what, and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, logged_in, needs
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.errors import FieldFault, invalid, not_found
from switchroom.api.scopes import WHOLE_CUSTOMER, Reader, ScopeModel
from switchroom.identity.permissions import EXPLAIN
from switchroom.permissions.catalog import Catalog, UnknownPatternError
from switchroom.permissions.check import holds
from switchroom.permissions.explain import Decision

PermissionName = Annotated[str, Field(min_length=3, max_length=128, examples=["calls:hangup"])]

router = APIRouter(prefix="/v1/authz", tags=["authz"])


class CheckBody(Model):
    permissions: list[PermissionName] = Field(min_length=1, max_length=200)
    target_id: str = Field(
        "", max_length=64, description="A thing of theirs; empty: on anything at all."
    )


class CheckRead(BaseModel):
    allowed: list[str]
    refused: list[str]


class ReasonRead(BaseModel):
    effect: str
    via: str
    id: str
    role: str
    statement: str
    scope: str
    client_ids: list[str]


class DecisionRead(BaseModel):
    agent_id: str
    permission: str
    allowed: bool = Field(description="On something at least; see `scope` of the reasons.")
    code: str = Field(description="`allowed`, or what stands in the way: `explicit_deny`, …")
    because: list[ReasonRead]
    held: list[str] = Field(description="What is held on the same kind of thing.")
    roles_that_would: list[str] = Field(description="Ids of roles that would allow it.")


class MatrixRead(BaseModel):
    agent_id: str
    held: dict[str, str] = Field(description="How far each permission is held.")


class DryRunBody(Model):
    agent_id: Id
    role_id: str = Field(min_length=1, max_length=80, examples=["builtin:supervisor"])
    scope: ScopeModel = WHOLE_CUSTOMER


class DifferenceRead(BaseModel):
    permission: str
    before: str
    after: str
    is_gain: bool
    is_loss: bool


@router.post("/check", summary="What you may do", response_model=CheckRead)
@logged_in("everybody may ask about himself")
def check_permissions(body: CheckBody, actor: CurrentActor, ports: CurrentPorts) -> Any:
    """For buttons: which of these permissions you hold, on a thing or on anything at all."""
    allowed = []
    for place, name in enumerate(body.permissions):
        bit = ports.catalog.bit(_known(ports.catalog, name, f"permissions[{place}]"))
        is_held = holds(actor.compiled, bit)
        rows = ports.resources.get(name.partition(":")[0])
        if is_held and body.target_id and rows is not None:
            is_held = rows.find(actor.compiled, bit, body.target_id) is not None
        if is_held:
            allowed.append(name)
    refused = [name for name in body.permissions if name not in allowed]
    return {"allowed": allowed, "refused": refused}


@router.get("/explain", summary="Why somebody may or may not", response_model=DecisionRead)
@needs(EXPLAIN, asker=True)
def explain_permission(
    agent_id: Annotated[Id, Query()],
    permission: Annotated[PermissionName, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
    reader: Reader,
) -> Any:
    """Every statement and restriction that speaks to it, and which roles would help."""
    name = _known(ports.catalog, permission)
    decision = reader.explain(actor.customer_id, agent_id, name)
    if decision is None:
        raise not_found()
    return _shown(agent_id, decision)


@router.get("/who_can", summary="Who may", response_model=list[DecisionRead])
@needs(EXPLAIN, asker=True)
def who_can(
    permission: Annotated[PermissionName, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
    reader: Reader,
) -> Any:
    """Of all who serve the customer."""
    name = _known(ports.catalog, permission)
    found = reader.who_can(actor.customer_id, name)
    return [_shown(agent_id, decision) for agent_id, decision in found]


@router.get("/matrix", summary="All that somebody may do", response_model=MatrixRead)
@needs(EXPLAIN, asker=True)
def get_matrix(agent_id: Annotated[Id, Query()], actor: CurrentActor, reader: Reader) -> Any:
    held = reader.matrix(actor.customer_id, agent_id)
    if held is None:
        raise not_found()
    return {"agent_id": agent_id, "held": held}


@router.post("/dry_run", summary="What a role would change", response_model=list[DifferenceRead])
@needs(EXPLAIN, asker=True)
def try_role(body: DryRunBody, actor: CurrentActor, reader: Reader) -> Any:
    """Nothing is changed."""
    found = reader.dry_run(actor.customer_id, body.agent_id, body.role_id, body.scope.scope())
    if found is None:
        raise not_found()
    return [{name: getattr(one, name) for name in DifferenceRead.model_fields} for one in found]


def _known(catalog: Catalog, name: str, field: str = "permission") -> str:
    try:
        return catalog.permission(name).name
    except UnknownPatternError as error:
        raise invalid([FieldFault(field, str(error))]) from None


def _shown(agent_id: str, decision: Decision) -> dict[str, Any]:
    because = [
        {name: getattr(one, name) for name in ReasonRead.model_fields} for one in decision.because
    ]
    return {
        "agent_id": agent_id,
        "permission": decision.permission,
        "allowed": decision.allowed,
        "code": decision.code,
        "because": because,
        "held": list(decision.held),
        "roles_that_would": list(decision.roles_that_would),
    }
