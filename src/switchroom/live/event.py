"""An event as its followers get it: a numbered fact, what it is about, and who may hear of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from switchroom.foundation.events import Fact, name_of
from switchroom.permissions.model import Row


class Kind(Struct, frozen=True):
    """A kind of fact, as its class declares it."""

    fact: type[Fact]
    resources: frozenset[str]
    "Whose followers get it; the first declared is ``fact.resource``."


class Roster(Struct, frozen=True):
    """What a customer's configuration says of agents now and decides who hears of what."""

    tags: Mapping[str, frozenset[str]] = {}
    "By agent id: his teams in this customer."
    extensions: Mapping[str, tuple[str, str]] = {}
    "By extension number: the extension's id, and the agent whose it is, empty for nobody."


class Event(Struct, frozen=True):
    """One event of a customer's sequence."""

    number: int
    name: str
    resources: frozenset[str]
    id: str
    "Of the thing that it is about."
    row: Row
    "Decides who gets it."
    fact: Fact
    text: str
    "As it is sent: JSON."
    was: Row | None = None
    "Whose the thing was before; who may see only that is told that it is hidden from now on."

    @property
    def hidden_text(self) -> str:
        """What is sent to somebody who saw the thing and may not see it any more."""
        return _said({"number": self.number, "type": "resource_hidden",
                      "resource": type(self.fact).resource, "id": self.id})  # fmt: skip


class StoredFact(Struct, frozen=True):
    """A fact as it is stored, as far as its event needs it."""

    seq: int
    "Its place among all facts of the platform; never told to anybody outside."
    number: int
    customer_id: str
    name: str
    agent_ids: frozenset[str]
    body: str
    "JSON."


def kinds_of(facts: Iterable[type[Fact]]) -> dict[str, Kind]:
    """Kinds by the names of their facts."""
    return {name_of(fact): Kind(fact, frozenset((fact.resource, *fact.also))) for fact in facts}


class EventReader:
    """Makes events of numbered facts. One that nobody knows any more is nobody's event."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self._decode = {
            name: msgspec.json.Decoder(kind.fact).decode for name, kind in kinds.items()
        }

    def event(self, stored: StoredFact, roster: Roster) -> Event | None:
        """The event, or ``None`` if this version cannot tell who may hear of it."""
        kind = self.kinds.get(stored.name)
        if kind is None or not stored.customer_id:
            return None
        try:
            fact = self._decode[stored.name](stored.body)
        except msgspec.MsgspecError:
            return None
        id = str(getattr(fact, kind.fact.id_field))
        owners = stored.agent_ids
        if kind.fact.id_field == "extension":
            id, owner = roster.extensions.get(id, (id, ""))
            owners = frozenset({owner} - {""})
        return Event(
            stored.number,
            stored.name,
            kind.resources,
            id,
            row_of(
                stored.customer_id,
                owners,
                getattr(fact, "client_id", ""),
                roster,
                getattr(fact, "tag_ids", ()),
            ),
            fact,
            _text(stored, kind.fact.resource, id, fact.at),
            _was(stored.customer_id, fact),
        )


def row_of(
    customer_id: str,
    agent_ids: frozenset[str],
    client_id: str,
    roster: Roster,
    tag_ids: Iterable[str] = (),
) -> Row:
    """What decides who may see something of these agents: with the teams that they are in now."""
    tags = frozenset(tag_ids).union(*(roster.tags.get(one, ()) for one in agent_ids))
    return Row(customer_id, agent_ids, tags, client_id)


def _was(customer_id: str, fact: Fact) -> Row | None:
    belonged = getattr(fact, "was", None)
    if belonged is None:
        return None
    owners = frozenset({belonged.agent_id} - {""})
    return Row(customer_id, owners, frozenset(belonged.tag_ids), belonged.client_id)


def _text(stored: StoredFact, resource: str, id: str, at: float) -> str:
    return _said({"number": stored.number, "type": stored.name, "at": at, "resource": resource,
                  "id": id, "data": msgspec.Raw(stored.body.encode())})  # fmt: skip


def _said(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
