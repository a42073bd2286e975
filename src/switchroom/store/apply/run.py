"""Makes the database match a configuration file: all of it or nothing."""

from collections import defaultdict

from msgspec import Struct
from sqlalchemy import Connection, Engine

from switchroom.identity.model import AuditNote
from switchroom.store.apply.authority import AuthorityWriting, NotAllowedError
from switchroom.store.apply.document import Document, read_document
from switchroom.store.apply.fault import Fault, shortened
from switchroom.store.apply.means import Means
from switchroom.store.apply.plan import Change, plan, summary
from switchroom.store.apply.resolve import Resolved, resolve, settled
from switchroom.store.apply.yaml_tree import Tree, read_yaml
from switchroom.store.authority_writer import hold_authority
from switchroom.store.configuration import (
    read_configuration,
    read_customer_ids,
    write_configuration,
)
from switchroom.store.database import hold, writing
from switchroom.store.notes import append_notes

MOST_NOTED = 500
"Changes of one customer that the audit log names; more are counted."


class ApplyResult(Struct, frozen=True):
    """What an apply did, or why it did nothing. Holds no secret, so it may be sent anywhere."""

    faults: tuple[Fault, ...] = ()
    "Why the file was refused; then nothing else is set."
    changes: tuple[Change, ...] = ()
    applied: bool = False
    "Whether the database has changed: false for a dry run and when there was nothing to do."

    def lines(self) -> list[str]:
        """What people read: the faults, or the plan and its sum."""
        if self.faults:
            return [str(fault) for fault in self.faults]
        if not self.changes:
            return ["nothing to change"]
        done = "applied" if self.applied else "dry run, nothing changed"
        return [*map(str, self.changes), f"{summary(self.changes)}: {done}"]


def plan_and_apply(engine: Engine, text: str, means: Means, *, dry_run: bool) -> ApplyResult:
    """Make the configuration in the database what the file says; what it lacks is deleted.

    Everything is validated before anything changes, and all changes are one transaction. Applying
    the same file again changes nothing. A running node afterwards loads what it uses with
    ``load_configuration``.

    Args:
        engine: From ``open_database``.
        text: The file, YAML.
        means: What is needed from outside.
        dry_run: Plan only.
    """
    tree = read_yaml(text)
    if isinstance(tree, Fault):
        return ApplyResult(faults=(tree,))
    document, faults = read_document(tree)
    if document is None:
        return ApplyResult(faults=shortened(faults))
    if faults:
        return _only_faults(engine, document, tree, means, faults)
    # First without the lock that all others who write would wait for: passwords take their time.
    planned = _planned(engine, document, tree, means)
    if dry_run or not planned.changes:
        return planned
    try:
        with writing(engine) as connection:
            return _apply(connection, document, tree, means)
    except NotAllowedError as refused:
        return ApplyResult(faults=shortened(Fault(0, "", one.text) for one in refused.refused))


def _planned(engine: Engine, document: Document, tree: Tree, means: Means) -> ApplyResult:
    with engine.connect() as connection:
        before = read_configuration(connection)
    found = resolve(document, tree, before, means)
    if not isinstance(found, Resolved):
        return ApplyResult(faults=shortened(found))
    found = settled(found, before, means.hashes)
    for password in found.passwords.values():
        means.hashes.hash(password)
    return ApplyResult(changes=plan(before, found.stored))


def _apply(connection: Connection, document: Document, tree: Tree, means: Means) -> ApplyResult:
    hold_authority(connection, read_customer_ids(connection))
    hold(connection, "configuration")
    before = read_configuration(connection)
    found = resolve(document, tree, before, means)
    if not isinstance(found, Resolved):
        return ApplyResult(faults=shortened(found))
    found = settled(found, before, means.hashes)
    changes = plan(before, found.stored)
    if changes:
        authority = AuthorityWriting(connection, before, found, means)
        write_configuration(connection, before, found.stored)
        authority.write()
        note_applied(connection, changes, means)
    return ApplyResult(changes=changes, applied=bool(changes))


def note_applied(connection: Connection, changes: tuple[Change, ...], means: Means) -> None:
    """Tell the audit log of each customer what was changed of his, last of all."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for change in changes:
        lines[change.customer_id].append(str(change))
    for customer_id, told in lines.items():
        rest = len(told) - MOST_NOTED
        shown = told[:MOST_NOTED] + ([f"and {rest} more"] if rest > 0 else [])
        note = AuditNote(
            at=means.now,
            action="configuration:apply",
            decision="done",
            customer_id=customer_id,
            resource="configuration",
            after={"changes": shown},
        )
        append_notes(connection, note.by(means.actor))


def _only_faults(
    engine: Engine, document: Document, tree: Tree, means: Means, faults: list[Fault]
) -> ApplyResult:
    """What is wrong with the form of the file, and with the rest of it as well."""
    with engine.connect() as connection:
        found = resolve(document, tree, read_configuration(connection), means)
    more = [] if isinstance(found, Resolved) else found
    return ApplyResult(faults=shortened([*faults, *more]))
