"""A table that holds every row there can be, and memberships to look up tags in."""

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select

from fakes.permission_worlds import THINGS, Thing
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled
from switchroom.permissions.declare import Permission
from switchroom.store.overlaps import SpacedIds, TagsColumn, TagsOfAgents, TagsOfSpacedIds
from switchroom.store.tables import metadata
from switchroom.store.tables.base import TAGS
from switchroom.store.visible import ScopeColumns, visible

AGENTS_TAGS = {"alice": ("t1",), "bob": ("t2", "t3"), "": ("t1", "t2", "t3")}
"Of members of acme. Nobody is called the empty name; rows without an agent have it."

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("owner_id", String),
    Column("other_owner_id", String),
    Column("owner_ids", String, nullable=False),
    Column("tag_ids", TAGS),
    Column("client_id", String),
)


def fill(connection: Connection) -> None:
    """Make the table and all of its rows."""
    things.create(connection)
    connection.execute(insert(things), [_values(thing) for thing in THINGS])
    if not connection.dialect.has_table(connection, "memberships"):
        metadata.tables["memberships"].create(connection)


def _values(thing: Thing) -> dict[str, object]:
    owners = (*thing.owners, None, None)
    return {
        "id": thing.id,
        "customer_id": thing.customer_id,
        "owner_id": owners[0],
        "other_owner_id": owners[1],
        "owner_ids": f" {' '.join(thing.owners)} " if thing.owners else "",
        "tag_ids": None if thing.tags is None else list(thing.tags),
        "client_id": thing.client,
    }


def columns_of(
    permission: Permission, catalog: Catalog, *, derived: bool = False, spaced: bool = False
) -> ScopeColumns:
    """Where the rows of this permission's resource have what they have."""
    has = catalog.resource(permission.resource).attributes
    ids = SpacedIds(things.c.owner_ids)
    owners = (ids,) if spaced else (things.c.owner_id, things.c.other_owner_id)
    derived_tags = TagsOfSpacedIds(ids) if spaced else TagsOfAgents(owners)
    tags = derived_tags if derived else TagsColumn(things.c.tag_ids)
    return ScopeColumns(
        things.c.customer_id,
        owners if "owner" in has else (),
        tags if "tags" in has else None,
        things.c.client_id if "client" in has else None,
    )


def seen(
    connection: Connection, columns: ScopeColumns, compiled: Compiled, bit: int
) -> frozenset[int]:
    """The ids that come back."""
    query = select(things.c.id).where(visible(columns, compiled, bit))
    return frozenset(connection.scalars(query))
