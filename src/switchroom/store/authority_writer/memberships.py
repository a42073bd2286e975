"""Agents serve customers: guests come and go, memberships are paused, tags say the teams."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Select, delete, insert, select, update

from switchroom.identity.model import Refused
from switchroom.permissions import grant
from switchroom.permissions.grant import Asker, Refusal
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.authority_writer.change import Change, Outcome, hold_authority
from switchroom.store.authority_writer.owners import refusal_if, without
from switchroom.store.database import hold
from switchroom.store.epochs import raise_agent
from switchroom.store.sessions import DatabaseSessions
from switchroom.store.tables import metadata

TAGS_LIMIT = 100
"Of one agent in one customer."

_MEMBERSHIPS = metadata.tables["memberships"]
_BINDINGS = metadata.tables["bindings"]
_RESTRICTIONS = metadata.tables["restrictions"]
_KEYS = metadata.tables["accesskeys"]
_SESSIONS = metadata.tables["sessions"]
_AGENTS = metadata.tables["agents"]
_CUSTOMERS = metadata.tables["customers"]
_TAGS = metadata.tables["tags"]
_NOT_FOUND = Refused("not_found", "there is no such membership")
_LOCK = "memberships"
"Held by who brings an agent to another customer, and by who must know all that an agent serves."


def add_member(change: Change, agent_id: str) -> Outcome:
    """Let an agent of another customer serve this one, without any role yet (rule E10)."""
    hold(change.connection, _LOCK)
    change.hold()
    if change.connection.scalar(_home_of(agent_id)) is None:
        return Refused("not_found", "there is no such agent", "agent_id")
    known = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.id == change.customer_id)
    if change.connection.scalar(known) is None:
        return Refused("not_found", "there is no such customer")
    if _membership(change, agent_id) is not None:
        return Refused("conflict", "the agent serves this customer already", "agent_id")
    row = {"agent_id": agent_id, "customer_id": change.customer_id, "tag_ids": []}
    change.connection.execute(insert(_MEMBERSHIPS), row)
    raise_agent(change.connection, agent_id)
    change.note("memberships:create", "memberships", agent_id, after={"agent_id": agent_id})
    return agent_id


def end_membership(change: Change, agent_id: str) -> Outcome:
    """End a guest's membership with all that he held here: roles, restrictions, keys, sessions."""
    change.hold()
    if _membership(change, agent_id) is None:
        return _NOT_FOUND
    if change.connection.scalar(_home_of(agent_id)) == change.customer_id:
        return Refused("invalid", "an agent's home is left by deleting the agent", "agent_id")
    refusal = _refusal(change, agent_id)
    if refusal is not None:
        return refusal
    for table, owner in (
        (_BINDINGS, _BINDINGS.c.principal_id),
        (_RESTRICTIONS, _RESTRICTIONS.c.principal_id),
        (_KEYS, _KEYS.c.owner_id),
        (_SESSIONS, _SESSIONS.c.agent_id),
        (_MEMBERSHIPS, _MEMBERSHIPS.c.agent_id),
    ):
        here = table.c.customer_id == change.customer_id
        change.connection.execute(delete(table).where(owner == agent_id, here))
    raise_agent(change.connection, agent_id)
    change.note("memberships:delete", "memberships", agent_id, before={"agent_id": agent_id})
    return agent_id


def set_membership_disabled(change: Change, agent_id: str, *, is_disabled: bool) -> Outcome:
    """Pause a membership, or let it go on; what the agent holds is kept meanwhile."""
    change.hold()
    if _membership(change, agent_id) is None:
        return _NOT_FOUND
    refusal = _refusal(change, agent_id) if is_disabled else None
    if refusal is not None:
        return refusal
    disabled_at = change.now if is_disabled else None
    _update(change, agent_id, disabled_at=disabled_at)
    after = {"agent_id": agent_id, "is_disabled": is_disabled}
    change.note("memberships:update", "memberships", agent_id, after=after)
    return agent_id


