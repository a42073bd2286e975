"""Changes of authority in a customer of people, as requests make them."""

from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.ids import CountingIds
from fakes.people import People
from switchroom.app.catalog import catalog
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.identity.authenticate import Authenticator
from switchroom.identity.model import Actor
from switchroom.identity.tokens import digest, write_token
from switchroom.permissions.check import holds
from switchroom.permissions.model import Role
from switchroom.permissions.roles import builtin_roles
from switchroom.store.authority_writer import Change
from switchroom.store.database import writing
from switchroom.store.identity import DatabaseIdentity

NOW = 1_000.0
SOURCE = "192.0.2.7"


def builtin() -> dict[str, Role]:
    return {role.id: role for role in builtin_roles(catalog())}


class Company:
    """Customers acme and zeta; at acme an owner, an admin, an agent, each logged in."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.people = People(engine)
        self.ids = CountingIds()
        self.authenticator = Authenticator(
            DatabaseIdentity(engine, builtin()), catalog(), LastUsedAuthorities()
        )
        self.people.customer()
        self.people.customer("zeta")
        for name, role in (("olga", "owner"), ("adam", "admin"), ("alice", "agent")):
            self.hire(name, role)

    def hire(self, name: str, role: str = "", customer_id: str = "acme", **binding: Any) -> None:
        """A new agent with an account, a session, and a built-in role if one is named."""
        self.people.agent(name, customer_id)
        self.people.account(name)
        if role:
            self.people.binding(
                f"{name}-{role}", name, builtin=role, customer_id=customer_id, **binding
            )
        self.log_in(name, customer_id)

    def log_in(self, name: str, customer_id: str = "acme", **session: Any) -> None:
        text = self.token(name, customer_id)
        self.people.session(
            f"{name}-{customer_id}",
            name,
            customer_id=customer_id,
            access_hash=digest(text),
            **session,
        )

    def token(self, name: str, customer_id: str = "acme") -> str:
        return write_token("session", f"{name}@{customer_id}".encode().ljust(32, b"."))

    def actor(self, name: str, customer_id: str = "acme", now: float = NOW) -> Actor:
        found = self.authenticator.authenticate(self.token(name, customer_id), SOURCE, now)
        assert isinstance(found, Actor), found
        return replace(found, request_id="request-1")

    def may(self, name: str, permission: str, customer_id: str = "acme", now: float = NOW) -> bool:
        """Whether his next request may do this at all."""
        actor = self.actor(name, customer_id, now)
        return holds(actor.compiled, catalog().bit(permission))

    def change(self, do: Any, *arguments: Any, by: str = "", **more: Any) -> Any:
        """What a function of the writer says; ``by`` nobody: the operator on the machine.

        ``at`` is where the asker is, if that is not the customer whose authority he changes.
        """
        customer_id = more.pop("customer_id", "acme")
        now = more.pop("now", NOW)
        actor = self.actor(by, more.pop("at", customer_id), now) if by else None
        with writing(self.engine) as connection:
            change = Change(connection, catalog(), builtin(), self.ids, customer_id, now, actor)
            return do(change, *arguments, **more)
