"""Telephone numbers: where they lead is a kind and an id."""

from collections.abc import Iterable
from typing import Any

from switchroom.directory.model import Number
from switchroom.store.resources.edits import country_of, creating, normalised, updating
from switchroom.store.resources.spec import Edited, Fields, Named, Target
from switchroom.store.stored import Stored

_create = creating("numbers", Number)
_update = updating("numbers", Number)


def create(stored: Stored, target: Target, values: Fields) -> Edited:
    """One more number."""
    e164 = normalised(values["e164"], country_of(stored, target.customer_id))
    return _create(stored, target, {**_fields(values), "e164": e164})


def update(stored: Stored, target: Target, values: Fields) -> Edited:
    """Leads elsewhere from now on."""
    return _update(stored, target, _fields(values))


def shape(columns: dict[str, Any]) -> dict[str, Any]:
    """Kind and id of a target belong together."""
    shown = {
        name: value
        for name, value in columns.items()
        if name not in {"to_kind", "to_id", "no_answer_kind", "no_answer_id"}
    }
    shown["to"] = {"kind": columns["to_kind"], "id": columns["to_id"]}
    shown["no_answer"] = None
    if columns["no_answer_kind"] is not None:
        shown["no_answer"] = {"kind": columns["no_answer_kind"], "id": columns["no_answer_id"]}
    return shown


def references(fields: Fields) -> Iterable[Named]:
    """The client, and what the number leads to."""
    if fields.get("client_id"):
        yield Named(("client_id",), ("clients",), fields["client_id"])
    for field in ("to", "no_answer"):
        if target := fields.get(field):
            yield Named((field, "id"), (f"{target['kind']}s",), target["id"])


def _fields(values: Fields) -> dict[str, Any]:
    """No client is the empty text in the configuration, and null in the database and over HTTP."""
    fields = dict(values)
    if "client_id" in fields:
        fields["client_id"] = fields["client_id"] or ""
    return fields
