"""An export that was changed, shortened or put together anew is found out."""

import msgspec
import pytest

from switchroom.history.audit import GENESIS, AuditEntry, Head, StoredEntry, seal
from switchroom.history.exported import Checked, End, check, last_line, line


def chain(count: int, actor_id: str = "") -> list[StoredEntry]:
    entries: list[StoredEntry] = []
    previous = GENESIS
    for seq in range(1, count + 1):
        said = {"name": f"Zo\u00eb {seq}"}
        entry = AuditEntry(
            at=1e9 / 7,
            customer_id="acme",
            actor_id=actor_id,
            action="agents:update",
            decision="done",
            after=said,
        )
        entries.append(seal(entry, seq, previous))
        previous = entries[-1].hash
    return entries


def export(*entries: StoredEntry) -> list[bytes]:
    return [*map(line, entries), last_line(End(len(entries), None))]


def reason(checked: Checked) -> str:
    assert checked.broken is not None
    return checked.broken.reason


def test_what_was_exported_is_whole() -> None:
    entries = chain(4)
    checked = check(export(*entries))

    assert (checked.entries, checked.followed, checked.broken) == (4, 3, None)
    assert checked.end == End(4, None)
    assert checked.last == entries[-1]


def test_entries_of_others_may_lie_between() -> None:
    entries = chain(6)
    checked = check(export(entries[1], entries[2], entries[5]))

    assert (checked.entries, checked.followed, checked.broken) == (3, 1, None)


@pytest.mark.parametrize("name", ["actor_id", "after", "reason", "request_id"])
def test_what_was_changed_is_named(name: str) -> None:
    lines = export(*chain(3))
    said = msgspec.json.decode(lines[1])
    lines[1] = msgspec.json.encode(said | {name: "another"})

    assert reason(check(lines)) == "entry 2 is not what was written"


def test_an_entry_that_was_made_anew_does_not_fit() -> None:
    entries = chain(3)
    said = AuditEntry(at=1.0, customer_id="acme", action="agents:delete", decision="done")
    forged = seal(said, 2, entries[0].hash)

    assert reason(check(export(entries[0], forged, entries[2]))) == (
        "entry 3 does not follow the one before it"
    )


def test_an_export_that_was_computed_anew_is_found_by_what_the_server_says() -> None:
    genuine, forged = chain(3), chain(3, actor_id="somebody else")
    noted = Head(3, genuine[-1].hash)

    assert check(export(*genuine), noted).broken is None
    assert check(export(*forged)).broken is None  # nothing inside can show that
    assert reason(check(export(*forged), noted)) == (
        "entry 3 has another hash than the one noted down"
    )
    assert reason(check(export(*genuine[:2]), noted)) == ("entry 3 was noted down and is not in it")


def test_order_and_beginning_count() -> None:
    entries = chain(3)
    assert reason(check(export(entries[1], entries[0]))) == "entry 1 stands behind entry 2"
    other = seal(AuditEntry(at=1.0, customer_id="", action="a:b", decision="done"), 1, b"x" * 32)
    assert reason(check(export(other))) == "entry 1 does not follow the one before it"


@pytest.mark.parametrize("rest", [b"", b"{}\n", b"[1]\n", b"nonsense", b'{"end": 3}', b"\xff"])
def test_an_export_without_its_end_is_not_taken_for_one(rest: bytes) -> None:
    checked = check([*export(*chain(2))[:-1], *filter(None, [rest])])

    assert checked.end is None
    assert checked.entries == 2
