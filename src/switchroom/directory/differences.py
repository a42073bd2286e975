"""What makes one configuration differ from another, told as facts."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from switchroom.directory.events import FACTS, Belongs, ConfigurationFact
from switchroom.directory.model import Agent, Configuration, Extension
from switchroom.foundation.events import UtcSeconds


class _Thing(Struct, frozen=True, gc=False):
    customer_id: str
    name: str
    content: Any
    "Another one if the thing has changed."
    belongs: Belongs = Belongs()


_Things = dict[str, _Thing]


def differences(old: Configuration, new: Configuration, at: UtcSeconds) -> list[ConfigurationFact]:
    """The facts that lead from ``old`` to ``new``: what came or changed, then what is gone."""
    before, after = _things(old), _things(new)
    facts: list[ConfigurationFact] = []
    for resource, things in after.items():
        known = before[resource]
        facts += _came_or_changed(resource, known, things, at)
    for resource, things in reversed(before.items()):
        kind = FACTS[resource]["deleted"]
        gone = (id for id in things if id not in after[resource])
        facts += [_fact(kind, id, things[id], at) for id in gone]
    return facts


def _came_or_changed(
    resource: str, known: _Things, things: _Things, at: UtcSeconds
) -> Iterator[ConfigurationFact]:
    for id, thing in things.items():
        old = known.get(id)
        if old is None:
            yield _fact(FACTS[resource]["created"], id, thing, at)
        elif old != thing:
            fact = _fact(FACTS[resource]["updated"], id, thing, at)
            has_moved = old.belongs != thing.belongs
            yield replace(fact, was=old.belongs) if has_moved else fact


def _fact(
    kind: type[ConfigurationFact], id: str, thing: _Thing, at: UtcSeconds
) -> ConfigurationFact:
    belongs = thing.belongs
    return kind(
        at=at,
        customer_id=thing.customer_id,
        id=id,
        name=thing.name,
        agent_id=belongs.agent_id,
        tag_ids=belongs.tag_ids,
        client_id=belongs.client_id,
    )


def _things(configuration: Configuration) -> dict[str, _Things]:
    owners = {
        (agent.customer_id, address.target): agent
        for agent in configuration.agents
        for address in agent.addresses
        if address.type == "extension"
    }
    return {
        "customers": {c.id: _Thing(c.id, c.name, c) for c in configuration.customers},
        "clients": {
            c.id: _Thing(c.customer_id, c.name, c, Belongs(client_id=c.id))
            for c in configuration.clients
        },
        "tags": {
            t.id: _Thing(t.customer_id, t.name, t, Belongs(tag_ids=(t.id,)))
            for t in configuration.tags
        },
        "extensions": {
            e.id: _Thing(e.customer_id, e.number, e, _of_agent(owners.get(_line(e))))
            for e in configuration.extensions
        },
        "trunks": {t.id: _Thing(t.customer_id, t.name, t) for t in configuration.trunks},
        "routes": {r.id: _Thing(r.customer_id, r.prefix, r) for r in configuration.routes},
        "agents": {
            a.id: _Thing(a.customer_id, a.username, replace(a, addresses=()), _of_agent(a))
            for a in configuration.agents
        },
        "agent_addresses": {
            one.id: _Thing(a.customer_id, f"{one.type}:{one.target}", (place, one), _of_agent(a))
            for a in configuration.agents
            for place, one in enumerate(a.addresses)
        },
        "groups": {
            g.id: _Thing(g.customer_id, g.name, g, Belongs(tag_ids=g.tag_ids))
            for g in configuration.groups
        },
        "numbers": {
            n.id: _Thing(n.customer_id, n.e164, n, Belongs(client_id=n.client_id))
            for n in configuration.numbers
        },
    }


def _line(extension: Extension) -> tuple[str, str]:
    return extension.customer_id, extension.number


def _of_agent(agent: Agent | None) -> Belongs:
    return Belongs() if agent is None else Belongs(agent.id, agent.tag_ids)
