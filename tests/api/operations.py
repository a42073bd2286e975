"""How each operation is asked in tests: with which body, and of which thing in which situation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

from fakes.api_world import NOW
from switchroom.api.declarations import Operation, audit
from switchroom.app.catalog import catalog

SITUATIONS = (
    "own",
    "team",
    "client",
    "other_team",
    "other_client",
    "other_tenant",
    "missing",
)
"""Whose the thing is: the asker's; his team's; of the client he looks after; of another team or
client (things that have neither are ``other_team``); another customer's; nobody's."""

_OF_AGENTS = {
    "agents": "",
    "agent_status": "",
    "memberships": "",
    "agent_addresses": "addr-",
    "extensions": "ext-",
    "sessions": "session-",
    "accesskeys": "key-",
}
_PLAIN = {
    "trunks": "trunk",
    "routes": "route",
    "roles": "role",
    "bindings": "binding",
    "restrictions": "restriction",
}
_MISSING = "nothing-of-this-id"

DOCUMENT = yaml.safe_load((Path(__file__).parent.parent / "data/api/acme.yaml").read_text())
"What ``GET /v1/configuration/export`` answers at the beginning; a test compares it."

BODIES: Mapping[tuple[str, str], Any] = {
    ("POST", "/v1/customers"): {"name": "new", "domain": "new.example", "country": "US"},
    ("POST", "/v1/clients"): {"name": "new"},
    ("POST", "/v1/tags"): {"name": "new"},
    ("POST", "/v1/extensions"): {"number": "4711", "password": "long enough 1"},
    ("POST", "/v1/trunks"): {"name": "new", "hosts": ["192.0.2.9"]},
    ("POST", "/v1/routes"): {"prefix": "+49", "trunk_ids": ["acme-trunk"]},
    ("POST", "/v1/groups"): {"name": "new"},
    ("POST", "/v1/numbers"): {
        "e164": "+12025550199",
        "to": {"kind": "agent", "id": "acme-mate"},
    },
    ("POST", "/v1/agents"): {"username": "new@acme.example", "name": "New"},
    ("POST", "/v1/agent_addresses"): {
        "agent_id": "acme-mate",
        "type": "sip",
        "target": "sip:mate@192.0.2.8",
    },
    ("POST", "/v1/roles"): {"name": "new", "statements": [{"pattern": "calls:get"}]},
    ("POST", "/v1/bindings"): {
        "agent_id": "acme-mate",
        "role_id": "acme-role",
        "expires_at": NOW + 3600,
    },
    ("POST", "/v1/restrictions"): {"agent_id": "acme-mate", "pattern": "calls:get"},
    ("POST", "/v1/memberships"): {"agent_id": "other-mate"},
    ("POST", "/v1/accesskeys"): {"name": "new", "ceiling": ["sessions:get"]},
    ("POST", "/v1/calls"): {"to": {"kind": "number", "name": "1001"}},
    ("POST", "/v1/groupcalls"): {"destinations": [{"kind": "number", "name": "1001"}]},
    ("POST", "/v1/auth/switch"): {"customer_id": "other", "reason": "to help"},
    ("POST", "/v1/auth/login"): {"username": "nobody", "password": "nothing"},
    ("POST", "/v1/auth/refresh"): {"refresh_token": "sr_r_0"},
    ("PUT", "/v1/auth/password"): {"old_password": "x", "password": "y"},
    ("POST", "/v1/auth/mfa"): {"password": "x"},
    ("POST", "/v1/auth/mfa/confirm"): {"code": "000000"},
    ("POST", "/v1/auth/mfa/show"): {"code": "000000"},
    ("POST", "/v1/auth/mfa/remove"): {"code": "000000"},
    ("PATCH", "/v1/auth_settings"): {"password_least": 14},
    ("POST", "/v1/configuration/apply"): DOCUMENT,
    ("POST", "/v1/authz/check"): {"permissions": ["calls:get"]},
    ("POST", "/v1/authz/dry_run"): {"agent_id": "acme-mate", "role_id": "builtin:agent"},
    ("PATCH", "/v1/memberships/{id}"): {"disabled": True},
    ("PUT", "/v1/agents/{id}/status"): {"status": "away"},
    ("POST", "/v1/agents/{id}/set_password"): {"password": "quite a long pass phrase"},
    ("POST", "/v1/agents/{id}/set_tags"): {"tag_ids": []},
    ("POST", "/v1/customers/{id}/freeze"): {"reason": "a test"},
    ("POST", "/v1/customers/{id}/recover"): {"reason": "a test"},
    ("PUT", "/v1/customers/{id}/plan"): {"patterns": []},
    ("POST", "/v1/extensions/{id}/rotate_secret"): {"password": "long enough 2"},
    ("POST", "/v1/trunks/{id}/rotate_secret"): {"password": "long enough 2"},
    ("POST", "/v1/accesskeys/{id}/rotate"): {},
}
"What is sent where an empty change would not do."
QUERIES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("GET", "/v1/authz/explain"): {"agent_id": "acme-mate", "permission": "calls:get"},
    ("GET", "/v1/authz/matrix"): {"agent_id": "acme-mate"},
    ("GET", "/v1/authz/who_can"): {"permission": "calls:get"},
}
_WITHOUT_BODY = (
    "/hangup",
    "/revoke",
    "/logout",
    "/tickets",
    "/reset_mfa",
    "/unlock",
    "/disable",
    "/enable",
)


def operations(app: FastAPI) -> list[Operation]:
    """Everything that can be asked over HTTP, in one order."""
    found = (one for one in audit(app, catalog()) if one.method != "WEBSOCKET")
    return sorted(found, key=lambda one: (one.path, one.method))


def request_of(operation: Operation) -> dict[str, Any]:
    """Body and query as httpx takes them."""
    key = (operation.method, operation.path)
    options: dict[str, Any] = {"params": QUERIES[key]} if key in QUERIES else {}
    bare = (*_WITHOUT_BODY, "/force_logout")
    if operation.method in {"POST", "PUT", "PATCH"} and not operation.path.endswith(bare):
        options["json"] = BODIES.get(key, {})
    return options


def target(noun: str, situation: str, asker: str) -> str | None:
    """Id of a thing of this kind in this situation; ``None``: there is no such situation."""
    if situation == "missing":
        return _MISSING
    if situation == "other_tenant":
        named = target(noun, "other_team", "mate") or target(noun, "other_client", "mate")
        return "2" if noun == "audit" else (named or "").replace("acme", "other")
    if noun in _OF_AGENTS:
        who = {"own": asker, "team": "mate", "other_team": "stranger"}.get(situation)
        return f"acme-{_OF_AGENTS[noun]}{who}" if who else None
    if noun in {"calls", "groupcalls"}:
        of_people = {"own": asker, "team": "mate", "other_team": "stranger"}
        return f"acme-{noun[:-1]}-{(of_people | {'client': 'c1', 'other_client': 'c2'})[situation]}"
    if noun in {"tags", "groups"}:
        tag = {"team": "t1", "other_team": "t2"}.get(situation)
        return f"acme-{'group-' if noun == 'groups' else ''}{tag}" if tag else None
    if noun in {"clients", "numbers"}:
        client = {"client": "c1", "other_client": "c2"}.get(situation)
        return f"acme-{'number-' if noun == 'numbers' else ''}{client}" if client else None
    if situation != "other_team":
        return None
    return {"customers": "acme", "audit": "1"}.get(noun) or f"acme-{_PLAIN[noun]}"
