"""The HTTP application, wired: store, identity, audit and the node behind its ports."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from fastapi import FastAPI
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from switchroom.api.app import build_api
from switchroom.api.authority_port import AuthorityDesk, AuthorityReader
from switchroom.api.configuration.document_port import Documents
from switchroom.api.events.hub import Hub
from switchroom.api.events.listing import EventListing
from switchroom.api.ports import (
    AuditExport,
    Groupcall,
    Groupcalls,
    NodePort,
    Operators,
    Ports,
)
from switchroom.app.applying import access, slow_hashes
from switchroom.app.authority import Authorities
from switchroom.app.catalog import catalog
from switchroom.app.documents import CustomersDocuments, Turns
from switchroom.app.events import News, handing_out, make_hub, make_listing, no_news
from switchroom.app.gate import DatabaseGate
from switchroom.directory.change import Wish
from switchroom.directory.listing import Record
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.drivers.clock import Clock
from switchroom.drivers.control_client import NoNodeError
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.drivers.secrets import KernelSecrets
from switchroom.foundation.events import UtcSeconds
from switchroom.history.audit import AuditEntry
from switchroom.identity.authenticate import Authenticator
from switchroom.identity.keys import KeyRing
from switchroom.identity.log_in import Door
from switchroom.identity.model import Actor
from switchroom.identity.passwords import PasswordDesk
from switchroom.identity.ports import PasswordHasher, StorageError
from switchroom.identity.second_factor import SecondFactors
from switchroom.identity.sessions import SessionKeeper
from switchroom.identity.tickets import TicketOffice
from switchroom.permissions.roles import builtin_roles
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply_as.run import Around as DocumentsAround
from switchroom.store.apply_as.run import CustomerDocuments, Principal
from switchroom.store.audit import DecisionLog, append
from switchroom.store.audit_export import DatabaseAuditExport
from switchroom.store.groupcalls import DatabaseGroupcalls, groupcalls_spec
from switchroom.store.idempotency import DatabaseIdempotencyKeys
from switchroom.store.identity import DatabaseIdentity
from switchroom.store.resources.guards import Guard
from switchroom.store.resources.identities import bindings_spec, memberships_spec
from switchroom.store.resources.live import read_specs
from switchroom.store.resources.nouns import resource_specs
from switchroom.store.resources.reading import ReadService
from switchroom.store.resources.repository import Repository
from switchroom.store.resources.service import Around, ResourceService
from switchroom.store.vault import Vault

log = structlog.get_logger()


class NodeOperators(Struct):
    """What machines ask of this process."""

    exposition: Callable[[], bytes]
    obstacles: Callable[[], Sequence[str]]


class Behind(Struct):
    """What the API stands on."""

    engine: Engine
    directory: Path
    "The node's data directory."
    node: NodePort
    operators: Operators
    decisions: DecisionLog
    utc: Callable[[], UtcSeconds] = Clock().utc
    monotonic: Callable[[], float] = Clock().monotonic
    hasher: PasswordHasher | None = None
    news: News = no_news
    "Hints that there are new facts."


def web(behind: Behind) -> FastAPI:
    """The application."""
    ids, secrets, known = RandomIds(), KernelSecrets(), catalog()
    builtin = builtin_roles(known)
    storage = DatabaseIdentity(behind.engine, {role.id: role for role in builtin})
    authenticator = Authenticator(storage, known, LastUsedAuthorities())
    gate = DatabaseGate(authenticator, storage, known, builtin, behind.decisions)
    hasher = behind.hasher or Argon2Passwords()
    authorities = Authorities(
        behind.engine,
        known,
        {role.id: role for role in builtin},
        ids,
        behind.utc,
        _tell(behind.node),
    )
    hub = make_hub(behind.engine, authenticator, behind.utc, behind.monotonic)
    ports = Ports(
        known,
        gate,
        _resources(behind, ids),
        behind.node,
        DatabaseIdempotencyKeys(behind.engine),
        behind.operators,
        behind.utc,
        behind.monotonic,
        ids.token,
        (OperationalError, InterfaceError, NoConnectionError, StorageError),
        (IntegrityError,),
        {
            Door: Door(storage, hasher, secrets, ids),
            SessionKeeper: SessionKeeper(storage, secrets, ids),
            KeyRing: KeyRing(storage, secrets, ids, known),
            PasswordDesk: PasswordDesk(storage, hasher, known),
            SecondFactors: SecondFactors(storage, hasher, secrets, known),
            TicketOffice: TicketOffice(storage, secrets),
            AuthorityDesk: authorities,
            AuthorityReader: authorities,
            Groupcalls: _KeptGroupcalls(DatabaseGroupcalls(behind.engine)),
            AuditExport: DatabaseAuditExport(behind.engine, known),
            Hub: hub,
            EventListing: make_listing(behind.engine),
            Documents: _documents(behind, ids, hasher, gate),
        },
        (lambda: handing_out(hub, behind.news),),
    )
    return build_api(ports)


def _documents(
    behind: Behind, ids: RandomIds, hasher: PasswordHasher, gate: DatabaseGate
) -> CustomersDocuments:
    known = access()

    def means(principal: Principal) -> Means:
        return Means(
            ids,
            LocalCredentials({}),
            known,
            slow_hashes(hasher),
            behind.utc(),
            principal.actor,
        )

    specs = resource_specs(behind.directory)
    around = DocumentsAround(
        behind.engine,
        {noun: spec.references for noun, spec in specs.items()},
        Vault(behind.directory),
        hasher.admission,
        means,
    )
    return CustomersDocuments(
        CustomerDocuments(around), gate, behind.utc, _tell(behind.node), Turns()
    )


def _resources(behind: Behind, ids: RandomIds) -> dict[str, ReadService]:
    specs = resource_specs(behind.directory)
    repositories = {noun: Repository(spec) for noun, spec in specs.items()}
    around = Around(
        behind.engine,
        catalog(),
        ids,
        repositories,
        Guard(catalog(), {role.id: role for role in builtin_roles(catalog())}, ids, behind.utc),
        _Witness(behind.utc),
        _tell(behind.node),
    )
    found: dict[str, ReadService] = {
        noun: ResourceService(spec, around) for noun, spec in specs.items()
    }
    for spec in (*read_specs(), groupcalls_spec()):
        found[spec.noun] = ReadService(behind.engine, catalog(), Repository(spec))
    for noun, spec in (("bindings", bindings_spec()), ("memberships", memberships_spec())):
        found[noun] = ReadService(behind.engine, catalog(), Repository(spec))
    return found


def _tell(node: NodePort) -> Callable[[], None]:
    def tell() -> None:
        try:
            node.ask("reload", {})
        except NoNodeError as error:
            # The change is stored: a node that starts reads it, and one that is slow has been told.
            log.warning("the node has not said that it obeys a change", why=str(error))

    return tell


class _KeptGroupcalls(Struct):
    store: DatabaseGroupcalls

    def add(self, groupcall: Groupcall) -> None:
        columns = asdict(groupcall)
        try:
            self.store.add(columns)
        except SQLAlchemyError as error:
            log.error("groupcall not kept", groupcall=columns, why=type(error).__name__)


class _Witness:
    """Writes changes of the configuration to the audit log."""

    def __init__(self, utc: Callable[[], UtcSeconds]) -> None:
        self._utc = utc

    def __call__(
        self,
        connection: Connection,
        actor: Actor,
        wish: Wish,
        before: Record | None,
        after: Record | None,
    ) -> None:
        thing = after or before
        assert thing is not None, "a change is of something"
        append(
            connection,
            AuditEntry(
                at=self._utc(),
                customer_id=thing.customer_id,
                actor_id=actor.principal_id,
                token_kind=actor.token_kind,
                token_id=actor.token_id,
                source=actor.source,
                action=wish.permission.name,
                decision="done",
                resource=wish.permission.resource,
                target_id=thing.id,
                before=before.fields if before else None,
                after=after.fields if after else None,
                reason=wish.reason,
                request_id=actor.request_id,
            ),
        )
