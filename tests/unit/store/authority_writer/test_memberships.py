"""Guests come and go, memberships are paused, tags say the teams."""

import pytest
from sqlalchemy import Engine, func, select

from fakes.authority import NOW, SOURCE, Company
from switchroom.identity.model import Actor, Refused
from switchroom.identity.tokens import digest, write_token
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Scope
from switchroom.store.authority_writer import (
    BindingWish,
    add_member,
    bind,
    end_membership,
    hold_all_of,
    last_owner_refusal,
    set_account_disabled,
    set_membership_disabled,
    set_tags,
)
from switchroom.store.tables import metadata


@pytest.fixture
def company(engine: Engine) -> Company:
    made = Company(engine)
    for id, customer_id in (("t1", "acme"), ("t2", "acme"), ("z1", "zeta")):
        made.people.add("tags", id=id, customer_id=customer_id, name=id, text="")
    return made


def code(company: Company, name: str, customer_id: str = "acme") -> str:
    found = company.authenticator.authenticate(company.token(name, customer_id), SOURCE, NOW)
    return found.code if isinstance(found, Refused) else "ok"


def test_a_guest_has_nothing_until_he_is_given_it(company: Company) -> None:
    assert company.change(add_member, "alice", customer_id="zeta") == "alice"
    company.log_in("alice", "zeta")

    assert company.actor("alice", "zeta").compiled.held == 0
    wish = BindingWish("alice", "builtin:agent", Scope("own"))
    company.change(bind, wish, customer_id="zeta")
    assert company.may("alice", "calls:list", "zeta")


@pytest.mark.parametrize(
    ("agent_id", "customer_id", "expected"),
    [
        ("nobody", "zeta", "not_found"),
        ("alice", "nowhere", "not_found"),
        ("alice", "acme", "conflict"),
    ],
)
def test_who_cannot_become_one(
    company: Company, agent_id: str, customer_id: str, expected: str
) -> None:
    assert company.change(add_member, agent_id, customer_id=customer_id).code == expected


def test_when_a_guest_goes_all_that_he_held_here_goes(company: Company) -> None:
    company.change(add_member, "alice", customer_id="zeta")
    company.log_in("alice", "zeta")
    company.people.binding("b9", "alice", builtin="agent", customer_id="zeta")
    company.people.restriction("x9", "alice", customer_id="zeta")
    company.people.accesskey("k9", "alice", customer_id="zeta")

    assert company.change(end_membership, "alice", customer_id="zeta") == "alice"

    assert code(company, "alice", "zeta") == "unknown"
    assert code(company, "alice") == "ok"
    with company.engine.connect() as connection:
        for name in ("bindings", "restrictions", "accesskeys", "memberships", "sessions"):
            table = metadata.tables[name]
            here = select(func.count()).where(table.c.customer_id == "zeta")
            assert connection.scalar(here) == 0, name


def test_the_platform_ends_and_pauses_memberships_from_its_own_customer(company: Company) -> None:
    company.hire("petra", "platform_owner", scope_kind="project")
    where = {"customer_id": "zeta", "at": "acme"}
    assert company.change(add_member, "alice", by="petra", **where) == "alice"
    company.people.binding("b9", "alice", builtin="owner", customer_id="zeta", expires_at=9e9)

    refused = company.change(end_membership, "alice", by="olga", **where)
    assert isinstance(refused, Refusal)
    paused = company.change(set_membership_disabled, "alice", by="petra", is_disabled=True, **where)
    assert paused == "alice"
    assert company.change(end_membership, "alice", by="petra", **where) == "alice"


def test_roles_are_given_from_within_the_customer_only(company: Company) -> None:
    company.people.member("alice", "zeta")
    wish = BindingWish("alice", "builtin:agent", Scope("own"))

    assert company.change(bind, wish, by="olga", customer_id="zeta", at="acme").code == "ended"


def test_home_is_not_left_so(company: Company) -> None:
    assert company.change(end_membership, "alice").code == "invalid"
    assert company.change(end_membership, "nobody").code == "not_found"


