"""Says what an apply changes, thing by thing and field by field, without showing a secret."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from switchroom.directory.model import Address, Agent, Extension, Target, Trunk
from switchroom.permissions.model import Statement
from switchroom.store.apply import written
from switchroom.store.apply.keys import names_of
from switchroom.store.stored import Origin, Stored

Action = Literal["create", "update", "delete"]
_SIGNS: dict[Action, str] = {"create": "+", "update": "~", "delete": "-"}
_NAMES = {"e164": "number", "is_default": "default", "member_ids": "members"} | {
    "trunk_ids": "trunks",
    "client_id": "client",
    "tag_ids": "tags",
    "customer_id": "customer",
}
"Fields that a file calls otherwise."
_HIDDEN = {"id", "ha1_md5", "ha1_sha256"}
_NOTHING = "none"


class FieldChange(Struct, frozen=True):
    """One field as a person reads it; a secret is only its reference."""

    field: str
    before: str
    after: str


class Change(Struct, frozen=True):
    """What happens to one thing."""

    action: Action
    kind: str
    name: str
    fields: tuple[FieldChange, ...] = ()
    "Of an update."
    customer_id: str = ""
    "Whose it is."

    def __str__(self) -> str:
        line = f"{_SIGNS[self.action]} {self.kind} {self.name}"
        fields = (f"{one.field} {one.before} -> {one.after}" for one in self.fields)
        return f"{line}: {', '.join(fields)}" if self.fields else line


def plan(before: Stored, after: Stored) -> tuple[Change, ...]:
    """Everything that differs: what is created, then updated, then deleted."""
    old, new = _things(before), _things(after)
    names = names_of(before) | names_of(after)
    changes: list[Change] = []
    for id, (kind, _) in new.items():
        if id not in old:
            changes.append(Change("create", kind, names[id], (), _owner(new[id][1])))
    for id, (kind, thing) in new.items():
        if id in old and (fields := _fields(old[id][1], thing, before, after, names)):
            changes.append(Change("update", kind, names[id], fields, _owner(thing)))
    for id, (kind, _) in reversed(old.items()):
        if id not in new:
            changes.append(Change("delete", kind, names[id], (), _owner(old[id][1])))
    return tuple(changes)


def summary(changes: tuple[Change, ...]) -> str:
    """``2 to create, 1 to update, none to delete``."""
    counts = {action: sum(one.action == action for one in changes) for action in _SIGNS}
    return ", ".join(f"{count or 'none'} to {action}" for action, count in counts.items())


def _owner(thing: Any) -> str:
    """The customer's id; a customer is his own."""
    return str(getattr(thing, "customer_id", thing.id))


def _things(stored: Stored) -> dict[str, tuple[str, Any]]:
    """Kind and thing by id; the kinds are called as the lists, without their s."""
    configuration = stored.configuration
    # A customer comes before what is in it, also what is no part of the configuration's lists.
    customers = {one.id: ("customer", one) for one in configuration.customers}
    roles = {role.id: ("role", role) for role in stored.roles}
    return {**customers, **roles} | {
        thing.id: (kind.removesuffix("s"), thing)
        for kind in configuration.__struct_fields__
        for thing in getattr(configuration, kind)
    }


def _fields(
    old: Any, new: Any, before: Stored, after: Stored, names: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    changes = [
        FieldChange(
            _NAMES.get(name, name),
            _shown(name, getattr(old, name), names),
            _shown(name, getattr(new, name), names),
        )
        for name in new.__struct_fields__
        if name not in _HIDDEN and getattr(old, name) != getattr(new, name)
    ]
    return (*changes, *_held(old, before, after, names), *_password(old, new, before, after))


def _held(
    old: Any, before: Stored, after: Stored, names: Mapping[str, str]
) -> Iterator[FieldChange]:
    if not isinstance(old, Agent):
        return
    was, now = before.held_by(old.id), after.held_by(old.id)
    if was.roles != now.roles:
        roles = ([written.held_role(one, names) for one in side.roles] for side in (was, now))
        yield FieldChange("roles", *map(_list, roles))
    if was.restrictions != now.restrictions:
        denies = (
            [written.restriction(one, names) for one in side.restrictions] for side in (was, now)
        )
        yield FieldChange("restrictions", *map(_list, denies))


def _list(parts: list[str | written.Part]) -> str:
    return f"[{', '.join(sorted(map(written.shown, parts)))}]" if parts else _NOTHING


def _password(old: Any, new: Any, before: Stored, after: Stored) -> Iterator[FieldChange]:
    if not isinstance(new, Extension | Trunk | Agent):
        return
    was, now = before.origin(old.id), after.origin(new.id)
    if was == now and _hashes(old) == _hashes(new):
        return
    shown_was, shown_now = (_origin(origin, new) for origin in (was, now))
    again = " (new value)" if shown_was == shown_now else ""
    yield FieldChange("password", shown_was, shown_now + again)


def _origin(origin: Origin, thing: Any) -> str:
    """A trunk without any has no password; of the others there may be a hash."""
    has_none = isinstance(thing, Trunk) and not origin.check
    return origin.reference or (_NOTHING if has_none else "set")


def _hashes(thing: Any) -> tuple[str, ...]:
    return (thing.ha1_md5, thing.ha1_sha256) if isinstance(thing, Extension) else ()


def _shown(field: str, value: Any, names: Mapping[str, str]) -> str:
    if value in ("", None, ()):
        return _NOTHING
    if isinstance(value, tuple):
        each = (_shown(field.removesuffix("s"), one, names) for one in value)
        return f"[{', '.join(each)}]"
    if isinstance(value, Target):
        return f"{value.kind} {names.get(value.id, value.id)}"
    if isinstance(value, Address):
        return _address(value)
    if isinstance(value, Statement):
        return f"{value.effect} {written.statement(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        return f"{value:g}"
    return names.get(value, value) if field.endswith("_id") else str(value)


def _address(address: Address) -> str:
    plain = Address("", address.type, address.target)
    unusual = [
        f"{name} {_shown(name, getattr(address, name), {})}"
        for name in address.__struct_fields__
        if name != "id" and getattr(address, name) != getattr(plain, name)
    ]
    rest = f" ({', '.join(unusual)})" if unusual else ""
    return f"{address.type} {address.target}{rest}"
