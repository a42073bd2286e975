"""Access keys: within their owner, from their networks, until they end."""

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from fakes.identity import ELSEWHERE, HOME, NOW, House
from switchroom.app.catalog import catalog
from switchroom.identity.keys import KeyChange, KeyMade, KeyWish
from switchroom.identity.model import AccessKey, Actor, AuthSettings, Refused
from switchroom.identity.tickets import Ticket
from switchroom.permissions.check import holds
from switchroom.permissions.grant import Refusal
from switchroom.store.audit import AuditFilter, entries

DAY = 86_400.0
WISH = KeyWish("statistics", ("calls:list", "calls:get"))


@pytest.fixture
def owner(house: House) -> Actor:
    house.hire("olga", "owner")
    return house.actor(house.log_in("olga").tokens.access)


def create(house: House, actor: Actor, wish: KeyWish = WISH, at: float = NOW) -> KeyMade:
    found = house.keys.create(actor, wish, at)
    assert isinstance(found, KeyMade), found
    return found


def test_a_key_may_what_its_ceiling_says_and_its_owner_may(house: House, owner: Actor) -> None:
    made = create(house, owner)

    actor = house.actor(made.text)

    assert (actor.token_kind, actor.principal_id, actor.mfa_at) == ("accesskey", "olga", None)
    assert holds(actor.compiled, catalog().bit("calls:list"))
    assert not holds(actor.compiled, catalog().bit("calls:hangup"))
    assert made.key.expires_at == NOW + 90 * DAY
    assert made.key.prefix == made.text[:12]
    assert made.text not in repr(made)


def test_what_the_owner_loses_the_key_loses_at_once(house: House, owner: Actor) -> None:
    made = create(house, owner)
    assert house.actor(made.text).compiled.held

    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM bindings WHERE principal_id = 'olga'"))
    house.people.add("authority_epochs", subject="agent:olga", epoch=1)
    assert not house.actor(made.text).compiled.held

    house.set("accounts", "olga", disabled_at=NOW)
    assert house.code_of(made.text) == "disabled"


def test_a_key_is_taken_from_its_networks_only(house: House, owner: Actor) -> None:
    wish = replace(WISH, networks=("192.0.2.0/24", "2001:db8::/32"))
    shown = create(house, owner, wish).text

    said = {
        source: house.code_of(shown, source=source)
        for source in (HOME, "::ffff:192.0.2.9", "2001:db8::1", ELSEWHERE, "2001:db9::1", "", "x")
    }
    assert list(said.values()) == ["ok", "ok", "ok", "network", "network", "network", "network"]


def test_a_key_ends(house: House, owner: Actor) -> None:
    made = create(house, owner, replace(WISH, days=1))
    assert house.code_of(made.text, NOW + DAY - 1) == "ok"
    assert house.code_of(made.text, NOW + DAY) == "expired"

    revoked = house.keys.revoke(owner, made.key.id, NOW)
    assert isinstance(revoked, AccessKey)
    assert house.code_of(made.text) == "ended"
    assert house.keys.revoke(owner, made.key.id, NOW + 1) == revoked


def test_a_rotated_key_overlaps_a_day(house: House, owner: Actor) -> None:
    old = create(house, owner)
    new = house.keys.rotate(owner, old.key.id, 90, NOW + 10)
    assert isinstance(new, KeyMade)

    assert house.code_of(new.text, NOW + 20) == "ok"
    assert house.code_of(old.text, NOW + 9 + DAY) == "ok"
    assert house.code_of(old.text, NOW + 10 + DAY) == "expired"
    assert house.code_of(new.text, NOW + 10 + DAY) == "ok"

    newest = house.keys.rotate(owner, old.key.id, 90, NOW + 30)
    assert isinstance(newest, KeyMade)
    assert house.code_of(old.text, NOW + 40) == "unknown"
    assert house.code_of(new.text, NOW + 40) == "ok"


