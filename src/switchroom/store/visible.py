"""The decision about a request as a condition of SQL: the same rows, however many there are.

Lists, gets, counts, exports, updates and deletes of scoped things all put it into their WHERE.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, false, or_, true

from switchroom.permissions.compile import Compiled
from switchroom.permissions.reach import Rows
from switchroom.store.overlaps import SpacedIds, Tags


class ScopeColumns(Struct, frozen=True):
    """Where a table has what scopes ask for. What SQL can compare may stand for a column."""

    customer: Any
    owners: tuple[Any, ...] = ()
    "Each with one owner's id, or ``SpacedIds`` with many."
    tags: Tags | None = None
    client: Any = None


def visible(columns: ScopeColumns, compiled: Compiled, bit: int) -> ColumnElement[bool]:
    """True of exactly the rows that ``check.allows`` allows. ``bit`` is one of the catalogue's."""
    if compiled.project & bit:
        return true()
    condition = compiled.conditional.get(bit)
    if not compiled.full & bit and condition is None:
        return false()
    wanted = [columns.customer == compiled.customer_id]
    if condition is not None:
        wanted += _conditions(columns, compiled, condition.allow, condition.deny)
    return and_(*wanted)


def _conditions(
    columns: ScopeColumns, compiled: Compiled, allow: Rows, deny: Rows
) -> Iterator[ColumnElement[bool]]:
    if not allow.all:
        # Plain = : NULL is simply not true, and the index is used.
        yield or_(false(), *_arms(columns, compiled, allow))
    if denied := list(_arms(columns, compiled, deny)):
        # Around the whole of it, once: NOT (NULL) would lose rows that nobody denied.
        yield or_(*denied).is_not(true())


def _arms(columns: ScopeColumns, compiled: Compiled, rows: Rows) -> Iterator[ColumnElement[bool]]:
    if rows.own:
        yield from (_is_of(owner, compiled.principal_id) for owner in columns.owners)
    if rows.tagged and compiled.tag_ids and columns.tags is not None:
        yield columns.tags.overlaps(compiled.tag_ids, compiled.customer_id)
    if rows.client_ids and columns.client is not None:
        yield columns.client.in_(sorted(rows.client_ids))


def _is_of(owner: Any, id: str) -> ColumnElement[bool]:
    if isinstance(owner, SpacedIds):
        return owner.has(id)
    found: ColumnElement[bool] = owner == id
    return found
