"""What a change of configuration means for authority: who goes, and what comes into whose reach."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection

from switchroom.directory.change import Wish
from switchroom.directory.listing import Record
from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor
from switchroom.permissions import grant
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.model import Role
from switchroom.store.authority_writer import Change, hold_all_of, last_owner_refusal

MOVES: Final[Mapping[str, str]] = {"numbers": "client_id", "groups": "tag_ids"}
"Fields that decide in whose reach a thing is."

_ENDED = grant.Refusal("E1", "log in first")


class Guard(Struct, frozen=True):
    """The rules of granting, asked in the transaction of the change."""

    catalog: Catalog
    builtin: Mapping[str, Role]
    ids: Ids
    utc: Callable[[], UtcSeconds]

    def __call__(
        self, connection: Connection, actor: Actor, wish: Wish, before: Record | None
    ) -> grant.Refusal | None:
        """Why the change would give or take what is not the asker's to give or take."""
        if before is None:
            return None
        noun = wish.permission.resource
        if noun == "agents" and wish.action == "delete":
            return self._deletes_agent(self._change(connection, actor), wish.id)
        field = MOVES.get(noun, "")
        if field in wish.values and wish.values[field] != before.fields[field]:
            asker = self._change(connection, actor).asker()
            return grant.move(asker, wish.permission) if isinstance(asker, grant.Asker) else _ENDED
        return None

    def _deletes_agent(self, change: Change, agent_id: str) -> grant.Refusal | None:
        customers = hold_all_of(change, [agent_id])
        asker = change.asker()
        if not isinstance(asker, grant.Asker):
            return _ENDED
        targets = [change.authority(agent_id, customer_id) for customer_id in customers]
        return grant.dominate(asker, targets) or last_owner_refusal(change, [agent_id], customers)

    def _change(self, connection: Connection, actor: Actor) -> Change:
        return Change(
            connection,
            self.catalog,
            self.builtin,
            self.ids,
            actor.customer_id,
            self.utc(),
            actor,
        )
