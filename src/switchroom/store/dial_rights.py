"""What agents may dial: what their roles say, at this moment."""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from switchroom.directory.model import Agent
from switchroom.directory.validate import DIAL_RIGHTS
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
    changes: set[UtcSeconds] = set()
    for customer_id, ids in by_customer.items():
        known = load_authorities(connection, ids, customer_id, builtin=access.builtin)
        # Thousands of agents hold the same few roles; what these come to is worked out once.
        alike: dict[Hashable, tuple[tuple[str, ...], UtcSeconds | None]] = {}
        for id, authority in known.items():
            kind = _kind(authority)
            if kind not in alike:
                alike[kind] = _rights(authority, access, now)
            found[id], change = alike[kind]
            changes.update(() if change is None else (change,))
    rights = tuple(replace(agent, dial=found[agent.id]) for agent in agents)
    return rights, min(changes, default=None)


def _kind(authority: Authority) -> Hashable:
    """The same for agents of one customer who may dial the same, each in his own name."""
    held = tuple((b.role.id, b.scope, b.not_before, b.expires_at) for b in authority.bindings)
    denied = tuple((one.pattern, one.scope) for one in authority.restrictions)
    return held, denied, authority.tag_ids, authority.is_disabled


def _rights(
    authority: Authority, access: Access, now: UtcSeconds
) -> tuple[tuple[str, ...], UtcSeconds | None]:
    compiled = compile_authority(authority, access.catalog, now)
    own = Row(authority.customer_id, frozenset({authority.principal_id}), authority.tag_ids)
    rights = tuple(
        one for one in DIAL_RIGHTS if allows(compiled, access.catalog.bit(f"dial:{one}"), own)
    )
    return rights, compiled.valid_until
