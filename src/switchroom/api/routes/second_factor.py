"""One's own second factor (TOTP, RFC 6238) and recovery codes, one's password, and tickets."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, done, logged_in
from switchroom.api.configuration.fields import Model
from switchroom.api.edge.services import service
from switchroom.api.moments import Moment, now_of
from switchroom.identity.passwords import PasswordDesk
from switchroom.identity.second_factor import Enrolment, RecoveryCodes, SecondFactors
from switchroom.identity.tickets import Ticket, TicketOffice

Factors = Annotated[SecondFactors, Depends(service(SecondFactors))]
Desk = Annotated[PasswordDesk, Depends(service(PasswordDesk))]
Office = Annotated[TicketOffice, Depends(service(TicketOffice))]
Password = Annotated[
    str, Field(min_length=1, max_length=1024, json_schema_extra={"writeOnly": True})
]
ISSUER = "Switchroom"
_OWN = "everybody looks after his own log-in"

router = APIRouter(prefix="/v1/auth", tags=["auth"])


class PasswordBody(Model):
    old_password: Password
    password: Password = Field(description="12 characters or more; none that everybody uses.")


class EnrolBody(Model):
    password: Password


class CodeBody(Model):
    code: str = Field(
        min_length=1,
        max_length=64,
        description="Of the authenticator, or a recovery code.",
        examples=["123456"],
    )


class EnrolmentRead(BaseModel):
    """Shown this once."""

    secret: str = Field(description="Base32, for the authenticator.")
    address: str = Field(description="`otpauth:` address, to be shown as a picture.")


class RecoveryRead(BaseModel):
    """Shown this once; each code is good once."""

    recovery_codes: list[str]


class TicketRead(BaseModel):
    ticket: str = Field(description="For `?ticket=` of a WebSocket: good once.")
    expires_at: Moment


@router.put("/password", summary="Change your own password", status_code=204)
@logged_in(_OWN, keeps_answer=False)
def change_password(body: PasswordBody, request: Request, actor: CurrentActor, desk: Desk) -> None:
    """Your other sessions end; this one goes on."""
    done(desk.change_own(actor, body.old_password, body.password, now_of(request)), "")


@router.post("/mfa", summary="Begin to set up a second factor", response_model=EnrolmentRead)
@logged_in(_OWN, keeps_answer=False)
def begin_factor(body: EnrolBody, request: Request, actor: CurrentActor, factors: Factors) -> Any:
    """It counts once a first code was confirmed."""
    outcome = factors.begin(actor, body.password, ISSUER, now_of(request))
    enrolment: Enrolment = done(outcome, "")
    return {"secret": enrolment.secret, "address": enrolment.address}


@router.post("/mfa/confirm", summary="Confirm the first code", response_model=RecoveryRead)
@logged_in(_OWN, keeps_answer=False)
def confirm_factor(body: CodeBody, request: Request, actor: CurrentActor, factors: Factors) -> Any:
    """From now on a log-in asks for a code."""
    codes: RecoveryCodes = done(factors.confirm(actor, body.code, now_of(request)), "")
    return {"recovery_codes": list(codes.codes)}


@router.post("/mfa/show", summary="Show your second factor again", status_code=204)
@logged_in(_OWN, keeps_answer=False)
def show_factor(body: CodeBody, request: Request, actor: CurrentActor, factors: Factors) -> None:
    """What changes who may do what asks for one within 15 minutes (`mfa_required`)."""
    done(factors.show(actor, body.code, now_of(request)), "")


@router.post("/mfa/remove", summary="Remove your second factor", status_code=204)
@logged_in(_OWN, keeps_answer=False)
def remove_factor(body: CodeBody, request: Request, actor: CurrentActor, factors: Factors) -> None:
    done(factors.remove(actor, body.code, now_of(request)), "")


@router.post("/tickets", summary="Get a ticket for a WebSocket", response_model=TicketRead)
@logged_in("a ticket stands for the token that asks for it", keeps_answer=False)
def issue_ticket(request: Request, actor: CurrentActor, office: Office) -> Any:
    """Good once and for half a minute: a browser cannot send a header there."""
    ticket: Ticket = done(office.issue(actor, now_of(request)), "")
    return {"ticket": ticket.text, "expires_at": ticket.expires_at}
