"""Mistakes that others have made with permissions, one test for each, over HTTP.

What is proven elsewhere in more ways than one stands in ``ELSEWHERE`` with the test that does it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.matrix import FILE, blocks
from fakes.api_world import newest_entry
from fakes.two_customers import TwoCustomers, two_customers
from switchroom.identity.tokens import write_token

TESTS = Path(__file__).parents[1]
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "roles that can only add": (
        "api/test_revocation.py",
        "test_calls_but_no_hang_up_and_the_refusal_says_why",
    ),
    "a list and a get that disagree": (
        "api/test_list_and_get.py",
        "test_lists_and_gets_agree",
    ),
    "a list that is cut without a word": (
        "api/test_resources.py",
        "test_pages_have_everything_once_in_order",
    ),
    "authority that a token remembers": (
        "api/test_revocation.py",
        "test_a_role_that_is_taken_away",
    ),
    "a route that nobody has declared": (
        "unit/api/test_declarations.py",
        "test_a_route_without_a_declaration",
    ),
    "another tenant's id that answers otherwise than none": (
        "api/test_cross_tenant.py",
        "test_no_operation_on_a_foreign_id_tells_or_changes_anything",
    ),
    "a reference to another tenant's thing": (
        "api/test_cross_tenant.py",
        "test_references_to_foreign_things_are_refused_like_references_to_nothing",
    ),
    "a check in SQL that NULLs get around": (
        "properties/test_permission_equivalence.py",
        "test_i8_sql_finds_exactly_what_is_allowed",
    ),
    "a log-in that tells who has an account": (
        "unit/identity/test_log_in.py",
        "test_whoever_tries_learns_nothing_of_accounts",
    ),
    "a lock that lets anybody lock everybody out": (
        "unit/identity/test_log_in.py",
        "test_a_botnet_cannot_lock_the_owner_out_of_where_he_works",
    ),
}


@pytest.mark.parametrize("mistake", ELSEWHERE)
def test_what_is_proven_elsewhere_is(mistake: str) -> None:
    module, name = ELSEWHERE[mistake]
    assert f"def {name}" in (TESTS / module).read_text("utf-8")


def refused(world: TwoCustomers, who: str, path: str, body: Any, method: str = "POST") -> str:
    """The code with which it is refused; the audit log has it, with the rule if there is one."""
    answer = world.world.ask(f"acme-{who}", method, path, json=body)
    assert answer.status_code == 403, answer.text
    said = answer.json()
    entry = newest_entry(world.world)
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["actor_id"], entry["decision"]) == (f"acme-{who}", "refused")
    assert (entry["action"], entry["reason"]) == (
        answer.headers["x-required-permission"],
        said.get("rule", said["code"]),
    )
    return str(said["code"])


@pytest.mark.parametrize("role", ["owner", "platform_owner", "platform_support"])
def test_a_manager_makes_a_super_administrator(role: str) -> None:
    with two_customers() as world:
        for kind in ("customer", "project"):
            wish = {"agent_id": "acme-mate", "role_id": f"builtin:{role}", "scope": {"kind": kind}}
            answer = world.world.ask("acme-admin", "POST", "/v1/bindings", json=wish)
            assert answer.status_code in {403, 422}
        copied = {"name": "copy", "statements": [{"pattern": "customers:switch"}]}
        assert refused(world, "admin", "/v1/roles", copied) == "escalation"


def test_somebody_gives_himself_a_role() -> None:
    with two_customers() as world:
        for who, code in (("supervisor", "implicit_deny"), ("admin", "escalation")):
            wish = {"agent_id": f"acme-{who}", "role_id": "builtin:owner"}
            assert refused(world, who, "/v1/bindings", wish) == code


def test_somebody_widens_the_role_that_he_holds() -> None:
    with two_customers() as world:
        world.world.people.binding("mine", "acme-admin", role_id="acme-role")
        wider = {"statements": [{"pattern": "agents:delete"}]}
        assert refused(world, "admin", "/v1/roles/acme-role", wider, "PATCH") == "escalation"


def test_a_manager_takes_over_the_owners_account() -> None:
    with two_customers() as world:
        new = {"password": "quite another long pass phrase"}
        path = "/v1/agents/acme-owner"
        assert refused(world, "admin", f"{path}/set_password", new) == "escalation"
        assert world.world.ask("acme-owner", "GET", "/v1/auth/me").status_code == 200


def test_a_manager_locks_the_owner_out() -> None:
    with two_customers() as world:
        denied = {"agent_id": "acme-owner", "pattern": "*:*"}
        assert refused(world, "admin", "/v1/restrictions", denied) == "escalation"


def test_a_key_is_wider_than_its_owner() -> None:
    with two_customers() as world:
        ask = world.world.ask
        wider = {"name": "wide", "ceiling": ["agents:delete"]}
        assert ask("acme-admin", "POST", "/v1/accesskeys", json=wider).status_code == 403
        everything = {"name": "all", "ceiling": ["*:*"]}
        made = ask("acme-integrator", "POST", "/v1/accesskeys", json=everything)
        if made.status_code != 201:
            return
        shown = {"Authorization": f"Bearer {made.json()['key']}"}
        assert world.world.client.request("GET", "/v1/agents", headers=shown).status_code == 403


def test_a_restricted_administrator_passes_on_what_he_may_not() -> None:
    """With a deny on it he does not hold it: neither for himself nor for anybody else."""
    with two_customers() as world:
        ask = world.world.ask
        denied = {"agent_id": "acme-admin", "pattern": "calls:hangup"}
        assert ask("acme-owner", "POST", "/v1/restrictions", json=denied).status_code == 201
        wish = {"agent_id": "acme-mate", "role_id": "builtin:agent"}
        assert refused(world, "admin", "/v1/bindings", wish) == "escalation"
        role = {"name": "hangers", "statements": [{"pattern": "calls:*"}]}
        assert refused(world, "admin", "/v1/roles", role) == "escalation"
        lifted = ask("acme-owner", "GET", "/v1/restrictions?agent_id=acme-admin").json()["items"]
        path = f"/v1/restrictions/{lifted[0]['id']}"
        assert refused(world, "admin", path, None, "DELETE") == "escalation"


@pytest.mark.parametrize("form", ["refresh", "ticket", "csrf", "accesskey"])
def test_an_identity_of_a_kind_that_no_case_handles(form: Any) -> None:
    with two_customers() as world:
        shown = {"Authorization": f"Bearer {write_token(form, bytes(32))}"}
        assert world.world.client.request("GET", "/v1/tags", headers=shown).status_code == 401


def test_a_scope_of_a_kind_that_no_case_handles() -> None:
    with two_customers() as world:
        world.world.people.binding(
            "strange", "acme-nobody", builtin="owner", role_id=None, scope_kind="galaxy"
        )
        assert world.world.ask("acme-nobody", "GET", "/v1/tags").status_code in {403, 503}


def test_a_list_without_a_check() -> None:
    written = blocks(FILE.read_text())
    lists = [name for name in written if name.startswith("GET /v1/") and "{id}" not in name]
    for name in lists:
        head, *rows = written[name].splitlines()
        if head.endswith(("public", "logged_in")):
            continue
        assert next(row for row in rows if row.split()[0] == "nobody").split()[1] == "403", name
    assert len(lists) > 20


def test_a_pattern_grows_into_what_is_sensitive() -> None:
    with two_customers() as world:
        ask = world.world.ask
        role = {"name": "everything", "statements": [{"pattern": "agents:*"}]}
        made = ask("acme-owner", "POST", "/v1/roles", json=role).json()
        wish = {"agent_id": "acme-nobody", "role_id": made["id"]}
        assert ask("acme-owner", "POST", "/v1/bindings", json=wish).status_code == 201
        assert ask("acme-nobody", "GET", "/v1/agents/acme-mate").status_code == 200
        assert refused(world, "nobody", "/v1/agents/acme-mate", None, "DELETE") == "implicit_deny"


def test_what_staff_of_the_platform_writes_lands_in_the_customer_they_are_in() -> None:
    with two_customers() as world:
        ask = world.world.ask
        wish = {"customer_id": "other", "reason": "they asked us to"}
        switched = ask("acme-platform_owner", "POST", "/v1/auth/switch", json=wish)
        assert switched.status_code == 200, switched.text
        shown = {"Authorization": f"Bearer {switched.json()['access_token']}"}
        request = world.world.client.request
        made = request("POST", "/v1/tags", headers=shown, json={"name": "from outside"})
        assert (made.status_code, made.json()["customer_id"]) == (201, "other")
        assert request("GET", "/v1/tags/acme-t1", headers=shown).status_code == 404
        seen = ask("other-owner", "GET", "/v1/audit?limit=5", customer="other").json()["items"]
        assert {"customers:switch", "tags:create"} <= {one["action"] for one in seen}
        mine = ask("acme-owner", "GET", "/v1/tags").json()["items"]
        assert "from outside" not in {one["name"] for one in mine}


def test_a_thing_that_the_asker_may_not_see_is_led_to() -> None:
    with two_customers() as world:
        people = world.world.people
        people.role("numbers", ("allow", "numbers:*", ""), ("allow", "clients:use", ""))
        people.binding(
            "c1", "acme-nobody", role_id="numbers", scope_kind="clients", client_ids=["acme-c1"]
        )
        path = "/v1/numbers/acme-number-c1"
        for change in (
            {"to": {"kind": "agent", "id": "acme-stranger"}},
            {"to": {"kind": "group", "id": "acme-group-t1"}},
            {"no_answer": {"kind": "extension", "id": "acme-ext-mate"}},
        ):
            answer = world.world.ask("acme-nobody", "PATCH", path, json=change)
            assert answer.status_code == 422, (change, answer.text)
            assert answer.json()["errors"][0]["text"].startswith("there is no such")
        # To another client he cannot move it at all: it would leave whoever sees it now (E6).
        assert refused(world, "nobody", path, {"client_id": "acme-c2"}, "PATCH") == "escalation"


def test_the_last_owner_gives_himself_up() -> None:
    with two_customers() as world:
        ask = world.world.ask
        bindings = ask("acme-owner", "GET", "/v1/bindings?agent_id=acme-owner").json()["items"]
        path = f"/v1/bindings/{bindings[0]['id']}"
        assert refused(world, "owner", path, None, "DELETE") == "escalation"
