"""Do two sets of ids meet? Asked in SQL, of a stored column of tags or of what stands for one."""

from collections.abc import Collection
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import Boolean, ColumnElement, bindparam, exists, false, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from switchroom.store.tables.authority import MembershipRow
from switchroom.store.tables.base import TAGS


class Tags(Protocol):
    """The tags of a row, wherever they are."""

    def overlaps(self, ids: Collection[str]) -> ColumnElement[bool]:
        """True of rows that have one of these tags; of none if ``ids`` is empty."""
        ...


class TagsColumn(Struct, frozen=True):
    """The row itself has them, in a column of the type ``TAGS``."""

    column: Any

    def overlaps(self, ids: Collection[str]) -> ColumnElement[bool]:
        """True of rows that have one of these tags."""
        return overlaps(self.column, ids)


class TagItself(Struct, frozen=True):
    """The row is a tag: it is asked for by its own id."""

    id: Any

    def overlaps(self, ids: Collection[str]) -> ColumnElement[bool]:
        """True of these tags."""
        found: ColumnElement[bool] = self.id.in_(sorted(ids)) if ids else false()
        return found


class TagsOfAgents(Struct, frozen=True):
    """The tags that the row's agents have now, as members of the row's customer."""

    customer: Any
    agents: tuple[Any, ...]
    "Columns, or scalar subqueries, with an agent's id; NULL or empty is nobody."

    def overlaps(self, ids: Collection[str]) -> ColumnElement[bool]:
        """True of rows one of whose agents has one of these tags."""
        if not ids:
            return false()
        # An alias of its own: the query around may select from memberships as well.
        member = MembershipRow.__table__.alias()
        return exists(
            select(1)
            .select_from(member)
            .where(
                member.c.customer_id == self.customer,
                or_(*(member.c.agent_id == agent for agent in self.agents)),
                overlaps(member.c.tag_ids, ids),
            )
            .correlate_except(member)
        )


class _Overlaps(FunctionElement[bool]):
    """``&&`` on arrays, or a search in JSON."""

    type = Boolean()
    name = "overlaps"
    inherit_cache = True


def overlaps(column: Any, ids: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of the type ``TAGS`` has one of ``ids``; NULL has none."""
    if not ids:
        return false()
    return _Overlaps(column, bindparam(None, sorted(ids), type_=TAGS))


@compiles(_Overlaps, "postgresql")
def _of_arrays(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} && CAST({ids} AS VARCHAR[]))"


@compiles(_Overlaps, "sqlite")
def _of_json(element: _Overlaps, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    wanted = f"SELECT value FROM json_each({ids})"
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS tag WHERE tag.value IN ({wanted}))"
