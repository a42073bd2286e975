"""What the platform says of a customer: what he bought, and whether he is frozen."""

from collections.abc import Sequence

from sqlalchemy import delete, insert

from switchroom.identity.model import Refused
from switchroom.permissions.validate import faults_of_ceiling
from switchroom.store.authority import read_plan
from switchroom.store.authority_writer.change import Change, Outcome, first_fault, reason_fault
from switchroom.store.epochs import frozen_at, raise_customer, set_frozen
from switchroom.store.tables import metadata

_PLAN = metadata.tables["plan_statements"]


def set_plan(change: Change, patterns: Sequence[str]) -> Outcome:
    """Say what the customer bought: a ceiling of whatever his roles allow; empty: no ceiling.

    The caller has asked for ``customers:set_plan``, which is the platform's.
    """
    change.hold()
    fault = first_fault(faults_of_ceiling(patterns, change.catalog, "patterns"))
    if fault is not None:
        return fault
    before = read_plan(change.connection, change.customer_id)
    change.connection.execute(delete(_PLAN).where(_PLAN.c.customer_id == change.customer_id))
    rows = [
        {"customer_id": change.customer_id, "position": position, "pattern": pattern}
        for position, pattern in enumerate(patterns)
    ]
    if rows:
        change.connection.execute(insert(_PLAN), rows)
    raise_customer(change.connection, change.customer_id)
    change.note(
        "customers:set_plan",
        "customers",
        change.customer_id,
        before={"plan": before},
        after={"plan": list(patterns)},
    )
    return change.customer_id


def freeze(change: Change, reason: str) -> Outcome:
    """Let only reading be allowed in the customer, until ``recover``. Calls go on."""
    return _set(change, "customers:freeze", change.now, reason)


def recover(change: Change, reason: str) -> Outcome:
    """Lift a freeze."""
    return _set(change, "customers:recover", None, reason)


def _set(change: Change, action: str, since: float | None, reason: str) -> Outcome:
    change.hold()
    fault = reason_fault(reason)
    if fault is not None:
        return fault
    is_frozen = frozen_at(change.connection, change.customer_id) is not None
    if is_frozen == (since is not None):
        return Refused("conflict", "the customer is so already")
    set_frozen(change.connection, change.customer_id, since)
    change.note(action, "customers", change.customer_id, reason=reason)
    return change.customer_id
