"""A plan for a customer's document: what it found, and what becomes of its passwords."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from switchroom.store.apply.plan import Change, plan
from switchroom.store.apply.resolve import Resolved, settled
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.apply_as.part import part_of
from switchroom.store.apply_as.report import Report
from switchroom.store.apply_as.things import Things, things_of
from switchroom.store.secret import change_check
from switchroom.store.stored import Origin, Stored


class Prepared(Struct, frozen=True):
    """A plan that is the asker's to make."""

    stored: Stored
    "Everything, as it was when this was planned."
    before: Stored
    found: Resolved
    changes: tuple[Change, ...]
    things: tuple[Things, Things]
    trunks: Mapping[str, str]
    "By id: passwords that are new."
    written_out: frozenset[str]
    "Ids of what has a password, or its hash, in the document, be it new or not."
    report: Report

    def __repr__(self) -> str:
        return f"Prepared({len(self.changes)} changes)"  # never into a log or a traceback


def with_hashes(prepared: Prepared, hashes: SlowHashes) -> Prepared:
    """Without the passwords that are stored already; what is new is hashed for the writing."""
    before = prepared.before
    found = settled(prepared.found, before, hashes)
    for password in found.passwords.values():
        hashes.hash(password)
    checks = {id: change_check(id, password) for id, password in prepared.trunks.items()}
    trunks = {
        id: word for id, word in prepared.trunks.items() if before.origin(id).check != checks[id]
    }
    origins = {
        id: Origin("", check) if id in trunks else before.origin(id) for id, check in checks.items()
    }
    found = replace(
        found, stored=replace(found.stored, origins={**found.stored.origins, **origins})
    )
    return replace(
        prepared,
        found=found,
        changes=plan(before, found.stored),
        things=(prepared.things[0], things_of(found.stored)),
        trunks=trunks,
    )


def is_other(stored: Stored, prepared: Prepared) -> bool:
    """Whether this is not what was planned on. Passwords elsewhere are nobody's business here."""
    (customer,) = prepared.before.configuration.customers
    mine = part_of(stored, customer.id).origins
    return mine != prepared.before.origins or replace(stored, origins={}) != replace(
        prepared.stored, origins={}
    )


def with_kept(kept: Mapping[str, str], prepared: Prepared) -> Resolved:
    """What was found, with new passwords of trunks where the node finds them."""
    stored = prepared.found.stored
    origins = {
        id: Origin(kept[password], stored.origin(id).check)
        for id, password in prepared.trunks.items()
        if password in kept
    }
    stored = replace(stored, origins={**stored.origins, **origins})
    return replace(prepared.found, stored=stored)
