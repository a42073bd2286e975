"""The whole configuration of a customer as one document."""

from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from switchroom.api.access import CurrentActor, done, needs
from switchroom.api.configuration.answers import etag, if_match
from switchroom.api.configuration.document_port import Documents, NotApplied
from switchroom.api.edge.services import service
from switchroom.api.edge.words import BODY
from switchroom.api.errors import FieldFault, ProblemError, invalid
from switchroom.directory.document import SentDocument
from switchroom.directory.permissions import APPLY_CONFIGURATION, EXPORT_CONFIGURATION
from switchroom.identity.model import Refused

T = TypeVar("T")

YAML = "application/yaml"
"RFC 9512."
JSON = "application/json"
_EXAMPLE = """\
customers:
  - name: acme
    domain: acme.example
    country: US
    tags: [{name: sales}]
"""
_SCHEMA = {
    "type": "object",
    "required": ["customers"],
    "properties": {
        "customers": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {"type": "object"},
        }
    },
}
_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {
            YAML: {"schema": {"type": "string"}, "example": _EXAMPLE},
            JSON: {"schema": _SCHEMA},
        },
    }
}
_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The document.",
        "content": {
            YAML: {
                "schema": _SCHEMA,
                "example": {
                    "customers": [{"name": "acme", "domain": "acme.example", "country": "US"}]
                },
            }
        },
    }
}

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of an export: only if nobody changed it since."),
]
Desk = Annotated[Documents, Depends(service(Documents))]
DryRun = Annotated[bool, Query(description="Only say what would change.")]

router = APIRouter(prefix="/v1/configuration", tags=["configuration"])


class FieldChangeRead(BaseModel):
    field: str
    before: str
    after: str


class ChangeRead(BaseModel):
    action: Literal["create", "update", "delete"]
    kind: str = Field(examples=["extension"])
    name: str = Field(examples=["acme/1001"])
    fields: list[FieldChangeRead] = Field(description="Of an update; of a password only whence.")


class AppliedRead(BaseModel):
    applied: bool = Field(description="false: a dry run, or there was nothing to change.")
    changes: list[ChangeRead]


@router.post(
    "/apply",
    summary="Make the configuration what a document says",
    response_model=AppliedRead,
    openapi_extra=_DOCUMENT,
)
@needs(APPLY_CONFIGURATION)
def apply_document(
    request: Request,
    by: CurrentActor,
    desk: Desk,
    dry_run: DryRun = False,
    version: IfMatch = None,
) -> Any:
    """The document is about your customer alone and says all of it: what it lacks is deleted.

    You need to see everything that there is, and for each change the permission that its own
    operation needs. All of it is done or nothing. Passwords are written out or `ha1:`; `env:` and
    `file:` may only stay as they are. YAML, or JSON with `Content-Type: application/json`.
    """
    document = SentDocument(_text(request), _is_json(request), dry_run, if_match(version))
    return _done(desk.apply(by, document))


@router.get(
    "/export",
    summary="Write out the configuration as a document",
    response_class=Response,
    responses=_EXPORTED,
)
@needs(EXPORT_CONFIGURATION)
def export_document(by: CurrentActor, desk: Desk) -> Response:
    """All of your customer's, or a 403 that says what you may not see; applied, it changes nothing.

    Passwords of phones are `ha1:` hashes, with which one can register: keep it as a secret.
    """
    exported = _done(desk.export(by))
    headers = {"Cache-Control": "no-store", "ETag": etag(exported.version)}
    return Response(exported.text, media_type=YAML, headers=headers)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", YAML).partition(";")[0].strip().lower()
    if kind == JSON:
        return True
    if kind in {YAML, "application/x-yaml", "text/yaml", "text/plain"}:
        return False
    raise ProblemError("unsupported_media_type", f"a document is {YAML} or {JSON}")


def _text(request: Request) -> str:
    body: bytes = request.scope["state"].get("body", b"")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = FieldFault(BODY, f"is not UTF-8 text (byte {error.start})")
        raise invalid([fault]) from None


def _done(outcome: T | NotApplied | Refused) -> T:
    if isinstance(outcome, NotApplied):
        raise _problem(outcome)
    return done(outcome, APPLY_CONFIGURATION.name)


def _problem(refused: NotApplied) -> ProblemError:
    members: dict[str, Any] = {}
    if refused.code in {"missing_permissions", "escalation"}:
        members = {"error": "permission_denied", "missing": list(refused.missing)}
        if refused.rule:
            members["rule"] = refused.rule
    return ProblemError(refused.code, refused.text, errors=refused.faults, members=members)
