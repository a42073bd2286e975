"""The rules of granting for what is no role: accounts that are taken over, things that move."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct
from sqlalchemy import select

from switchroom.permissions import grant
from switchroom.permissions.grant import Asker, Refusal
from switchroom.store.apply.fault import Location
from switchroom.store.apply_as.things import Thing, Things
from switchroom.store.authority_writer import Change, last_owner_refusal
from switchroom.store.resources.guards import MOVES
from switchroom.store.tables import metadata

_MEMBERSHIPS = metadata.tables["memberships"]


class Broken(Struct, frozen=True):
    """A rule that a document breaks, and where."""

    refusal: Refusal
    thing_id: str
    place: Location = ()


class Rules:
    """Asked in the transaction of the change, before anything is written."""

    def __init__(self, change: Change, asker: Asker) -> None:
        self._change = change
        self._asker = asker
        self._asker_id = change.actor.principal_id if change.actor else ""

    def broken(
        self, before: Things, after: Things, written_out: Collection[str]
    ) -> Iterator[Broken]:
        """``written_out``: things whose password or hash the document has, be it new or not."""
        for id, thing in after.items():
            yield from self._of_moving(id, before.get(id), thing)
        concerned = taken_over(before, after, written_out)
        gone = [id for id in concerned if id not in after]
        for id in concerned:
            place: Location = ("password",) if id in after else ()
            customers = self._served(id)
            # Judged by what he holds now, before the document takes anything from him.
            targets = [self._change.authority(id, customer_id) for customer_id in customers]
            refusal = grant.dominate(self._asker, targets)
            if id not in after:
                refusal = refusal or self._of_leaving(id, gone, customers)
            yield from self._if(refusal, id, place)

    def _of_moving(self, id: str, old: Thing | None, thing: Thing) -> Iterator[Broken]:
        """E6: what decides in whose reach a thing is."""
        if thing.resource == "agents":
            if thing.fields["tag_ids"] != ([] if old is None else old.fields["tag_ids"]):
                target = self._change.authority(id)
                yield from self._if(grant.set_tags(self._asker, target), id, ("tag_ids",))
            return
        field = MOVES.get(thing.resource, "")
        if old is not None and field and old.fields[field] != thing.fields[field]:
            refusal = grant.move(self._asker, f"{thing.resource}:update")
            yield from self._if(refusal, id, (field,))

    def _of_leaving(self, id: str, gone: Sequence[str], customers: Sequence[str]) -> Refusal | None:
        """Why the agent must stay in the document; ``gone``: all who leave it."""
        if id == self._asker_id:
            return Refusal("E5", "this is you: who sends a document stays in it")
        # That the document's own customer keeps an owner is found out when it is written.
        elsewhere = [one for one in customers if one != self._change.customer_id]
        return last_owner_refusal(self._change, gone, elsewhere)

    def _if(self, refusal: Refusal | None, id: str, place: Location) -> Iterator[Broken]:
        if refusal is not None:
            yield Broken(refusal, id, place)

    def _served(self, agent_id: str) -> list[str]:
        """An account is taken over in every customer that it serves."""
        served = select(_MEMBERSHIPS.c.customer_id).where(_MEMBERSHIPS.c.agent_id == agent_id)
        return sorted(self._change.connection.scalars(served))


def taken_over(before: Things, after: Things, written_out: Collection[str]) -> list[str]:
    """Agents whom the document deletes, or whose password it has."""
    return [
        id
        for id, thing in before.items()
        if thing.resource == "agents" and (id not in after or id in written_out)
    ]