def set_tags(change: Change, agent_id: str, tag_ids: Sequence[str]) -> Outcome:
    """Say which teams an agent is in; rule E6."""
    change.hold()
    before = _membership(change, agent_id)
    if before is None:
        return _NOT_FOUND
    wanted = sorted(set(tag_ids))
    fault = _tags_fault(change, wanted)
    asker = change.asker(fault)
    if isinstance(asker, Refused):
        return asker
    refusal = grant.set_tags(asker, change.authority(agent_id)) if asker else None
    if refusal is not None:
        return refusal
    _update(change, agent_id, tag_ids=wanted)
    change.note(
        "agents:set_tags",
        "agents",
        agent_id,
        before={"tag_ids": before},
        after={"tag_ids": wanted},
    )
    return agent_id


def set_account_disabled(change: Change, agent_id: str, *, is_disabled: bool) -> Outcome:
    """Close an agent's account everywhere, or open it again; rule E5.

    His sessions end for good, his keys count for nothing until it is opened.
    """
    customers = hold_all_of(change, [agent_id])
    if change.customer_id not in customers:
        return _NOT_FOUND
    asker = change.asker()
    if isinstance(asker, Refused):
        return asker
    targets = [change.authority(agent_id, customer_id) for customer_id in customers]
    refusal = grant.dominate(asker, targets) if asker else None
    if is_disabled:
        refusal = refusal or last_owner_refusal(change, [agent_id], customers)
    if refusal is not None:
        return refusal
    accounts = DatabaseAccounts(change.connection)
    accounts.set_disabled(agent_id, change.now if is_disabled else None)
    if is_disabled:
        sessions = DatabaseSessions(change.connection)
        live = [one.id for one in sessions.live(agent_id, change.now)]
        sessions.revoke(live, "the account was disabled", change.now)
    raise_agent(change.connection, agent_id)
    after = {"is_disabled": is_disabled}
    change.note("agents:disable", "agents", agent_id, after=after)
    return agent_id


def hold_all_of(change: Change, agent_ids: Sequence[str]) -> list[str]:
    """The customers that these agents serve; nobody else changes authority there any more.

    Before ``Change.hold``, and for everybody concerned at once: see ``hold_authority``.
    """
    hold(change.connection, _LOCK)
    query = select(_MEMBERSHIPS.c.customer_id).where(_MEMBERSHIPS.c.agent_id.in_(agent_ids))
    customers = sorted(change.connection.scalars(query.distinct()))
    hold_authority(change.connection, {change.customer_id, *customers})
    return customers


def last_owner_refusal(
    change: Change, agent_ids: Sequence[str], customers: Sequence[str]
) -> Refusal | None:
    """Would nobody own one of these customers without the agents?"""
    for customer_id in customers:
        there = replace(change, customer_id=customer_id)
        refusal = refusal_if(there, without(there, agent_ids))
        if refusal is not None:
            return refusal
    return None


def _refusal(change: Change, agent_id: str) -> Refusal | Refused | None:
    asker: Asker | Refused | None = change.asker(from_elsewhere=True)
    if isinstance(asker, Refused):
        return asker
    refusal = grant.dominate(asker, [change.authority(agent_id)]) if asker else None
    return refusal or refusal_if(change, without(change, [agent_id]))


def _tags_fault(change: Change, tag_ids: Sequence[str]) -> Refused | None:
    if len(tag_ids) > TAGS_LIMIT:
        return Refused("invalid", f"at most {TAGS_LIMIT} tags", "tag_ids")
    known = select(_TAGS.c.id).where(_TAGS.c.customer_id == change.customer_id)
    if set(tag_ids) - set(change.connection.scalars(known)):
        return Refused("invalid", "there is no such tag", "tag_ids")
    return None


def _membership(change: Change, agent_id: str) -> list[str] | None:
    """The tags of an agent's membership here; ``None``: he is no member."""
    query = select(_MEMBERSHIPS.c.tag_ids).where(
        _MEMBERSHIPS.c.agent_id == agent_id, _MEMBERSHIPS.c.customer_id == change.customer_id
    )
    found: list[str] | None = change.connection.scalar(query)
    return found


def _update(change: Change, agent_id: str, **columns: object) -> None:
    here = _MEMBERSHIPS.c.customer_id == change.customer_id
    change.connection.execute(
        update(_MEMBERSHIPS).where(_MEMBERSHIPS.c.agent_id == agent_id, here).values(**columns)
    )
    raise_agent(change.connection, agent_id)


def _home_of(agent_id: str) -> Select[str]:
    return select(_AGENTS.c.customer_id).where(_AGENTS.c.id == agent_id)
