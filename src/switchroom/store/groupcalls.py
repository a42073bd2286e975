"""Groupcalls as stored."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, insert

from switchroom.store.database import writing
from switchroom.store.overlaps import TagsOfAgents
from switchroom.store.resources.spec import ReadSpec
from switchroom.store.tables.groupcalls import GroupcallRow
from switchroom.store.visible import ScopeColumns

_TABLE: Any = GroupcallRow.__table__


class DatabaseGroupcalls:
    """Writes them down; any thread may call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, columns: Mapping[str, Any]) -> None:
        """Keep what somebody wanted."""
        with writing(self._engine) as connection:
            connection.execute(insert(_TABLE), dict(columns))


def groupcalls_spec() -> ReadSpec:
    """Seen by who asked for it, by his teams, and by who looks after its client."""
    return ReadSpec(
        noun="groupcalls",
        table=_TABLE,
        scope=ScopeColumns(
            _TABLE.c.customer_id,
            (_TABLE.c.agent_id,),
            TagsOfAgents((_TABLE.c.agent_id,)),
            _TABLE.c.client_id,
        ),
        sorts=("created_at", "id"),
        equal=("agent_id",),
        shape=lambda columns: columns | {"client_id": columns["client_id"] or None},
    )
