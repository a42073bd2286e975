"""What agents may dial from their phones: what their roles say, at this moment."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from switchroom.directory.model import Agent
from switchroom.directory.validate import DIAL_CLASSES
from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.check import allows
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.model import Authority, Row
from switchroom.permissions.roles import Access
from switchroom.store.authority import load_authorities


def with_dial_rights(
    connection: Connection, agents: Sequence[Agent], access: Access, now: UtcSeconds
) -> tuple[tuple[Agent, ...], UtcSeconds | None]:
    """The agents with their dial classes, and when these may change by time alone."""
    by_customer: defaultdict[str, list[str]] = defaultdict(list)
    for agent in agents:
        by_customer[agent.customer_id].append(agent.id)
    found: dict[str, tuple[str, ...]] = {}
    changes: list[UtcSeconds] = []
    for customer_id, ids in by_customer.items():
        known = load_authorities(connection, ids, customer_id, builtin=access.builtin)
        for id, authority in known.items():
            found[id], change = _rights(authority, access, now)
            changes += [] if change is None else [change]
    rights = tuple(replace(agent, dial=found[agent.id]) for agent in agents)
    return rights, min(changes, default=None)


def _rights(
    authority: Authority, access: Access, now: UtcSeconds
) -> tuple[tuple[str, ...], UtcSeconds | None]:
    compiled = compile_authority(authority, access.catalog, now)
    own = Row(authority.customer_id, frozenset({authority.principal_id}), authority.tag_ids)
    rights = tuple(
        one for one in DIAL_CLASSES if allows(compiled, access.catalog.bit(f"dial:{one}"), own)
    )
    return rights, compiled.valid_until
