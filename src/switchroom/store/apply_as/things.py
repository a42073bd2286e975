"""Things as permissions see them: whose each is, and what of it is changed by which permission.

The same as the columns that ``store/resources/nouns.py`` names for SQL; a test compares both.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from switchroom.directory.model import Agent, Configuration
from switchroom.permissions.model import Row
from switchroom.store.stored import Stored

ADDRESSES = "agent_addresses"


class Thing(Struct, frozen=True):
    """One thing of the configuration."""

    resource: str
    row: Row
    fields: Mapping[str, Any]
    """By the names of ``directory/model.py``. ``password`` is where it came from and its hashes,
    never the password; agents have ``roles`` and ``restrictions``."""


Things = Mapping[str, Thing]
"By id."


def things_of(stored: Stored) -> Things:
    """Everything but customers, whose own fields a document does not change."""
    configuration = stored.configuration
    found = {
        one.id: Thing(noun, row, _fields(noun, one, stored))
        for noun in configuration.__struct_fields__
        if noun != "customers"
        for one, row in _rows(noun, configuration)
    }
    for agent in configuration.agents:
        for address in agent.addresses:
            fields = {**msgspec.to_builtins(address), "agent_id": agent.id}
            found[address.id] = Thing(ADDRESSES, _row_of_agent(agent), fields)
    for role in stored.roles:
        found[role.id] = Thing("roles", Row(role.customer_id), msgspec.structs.asdict(role))
    return found


def fresh_row(thing: Thing) -> Row:
    """Whose a thing is when it is created: extensions are nobody's yet, agents in no team."""
    match thing.resource:
        case "extensions":
            return Row(thing.row.customer_id)
        case "agents":
            return Row(thing.row.customer_id, thing.row.owner_ids)
        case _:
            return thing.row


def _rows(noun: str, configuration: Configuration) -> Iterator[tuple[Any, Row]]:
    owners = _owners(configuration) if noun == "extensions" else {}
    for one in getattr(configuration, noun):
        match noun:
            case "clients":
                yield one, Row(one.customer_id, client_id=one.id)
            case "tags":
                yield one, Row(one.customer_id, tag_ids=frozenset({one.id}))
            case "agents":
                yield one, _row_of_agent(one)
            case "extensions":
                owner = owners.get((one.customer_id, one.number))
                yield one, Row(one.customer_id) if owner is None else _row_of_agent(owner)
            case "groups":
                yield one, Row(one.customer_id, tag_ids=frozenset(one.tag_ids))
            case "numbers":
                yield one, Row(one.customer_id, client_id=one.client_id)
            case _:
                yield one, Row(one.customer_id)


def _row_of_agent(agent: Agent) -> Row:
    return Row(agent.customer_id, frozenset({agent.id}), frozenset(agent.tag_ids))


def _owners(configuration: Configuration) -> dict[tuple[str, str], Agent]:
    """By customer and number of an extension, the agent who is reached there."""
    return {
        (agent.customer_id, address.target): agent
        for agent in configuration.agents
        for address in agent.addresses
        if address.type == "extension"
    }


def _fields(noun: str, one: Any, stored: Stored) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(one)
    match noun:
        case "extensions":
            hashes = (fields.pop("ha1_md5"), fields.pop("ha1_sha256"))
            fields["password"] = (stored.origin(one.id), hashes)
        case "trunks":
            fields["password"] = stored.origin(one.id)
        case "agents":
            del fields["addresses"], fields["dial"]
            held = stored.held_by(one.id)
            fields["password"] = stored.origin(one.id)
            fields["roles"], fields["restrictions"] = held.roles, held.restrictions
    return fields
