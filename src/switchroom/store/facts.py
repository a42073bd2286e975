"""Stored facts: written once in the order of their numbers, read by number."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, select

from switchroom.history.batch import FactRow
from switchroom.history.numbered import NumberedFact
from switchroom.store.bulk import insert_rows
from switchroom.store.tables.runtime import facts


def insert_facts(connection: Connection, first_seq: int, rows: Sequence[FactRow]) -> None:
    """Store ``rows`` under ``first_seq`` and the numbers after it."""
    numbered = [(seq, *row) for seq, row in enumerate(rows, first_seq)]
    insert_rows(connection, facts, numbered)


def facts_after(engine: Engine, seq: int, *, limit: int) -> list[NumberedFact]:
    """The next facts after number ``seq``, oldest first, at most ``limit``."""
    query = select(facts).where(facts.c.seq > seq).order_by(facts.c.seq).limit(limit)
    with engine.connect() as connection:
        return [NumberedFact(*row) for row in connection.execute(query)]


def newest_facts(engine: Engine, *, limit: int) -> list[NumberedFact]:
    """The last facts, oldest first, at most ``limit``."""
    query = select(facts).order_by(facts.c.seq.desc()).limit(limit)
    with engine.connect() as connection:
        return [NumberedFact(*row) for row in connection.execute(query)][::-1]


def purge_facts(connection: Connection, before: float, most: int) -> int:
    """Delete facts older than ``before``, oldest first, at most ``most``."""
    # By time, not by number: a clock that was wrong for a while must not keep the rest for ever.
    oldest = select(facts.c.seq).where(facts.c.at < before).order_by(facts.c.at).limit(most)
    return connection.execute(delete(facts).where(facts.c.seq.in_(oldest))).rowcount
