"""Stored facts: written once in the order of their numbers, read by number.

``seq`` counts all facts of the platform, ``number`` those of one customer.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, func, select, update

from switchroom.history.batch import FactRow
from switchroom.history.numbered import NumberedFact
from switchroom.store.bulk import insert_rows
from switchroom.store.sequences import take_numbers
from switchroom.store.tables.runtime import event_sequences, facts


def insert_facts(connection: Connection, first_seq: int, rows: Sequence[FactRow]) -> None:
    """Store ``rows`` under ``first_seq`` and the numbers after it, each in its customer's own."""
    numbers = take_numbers(connection, [row[0] for row in rows])
    seqs = range(first_seq, first_seq + len(rows))
    numbered = [(seq, *row, number) for seq, row, number in zip(seqs, rows, numbers, strict=True)]
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
    """Delete facts older than ``before``, oldest first, at most ``most``.

    The sequences say from then on that they begin behind what is gone.
    """
    # By time, not by number: a clock that was wrong for a while must not keep the rest for ever.
    oldest = select(facts.c.seq).where(facts.c.at < before).order_by(facts.c.at).limit(most)
    gone = facts.c.seq.in_(oldest)
    newest_gone = (
        select(facts.c.customer_id, func.max(facts.c.number))
        .where(gone)
        .group_by(facts.c.customer_id)
    )
    for customer_id, number in connection.execute(newest_gone).all():
        connection.execute(
            update(event_sequences)
            .where(
                event_sequences.c.customer_id == customer_id,
                event_sequences.c.oldest_number <= number,
            )
            .values(oldest_number=number + 1)
        )
    return connection.execute(delete(facts).where(gone)).rowcount
