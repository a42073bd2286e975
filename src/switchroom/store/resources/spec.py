"""How a kind of thing lies in the database and in the configuration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Table

from switchroom.directory.listing import Value
from switchroom.directory.problem import Place, Problem
from switchroom.store.stored import Stored
from switchroom.store.visible import ScopeColumns

Fields: TypeAlias = Mapping[str, Any]
Companion: TypeAlias = Callable[[Connection, Sequence[str]], Mapping[str, Fields]]
"Further fields of things that lie in other tables, by the ids of the things."


class Named(Struct, frozen=True):
    """A thing that another one refers to."""

    place: Place
    resources: tuple[str, ...]
    "What it may be: one of these."
    value: str
    column: str = "id"
    "By what it is named."


class Target(Struct, frozen=True):
    """What a change is about, as far as it is known before the change."""

    id: str
    customer_id: str


class Edited(Struct, frozen=True):
    """The configuration as it would be, or what stands in the way."""

    stored: Stored
    problems: tuple[Problem, ...] = ()
    used_by: str = ""
    "Kinds of things that still refer to what is to be deleted."


Filter: TypeAlias = Callable[[Value], ColumnElement[bool]]
Edit: TypeAlias = Callable[[Stored, Target, Fields], Edited]


class ReadSpec(Struct, frozen=True, kw_only=True):
    """One kind of thing that is read."""

    noun: str
    "``agents``: the resource's name."
    table: Table
    scope: ScopeColumns
    scopes: Mapping[str, ScopeColumns] = {}
    "Verbs that reach fewer things than ``scope`` says."
    key: str = "id"
    "Column with the thing's id."
    is_of_active_customer: bool = False
    "Only things of the active customer, however far the asker sees: their keys are not unique."
    read_id: Callable[[str], Any] = str
    "What the key is compared with; ``None``: there can be no such thing."
    sorts: tuple[str, ...]
    "Columns to sort by, none of them nullable; the first is the usual one."
    filters: Mapping[str, Filter] = {}
    "How things are filtered by, beside the columns of ``equal``."
    equal: tuple[str, ...] = ()
    "Columns that are compared with what is asked for."
    companions: tuple[Companion, ...] = ()
    shape: Callable[[dict[str, Any]], dict[str, Any]] = dict
    "From columns to the fields of the thing."
    hidden: frozenset[str] = frozenset()
    "Columns that are never shown; they count for the version."
    fleeting: frozenset[str] = frozenset()
    "Columns that change by mere use; they do not count for the version."

    def sort_column(self, name: str) -> Column[Any]:
        """The column to sort by; the usual one for an empty name."""
        return self.table.c[name or self.sorts[0]]

    def condition(self, name: str, value: Value) -> ColumnElement[bool]:
        """What a filter asks for.

        Raises:
            LookupError: There is no such filter.
        """
        if name in self.equal:
            found: ColumnElement[bool] = self.table.c[name] == value
            return found
        return self.filters[name](value)


class ResourceSpec(ReadSpec, frozen=True, kw_only=True):
    """One kind of thing that is changed as well."""

    create: Edit
    update: Edit
    delete: Edit
    edits: Mapping[str, Edit] = {}
    "Further changes by their verb."
    references: Callable[[Fields], Iterable[Named]] = lambda _fields: ()

    def edit(self, action: str) -> Edit:
        """What carries out a wish's action."""
        plain = {"create": self.create, "update": self.update, "delete": self.delete}
        return {**plain, **self.edits}[action]
