"""Reads the configuration from the database and writes it there."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    bindparam,
    select,
)

from switchroom.directory.model import Configuration, Trunk
from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.roles import Access
from switchroom.store.dial_rights import with_dial_rights
from switchroom.store.held import read_held, read_origins, read_roles
from switchroom.store.rows import CUSTOMERS, TABLES, Row, from_rows, to_rows
from switchroom.store.secret import Clear, Unreadable, read_secret
from switchroom.store.stored import Stored


class Loaded(Struct, frozen=True):
    """The configuration as a node uses it: trunks have their passwords, agents their dial rights.

    A trunk whose password cannot be read has neither password nor user name: it works as far as
    the carrier asks for none.
    """

    configuration: Configuration
    missing: tuple[str, ...] = ()
    "For each trunk whose password is not where it was when it was applied: which, and why."
    valid_until: UtcSeconds | None = None
    "When it must be loaded again though nobody changes it: a role begins or ends."


def load_configuration(
    engine: Engine, access: Access, now: UtcSeconds, environ: Mapping[str, str] | None = None
) -> Loaded:
    """Read what a node needs.

    Args:
        engine: From ``open_database``.
        access: The catalogue and the built-in roles.
        now: Unix seconds.
        environ: Where ``env:`` passwords are looked up; the process's environment if left out.
    """
    with engine.connect() as connection:
        stored = read_directory(connection)
        agents, valid_until = with_dial_rights(connection, stored.configuration.agents, access, now)
    read = _read_trunks(stored, environ)
    trunks = tuple(
        replace(trunk, username="") if fault else replace(trunk, password=password)
        for trunk, password, fault in read
    )
    missing = (f"trunk {trunk.name} has no password: {fault}" for trunk, _, fault in read if fault)
    configuration = replace(stored.configuration, trunks=trunks, agents=agents)
    return Loaded(configuration, tuple(missing), valid_until)


def read_directory(connection: Connection) -> Stored:
    """Customers, agents and all that calls go by, without roles and who holds them."""
    return from_rows({table: _rows(connection, table) for table in TABLES})


def read_customer_ids(connection: Connection) -> list[str]:
    """Of all customers."""
    return list(connection.scalars(select(CUSTOMERS.c.id)))


def read_configuration(connection: Connection) -> Stored:
    """The configuration as it is stored, all that a file can say."""
    stored = read_directory(connection)
    return replace(
        stored,
        origins={**stored.origins, **read_origins(connection)},
        roles=read_roles(connection),
        held=read_held(connection),
    )


def write_configuration(connection: Connection, before: Stored, after: Stored) -> None:
    """Make the tables that hold ``before`` hold ``after``, touching only rows that differ."""
    old, new = (to_rows(one) for one in _differing(before, after))
    # What goes, goes first: its number or address may be somebody else's from now on. References
    # are checked at commit, so the order of the tables does not matter.
    for table in TABLES:
        kept = {_key(table, row) for row in new[table]}
        _delete(connection, table, [row for row in old[table] if _key(table, row) not in kept])
    for table in TABLES:
        known = {_key(table, row): row for row in old[table]}
        added = [row for row in new[table] if _key(table, row) not in known]
        changed = [row for row in new[table] if known.get(_key(table, row), row) != row]
        _update(connection, table, changed)
        if added:
            connection.execute(table.insert(), added)


def _differing(before: Stored, after: Stored) -> tuple[Stored, Stored]:
    """Both without what is the same in them: of thousands of things a change concerns few."""
    was: dict[str, Any] = {}
    becomes: dict[str, Any] = {}
    for noun in Configuration.__struct_fields__:
        old = {one.id: one for one in getattr(before.configuration, noun)}
        new = {one.id: one for one in getattr(after.configuration, noun)}
        differing = [
            id
            for id in {**old, **new}
            if old.get(id) != new.get(id) or before.origin(id) != after.origin(id)
        ]
        was[noun] = tuple(old[id] for id in differing if id in old)
        becomes[noun] = tuple(new[id] for id in differing if id in new)
    return (
        replace(before, configuration=Configuration(**was)),
        replace(after, configuration=Configuration(**becomes)),
    )


def _rows(connection: Connection, table: Table) -> list[Row]:
    found = connection.execute(select(table))
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def _read_trunks(stored: Stored, environ: Mapping[str, str] | None) -> list[tuple[Trunk, str, str]]:
    """Every trunk with its password and what is wrong with that."""
    known = os.environ if environ is None else environ
    return [(trunk, *_password(trunk, stored, known)) for trunk in stored.configuration.trunks]


def _password(trunk: Trunk, stored: Stored, environ: Mapping[str, str]) -> tuple[str, str]:
    """The trunk's password and what is wrong with it; both empty if it needs none."""
    reference = stored.origin(trunk.id).reference
    if not reference:
        return "", ""
    match read_secret(reference, environ):
        case Clear(password):
            return password, ""
        case Unreadable(text):
            return "", text
        case _:
            return "", "the clear password is needed"


def _delete(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        keys = [_bound_key(table, row) for row in rows]
        connection.execute(table.delete().where(_by_key(table)), keys)


def _update(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        # A column that the configuration does not know (a membership's) keeps what it has.
        names = [c.name for c in table.columns if not c.primary_key and c.name in rows[0]]
        values = [{name: row[name] for name in names} | _bound_key(table, row) for row in rows]
        changes: dict[str, BindParameter[object]] = {name: bindparam(name) for name in names}
        connection.execute(table.update().where(_by_key(table)).values(**changes), values)


def _by_key(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


def _bound_key(table: Table, row: Row) -> dict[str, object]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key}


def _key(table: Table, row: Row) -> tuple[object, ...]:
    return tuple(row[column.name] for column in table.primary_key)
