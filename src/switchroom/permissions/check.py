"""The one decision about a request, asked of what was compiled. Takes less than a microsecond."""

from switchroom.permissions.compile import Compiled
from switchroom.permissions.model import Row
from switchroom.permissions.reach import Rows


def allows(compiled: Compiled, bit: int, row: Row) -> bool:
    """Whether this may be done to this row. ``bit`` is one bit of the catalogue."""
    if compiled.project & bit:
        return True
    if row.customer_id != compiled.customer_id:
        return False
    if compiled.full & bit:
        return True
    condition = compiled.conditional.get(bit)
    if condition is None:
        return False
    return is_among(condition.allow, compiled, row) and not is_among(condition.deny, compiled, row)


def holds(compiled: Compiled, bit: int) -> bool:
    """Whether this may be done to anything at all."""
    return bool(compiled.held & bit)


def is_among(rows: Rows, compiled: Compiled, row: Row) -> bool:
    """Whether a row of the active customer is one of these."""
    return (
        rows.all
        or (rows.own and compiled.principal_id in row.owner_ids)
        or (rows.tagged and not compiled.tag_ids.isdisjoint(row.tag_ids))
        or row.client_id in rows.client_ids
    )
