"""Identity's storage in the database: transactions that tell the audit log what they changed."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from msgspec import ValidationError
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from switchroom.identity.model import AuditNote, AuthSettings, FoundToken
from switchroom.identity.ports import StorageError
from switchroom.identity.tokens import Token
from switchroom.permissions.model import Authority, Role
from switchroom.store.accesskeys import DatabaseAccessKeys
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.auth_settings import read_settings
from switchroom.store.authority import load_authority
from switchroom.store.database import reading, reading_together, writing
from switchroom.store.epochs import raise_agent
from switchroom.store.log_in_failures import DatabaseAttempts
from switchroom.store.notes import append_notes
from switchroom.store.sessions import DatabaseSessions
from switchroom.store.tables import metadata
from switchroom.store.tickets import DatabaseTickets
from switchroom.store.tokens import find_token, find_token_by_id

_AGENTS = metadata.tables["agents"]
_MEMBERSHIPS = metadata.tables["memberships"]
_CUSTOMERS = metadata.tables["customers"]


class DatabaseTransaction:
    """One transaction; its parts are made when they are asked for."""

    def __init__(self, connection: Connection, builtin: Mapping[str, Role]) -> None:
        self.connection = connection
        self.accounts = DatabaseAccounts(connection)
        self.sessions = DatabaseSessions(connection)
        self.keys = DatabaseAccessKeys(connection)
        self.tickets = DatabaseTickets(connection)
        self.attempts = DatabaseAttempts(connection)
        self.notes: list[AuditNote] = []
        self._builtin = builtin

    def find_token(self, token: Token) -> FoundToken | None:
        return find_token(self.connection, token)

    def find_token_by_id(self, kind: str, token_id: str) -> FoundToken | None:
        return find_token_by_id(self.connection, kind, token_id)

    def authority(self, found: FoundToken) -> Authority:
        """What the token's principal holds where the token counts, with its ceiling."""
        return load_authority(
            self.connection,
            found.agent_id,
            found.customer_id,
            builtin=self._builtin,
            token=None if found.key is None else found.key.ceiling,
            is_switched=found.session is not None and bool(found.session.switched_from),
        )

    def authority_of(self, agent_id: str, customer_id: str) -> Authority:
        """What an agent holds in a customer, without any token's ceiling."""
        return load_authority(self.connection, agent_id, customer_id, builtin=self._builtin)

    def authorities_of(self, agent_id: str) -> list[Authority]:
        """The same in every customer that he serves."""
        query = select(_MEMBERSHIPS.c.customer_id).where(_MEMBERSHIPS.c.agent_id == agent_id)
        served = sorted(self.connection.scalars(query))
        return [self.authority_of(agent_id, customer_id) for customer_id in served]

    def settings(self, customer_id: str) -> AuthSettings:
        return read_settings(self.connection, customer_id)

    def is_member(self, agent_id: str, customer_id: str) -> bool:
        """Whether the agent has a membership there that is not disabled."""
        query = select(_MEMBERSHIPS.c.agent_id).where(
            _MEMBERSHIPS.c.agent_id == agent_id,
            _MEMBERSHIPS.c.customer_id == customer_id,
            _MEMBERSHIPS.c.disabled_at.is_(None),
        )
        return self.connection.scalar(query) is not None

    def is_customer(self, customer_id: str) -> bool:
        query = select(_CUSTOMERS.c.id).where(_CUSTOMERS.c.id == customer_id)
        return self.connection.scalar(query) is not None

    def agent_name(self, agent_id: str) -> tuple[str, str]:
        """User name and home of an agent; both empty if there is none."""
        query = select(_AGENTS.c.username, _AGENTS.c.customer_id).where(_AGENTS.c.id == agent_id)
        row = self.connection.execute(query).first()
        return ("", "") if row is None else (row.username, row.customer_id)

    def raise_epoch(self, agent_id: str) -> None:
        raise_agent(self.connection, agent_id)

    def note(self, note: AuditNote) -> None:
        """Tell the audit log when the transaction commits; nothing if it does not."""
        self.notes.append(note)


class DatabaseIdentity:
    """Opens the transactions; may be asked from any thread."""

    def __init__(self, engine: Engine, builtin: Mapping[str, Role]) -> None:
        """``builtin``: built-in roles by id."""
        self._engine = engine
        self._builtin = builtin

    @contextmanager
    def reading(self) -> Iterator[DatabaseTransaction]:
        with _failing(), reading(self._engine) as connection:
            yield DatabaseTransaction(connection, self._builtin)

    def together(self) -> AbstractContextManager[None]:
        return reading_together(self._engine)

    @contextmanager
    def writing(self) -> Iterator[DatabaseTransaction]:
        with _failing(), writing(self._engine) as connection:
            transaction = DatabaseTransaction(connection, self._builtin)
            yield transaction
            # Last of all: whoever appends keeps all others from appending until he commits.
            append_notes(connection, *transaction.notes)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        text = str(getattr(error, "orig", None) or error)
        raise StorageError(f"the database does not answer: {text}") from error
    except ValidationError as error:
        raise StorageError(f"the database has what no version writes: {error}") from error
