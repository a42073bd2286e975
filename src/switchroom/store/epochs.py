"""Epochs of authority: raised with every change of it, read with every request."""

from sqlalchemy import Connection, select

from switchroom.store.tables import metadata
from switchroom.store.upsert import insert_or

_EPOCHS = metadata.tables["authority_epochs"]


def raise_customer(connection: Connection, customer_id: str) -> None:
    """Whatever was compiled of anybody in this customer counts no more, from the commit on."""
    _raise(connection, f"customer:{customer_id}")


def raise_agent(connection: Connection, agent_id: str) -> None:
    """The same for whatever was compiled of this agent, in any customer."""
    _raise(connection, f"agent:{agent_id}")


def set_frozen(connection: Connection, customer_id: str, frozen_at: float | None) -> None:
    """Let only reading be allowed in this customer since then; ``None``: everything again."""
    _raise(connection, f"customer:{customer_id}")
    subject = _EPOCHS.c.subject == f"customer:{customer_id}"
    connection.execute(_EPOCHS.update().where(subject).values(frozen_at=frozen_at))


def frozen_at(connection: Connection, customer_id: str) -> float | None:
    """Since when only reading is allowed in this customer; ``None``: it is not frozen."""
    query = select(_EPOCHS.c.frozen_at).where(_EPOCHS.c.subject == f"customer:{customer_id}")
    return connection.scalar(query)


def _raise(connection: Connection, subject: str) -> None:
    statement = insert_or(connection, _EPOCHS).values(subject=subject, epoch=1)
    changed = {"epoch": _EPOCHS.c.epoch + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["subject"], set_=changed))
