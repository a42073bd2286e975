"""Whatever is taken away is gone with the next request."""

import pytest

from fakes.two_customers import two_customers

pytestmark = pytest.mark.usefixtures("either_world")
PERMISSION = "/v1/calls/acme-call-mate"


def test_calls_but_no_hang_up_and_the_refusal_says_why() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-agent", "POST", "/v1/calls/acme-call-agent/hangup").status_code == 409
        denied = {"agent_id": "acme-agent", "pattern": "calls:hangup", "reason": "a trial"}
        assert ask("acme-owner", "POST", "/v1/restrictions", json=denied).status_code == 201

        answer = ask("acme-agent", "POST", "/v1/calls/acme-call-agent/hangup")
        said = answer.json()
        assert answer.status_code == 403
        assert (said["code"], said["permission"]) == ("explicit_deny", "calls:hangup")
        assert {"effect": "deny", "via": "restriction"}.items() <= said["because"][-1].items()
        assert "calls:get" in said["held"]
        assert answer.headers["x-required-permission"] == "calls:hangup"
        assert ask("acme-agent", "GET", "/v1/calls/acme-call-agent").status_code == 200

        entries = ask("acme-owner", "GET", "/v1/audit?limit=2").json()["items"]
        assert [(one["action"], one["decision"]) for one in entries] == [
            ("calls:hangup", "refused"),
            ("restrictions:create", "done"),
        ]


def test_a_role_that_is_taken_away() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-auditor", "GET", "/v1/trunks").status_code == 200
        bindings = ask("acme-owner", "GET", "/v1/bindings?agent_id=acme-auditor").json()["items"]
        assert ask("acme-owner", "DELETE", f"/v1/bindings/{bindings[0]['id']}").status_code == 204
        assert ask("acme-auditor", "GET", "/v1/trunks").status_code == 403


def test_a_role_that_is_changed() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-mate", "GET", "/v1/calls").status_code == 200
        statements = [{"effect": "deny", "pattern": "calls:list"}, {"pattern": "calls:get"}]
        changed = ask("acme-owner", "PATCH", "/v1/roles/acme-role", json={"statements": statements})
        assert changed.status_code == 200
        assert ask("acme-mate", "GET", "/v1/calls").status_code == 403


def test_a_key_that_is_revoked() -> None:
    with two_customers() as world:
        ask = world.world.ask
        wish = {"name": "wallboard", "ceiling": ["calls:read"]}
        made = ask("acme-owner", "POST", "/v1/accesskeys", json=wish).json()
        with_key = {"Authorization": f"Bearer {made['key']}"}
        client = world.world.client
        assert client.request("GET", "/v1/calls", headers=with_key).status_code == 200
        assert client.request("GET", "/v1/agents", headers=with_key).status_code == 403
        assert ask("acme-owner", "POST", f"/v1/accesskeys/{made['id']}/revoke").status_code == 200
        assert client.request("GET", "/v1/calls", headers=with_key).status_code == 401


def test_a_password_that_is_set_by_somebody_else() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-agent", "GET", "/v1/auth/me").status_code == 200
        new = {"password": "quite another long pass phrase"}
        answer = ask("acme-owner", "POST", "/v1/agents/acme-agent/set_password", json=new)
        assert answer.status_code == 204
        assert ask("acme-agent", "GET", "/v1/auth/me").status_code == 401


def test_a_forced_log_out_and_a_revoked_session() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-owner", "POST", "/v1/agents/acme-agent/force_logout").status_code == 204
        assert ask("acme-agent", "GET", "/v1/auth/me").status_code == 401
        answer = ask("acme-owner", "POST", "/v1/sessions/acme-auditor@acme/revoke")
        assert answer.status_code == 204
        assert ask("acme-auditor", "GET", "/v1/auth/me").status_code == 401


def test_an_account_that_is_closed_and_opened_again() -> None:
    with two_customers() as world:
        ask = world.world.ask
        wish = {"name": "wallboard", "ceiling": ["calls:read"]}
        made = ask("acme-owner", "POST", "/v1/accesskeys", json=wish | {"owner_id": "acme-agent"})
        with_key = {"Authorization": f"Bearer {made.json()['key']}"}

        def by_key() -> int:
            return world.world.client.request("GET", "/v1/calls", headers=with_key).status_code

        assert by_key() == 200
        assert ask("acme-agent", "POST", "/v1/agents/acme-agent/disable").status_code == 403
        assert ask("acme-owner", "POST", "/v1/agents/acme-agent/disable").status_code == 204
        assert ask("acme-owner", "GET", "/v1/agents/acme-agent").json()["disabled_at"] is not None
        assert ask("acme-agent", "GET", "/v1/auth/me").json()["code"] == "ended"
        assert by_key() == 403
        entry = ask("acme-owner", "GET", "/v1/audit?limit=1").json()["items"][0]
        assert (entry["action"], entry["decision"]) == ("agents:disable", "done")
        assert (entry["target_id"], entry["after"]) == ("acme-agent", {"is_disabled": True})

        assert ask("acme-owner", "POST", "/v1/agents/acme-agent/enable").status_code == 204
        assert ask("acme-owner", "GET", "/v1/agents/acme-agent").json()["disabled_at"] is None
        assert ask("acme-agent", "GET", "/v1/auth/me").json()["code"] == "ended"
        assert by_key() == 200


def test_the_last_owner_keeps_his_account_and_an_admin_closes_no_owners() -> None:
    with two_customers() as world:
        ask = world.world.ask
        for who in ("acme-owner", "acme-admin"):
            answer = ask(who, "POST", "/v1/agents/acme-owner/disable")
            assert (answer.status_code, answer.json()["rule"]) == (403, "E5")
        assert ask("acme-owner", "GET", "/v1/auth/me").status_code == 200


def test_a_membership_that_is_paused() -> None:
    with two_customers() as world:
        ask = world.world.ask
        paused = {"disabled": True}
        # At home a platform's owner holds only what is the platform's: less than an agent can do.
        answer = ask("acme-platform_owner", "PATCH", "/v1/memberships/acme-agent", json=paused)
        assert (answer.status_code, answer.json()["rule"]) == (403, "E5")
        assert ask("acme-agent", "GET", "/v1/auth/me").status_code == 200

        # Somebody who can do nothing takes nothing.
        answer = ask("acme-platform_owner", "PATCH", "/v1/memberships/acme-nobody", json=paused)
        assert answer.status_code == 204
        assert ask("acme-nobody", "GET", "/v1/auth/me").json()["code"] == "disabled"


def test_staff_who_have_switched_pause_whom_they_dominate_there() -> None:
    with two_customers() as world:
        ask = world.world.ask
        wish = {"customer_id": "other", "reason": "asked to by the customer"}
        switched = ask("acme-platform_owner", "POST", "/v1/auth/switch", json=wish).json()
        there = {"Authorization": f"Bearer {switched['access_token']}"}
        assert ask("other-mate", "GET", "/v1/auth/me", customer="other").status_code == 200

        for is_paused, status in ((True, 403), (False, 200)):
            answer = world.world.client.request(
                "PATCH", "/v1/memberships/other-mate", headers=there, json={"disabled": is_paused}
            )
            assert answer.status_code == 204
            me = ask("other-mate", "GET", "/v1/auth/me", customer="other")
            assert me.status_code == status
