"""Makes a customer's configuration what a principal's document says, and exports it.

Everything is planned, and asked for, on what was read; it is written only if that is still what is
stored, and all of it or nothing. A dry run goes the same way and takes it back, so it says what the
apply would say; only the slow hashes of passwords it leaves out.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from switchroom.directory.document import ExportedDocument, SentDocument
from switchroom.identity.model import Actor, AuditNote, Refused
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Permission
from switchroom.store.apply.authority import AuthorityWriting, NotAllowedError
from switchroom.store.apply.document import Document, read_document
from switchroom.store.apply.export import export
from switchroom.store.apply.fault import Fault, shortened
from switchroom.store.apply.json_tree import read_json
from switchroom.store.apply.means import Means
from switchroom.store.apply.plan import plan
from switchroom.store.apply.resolve import Resolved, resolve
from switchroom.store.apply.run import ApplyResult, note_applied
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.apply.yaml_tree import Tree, read_yaml
from switchroom.store.apply_as.needs import (
    Need,
    References,
    lacking,
    needs_of_changes,
    needs_of_reading,
)
from switchroom.store.apply_as.part import about, part_of, strays, with_part
from switchroom.store.apply_as.prepared import Prepared, is_other, with_hashes, with_kept
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.report import Report
from switchroom.store.apply_as.rules import Rules, taken_over
from switchroom.store.apply_as.sent import SentCredentials
from switchroom.store.apply_as.things import things_of
from switchroom.store.apply_as.version import configuration_version
from switchroom.store.auth_settings import read_settings
from switchroom.store.authority_writer import Change, hold_all_of
from switchroom.store.configuration import read_configuration, write_configuration
from switchroom.store.database import hold, writing
from switchroom.store.notes import append_notes
from switchroom.store.picture import one_view
from switchroom.store.resources.problems import checkable, new_problems
from switchroom.store.stored import Stored
from switchroom.store.vault import Vault

ATTEMPTS = 3
"Somebody else may change the configuration between planning and writing."

Outcome: TypeAlias = ApplyResult | Denied | Refused
T = TypeVar("T")


class Principal(Struct, frozen=True):
    """Who applies, with what the store cannot know of him."""

    actor: Actor
    needs_second_factor: Callable[[Permission], bool]


class _BusyError(Exception):
    """There is no room in the line to the slow hashes."""


class Around(Struct, frozen=True):
    """What applying needs from outside, whoever applies."""

    engine: Engine
    references: References
    vault: Vault
    admission: Callable[[], AbstractContextManager[bool]]
    "To the slow hashes."
    means: Callable[[Principal], Means]
    "As of now, for this principal; the credentials are replaced."


class CustomerDocuments:
    """Documents of principals about their active customers."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def apply(self, principal: Principal, sent: SentDocument) -> Outcome:
        """Carry the document out, or say why nothing of it was.

        Blocks on the database and on slow hashes: call it in a thread.
        """
        tree = read_json(sent.text) if sent.is_json else read_yaml(sent.text)
        if isinstance(tree, Fault):
            return ApplyResult(faults=(tree,))
        document, faults = read_document(tree)
        if document is None:
            return ApplyResult(faults=shortened(faults))
        hashes = self._in_line(self._around.means(principal).hashes)
        try:
            return self._tried(principal, sent, (document, tree, faults), hashes)
        except _BusyError:
            return Refused("busy", "too many log-ins at once", retry_after_s=1.0)

    def _tried(
        self,
        principal: Principal,
        sent: SentDocument,
        read: tuple[Document, Tree, list[Fault]],
        hashes: SlowHashes,
    ) -> Outcome:
        kept: Mapping[str, str] = {}
        for _ in range(ATTEMPTS):
            prepared = self._prepared(principal, sent, *read)
            if not isinstance(prepared, Prepared):
                return prepared
            if not (prepared.changes or prepared.written_out):
                return ApplyResult()
            # Before the slow hashes: they are for those who may set passwords.
            if refused := self._refused(prepared, self._around.means(principal)):
                return refused
            if not sent.dry_run:
                prepared = with_hashes(prepared, hashes)
                kept = self._kept(prepared, kept)
            done = self._carried_out(principal, prepared, hashes, kept, dry_run=sent.dry_run)
            if done is not None:
                return done
        return Denied("conflict", "somebody else changes the configuration: try again")

    def export(self, principal: Principal) -> ExportedDocument | Denied:
        """All of the customer's configuration; a part of it could not be applied again."""
        actor = principal.actor
        with one_view(self._around.engine)() as connection:
            mine = part_of(read_configuration(connection), actor.customer_id)
        means = self._around.means(principal)
        if missing := _unread(mine, actor, means.access.catalog):
            return Report(mine, mine).missing_to_read(missing)
        exported = ExportedDocument(export(mine), configuration_version(mine))
        with writing(self._around.engine) as connection:
            append_notes(connection, _note_of_export(principal, means.now))
        return exported

    def _prepared(
        self,
        principal: Principal,
        sent: SentDocument,
        document: Document,
        tree: Tree,
        faults: list[Fault],
    ) -> Prepared | ApplyResult | Denied:
        customer_id = principal.actor.customer_id
        with self._around.engine.connect() as connection:
            stored = read_configuration(connection)
            least = read_settings(connection, customer_id).password_least
        before = part_of(stored, customer_id)
        (customer,) = before.configuration.customers
        if stray := strays(document, tree, customer):
            text = "a document over the API is about the customer you work in, and nothing else"
            return Denied("out_of_scope", text, shortened(stray))
        means = self._around.means(principal)
        # First of all he must see the whole of what he changes: what is wrong tells about it.
        if missing := _unread(before, principal.actor, means.access.catalog):
            return Report(before, before, tree).missing_to_read(missing)
        if sent.if_version and sent.if_version != configuration_version(before):
            text = "somebody has changed the configuration since you read it: export it again"
            return Denied("precondition_failed", text)
        credentials = SentCredentials(before, least)
        found = resolve(
            about(document, customer),
            tree,
            before,
            replace(means, credentials=credentials),
            lambda own: new_problems(
                checkable(stored),
                with_part(checkable(stored), own, customer_id),
                customer_id,
            ),
        )
        if faults or not isinstance(found, Resolved):
            more = [] if isinstance(found, Resolved) else found
            return ApplyResult(faults=shortened([*faults, *more]))
        prepared = Prepared(
            stored,
            before,
            found,
            plan(before, found.stored),
            (things_of(before), things_of(found.stored)),
            dict(credentials.trunks),
            frozenset(credentials.written_out),
            Report(before, found.stored, tree, found.places),
        )
        return self._denied(principal, prepared, means) or prepared

    def _denied(self, principal: Principal, prepared: Prepared, means: Means) -> Denied | None:
        """What the asker lacks for the changes."""
        catalog, compiled = means.access.catalog, principal.actor.compiled
        before, after = prepared.things
        references = self._around.references
        needs = list(needs_of_changes(before, after, references, catalog, prepared.written_out))
        if missing := lacking(needs, compiled, catalog):
            return prepared.report.missing(missing)
        asked = sorted({need.permission for need in needs})
        stale = [one for one in asked if principal.needs_second_factor(catalog.permission(one))]
        return prepared.report.second_factor(stale) if stale else None

    def _refused(self, prepared: Prepared, means: Means) -> Refused | Denied | None:
        """By the rules of granting, as things are now."""
        with self._around.engine.connect() as connection:
            return _broken(_change(connection, prepared, means), prepared)

    def _in_line(self, hashes: SlowHashes) -> SlowHashes:
        """The same, and each stands in line with the log-ins."""

        def waiting(do: Callable[..., T]) -> Callable[..., T]:
            def wait(*arguments: str) -> T:
                with self._around.admission() as is_admitted:
                    if not is_admitted:
                        raise _BusyError
                    return do(*arguments)

            return wait

        return SlowHashes(waiting(hashes.hash), waiting(hashes.is_of))

    def _carried_out(
        self,
        principal: Principal,
        prepared: Prepared,
        hashes: SlowHashes,
        kept: Mapping[str, str],
        *,
        dry_run: bool,
    ) -> Outcome | None:
        """``None``: what was planned on is not what is stored any more."""
        with writing(self._around.engine) as connection:
            means = replace(self._around.means(principal), hashes=_NONE if dry_run else hashes)
            outcome = self._written(connection, prepared, with_kept(kept, prepared), means)
            if dry_run or not isinstance(outcome, ApplyResult):
                connection.rollback()
        if dry_run and isinstance(outcome, ApplyResult):
            return replace(outcome, applied=False)
        return outcome

    def _written(
        self, connection: Connection, prepared: Prepared, found: Resolved, means: Means
    ) -> Outcome | None:
        change = _change(connection, prepared, means)
        if concerned := taken_over(*prepared.things, prepared.written_out):
            hold_all_of(change, concerned)
        else:
            change.hold()
        hold(connection, "configuration")
        if is_other(read_configuration(connection), prepared):
            return None
        if refused := _broken(change, prepared):
            return refused
        if not prepared.changes:
            return ApplyResult()
        authority = AuthorityWriting(connection, prepared.before, found, means)
        write_configuration(connection, prepared.before, found.stored)
        try:
            authority.write()
        except NotAllowedError as error:
            return prepared.report.not_allowed(error.refused)
        note_applied(connection, prepared.changes, means)
        return ApplyResult(changes=prepared.changes, applied=True)

    def _kept(self, prepared: Prepared, kept: Mapping[str, str]) -> Mapping[str, str]:
        """By password: where the node finds it; no transaction waits for the files.

        If nothing comes to refer to them, they are swept away like others. ``kept``: by an attempt
        before.
        """
        wanted = sorted(set(prepared.trunks.values()) - kept.keys())
        return {**kept, **{password: self._around.vault.keep(password) for password in wanted}}


_NONE = SlowHashes(lambda _password: "", lambda _stored, _password: False)
"Of a dry run, which stores none."


def _unread(mine: Stored, actor: Actor, catalog: Catalog) -> list[Need]:
    """What the asker would need to see everything."""
    return lacking(needs_of_reading(things_of(mine), actor.customer_id), actor.compiled, catalog)


def _broken(change: Change, prepared: Prepared) -> Refused | Denied | None:
    """The rules of granting that the document breaks."""
    asker = change.asker()
    if asker is None or isinstance(asker, Refused):
        return asker or Refused("ended", "log in first")
    broken = list(Rules(change, asker).broken(*prepared.things, prepared.written_out))
    return prepared.report.broken(broken) if broken else None


def _change(connection: Connection, prepared: Prepared, means: Means) -> Change:
    (customer,) = prepared.before.configuration.customers
    return Change(
        connection,
        means.access.catalog,
        means.access.builtin,
        means.ids,
        customer.id,
        means.now,
        means.actor,
    )


def _note_of_export(principal: Principal, now: float) -> AuditNote:
    actor = principal.actor
    return AuditNote(
        at=now,
        action="configuration:export",
        decision="allowed",
        customer_id=actor.customer_id,
        resource="configuration",
    ).by(actor)
