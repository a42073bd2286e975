"""Pages of lists: where one ends is a cursor, so that what is added meanwhile moves nothing.

A cursor is opaque to clients and holds nothing secret: only where in the order the page ended. It
is checked, and what may be seen is decided anew with every page.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from switchroom.api.errors import FieldFault, invalid
from switchroom.api.ports import Resources
from switchroom.directory.listing import MOST_PER_PAGE, USUAL_PER_PAGE, After, Value, Wanted
from switchroom.permissions.compile import Compiled

Item = TypeVar("Item", bound=BaseModel)

CURSOR_LIMIT = 1024
"Characters."


class List(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(
        None, description="Give it as `cursor` to get the next page; null: this is the last one."
    )
    total: int | None = Field(None, description="Of all pages together; only with `count=true`.")


class _Cursor(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    sort: str
    value: str | int | float | bool
    id: str


class PageQuery(BaseModel):
    """The query parameters that every list has."""

    limit: int = Field(
        USUAL_PER_PAGE, ge=1, le=MOST_PER_PAGE, description="How many things a page has at most."
    )
    cursor: str = Field("", max_length=CURSOR_LIMIT, description="From the page before.")
    sort: str = Field(
        "", max_length=64, description="Field to sort by; with `-` before it: descending."
    )
    count: bool = Field(False, description="Also count what all pages have together.")

    def wanted(
        self, sorts: Mapping[str, type], filters: Mapping[str, Value], usual: str = ""
    ) -> Wanted:
        """What the store is asked for. ``sorts``: names and types; ``usual``: without a wish.

        Raises:
            ProblemError: 422; the sort is none of ``sorts``, or the cursor is of another list.
        """
        sort = self.sort or usual
        name, is_descending = sort.removeprefix("-"), sort.startswith("-")
        if name and name not in sorts:
            raise invalid([FieldFault("sort", f"is none of {', '.join(sorts)}")])
        name = name or next(iter(sorts))
        after = None
        if self.cursor:
            after = _after(self.cursor, f"{'-' if is_descending else ''}{name}", sorts[name])
        return Wanted(filters, name, is_descending, after, self.limit)


Paging = Annotated[PageQuery, Query()]


def write_cursor(wanted: Wanted, after: After | None) -> str | None:
    """The cursor that leads on from a page; ``None``: there is no more."""
    if after is None:
        return None
    sort = f"{'-' if wanted.is_descending else ''}{wanted.sort}"
    body = msgspec.json.encode(_Cursor(sort, after.value, after.id))
    return urlsafe_b64encode(body).decode().rstrip("=")


def _after(text: str, sort: str, kind: type) -> After:
    try:
        body = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor: Any = msgspec.json.decode(body, type=_Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise invalid([FieldFault("cursor", "is not one that a list has given")]) from None
    is_storable = "\0" not in f"{cursor.value}{cursor.id}"
    if not _is_of(cursor.value, kind) or not is_storable:
        raise invalid([FieldFault("cursor", "is not one that a list has given")])
    if cursor.sort != sort:
        raise invalid([FieldFault("cursor", "belongs to a list with another order")])
    return After(cursor.value, cursor.id)


def _is_of(value: Value, kind: type) -> bool:
    """A whole number is a float too; a boolean is no number."""
    return type(value) is kind or (kind is float and type(value) is int)


def listed(
    things: Resources,
    compiled: Compiled,
    paging: PageQuery,
    filters: BaseModel,
    sorts: Mapping[str, type],
    usual: str = "",
) -> dict[str, Any]:
    """One page as a list answers it."""
    wanted = paging.wanted(sorts, filters.model_dump(exclude_none=True, by_alias=True), usual)
    page = things.page(compiled, wanted)
    items = [{"customer_id": one.customer_id, **one.fields} for one in page.records]
    total = things.count(compiled, wanted) if paging.count else None
    return {"items": items, "next_cursor": write_cursor(wanted, page.after), "total": total}