def test_what_was_opened_with_a_text_stays_open_as_long_as_the_text_counts(
    house: House, owner: Actor
) -> None:
    def again(actor: Actor, now: float) -> str:
        found = house.authenticator.again(actor, now)
        return "ok" if isinstance(found, Actor) else found.code

    old = create(house, owner)
    with_old = house.actor(old.text)
    new = house.keys.rotate(owner, old.key.id, 90, NOW + 10)
    assert isinstance(new, KeyMade)
    with_new = house.actor(new.text, NOW + 10)
    ticket = house.tickets.issue(with_new, NOW + 10)
    assert isinstance(ticket, Ticket)
    with_ticket = house.authenticator.spend_ticket(ticket.text, HOME, NOW + 10)
    assert isinstance(with_ticket, Actor)

    known = house.authenticator.again(with_old, NOW + 11)
    assert isinstance(known, Actor)
    assert known.proof_until == NOW + 10 + DAY
    assert [again(one, NOW + 9 + DAY) for one in (with_old, with_new, with_ticket)] == ["ok"] * 3
    # Which text has asked for a ticket is not known, so its socket ends with the older one.
    late = [again(one, NOW + 10 + DAY) for one in (with_old, with_new, with_ticket)]
    assert late == ["expired", "ok", "expired"]

    house.keys.rotate(owner, old.key.id, 90, NOW + 20)
    assert [again(one, NOW + 20) for one in (with_old, with_new)] == ["expired", "ok"]


def test_a_dead_key_is_not_rotated_to_life(house: House, owner: Actor) -> None:
    made = create(house, owner, replace(WISH, days=1))

    expired = house.keys.rotate(owner, made.key.id, 90, NOW + DAY)
    assert isinstance(expired, Refused)
    assert (expired.code, expired.text[:26]) == ("conflict", "this access key has expire")
    house.keys.revoke(owner, made.key.id, NOW)
    revoked = house.keys.rotate(owner, made.key.id, 90, NOW)
    assert isinstance(revoked, Refused)
    assert (revoked.code, revoked.text[:27]) == ("conflict", "this access key was revoked")


def test_a_key_is_never_wider_than_its_owner(house: House) -> None:
    alice = house.actor(house.log_in().tokens.access)

    refused = house.keys.create(alice, KeyWish("all", ("agents:delete",)), NOW)

    assert isinstance(refused, Refusal)
    assert refused.rule == "E7"
    assert create(house, alice, KeyWish("mine", ("calls:*",)))


def test_nor_than_the_key_that_makes_it(house: House, owner: Actor) -> None:
    narrow = create(house, owner, KeyWish("issuer", ("accesskeys:create", "calls:list")))
    issuer = house.actor(narrow.text)

    assert isinstance(house.keys.create(issuer, KeyWish("all", ("calls:*",)), NOW), Refusal)
    assert create(house, issuer, KeyWish("same", ("calls:list",)))


def test_what_the_asker_lost_meanwhile_counts(house: House, owner: Actor) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM bindings WHERE principal_id = 'olga'"))

    assert isinstance(house.keys.create(owner, WISH, NOW), Refusal)


def test_nobody_makes_a_key_that_acts_for_a_mightier_one(house: House, owner: Actor) -> None:
    house.hire("adam", "admin")
    adam = house.actor(house.log_in("adam").tokens.access)
    wish = KeyWish("hers", ("numbers:release",), owner_id="olga")

    assert isinstance(house.keys.create(adam, wish, NOW), Refusal)
    assert create(house, owner, KeyWish("his", ("calls:list",), owner_id="adam"))


