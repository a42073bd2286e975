"""What people call things, by id: for commands that show records."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Engine, Select, select

from switchroom.directory.naming import agents_called
from switchroom.store.tables import metadata
from switchroom.store.tables.configuration import AgentRow, ClientRow, CustomerRow

_ASKED_AT_ONCE = 1000
_LABELS = {
    "customers": "name",
    "clients": "name",
    "tags": "name",
    "agents": "username",
    "groups": "name",
    "extensions": "number",
    "numbers": "e164",
    "trunks": "name",
    "routes": "prefix",
    "roles": "name",
    "accesskeys": "name",
}
"By which column people call the things of a table."


class Names(Struct, frozen=True):
    """Names by id; what has been deleted since is missing."""

    customers: dict[str, str] = {}
    clients: dict[str, str] = {}
    agents: dict[str, str] = {}
    "User names: ``alice@acme.example``."

    def agent_ids(self, name: str) -> tuple[str, ...]:
        """Ids of agents with this user name, with or without its domain, or with this id."""
        return agents_called(name, self.agents)


def read_names(engine: Engine) -> Names:
    return Names(
        customers=_by_id(engine, select(CustomerRow.id, CustomerRow.name)),
        clients=_by_id(engine, select(ClientRow.id, ClientRow.name)),
        agents=_by_id(engine, select(AgentRow.id, AgentRow.username)),
    )


def names_of_targets(engine: Engine, ids: Iterable[str]) -> dict[str, str]:
    """What each of these things is called, of whatever kind; what is gone is missing."""
    wanted, found = sorted(set(ids) - {""}), dict[str, str]()
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        some = wanted[start : start + _ASKED_AT_ONCE]
        for table, label in _LABELS.items():
            columns = metadata.tables[table].c
            found |= _by_id(engine, select(columns.id, columns[label]).where(columns.id.in_(some)))
    return found


def _by_id(engine: Engine, query: Select[str, str]) -> dict[str, str]:
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
