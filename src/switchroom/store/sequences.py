"""Numbers of events: each customer's own sequence, without holes, given by the only writer."""

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, select

from switchroom.live.sequence import EventSequence
from switchroom.store.bulk import upsert_rows
from switchroom.store.tables.runtime import event_sequences

_ASKED_AT_ONCE = 500


def take_numbers(connection: Connection, customer_ids: Sequence[str]) -> list[int]:
    """The next number of each of these customers' sequences, in order.

    Only the recorder takes numbers, in the transaction that stores the facts.
    """
    rows = _rows(connection, sorted(set(customer_ids)))
    numbers = []
    for customer_id in customer_ids:
        number, oldest, epoch = rows[customer_id]
        numbers.append(number)
        rows[customer_id] = (number + 1, oldest, epoch)
    upsert_rows(connection, event_sequences, [(key, *row) for key, row in rows.items()])
    return numbers


def sequence_of(connection: Connection, customer_id: str) -> EventSequence:
    """How far a customer's sequence goes; an empty one has no epoch yet."""
    query = select(event_sequences).where(event_sequences.c.customer_id == customer_id)
    row = connection.execute(query).first()
    if row is None:
        return EventSequence(customer_id)
    return EventSequence(customer_id, row.epoch, row.oldest_number, row.next_number - 1)


def _rows(connection: Connection, customer_ids: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    found = {customer_id: (1, 1, "") for customer_id in customer_ids}
    for start in range(0, len(customer_ids), _ASKED_AT_ONCE):
        asked = customer_ids[start : start + _ASKED_AT_ONCE]
        query = select(event_sequences).where(event_sequences.c.customer_id.in_(asked))
        for row in connection.execute(query):
            found[row.customer_id] = (row.next_number, row.oldest_number, row.epoch)
    return {key: row if row[2] else (1, 1, secrets.token_hex(4)) for key, row in found.items()}
