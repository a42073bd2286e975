"""Do two sets of ids meet? Asked in SQL, of stored tags and agents or of what stands for them."""

from collections.abc import Collection
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    bindparam,
    exists,
    false,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from switchroom.store.tables.authority import MembershipRow
from switchroom.store.tables.base import TAGS


class Tags(Protocol):
    """The tags of a row, wherever they are."""

    def overlaps(self, ids: Collection[str], customer_id: str) -> ColumnElement[bool]:
        """True of this customer's rows that have one of these tags; of none without ``ids``."""
        ...


class TagsColumn(Struct, frozen=True):
    """The row itself has them, in a column of the type ``TAGS``."""

    column: Any

    # A tag is one customer's in any case.
    def overlaps(self, ids: Collection[str], customer_id: str) -> ColumnElement[bool]:  # noqa: ARG002
        """True of rows that have one of these tags."""
        return overlaps(self.column, ids)


class TagItself(Struct, frozen=True):
    """The row is a tag: it is asked for by its own id."""

    id: Any

    # A tag is one customer's in any case.
    def overlaps(self, ids: Collection[str], customer_id: str) -> ColumnElement[bool]:  # noqa: ARG002
        """True of these tags."""
        found: ColumnElement[bool] = self.id.in_(sorted(ids)) if ids else false()
        return found


class TagsOfAgents(Struct, frozen=True):
    """The tags that the row's agents have now, as members of the row's customer."""

    agents: tuple[Any, ...]
    "Columns, or scalar subqueries, with an agent's id; NULL or empty is nobody."

    def overlaps(self, ids: Collection[str], customer_id: str) -> ColumnElement[bool]:
        """True of rows one of whose agents has one of these tags."""
        if not ids:
            return false()
        # An alias of its own: the query around may select from memberships as well.
        member = MembershipRow.__table__.alias()
        return exists(
            select(1)
            .select_from(member)
            .where(
                member.c.customer_id == customer_id,
                or_(*(member.c.agent_id == agent for agent in self.agents)),
                overlaps(member.c.tag_ids, ids),
            )
            .correlate_except(member)
        )


class SpacedIds(Struct, frozen=True):
    """The row has many agents: one text with their ids between spaces, ``" alice bob "``."""

    column: Any

    def has(self, id: str) -> ColumnElement[bool]:
        """True of rows that have this one."""
        return _HasId(self.column, bindparam(None, id, type_=String()))

    def has_any(self, ids: Select[tuple[str]]) -> ColumnElement[bool]:
        """True of rows that have one of these; what ``ids`` selects is the same for all rows."""
        return _HasAny(self.column, ids.scalar_subquery())


class TagsOfSpacedIds(Struct, frozen=True):
    """The tags that all those agents have now, as members of the row's customer."""

    agents: SpacedIds

    def overlaps(self, ids: Collection[str], customer_id: str) -> ColumnElement[bool]:
        """True of rows one of whose agents has one of these tags."""
        if not ids:
            return false()
        member = MembershipRow.__table__.alias()
        of_team = (member.c.customer_id == customer_id, overlaps(member.c.tag_ids, ids))
        return self.agents.has_any(select(member.c.agent_id).where(*of_team))


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


class _HasId(FunctionElement[bool]):
    """Whether a text of ids between spaces has one id."""

    type = Boolean()
    name = "has_id"
    inherit_cache = True


class _HasAny(FunctionElement[bool]):
    """Whether a text of ids between spaces has one that a query without correlation selects."""

    type = Boolean()
    name = "has_any"
    inherit_cache = True


@compiles(_HasId, "postgresql")
def _in_array(element: _HasId, compiler: SQLCompiler, **options: Any) -> str:
    column, id = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({_split(column)} @> ARRAY[CAST({id} AS TEXT)])"


@compiles(_HasId, "sqlite")
def _in_text(element: _HasId, compiler: SQLCompiler, **options: Any) -> str:
    column, id = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(instr({column}, ' ' || {id} || ' ') > 0)"


@compiles(_HasAny, "postgresql")
def _arrays_meet(element: _HasAny, compiler: SQLCompiler, **options: Any) -> str:
    # The array is made once, and the index is used; a subquery for each row would do neither.
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({_split(column)} && CAST(ARRAY{ids} AS TEXT[]))"


@compiles(_HasAny, "sqlite")
def _texts_meet(element: _HasAny, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    as_json = f"""'[' || replace(json_quote(trim({column})), ' ', '","') || ']'"""
    touched = f"json_each({as_json}) AS touched"
    return f"EXISTS (SELECT 1 FROM {touched} WHERE touched.value <> '' AND touched.value IN {ids})"


def _split(column: str) -> str:
    # As the index has it, word for word.
    return f"string_to_array(btrim({column}), ' ')"
