"""A link of the chain is recognised as it was written, and never shows a secret."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from switchroom.directory.model import Extension, Trunk
from switchroom.history.audit import (
    COVERED,
    GENESIS,
    SHOWN_LIMIT,
    TEXT_LIMIT,
    AuditEntry,
    StoredEntry,
    fault,
    seal,
    shown,
)
from switchroom.store.tables import metadata

ENTRY = AuditEntry(
    at=1000.25,
    customer_id="acme",
    actor_id="alice",
    action="agents:update",
    decision="done",
    resource="agents",
    target_id="bob",
    before={"name": "Bob"},
    after={"name": "Robert"},
)


def test_links_follow_each_other() -> None:
    first = seal(ENTRY, 1, GENESIS)
    second = seal(ENTRY, 2, first.hash)

    assert fault(first, 1, GENESIS) is None
    assert fault(second, 2, first.hash) is None
    assert first.hash != second.hash


@pytest.mark.parametrize("name", [n for n in StoredEntry.__struct_fields__ if n != "hash"])
def test_a_change_of_any_field_is_seen(name: str) -> None:
    link = seal(ENTRY, 1, GENESIS)
    old = getattr(link, name)
    longer = b"x" if isinstance(old, bytes) else "x" if isinstance(old, str) else 1

    changed = replace(link, **{name: old + longer})

    assert fault(changed, 1, GENESIS) is not None


def test_fields_cannot_lend_each_other_a_letter() -> None:
    left = seal(replace(ENTRY, actor_id="ab", token_id="c"), 1, GENESIS)
    right = seal(replace(ENTRY, actor_id="a", token_id="bc"), 1, GENESIS)

    assert left.hash != right.hash


def test_the_fields_of_a_struct_that_are_secret_are_covered() -> None:
    extension = Extension("e1", "acme", "1001", "aa" * 16, "bb" * 32)
    trunk = Trunk("t1", "acme", "carrier", ("h",), (), username="u", password="hunter2")

    said = shown({"extension": extension, "trunks": [trunk]})

    assert "1001" in said
    assert said.count(COVERED) == 3
    assert not {"aa" * 16, "bb" * 32, "hunter2"} & set(said.split('"'))


def test_no_column_that_holds_a_secret_is_shown() -> None:
    named = {"hash", "secret", "password", "ha1", "csrf", "recovery", "totp_secret", "refresh"}
    secret = {
        column.name
        for table in metadata.sorted_tables
        for column in table.columns
        if any(word in column.name for word in named)
    } - {"password_changed_at", "password_least"}
    assert len(secret) > 10

    said = msgspec.json.decode(shown(dict.fromkeys(secret, "xyzzy")))

    assert said == dict.fromkeys(secret, COVERED)


def test_whether_a_secret_is_set_may_be_seen() -> None:
    assert msgspec.json.decode(shown({"password": "", "has_password": True})) == {
        "password": "",
        "has_password": True,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.text())
def test_whatever_is_said_can_be_stored_and_checked(value: object, reason: str) -> None:
    link = seal(replace(ENTRY, after=value, reason=reason), 1, GENESIS)

    assert fault(link, 1, GENESIS) is None
    assert "\0" not in link.reason + link.after
    (link.reason + link.after).encode()
    assert len(link.reason) <= TEXT_LIMIT


def test_what_is_too_long_or_too_deep_is_told_without_it() -> None:
    deep: object = "end"
    for _ in range(200):
        deep = [deep]

    assert shown(["x" * SHOWN_LIMIT]) == f'{{"too_long_to_keep":{SHOWN_LIMIT + 4}}}'
    assert "(too deep)" in shown(deep)


def test_a_struct_of_anybody_can_be_shown() -> None:
    class Door(Struct):
        colour: str
        key_hash: bytes

    assert msgspec.json.decode(shown(Door("red", b"xyz"))) == {"colour": "red", "key_hash": COVERED}
