"""Counts of failed log-ins as stored, by subject."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select

from switchroom.identity.rules.delays import Count
from switchroom.store.database import hold
from switchroom.store.tables import metadata
from switchroom.store.upsert import insert_or

_FAILURES = metadata.tables["log_in_failures"]


class DatabaseAttempts:
    """The counts in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, subjects: Sequence[str]) -> dict[str, Count]:
        """What is counted; nobody else touches these subjects until the transaction ends."""
        hold(self._connection, *subjects)
        query = select(_FAILURES).where(_FAILURES.c.subject.in_(subjects))
        return {row[0]: Count(*row[1:]) for row in self._connection.execute(query)}

    def write(self, counts: Mapping[str, Count | None]) -> None:
        """Store counts; ``None`` forgets one."""
        gone = [subject for subject, count in counts.items() if count is None]
        if gone:
            self._connection.execute(delete(_FAILURES).where(_FAILURES.c.subject.in_(gone)))
        rows = [
            {
                "subject": subject,
                "count": count.count,
                "since": count.since,
                "last_at": count.last_at,
            }
            for subject, count in counts.items()
            if count is not None
        ]
        if not rows:
            return
        statement = insert_or(self._connection, _FAILURES).values(rows)
        changed = {name: statement.excluded[name] for name in ("count", "since", "last_at")}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["subject"], set_=changed)
        )

    def forget(self, prefixes: Sequence[str]) -> None:
        """Forget whatever is counted of subjects that begin so."""
        for prefix in prefixes:
            # No subject has a character beyond this one, so the range is all that begin so.
            within = _FAILURES.c.subject.between(prefix, prefix + "\x7f")
            self._connection.execute(delete(_FAILURES).where(within))

    def purge(self, before: float, most: int) -> int:
        """Forget counts that nobody has touched since ``before``, at most ``most``."""
        oldest = (
            select(_FAILURES.c.subject)
            .where(_FAILURES.c.last_at < before)
            .order_by(_FAILURES.c.last_at)
            .limit(most)
        )
        # Two that purge at once must not wait for each other's rows.
        gone = self._connection.scalars(oldest.with_for_update(skip_locked=True)).all()
        if gone:
            self._connection.execute(delete(_FAILURES).where(_FAILURES.c.subject.in_(gone)))
        return len(gone)
