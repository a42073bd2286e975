"""What people call things, by id: for commands that show records."""

from msgspec import Struct
from sqlalchemy import Engine, Select, select

from switchroom.directory.naming import agents_called
from switchroom.store.tables.configuration import AgentRow, ClientRow, CustomerRow


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


def _by_id(engine: Engine, query: Select[str, str]) -> dict[str, str]:
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
