"""The usual changes of the configuration: one more thing, a thing with other fields, one fewer."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from switchroom.directory.model import Configuration
from switchroom.directory.numbering import normalise
from switchroom.store.resources.spec import Edit, Edited, Fields, Target
from switchroom.store.stored import Stored


def creating(noun: str, kind: type[Any]) -> Edit:
    """Adds a thing to the list ``noun`` of the configuration."""

    def edit(stored: Stored, target: Target, values: Fields) -> Edited:
        own = {"id": target.id}
        if "customer_id" in kind.__struct_fields__:
            own["customer_id"] = target.customer_id
        thing = msgspec.convert({**values, **own}, kind)
        return Edited(_with(stored, noun, (*_things(stored, noun), thing)))

    return edit


def updating(noun: str, kind: type[Any]) -> Edit:
    """Sets fields of a thing."""

    def edit(stored: Stored, target: Target, values: Fields) -> Edited:
        changed = tuple(
            msgspec.convert({**msgspec.to_builtins(one), **values}, kind)
            if one.id == target.id
            else one
            for one in _things(stored, noun)
        )
        return Edited(_with(stored, noun, changed))

    return edit


def deleting(noun: str) -> Edit:
    """Takes a thing away, and where its password came from."""

    def edit(stored: Stored, target: Target, _values: Fields) -> Edited:
        left = tuple(one for one in _things(stored, noun) if one.id != target.id)
        origins = {id: origin for id, origin in stored.origins.items() if id != target.id}
        return Edited(replace(_with(stored, noun, left), origins=origins))

    return edit


def refusing_while_used(noun: str) -> Edit:
    """Deletes a thing unless something else still refers to it."""
    plain = deleting(noun)

    def edit(stored: Stored, target: Target, values: Fields) -> Edited:
        users = sorted(set(_users(stored.configuration, target.id)))
        if users:
            return Edited(stored, used_by=" and ".join(users))
        return plain(stored, target, values)

    return edit


def _users(configuration: Configuration, id: str) -> Iterator[str]:
    """The kinds of things that refer to this one; which ones may not be for the asker to know."""
    if any(id in route.trunk_ids for route in configuration.routes):
        yield "a route"
    if any(id in (*group.member_ids, *group.tag_ids) for group in configuration.groups):
        yield "a group"
    if any(id in agent.tag_ids for agent in configuration.agents):
        yield "an agent"
    for number in configuration.numbers:
        targets = (number.to, number.no_answer)
        if id == number.client_id or any(one is not None and one.id == id for one in targets):
            yield "a number"


def thing(stored: Stored, noun: str, id: str) -> Any:
    """The thing with this id.

    Raises:
        LookupError: There is none; whoever calls has found it in the same transaction.
    """
    for one in _things(stored, noun):
        if one.id == id:
            return one
    raise LookupError(f"{noun} has no {id}")


def country_of(stored: Stored, customer_id: str) -> str:
    """How the customer's telephone numbers without a plus are read."""
    country: str = thing(stored, "customers", customer_id).country
    return country


def domain_of(stored: Stored, customer_id: str) -> str:
    """The realm of the customer's phones."""
    domain: str = thing(stored, "customers", customer_id).domain
    return domain


def normalised(number: str, country: str) -> str:
    """E.164 if it is a telephone number; else as it is, which the validation refuses."""
    return normalise(number, country) or number


def _things(stored: Stored, noun: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(stored.configuration, noun)
    return found


def _with(stored: Stored, noun: str, things: tuple[Any, ...]) -> Stored:
    configuration: Configuration = replace(stored.configuration, **{noun: things})
    return replace(stored, configuration=configuration)
