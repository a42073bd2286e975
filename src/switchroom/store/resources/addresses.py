"""Addresses lie inside their agents in the configuration; here each is a thing of its own."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from switchroom.directory.model import Address, Agent
from switchroom.directory.problem import Problem
from switchroom.store.resources.edits import country_of, normalised
from switchroom.store.resources.spec import Edited, Fields, Named, Target
from switchroom.store.stored import Stored

Addresses = tuple[Address, ...]


def create(stored: Stored, target: Target, values: Fields) -> Edited:
    """One more address, the agent's last one."""
    agent_id = values["agent_id"]
    if all(agent.id != agent_id for agent in stored.configuration.agents):
        return Edited(stored, (Problem("", ("agent_id",), "there is no such agent"),))
    new = _address(stored, target, {**values, "id": target.id})
    return Edited(_changed(stored, agent_id, lambda known: (*known, new)))


def update(stored: Stored, target: Target, values: Fields) -> Edited:
    """Other fields; the address stays with its agent."""
    agent = _owner(stored, target.id)

    def change(known: Addresses) -> Addresses:
        return tuple(
            _address(stored, target, {**msgspec.to_builtins(one), **values})
            if one.id == target.id
            else one
            for one in known
        )

    return Edited(_changed(stored, agent.id, change))


def delete(stored: Stored, target: Target, _values: Fields) -> Edited:
    """The agent is not rung there any more."""
    agent = _owner(stored, target.id)
    left = tuple(one for one in agent.addresses if one.id != target.id)
    return Edited(_changed(stored, agent.id, lambda _known: left))


def references(fields: Fields) -> Iterable[Named]:
    """The agent, and the extension that an address may be."""
    if "agent_id" in fields:
        yield Named(("agent_id",), ("agents",), fields["agent_id"])
    if fields.get("type") == "extension":
        yield Named(("target",), ("extensions",), fields["target"], "number")


def _address(stored: Stored, target: Target, values: Fields) -> Address:
    fields: dict[str, Any] = {k: v for k, v in values.items() if k in Address.__struct_fields__}
    if fields["type"] == "tel":
        fields["target"] = normalised(fields["target"], country_of(stored, target.customer_id))
    return msgspec.convert(fields, Address)


def _owner(stored: Stored, address_id: str) -> Agent:
    for agent in stored.configuration.agents:
        if any(one.id == address_id for one in agent.addresses):
            return agent
    raise LookupError(f"no agent has the address {address_id}")


def _changed(stored: Stored, agent_id: str, change: Callable[[Addresses], Addresses]) -> Stored:
    agents = tuple(
        replace(agent, addresses=change(agent.addresses)) if agent.id == agent_id else agent
        for agent in stored.configuration.agents
    )
    return replace(stored, configuration=replace(stored.configuration, agents=agents))
