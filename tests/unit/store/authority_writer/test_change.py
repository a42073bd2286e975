"""Who waits for whom on PostgreSQL, where several write at once; SQLite has one writer."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text

from fakes.authority import NOW, Company
from fakes.configuration import EXAMPLE, Configured
from fakes.postgresql import Cluster
from switchroom.app.applying import access
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Scope
from switchroom.store.authority_writer import (
    BindingWish,
    Change,
    add_member,
    bind,
    hold_authority,
    set_account_disabled,
)
from switchroom.store.database import hold, writing
from switchroom.store.tables import metadata

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
LIMIT_S = 30.0


@pytest.fixture
def engine(postgresql: Cluster) -> Iterator[Engine]:
    with postgresql.new_database() as url:
        yield postgresql.engine(url)


def until_somebody_waits(engine: Engine) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.scalar(WAITING):
                return
    raise AssertionError("nobody waits")


def test_who_closes_an_account_sees_where_its_agent_was_brought_meanwhile(engine: Engine) -> None:
    company = Company(engine)
    known = access()
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            change = Change(
                connection, known.catalog, known.builtin, company.ids, "zeta", NOW, None
            )
            assert add_member(change, "alice") == "alice"
            closing = pool.submit(
                company.change, set_account_disabled, "alice", by="olga", is_disabled=True
            )
            until_somebody_waits(engine)
            bind(change, BindingWish("alice", "builtin:owner", Scope("customer")))
        said = closing.result(LIMIT_S)

    assert isinstance(said, Refusal), said
    assert said.rule == "E5"


def test_an_apply_takes_authority_before_the_configuration_as_all_others_do(
    engine: Engine,
) -> None:
    database = Configured(engine)
    assert database.apply(EXAMPLE).applied
    customers = metadata.tables["customers"]
    with engine.connect() as connection:
        customer_id = connection.scalars(select(customers.c.id)).one()
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            hold_authority(connection, [customer_id])
            applying = pool.submit(database.apply, EXAMPLE.replace("name: Alice", "name: Alicia"))
            until_somebody_waits(engine)
            # It would wait for its end here, and the apply for ours, if that had it already.
            connection.execute(text(f"SET LOCAL lock_timeout = '{LIMIT_S:g}s'"))
            hold(connection, "configuration")
        assert applying.result(LIMIT_S).applied
