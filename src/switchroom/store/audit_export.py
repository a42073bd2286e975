"""Audit entries for a file, oldest first, as far as somebody may take them out."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from switchroom.history.exported import End, last_line, line
from switchroom.identity.permissions import EXPORT_AUDIT
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled
from switchroom.store.audit import read_stored
from switchroom.store.tables import metadata
from switchroom.store.visible import ScopeColumns, visible

READ_AT_ONCE = 100
"Entries in memory at once: one may have 128 KiB."

_audit = metadata.tables["audit"]
_SCOPE = ScopeColumns(_audit.c.customer_id)


class DatabaseAuditExport:
    """``api.ports.AuditExport``; any thread may ask."""

    def __init__(self, engine: Engine, catalog: Catalog) -> None:
        self._engine = engine
        self._bit = catalog.bit(EXPORT_AUDIT)

    def lines(self, compiled: Compiled, after: int, most: int) -> Iterator[bytes]:
        """Entries behind number ``after``, at most ``most``, and an export's last line.

        Each item is some whole lines.
        """
        count = 0
        seen = visible(_SCOPE, compiled, self._bit)
        while True:
            wanted = min(READ_AT_ONCE, most - count) + 1
            query = select(_audit).where(seen, _audit.c.seq > after).order_by(_audit.c.seq)
            with self._engine.connect() as connection:
                rows = [read_stored(row) for row in connection.execute(query.limit(wanted))]
            shown = rows[: wanted - 1]
            yield b"".join(map(line, shown))
            count += len(shown)
            after = shown[-1].seq if shown else after
            if len(rows) < wanted or count == most:
                yield last_line(End(count, after if len(rows) == wanted else None))
                return
