"""Makes the database match a configuration file: all of it or nothing."""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import Engine

from switchroom.foundation.ids import Ids
from switchroom.store.apply.document import read_document
from switchroom.store.apply.fault import Fault, shortened
from switchroom.store.apply.plan import Change, plan, summary
from switchroom.store.apply.resolve import resolve
from switchroom.store.apply.yaml_tree import read_yaml
from switchroom.store.configuration import read_configuration, write_configuration
from switchroom.store.database import writing
from switchroom.store.stored import Stored


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


def plan_and_apply(
    engine: Engine, text: str, ids: Ids, environ: Mapping[str, str], *, dry_run: bool
) -> ApplyResult:
    """Make the configuration in the database what the file says; what it lacks is deleted.

    Everything is validated before anything changes, and all changes are one transaction. Applying
    the same file again changes nothing. A running node afterwards loads what it uses with
    ``load_configuration``.

    Args:
        engine: From ``open_database``.
        text: The file, YAML.
        ids: Makes the ids of what is new.
        environ: Where ``env:`` passwords are looked up.
        dry_run: Plan only.
    """
    tree = read_yaml(text)
    if isinstance(tree, Fault):
        return ApplyResult(faults=(tree,))
    document, faults = read_document(tree)
    if document is None:
        return ApplyResult(faults=shortened(faults))
    with engine.connect() if dry_run else writing(engine) as connection:
        before = read_configuration(connection)
        after = resolve(document, tree, before, ids, environ)
        if not isinstance(after, Stored):
            return ApplyResult(faults=shortened([*faults, *after]))
        if faults:
            return ApplyResult(faults=shortened(faults))
        changes = plan(before, after)
        if changes and not dry_run:
            write_configuration(connection, before, after)
    return ApplyResult(changes=changes, applied=bool(changes) and not dry_run)
