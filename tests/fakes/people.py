"""Customers and agents as rows, for tests that need somebody to be there and not how he came."""

from typing import Any

from sqlalchemy import Engine, insert

from switchroom.store.database import writing
from switchroom.store.tables import metadata


class People:
    """Writes rows as migrations and ``apply`` leave them; every column can be said."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def customer(self, id: str = "acme") -> str:
        self.add(
            "customers", id=id, name=id, domain=f"{id}.example", country="US", is_default=False
        )
        return id

    def client(self, id: str, customer_id: str = "acme") -> str:
        self.add("clients", id=id, customer_id=customer_id, name=id)
        return id

    def agent(self, id: str = "alice", customer_id: str = "acme", **membership: Any) -> str:
        """An agent of this customer, called ``alice@acme.example``, without an account."""
        self.add(
            "agents",
            id=id,
            customer_id=customer_id,
            username=f"{id}@{customer_id}.example",
            name=id.capitalize(),
            number="",
            ring_method="ring_all",
            ring_timeout_s=30.0,
            capacity=1,
            follow_redirects=False,
        )
        self.member(id, customer_id, **membership)
        return id

    def member(self, agent_id: str, customer_id: str, **columns: Any) -> None:
        known = {"agent_id": agent_id, "customer_id": customer_id, "tag_ids": []}
        self.add("memberships", **(known | columns))

    def account(self, agent_id: str = "alice", **columns: Any) -> str:
        known = {
            "agent_id": agent_id,
            "password_hash": "",
            "secret": "",
            "totp_secret": "",
            "totp_last_step": 0,
            "recovery_hashes": [],
        }
        self.add("accounts", **(known | columns))
        return agent_id

    def session(self, id: str, agent_id: str = "alice", **columns: Any) -> str:
        known = {
            "id": id,
            "agent_id": agent_id,
            "customer_id": "acme",
            "access_hash": b"access of " + id.encode(),
            "access_until": 2_000.0,
            "refresh_hash": b"refresh of " + id.encode(),
            "ends_at": 9_000.0,
            "is_cookie": False,
            "csrf_hash": b"",
            "created_at": 1_000.0,
            "last_used_at": 1_000.0,
            "source": "192.0.2.7",
            "user_agent": "",
            "switched_from": "",
            "switch_reason": "",
            "revoked_reason": "",
        }
        self.add("sessions", **(known | columns))
        return id

    def accesskey(self, id: str, owner_id: str = "alice", **columns: Any) -> str:
        known = {
            "id": id,
            "owner_id": owner_id,
            "customer_id": "acme",
            "name": id,
            "prefix": "sr_k_0123456",
            "hash": b"key " + id.encode(),
            "ceiling": ["calls:*"],
            "networks": [],
            "created_at": 1_000.0,
            "expires_at": 9_000.0,
        }
        self.add("accesskeys", **(known | columns))
        return id

    def binding(self, id: str, principal_id: str = "alice", **columns: Any) -> str:
        known = {
            "id": id,
            "principal_id": principal_id,
            "customer_id": "acme",
            "builtin": "",
            "scope_kind": "customer",
            "client_ids": [],
            "granted_by": "",
            "reason": "",
            "created_at": 1_000.0,
        }
        self.add("bindings", **(known | columns))
        return id

    def role(self, id: str, *statements: tuple[str, str, str], customer_id: str = "acme") -> str:
        """A customer's own role; a statement is effect, pattern and fixed scope."""
        self.add("roles", id=id, customer_id=customer_id, name=id, text="")
        for position, (effect, pattern, scope) in enumerate(statements):
            self.add(
                "role_statements",
                role_id=id,
                position=position,
                effect=effect,
                pattern=pattern,
                scope=scope,
            )
        return id

    def restriction(self, id: str, principal_id: str = "alice", **columns: Any) -> str:
        known = {
            "id": id,
            "principal_id": principal_id,
            "customer_id": "acme",
            "pattern": "calls:hangup",
            "scope_kind": "customer",
            "client_ids": [],
            "created_by": "",
            "reason": "",
            "created_at": 1_000.0,
        }
        self.add("restrictions", **(known | columns))
        return id

    def add(self, table: str, **columns: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(insert(metadata.tables[table]), columns)
