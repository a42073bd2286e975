"""The words for reading things out of the configuration: what is wanted, and a page of it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct

Value: TypeAlias = str | int | float | bool
"What a column is compared with."

MOST_PER_PAGE = 200
USUAL_PER_PAGE = 50


class Record(Struct, frozen=True):
    """One thing as it is stored, for whoever may see it."""

    id: str
    customer_id: str
    fields: Mapping[str, Any]
    "By the names of ``directory/model.py``; lists and dictionaries, as JSON has them."
    version: str
    "Differs whenever the thing differs (an ETag without its quotes)."


class After(Struct, frozen=True):
    """Where the last page ended: the value of the sorted column, and the id there."""

    value: Value
    id: str


class Wanted(Struct, frozen=True):
    """Which things, in which order, from where."""

    filters: Mapping[str, Value] = {}
    "Column and the value it must have; every name is one that the resource allows."
    sort: str = ""
    "Column; empty: the resource's usual one."
    is_descending: bool = False
    after: After | None = None
    limit: int = USUAL_PER_PAGE


class Page(Struct, frozen=True):
    """Some of the things; ``after`` leads to the rest, ``None``: there is no more."""

    records: tuple[Record, ...]
    after: After | None = None
