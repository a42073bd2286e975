"""Accounts as stored: how agents log in."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from switchroom.identity.model import Account
from switchroom.store.tables import metadata
from switchroom.store.upsert import upsert

_ACCOUNTS = metadata.tables["accounts"]
_AGENTS = metadata.tables["agents"]


class DatabaseAccounts:
    """The accounts in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_username(self, username: str) -> Account | None:
        """The account of the agent with exactly this user name."""
        return self._one(_query().where(_AGENTS.c.username == username))

    def find(self, agent_id: str) -> Account | None:
        """The account, held until the transaction's end."""
        query = _query().where(_ACCOUNTS.c.agent_id == agent_id)
        return self._one(query.with_for_update(of=_ACCOUNTS))

    def set_password(self, agent_id: str, password_hash: str, now: float) -> None:
        """Set the password, of an agent without an account too."""
        self._ensure(agent_id)
        self._update(
            agent_id,
            password_hash=password_hash,
            password_changed_at=now,
            secret="",
        )

    def set_reference(self, agent_id: str, reference: str) -> None:
        """Note where a file had the password from; after ``set_password``."""
        self._update(agent_id, secret=reference)

    def rehash(self, agent_id: str, old: str, new: str) -> None:
        """Store the same password's new hash, if it is still ``old``."""
        condition = _ACCOUNTS.c.password_hash == old
        self._connection.execute(
            update(_ACCOUNTS)
            .where(_ACCOUNTS.c.agent_id == agent_id, condition)
            .values(password_hash=new)
        )

    def set_second_factor(self, account: Account) -> None:
        """Store the four fields of the second factor."""
        self._update(
            account.agent_id,
            totp_secret=account.totp_secret,
            totp_confirmed_at=account.totp_confirmed_at,
            totp_last_step=account.totp_last_step,
            recovery_hashes=list(account.recovery_hashes),
        )

    def take_step(self, agent_id: str, step: int) -> bool:
        """Note that this time step's code was taken; ``False``: it or a later one was before."""
        done = self._connection.execute(
            update(_ACCOUNTS)
            .where(_ACCOUNTS.c.agent_id == agent_id, _ACCOUNTS.c.totp_last_step < step)
            .values(totp_last_step=step)
        )
        return done.rowcount == 1

    def set_disabled(self, agent_id: str, disabled_at: float | None) -> None:
        """Close the account since then; ``None``: open it again."""
        self._ensure(agent_id)
        self._update(agent_id, disabled_at=disabled_at)

    def _ensure(self, agent_id: str) -> None:
        known = select(_ACCOUNTS.c.agent_id).where(_ACCOUNTS.c.agent_id == agent_id)
        if self._connection.scalar(known) is None:
            upsert(self._connection, _ACCOUNTS, _nothing(agent_id))

    def _update(self, agent_id: str, **columns: Any) -> None:
        self._connection.execute(
            update(_ACCOUNTS).where(_ACCOUNTS.c.agent_id == agent_id).values(**columns)
        )

    def _one(self, query: Select[Any]) -> Account | None:
        row = self._connection.execute(query).first()
        return None if row is None else _account(row)


def _query() -> Select[Any]:
    joined = _ACCOUNTS.join(_AGENTS, _AGENTS.c.id == _ACCOUNTS.c.agent_id)
    return select(_ACCOUNTS, _AGENTS.c.customer_id, _AGENTS.c.username).select_from(joined)


def _account(row: Row[Any]) -> Account:
    return Account(
        agent_id=row.agent_id,
        customer_id=row.customer_id,
        username=row.username,
        password_hash=row.password_hash,
        password_changed_at=row.password_changed_at,
        totp_secret=row.totp_secret,
        totp_confirmed_at=row.totp_confirmed_at,
        totp_last_step=row.totp_last_step,
        recovery_hashes=tuple(row.recovery_hashes),
        is_disabled=row.disabled_at is not None,
    )


def _nothing(agent_id: str) -> dict[str, Any]:
    return {
        "agent_id": agent_id,
        "password_hash": "",
        "secret": "",
        "totp_secret": "",
        "totp_last_step": 0,
        "recovery_hashes": [],
    }
