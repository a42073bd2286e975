"""What is done to agents' accounts and teams by others."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from switchroom.agents.permissions import (
    DISABLE,
    FORCE_LOGOUT,
    RESET_MFA,
    SET_PASSWORD,
    SET_TAGS,
    UNLOCK,
)
from switchroom.api.access import CurrentActor, done, needs
from switchroom.api.configuration.fields import Id, Model, TagIds
from switchroom.api.edge.services import service
from switchroom.api.moments import now_of
from switchroom.api.scopes import Desk
from switchroom.identity.passwords import PasswordDesk
from switchroom.identity.second_factor import SecondFactors
from switchroom.identity.sessions import SessionKeeper

Passwords = Annotated[PasswordDesk, Depends(service(PasswordDesk))]
Factors = Annotated[SecondFactors, Depends(service(SecondFactors))]
Keeper = Annotated[SessionKeeper, Depends(service(SessionKeeper))]

router = APIRouter(prefix="/v1/agents", tags=["agents"])


class AgentPassword(Model):
    password: str = Field(
        min_length=1,
        max_length=1024,
        description="12 characters or more; none that everybody uses.",
        json_schema_extra={"writeOnly": True},
    )


class AgentTags(Model):
    tag_ids: TagIds


@router.post("/{id}/set_password", summary="Set an agent's password", status_code=204)
@needs(SET_PASSWORD, row="agents", keeps_answer=False)
def set_agent_password(
    id: Id, body: AgentPassword, request: Request, actor: CurrentActor, passwords: Passwords
) -> None:
    """His first one, or another one; all his sessions end. You must hold all that he can do."""
    done(passwords.set_for(actor, id, body.password, now_of(request)), SET_PASSWORD.name)


@router.post("/{id}/reset_mfa", summary="Take away an agent's second factor", status_code=204)
@needs(RESET_MFA, row="agents", keeps_answer=False)
def reset_agent_factor(id: Id, request: Request, actor: CurrentActor, factors: Factors) -> None:
    done(factors.reset(actor, id, now_of(request)), RESET_MFA.name)


@router.post("/{id}/set_tags", summary="Say which teams an agent is in", status_code=204)
@needs(SET_TAGS, row="agents")
def set_agent_tags(id: Id, body: AgentTags, by: CurrentActor, desk: Desk) -> None:
    """Tags decide what `team` means for him: you must hold what he holds in his teams."""
    done(desk.set_tags(by, id, tuple(body.tag_ids)), SET_TAGS.name)


@router.post("/{id}/disable", summary="Close an agent's account", status_code=204)
@needs(DISABLE, row="agents")
def disable_agent(id: Id, by: CurrentActor, desk: Desk) -> None:
    """He is logged out everywhere at once, his keys count for nothing, his phones dial nothing.

    You must hold all that he can do, in every customer that he serves. He can still be rung.
    """
    done(desk.disable_account(by, id, is_disabled=True), DISABLE.name)


@router.post("/{id}/enable", summary="Open an agent's account again", status_code=204)
@needs(DISABLE, row="agents")
def enable_agent(id: Id, by: CurrentActor, desk: Desk) -> None:
    """He has to log in again. What he holds was kept, and so were his keys."""
    done(desk.disable_account(by, id, is_disabled=False), DISABLE.name)


@router.post("/{id}/unlock", summary="Let an agent try to log in again at once", status_code=204)
@needs(UNLOCK, row="agents")
def unlock_agent(id: Id, request: Request, actor: CurrentActor, passwords: Passwords) -> None:
    done(passwords.unlock(actor, id, now_of(request)), UNLOCK.name)


@router.post("/{id}/force_logout", summary="End an agent's sessions", status_code=204)
@needs(FORCE_LOGOUT, row="agents")
def log_out_agent(id: Id, request: Request, actor: CurrentActor, keeper: Keeper) -> None:
    """Those in your customer; from his next request on."""
    keeper.force_logout(id, "logged out by somebody else", now_of(request), by=actor)