def test_who_is_paused_is_out_with_his_next_request(company: Company) -> None:
    assert company.change(set_membership_disabled, "alice", is_disabled=True) == "alice"
    assert code(company, "alice") == "disabled"

    company.change(set_membership_disabled, "alice", is_disabled=False)
    assert code(company, "alice") == "ok"


def test_an_account_is_closed_everywhere_by_who_dominates_it_everywhere(company: Company) -> None:
    company.people.member("alice", "zeta")
    company.log_in("alice", "zeta")
    company.people.binding("b9", "alice", builtin="admin", customer_id="zeta")

    assert isinstance(
        company.change(set_account_disabled, "alice", by="adam", is_disabled=True), Refusal
    )
    assert company.change(set_account_disabled, "alice", is_disabled=True) == "alice"
    assert code(company, "alice") == code(company, "alice", "zeta") == "ended"
    token = write_token("session", b"alice again".ljust(32))
    company.people.session("again", "alice", customer_id="zeta", access_hash=digest(token))
    assert company.authenticator.authenticate(token, SOURCE, NOW).code == "disabled"  # type: ignore[union-attr]

    company.change(set_account_disabled, "alice", is_disabled=False)
    assert code(company, "alice") == "ended"
    assert isinstance(company.authenticator.authenticate(token, SOURCE, NOW), Actor)


def test_the_last_owner_is_neither_paused_nor_closed_nor_deleted(company: Company) -> None:
    for by in ("olga", ""):
        for do in (set_membership_disabled, set_account_disabled):
            assert isinstance(company.change(do, "olga", by=by, is_disabled=True), Refusal)
    assert isinstance(company.change(last_owner_refusal, ["olga"], ["acme"]), Refusal)
    assert company.change(last_owner_refusal, ["adam"], ["acme"]) is None


def test_nor_is_a_guest_who_is_the_last_owner_elsewhere(company: Company) -> None:
    assert company.change(add_member, "alice", customer_id="zeta") == "alice"
    company.people.binding("b8", "alice", builtin="owner", customer_id="zeta")

    refused = company.change(set_account_disabled, "alice", is_disabled=True)
    assert isinstance(refused, Refusal)
    assert refused.rule == "E5"
    assert company.change(hold_all_of, ["alice"]) == ["acme", "zeta"]

    company.hire("zoe", "owner", "zeta")
    assert company.change(set_account_disabled, "alice", is_disabled=True) == "alice"


def test_an_owner_whose_role_ends_is_no_lasting_one(company: Company) -> None:
    company.hire("oscar", "owner", expires_at=NOW + 60)

    assert isinstance(company.change(last_owner_refusal, ["olga"], ["acme"]), Refusal)


def test_tags_are_set_by_who_holds_what_they_decide(company: Company) -> None:
    assert company.change(set_tags, "alice", ["t2", "t1", "t1"], by="adam") == "alice"
    assert company.actor("alice").compiled.tag_ids == {"t1", "t2"}
    assert isinstance(company.change(set_tags, "alice", ["t1"], by="alice"), Refusal)


def test_a_team_leader_with_more_than_the_asker_is_not_moved_by_him(company: Company) -> None:
    company.people.role("keeper", ("allow", "numbers:release", ""))
    company.people.role(
        "teamed", ("allow", "calls:delete", "team"), ("allow", "agents:delete", "team")
    )
    company.people.binding("b9", "alice", role_id="teamed", scope_kind="team")

    assert isinstance(company.change(set_tags, "alice", ["t1"], by="adam"), Refusal)


@pytest.mark.parametrize("tags", [["z1"], ["nothing"], ["t1"] + [f"t{n}" for n in range(100)]])
def test_only_tags_of_the_customer_and_not_too_many(company: Company, tags: list[str]) -> None:
    assert company.change(set_tags, "alice", tags, by="olga").code == "invalid"


def test_a_stranger_has_no_tags_here(company: Company) -> None:
    company.hire("zoe", customer_id="zeta")

    assert company.change(set_tags, "zoe", ["t1"], by="olga").code == "not_found"
