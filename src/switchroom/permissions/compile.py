"""Authority as it is stored, made into masks: done once, then asked many times."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog, bits
from switchroom.permissions.lines import granted, live_lines
from switchroom.permissions.model import Authority
from switchroom.permissions.reach import Reach, Rows


class Condition(Struct, frozen=True):
    """Of one permission that is allowed on some rows only."""

    allow: Rows
    deny: Rows


class Compiled(Struct, frozen=True):
    """What one principal may do in one customer. Good until ``valid_until``, in this process."""

    principal_id: str
    customer_id: str
    "The active customer."
    tag_ids: frozenset[str]
    full: int
    "Allowed on every row of the active customer."
    project: int
    "Allowed on every row of the platform."
    beyond: int
    "All that bindings at the scope ``project`` allow, in whatever customer they come to act."
    conditional: Mapping[int, Condition]
    "By bit: allowed on some rows of the active customer."
    held: int
    "Allowed on some row at least."
    token: int
    "What the access key was cut to; everything without one."
    valid_until: UtcSeconds | None = None
    "When a binding begins or ends; ``None``: never."


def compile_authority(authority: Authority, catalog: Catalog, now: UtcSeconds) -> Compiled:
    """The masks of this authority. The same input gives the same output; takes microseconds."""
    ceiling = ceiling_of(authority, catalog)
    lines = tuple(live_lines(authority, catalog, now))
    allow, deny = Reach(lines, "allow", catalog), Reach(lines, "deny", catalog)
    left = ceiling & ~deny.everywhere
    customer = allow.customer & catalog.within_customers & left
    full = customer & ~deny.somewhere
    project = allow.project & left & ~deny.somewhere
    some = (customer | allow.somewhere & left) & ~full
    conditional = dict(_conditions(some, allow, deny, has_tags=bool(authority.tag_ids)))
    return Compiled(
        authority.principal_id,
        authority.customer_id,
        authority.tag_ids,
        full,
        project & catalog.platform,
        project & ~deny.named,
        conditional,
        reduce(or_, conditional, full | project & catalog.platform),
        token_of(authority, catalog),
        next_change(authority, now),
    )


def ceiling_of(authority: Authority, catalog: Catalog) -> int:
    """What can be allowed at all, whatever roles say."""
    if authority.is_disabled or not authority.principal_id or not authority.customer_id:
        return 0
    return (
        left_by_freeze(authority, catalog)
        & plan_of(authority, catalog)
        & token_of(authority, catalog)
    )


def left_by_freeze(authority: Authority, catalog: Catalog) -> int:
    """A frozen customer can be looked at, not changed."""
    return catalog.reading if authority.is_frozen else catalog.all


def plan_of(authority: Authority, catalog: Catalog) -> int:
    """What the customer bought."""
    return _sum_of(authority.plan, catalog)


def token_of(authority: Authority, catalog: Catalog) -> int:
    """What the access key was cut to."""
    return _sum_of(authority.token, catalog)


def next_change(authority: Authority, now: UtcSeconds) -> UtcSeconds | None:
    """When the next binding begins or ends."""
    edges = (edge for b in authority.bindings for edge in (b.not_before, b.expires_at))
    return min((edge for edge in edges if edge is not None and edge > now), default=None)


def _sum_of(patterns: Iterable[str] | None, catalog: Catalog) -> int:
    if patterns is None:
        return catalog.all
    return reduce(or_, (granted(pattern, catalog) for pattern in patterns), 0)


def _conditions(
    mask: int, allow: Reach, deny: Reach, *, has_tags: bool
) -> Iterator[tuple[int, Condition]]:
    for bit in bits(mask):
        denied = deny.rows(bit)
        allowed = allow.rows(bit).without(denied)
        if not has_tags:
            allowed = replace(allowed, tagged=False)
        if allowed:
            yield bit, Condition(allowed, denied)
