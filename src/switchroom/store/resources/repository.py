"""Reads things as far as somebody may see them; the only reader of configuration for the API."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from switchroom.directory.listing import After, Page, Record, Wanted
from switchroom.foundation.versions import version_of
from switchroom.permissions.compile import Compiled
from switchroom.store.resources.spec import ReadSpec
from switchroom.store.resources.statements import LastUsedStatements
from switchroom.store.visible import visible


class Repository:
    """Things of one kind. ``bits`` are permissions that must all allow a row to be seen."""

    def __init__(self, spec: ReadSpec) -> None:
        self.spec = spec
        self._key: Column[Any] = spec.table.c[spec.key]
        self._finding = LastUsedStatements(self._find_one)

    def page(
        self, connection: Connection, compiled: Compiled, bits: Sequence[int], wanted: Wanted
    ) -> Page:
        """The things that are wanted, from where the last page ended."""
        column, id = self.spec.sort_column(wanted.sort), self._key
        query = self._filtered(select(self.spec.table), compiled, bits, wanted)
        if wanted.after is not None:
            value, last = wanted.after.value, self.spec.read_id(wanted.after.id)
            beyond = column < value if wanted.is_descending else column > value
            further = id < last if wanted.is_descending else id > last
            query = query.where(or_(beyond, and_(column == value, further)))
        order = (column.desc(), id.desc()) if wanted.is_descending else (column, id)
        rows = connection.execute(query.order_by(*order).limit(wanted.limit + 1)).mappings().all()
        shown = rows[: wanted.limit]
        after = None
        if len(rows) > wanted.limit:
            after = After(shown[-1][column.name], str(shown[-1][self.spec.key]))
        return Page(tuple(self._records(connection, shown)), after)

    def count(
        self, connection: Connection, compiled: Compiled, bits: Sequence[int], wanted: Wanted
    ) -> int:
        """How many there are on all pages together."""
        query = select(func.count()).select_from(self.spec.table)
        return connection.scalar(self._filtered(query, compiled, bits, wanted)) or 0

    def find(
        self, connection: Connection, compiled: Compiled, bits: Sequence[int], id: str
    ) -> Record | None:
        """One thing; ``None`` if there is none, or none for this asker."""
        key = self.spec.read_id(id)
        if key is None or "\0" in id:
            return None
        query = self._finding.get(compiled, tuple(bits))
        row = connection.execute(query, {"wanted": key}).mappings().first()
        return None if row is None else self._records(connection, [row])[0]

    def sees(
        self,
        connection: Connection,
        compiled: Compiled,
        bits: Sequence[int],
        column: str,
        value: str,
    ) -> bool:
        """Whether the asker sees a thing whose ``column`` has this value."""
        query = select(self._key).where(self.spec.table.c[column] == value)
        return connection.execute(self._seen(query, compiled, bits)).first() is not None

    def _find_one(self, compiled: Compiled, bits: Sequence[int]) -> Select[Any]:
        query = select(self.spec.table).where(self._key == bindparam("wanted"))
        return self._seen(query, compiled, bits)

    def _seen(self, query: Select[Any], compiled: Compiled, bits: Sequence[int]) -> Select[Any]:
        if self.spec.is_of_active_customer:
            query = query.where(self.spec.scope.customer == compiled.customer_id)
        return query.where(*(visible(self.spec.scope, compiled, bit) for bit in bits))

    def _filtered(
        self, query: Select[Any], compiled: Compiled, bits: Sequence[int], wanted: Wanted
    ) -> Select[Any]:
        conditions = [self.spec.condition(*one) for one in wanted.filters.items()]
        return self._seen(query, compiled, bits).where(*conditions)

    def _records(self, connection: Connection, rows: Sequence[RowMapping]) -> list[Record]:
        ids = [row[self.spec.key] for row in rows]
        further = [companion(connection, ids) for companion in self.spec.companions] if ids else []
        return [
            self._record(dict(row), [more.get(row[self.spec.key], {}) for more in further])
            for row in rows
        ]

    def _record(self, columns: dict[str, Any], further: Sequence[Any]) -> Record:
        for more in further:
            columns.update(more)
        lasting = {name: value for name, value in columns.items() if name not in self.spec.fleeting}
        shown = {name: value for name, value in columns.items() if name not in self.spec.hidden}
        customer_id = columns.get("customer_id", columns[self.spec.key])
        return Record(
            str(columns[self.spec.key]),
            customer_id,
            self.spec.shape(shown),
            version_of(lasting),
        )
