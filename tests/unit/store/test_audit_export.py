"""An export has what its asker may take out, in pages that leave nothing out."""

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from switchroom.app.catalog import catalog
from switchroom.history.audit import AuditEntry
from switchroom.history.exported import Checked, check
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.model import Authority, Binding, Role, Scope, Statement
from switchroom.store.audit import append
from switchroom.store.audit_export import READ_AT_ONCE, DatabaseAuditExport
from switchroom.store.database import writing

ENTRY = AuditEntry(at=1e9 / 7, customer_id="acme", action="agents:update", decision="done")


def write(engine: Engine, *customers: str) -> None:
    with writing(engine) as connection:
        for customer_id in customers:
            append(
                connection, replace(ENTRY, customer_id=customer_id, after={"a": ["\u00e9", 1.5]})
            )


def export(
    engine: Engine, scope: str = "customer", permission: str = "audit:export", **asked: int
) -> tuple[list[dict[str, object]], Checked]:
    """What acme's Olga gets: entries as they are read, and what a check of it says."""
    role = Role("role", "role", (Statement("allow", permission),))
    binding = Binding("b", role, Scope(scope))  # type: ignore[arg-type]
    who = compile_authority(Authority("olga", "acme", bindings=(binding,)), catalog(), 0)
    parts = DatabaseAuditExport(engine, catalog()).lines(
        who, asked.get("after", 0), asked.get("most", 1000)
    )
    lines = b"".join(parts).splitlines()
    return [msgspec.json.decode(line) for line in lines[:-1]], check(lines)


def test_a_customer_gets_its_own_and_the_platform_everything(engine: Engine) -> None:
    write(engine, "acme", "other", "acme", "acme", "", "other")

    own, checked = export(engine)
    assert [one["seq"] for one in own] == [1, 3, 4]
    assert {one["customer_id"] for one in own} == {"acme"}
    assert (checked.entries, checked.followed, checked.broken) == (3, 1, None)
    everything, checked = export(engine, "project")
    assert [one["seq"] for one in everything] == [1, 2, 3, 4, 5, 6]
    assert (checked.followed, checked.broken) == (5, None)
    assert export(engine, permission="audit:get")[0] == []


@pytest.mark.parametrize("most", [1, 7, READ_AT_ONCE, READ_AT_ONCE + 1, 1000])
def test_pages_together_are_everything(engine: Engine, most: int) -> None:
    write(engine, *["acme", "other"] * (READ_AT_ONCE + 20))

    found: list[object] = []
    after: int | None = 0
    while after is not None:
        entries, checked = export(engine, after=after, most=most)
        assert checked.broken is None
        assert checked.end is not None
        assert checked.end.entries == len(entries) <= most
        found += [one["seq"] for one in entries]
        after = checked.end.next
    assert found == list(range(1, 2 * READ_AT_ONCE + 40, 2))
