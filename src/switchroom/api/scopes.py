"""Scopes and statements as they are written over HTTP."""

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import BaseModel, Field

from switchroom.api.authority_port import AuthorityDesk, AuthorityReader
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.edge.services import service
from switchroom.permissions.model import Role, Scope, Statement

Pattern = Annotated[
    str,
    Field(
        min_length=3,
        max_length=128,
        description="A permission, or a pattern: `calls:hangup`, `calls:*`, `*:read`.",
        examples=["calls:*"],
    ),
]
ScopeKind = Literal["own", "team", "clients", "customer", "project"]
ClientIds = Annotated[
    list[Id], Field(max_length=64, description="Only with `clients`, and never empty there.")
]
Reason = Annotated[str, Field(max_length=500, description="For the audit log.")]


class ScopeModel(Model):
    """How far it reaches."""

    kind: ScopeKind = "customer"
    client_ids: ClientIds = Field([])

    def scope(self) -> Scope:
        """As permissions have it."""
        return Scope(self.kind, frozenset(self.client_ids))


WHOLE_CUSTOMER = ScopeModel(kind="customer", client_ids=[])


class StatementModel(Model):
    """One line of a role; a deny wins over every allow."""

    effect: Literal["allow", "deny"] = "allow"
    pattern: Pattern
    scope: Literal["own", "team"] | None = Field(
        None, description="null: as far as the role is bound; else only so far."
    )

    def statement(self) -> Statement:
        """As permissions have it."""
        return Statement(self.effect, self.pattern, self.scope)


class RoleRead(BaseModel):
    id: Id
    customer_id: str = Field(description="Empty: it is built in.")
    name: str
    text: str
    statements: list[StatementModel]


def role_shown(role: Role) -> dict[str, object]:
    """A role as it is answered."""
    statements = [
        {"effect": one.effect, "pattern": one.pattern, "scope": one.scope}
        for one in role.statements
    ]
    return {
        "id": role.id,
        "customer_id": role.customer_id,
        "name": role.name,
        "text": role.text,
        "statements": statements,
    }


Desk = Annotated[AuthorityDesk, Depends(service(AuthorityDesk))]
Reader = Annotated[AuthorityReader, Depends(service(AuthorityReader))]
