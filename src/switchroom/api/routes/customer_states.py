"""What the platform does to customers: freezing, thawing, what they bought."""

from fastapi import APIRouter
from pydantic import Field

from switchroom.api.access import CurrentActor, done, needs
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.scopes import Desk, Pattern
from switchroom.directory.permissions import FREEZE_CUSTOMER, RECOVER_CUSTOMER, SET_PLAN

router = APIRouter(prefix="/v1/customers", tags=["customers"])


class Because(Model):
    reason: str = Field(min_length=1, max_length=500, description="For the customer's audit log.")


class Plan(Model):
    patterns: list[Pattern] = Field(
        max_length=200, description="The most that his roles can allow; empty: no ceiling."
    )


@router.post("/{id}/freeze", summary="Leave a customer only reading", status_code=204)
@needs(FREEZE_CUSTOMER, row="customers")
def freeze_customer(id: Id, body: Because, by: CurrentActor, desk: Desk) -> None:
    done(desk.freeze(by, id, body.reason), FREEZE_CUSTOMER.name)


@router.post("/{id}/recover", summary="Lift a customer's freeze", status_code=204)
@needs(RECOVER_CUSTOMER, row="customers")
def recover_customer(id: Id, body: Because, by: CurrentActor, desk: Desk) -> None:
    done(desk.recover(by, id, body.reason), RECOVER_CUSTOMER.name)


@router.put("/{id}/plan", summary="Set what a customer bought", status_code=204)
@needs(SET_PLAN, row="customers")
def set_plan(id: Id, body: Plan, by: CurrentActor, desk: Desk) -> None:
    done(desk.set_plan(by, id, tuple(body.patterns)), SET_PLAN.name)
