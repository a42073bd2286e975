"""Log-in and what follows: refresh, log-out, switching, and who one is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from switchroom.api.access import (
    SESSION_COOKIE,
    CurrentActor,
    CurrentPorts,
    logged_in,
    needs,
    public,
    refused,
)
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.edge.services import service
from switchroom.api.errors import ProblemError, request_id_of
from switchroom.api.moments import now_of, source_of
from switchroom.directory.permissions import SWITCH_CUSTOMER
from switchroom.identity.log_in import Door, LoggedIn, LogIn, MfaNeeded
from switchroom.identity.model import Refused, Tokens
from switchroom.identity.sessions import SessionKeeper

REFRESH_COOKIE = "switchroom_refresh"
_REFRESH_PATH = "/v1/auth/refresh"

Entrance = Annotated[Door, Depends(service(Door))]
Keeper = Annotated[SessionKeeper, Depends(service(SessionKeeper))]

router = APIRouter(prefix="/v1/auth", tags=["auth"])


class LogInBody(Model):
    username: str = Field(min_length=1, max_length=255, examples=["alice@acme.example"])
    password: str = Field(
        min_length=1, max_length=1024, json_schema_extra={"writeOnly": True}, examples=["…"]
    )
    code: str = Field(
        "", max_length=64, description="Of the second factor, or a recovery code; if it is asked."
    )
    customer_id: str = Field(
        "", max_length=64, description="The customer to work in; empty: the agent's home."
    )
    cookie: bool = Field(
        False, description="For browsers: tokens are set as HttpOnly cookies and not shown."
    )


class RefreshBody(Model):
    refresh_token: str = Field(
        "", max_length=128, description="Empty: the cookie has it.", examples=["sr_r_…"]
    )


class SwitchBody(Model):
    customer_id: Id
    reason: str = Field(
        min_length=1, max_length=500, description="Seen in that customer's audit log."
    )


class TokensRead(BaseModel):
    """Shown this once."""

    access_token: str = Field(description="For `Authorization: Bearer`; empty with cookies.")
    refresh_token: str = Field(description="Good for one refresh; empty: there is none.")
    csrf_token: str = Field(description="With cookies: for `X-CSRF-Token`.")
    access_until: float = Field(description="Unix seconds; slides with use.")
    ends_at: float = Field(description="Unix seconds: log in again then.")
    must_enrol: bool = Field(False, description="Nothing is allowed but to set up a second factor.")


class Me(BaseModel):
    agent_id: Id
    username: str
    customer_id: Id = Field(description="The active customer.")
    token_kind: str
    mfa_at: float | None = Field(description="Unix seconds; null: not in this session.")
    must_enrol: bool
    switched_from: str
    permissions: list[str] = Field(description="Held on something at least.")


@router.post("/login", summary="Log in", response_model=TokensRead)
@public("whoever logs in has no token yet")
def log_in(body: LogInBody, request: Request, response: Response, door: Entrance) -> Any:
    """Answers the same for an unknown user name and a wrong password.

    401 `mfa_needed`: the same again with `code`. 429 `wait`: too many attempts.
    """
    wish = LogIn(
        body.username,
        body.password,
        source_of(request),
        body.code,
        body.customer_id,
        request.headers.get("user-agent", ""),
        body.cookie,
        request_id_of(request),
    )
    match door.log_in(wish, now_of(request)):
        case Refused() as refusal:
            raise refused(refusal)
        case MfaNeeded():
            raise ProblemError("mfa_needed", "send the code of your second factor, too")
        case LoggedIn() as done:
            return _told(done.tokens, request, response, body.cookie) | {
                "must_enrol": done.must_enrol
            }


@router.post("/refresh", summary="Get new tokens", response_model=TokensRead)
@public("a refresh token says who it is; the access token may have ended")
def refresh_tokens(body: RefreshBody, request: Request, response: Response, keeper: Keeper) -> Any:
    """Each refresh token is good once; one that is used again ends the session."""
    is_cookie = not body.refresh_token
    token = body.refresh_token or request.cookies.get(REFRESH_COOKIE, "")
    done = keeper.refresh(
        token, source_of(request), now_of(request), request_id=request_id_of(request)
    )
    if isinstance(done, Refused):
        raise refused(done)
    return _told(done.tokens, request, response, is_cookie and done.session.is_cookie)


@router.post("/logout", summary="Log out", status_code=204)
@logged_in("everybody may end his own session")
def log_out(request: Request, response: Response, actor: CurrentActor, keeper: Keeper) -> None:
    """The token is worth nothing from now on."""
    keeper.log_out(actor, now_of(request))
    response.delete_cookie(SESSION_COOKIE)
    response.delete_cookie(REFRESH_COOKIE, path=_REFRESH_PATH)


@router.post("/switch", summary="Act in another customer for a while", response_model=TokensRead)
@needs(SWITCH_CUSTOMER, keeps_answer=False)
def switch_customer(body: SwitchBody, request: Request, actor: CurrentActor, keeper: Keeper) -> Any:
    """For platform staff: a session of an hour at most, seen in that customer's audit log.

    Members of several customers log in with `customer_id` instead.
    """
    done = keeper.switch(actor, body.customer_id, body.reason, now_of(request))
    if isinstance(done, Refused):
        raise refused(done)
    return _shown(done.tokens)


@router.get("/me", summary="Who you are, and what you may do", response_model=Me)
@logged_in("everybody may know who he is")
async def get_me(actor: CurrentActor, ports: CurrentPorts) -> Any:
    return {
        "agent_id": actor.principal_id,
        "username": actor.username,
        "customer_id": actor.customer_id,
        "token_kind": actor.token_kind,
        "mfa_at": actor.mfa_at,
        "must_enrol": actor.must_enrol,
        "switched_from": actor.switched_from,
        "permissions": list(ports.catalog.names(actor.compiled.held)),
    }


def _told(tokens: Tokens, request: Request, response: Response, is_cookie: bool) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    if not is_cookie:
        return _shown(tokens)
    lasts = max(0, int(tokens.ends_at - now_of(request)))
    is_secure = request.url.scheme == "https"
    for name, value, path in (
        (SESSION_COOKIE, tokens.access, "/"),
        (REFRESH_COOKIE, tokens.refresh, _REFRESH_PATH),
    ):
        response.set_cookie(
            name, value, lasts, path=path, secure=is_secure, httponly=True, samesite="strict"
        )
    return _shown(tokens) | {"access_token": "", "refresh_token": ""}


def _shown(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "csrf_token": tokens.csrf,
        "access_until": tokens.access_until,
        "ends_at": tokens.ends_at,
    }
