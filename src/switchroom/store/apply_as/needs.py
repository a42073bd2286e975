"""Which permission each change of a document needs: that of the same change by its route."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled
from switchroom.permissions.model import Row
from switchroom.store.apply.fault import Location
from switchroom.store.apply_as.things import ADDRESSES, Thing, Things, fresh_row
from switchroom.store.resources.spec import Fields, Named
from switchroom.store.stored import Origin

References: TypeAlias = Mapping[str, Callable[[Fields], Iterable[Named]]]
"By resource: the things that one refers to."

_VERBS: Final = {
    ("numbers", "create"): "buy",
    ("numbers", "delete"): "release",
    ("agents", "tag_ids"): "set_tags",
    ("agents", "password"): "set_password",
    ("extensions", "password"): "rotate_secret",
    ("trunks", "password"): "rotate_secret",
}
"Where the verb is not that of the change, or a field has one of its own."

_HELD: Final = {
    "roles": ("roles:bind", "roles:unbind"),
    "restrictions": ("restrictions:create", "restrictions:delete"),
}
"What an agent holds: the permission to give it, and to take it."

_ACCOUNT: Final[Mapping[str, Any]] = {
    "tag_ids": [],
    "password": Origin(),
    "roles": frozenset(),
    "restrictions": frozenset(),
}
"What a new agent has of all that is asked for apart from creating him."


class Need(Struct, frozen=True):
    """A permission that the asker must have on a row."""

    permission: str
    row: Row
    thing_id: str
    place: Location = ()
    "In the thing."


def needs_of_changes(
    before: Things,
    after: Things,
    references: References,
    catalog: Catalog,
    written_out: Collection[str] = (),
) -> Iterator[Need]:
    """For everything that differs, and for the passwords of ``written_out`` even if they do not.

    Who may not set a password must not be told whether the one that he sent is right.
    """
    known = _Known(before, after, catalog)
    for id, thing in after.items():
        old = before.get(id)
        if old is not None and _is_elsewhere(old, thing):
            old = None  # what it refers to, it refers to for somebody else now
        if old is None:
            yield from _needs_of_new(id, thing)
        else:
            yield from _needs_of_changed(id, old, thing, written_out)
        if thing.resource in references:
            yield from known.references(id, old, thing, references[thing.resource])
    yield from _needs_of_order(before, after)
    for id, thing in before.items():
        kept = after.get(id)
        # Whoever deletes an agent need not be asked for each of his addresses.
        goes_along = thing.resource == ADDRESSES and thing.fields["agent_id"] not in after
        if (kept is None and not goes_along) or (kept is not None and _is_elsewhere(thing, kept)):
            yield Need(_permission(thing.resource, "delete"), thing.row, id)


def needs_of_reading(things: Things, customer_id: str) -> Iterator[Need]:
    """To see all that there is: a document is about all of it."""
    for id, thing in things.items():
        for verb in ("list", "get"):
            yield Need(f"{thing.resource}:{verb}", thing.row, id)
    for resource in ("customers", "roles", "restrictions"):
        for verb in ("list", "get"):
            yield Need(f"{resource}:{verb}", Row(customer_id), "")


def lacking(needs: Iterable[Need], compiled: Compiled, catalog: Catalog) -> list[Need]:
    """Those that the asker does not have."""
    return [one for one in needs if not allows(compiled, catalog.bit(one.permission), one.row)]


def _needs_of_new(id: str, thing: Thing) -> Iterator[Need]:
    # By the routes it is created first: its tags bring it into nobody's reach before.
    fresh = replace(thing, row=fresh_row(thing))
    yield Need(_permission(thing.resource, "create"), fresh.row, id)
    if thing.resource == "agents":
        yield from _needs_of_fields(id, _ACCOUNT, fresh, _ACCOUNT)


def _needs_of_changed(
    id: str, old: Thing, thing: Thing, written_out: Collection[str]
) -> Iterator[Need]:
    asked = {"password"} if id in written_out else set()
    for need in _needs_of_fields(id, old.fields, thing, thing.fields, asked):
        yield need
        if old.row != thing.row:
            # As it was and as it will be: nobody changes a thing out of, or into, his reach.
            yield Need(need.permission, old.row, id, need.place)


def _needs_of_fields(
    id: str,
    old: Mapping[str, Any],
    thing: Thing,
    fields: Iterable[str],
    asked: Collection[str] = (),
) -> Iterator[Need]:
    """``asked``: fields that need it even if they stay."""
    for field in fields:
        was, will_be = old[field], thing.fields[field]
        if was == will_be and field not in asked:
            continue
        if thing.resource == "agents" and field in _HELD:
            gives, takes = _HELD[field]
            names = [
                name for name, some in ((gives, will_be - was), (takes, was - will_be)) if some
            ]
            for name in names:
                yield Need(name, Row(thing.row.customer_id), id, (field,))
        else:
            verb = _VERBS.get((thing.resource, field), "update")
            yield Need(f"{thing.resource}:{verb}", thing.row, id, (field,))


def _needs_of_order(before: Things, after: Things) -> Iterator[Need]:
    """An agent's addresses ring in their order; by its route a new one comes last."""
    old, new = _orders(before), _orders(after)
    for agent_id, order in new.items():
        was = old.get(agent_id, [])
        stay = [id for id in was if id in order]
        usual = stay + [id for id in order if id not in was]
        for id, expected in zip(order, usual, strict=True):
            if id != expected and id in stay:
                yield Need(f"{ADDRESSES}:update", after[id].row, id)


def _orders(things: Things) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for id, thing in things.items():
        if thing.resource == ADDRESSES:
            found[thing.fields["agent_id"]].append(id)
    return found


def _permission(resource: str, action: str) -> str:
    return f"{resource}:{_VERBS.get((resource, action), action)}"


def _is_elsewhere(old: Thing, thing: Thing) -> bool:
    """By its route an address stays with its agent."""
    return old.resource == ADDRESSES and old.fields["agent_id"] != thing.fields["agent_id"]


class _Known:
    """What may be referred to."""

    def __init__(self, before: Things, after: Things, catalog: Catalog) -> None:
        self._before = before
        self._after = after
        self._catalog = catalog
        self._numbers = {
            thing.fields["number"]: id
            for things in (after, before)
            for id, thing in things.items()
            if thing.resource == "extensions"
        }

    def references(
        self, id: str, old: Thing | None, thing: Thing, named: Callable[[Fields], Iterable[Named]]
    ) -> Iterator[Need]:
        """For what the thing refers to and did not before."""
        known = set() if old is None else {(one.resources, one.value) for one in named(old.fields)}
        for one in named(thing.fields):
            target_id = self._numbers.get(one.value, "") if one.column == "number" else one.value
            # What was there before counts as it was: nothing makes itself referable.
            target = self._before.get(target_id)
            row = None if target is None else target.row
            if target is None and (target := self._after.get(target_id)) is not None:
                row = fresh_row(target)
            if row is not None and target is not None and (one.resources, one.value) not in known:
                yield Need(self._use(target.resource), row, id, one.place)

    def _use(self, resource: str) -> str:
        verbs = {one.verb for one in self._catalog.resource(resource).permissions}
        return f"{resource}:{'use' if 'use' in verbs else 'get'}"