FAULTY: dict[str, tuple[KeyWish, str]] = {
    "no name": (replace(WISH, name=""), "name"),
    "a name that cannot be shown": (replace(WISH, name="a\0b"), "name"),
    "no ceiling": (replace(WISH, ceiling=()), "ceiling"),
    "an unknown pattern": (replace(WISH, ceiling=("calls:fly",)), "ceiling[0]"),
    "too many patterns": (replace(WISH, ceiling=("calls:list",) * 101), "ceiling"),
    "no days": (replace(WISH, days=0), "days"),
    "too many days": (replace(WISH, days=366), "days"),
    "no network": (replace(WISH, networks=("192.0.2.1/24",)), "networks"),
    "too many networks": (replace(WISH, networks=("192.0.2.0/24",) * 65), "networks"),
    "no such owner": (replace(WISH, owner_id="nobody"), "owner_id"),
    "an owner of another customer": (replace(WISH, owner_id="zoe"), "owner_id"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_what_makes_no_sense_is_said(house: House, owner: Actor, case: str) -> None:
    house.hire("zoe", customer_id="zeta")
    wish, field = FAULTY[case]

    found = house.keys.create(owner, wish, NOW)

    assert isinstance(found, Refused)
    assert (found.code, found.field) == ("invalid", field)


def test_a_customer_may_ask_for_shorter_lives(house: House, owner: Actor) -> None:
    house.settings(AuthSettings(key_longest_days=30))

    found = house.keys.create(owner, WISH, NOW)

    assert isinstance(found, Refused)
    assert found.field == "days"
    assert create(house, owner, replace(WISH, days=30))


def test_so_many_keys_and_no_more(house: House, owner: Actor) -> None:
    for number in range(50):
        house.people.accesskey(f"k{number}", "olga", expires_at=NOW + 1)

    assert isinstance(house.keys.create(owner, WISH, NOW), Refused)
    assert create(house, owner, at=NOW + 1)


WIDER: dict[str, KeyChange] = {
    "ceiling": KeyChange(ceiling=("calls:*",)),
    "another network": KeyChange(networks=("198.51.100.0/24",)),
    "from anywhere": KeyChange(networks=()),
    "a larger network": KeyChange(networks=("192.0.0.0/16",)),
    "the other kind": KeyChange(networks=("::/0",)),
}


@pytest.mark.parametrize("case", WIDER)
def test_a_key_becomes_no_wider(house: House, owner: Actor, case: str) -> None:
    key = create(house, owner, replace(WISH, networks=("192.0.2.0/24",))).key

    assert isinstance(house.keys.update(owner, key.id, WIDER[case], NOW), Refused)


def test_a_key_becomes_narrower(house: House, owner: Actor) -> None:
    made = create(house, owner)
    change = KeyChange("new name", ("calls:list",), ("192.0.2.0/25",))

    found = house.keys.update(owner, made.key.id, change, NOW)

    assert isinstance(found, AccessKey)
    assert (found.name, found.ceiling, found.networks) == (
        "new name",
        ("calls:list",),
        ("192.0.2.0/25",),
    )
    assert house.code_of(made.text, source="192.0.2.200") == "network"


def test_another_customers_key_is_as_good_as_none(house: House, owner: Actor) -> None:
    house.hire("zoe", "owner", customer_id="zeta")
    zoe = house.actor(house.log_in("zoe", username="zoe@zeta.example").tokens.access)
    key = create(house, owner).key

    found: list[Any] = [
        house.keys.rotate(zoe, key.id, 90, NOW),
        house.keys.update(zoe, key.id, KeyChange("mine"), NOW),
        house.keys.revoke(zoe, key.id, NOW),
        house.keys.delete(zoe, key.id, NOW),
    ]
    assert [one.code for one in found] == ["not_found"] * 4


def test_a_deleted_key_is_unknown(house: House, owner: Actor) -> None:
    made = create(house, owner)

    assert house.keys.delete(owner, made.key.id, NOW) is None
    assert house.code_of(made.text) == "unknown"


def test_last_use_is_written_down_once_a_minute_at_most(house: House, owner: Actor) -> None:
    made = create(house, owner)

    used = []
    for at in (NOW, NOW + 59, NOW + 60):
        house.actor(made.text, at)
        with house.engine.connect() as connection:
            used.append(connection.execute(text("SELECT last_used_at FROM accesskeys")).scalar())
    assert used == [NOW, NOW, NOW + 60]


def test_every_change_is_in_the_audit_log_without_hashes(house: House, owner: Actor) -> None:
    made = create(house, owner)
    house.keys.rotate(owner, made.key.id, 90, NOW)
    house.keys.delete(owner, made.key.id, NOW)

    found = entries(house.engine, AuditFilter(target_id=made.key.id), limit=9)

    assert [one.action for one in found] == [
        "accesskeys:delete",
        "accesskeys:rotate",
        "accesskeys:create",
    ]
    assert all(made.key.hash.hex() not in one.before + one.after for one in found)
    assert "statistics" in found[0].before
