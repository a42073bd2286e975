"""An export of audit entries: a line of JSON for each, and a last one that says it is complete.

A line has the entry's fields as its hash covers them, so ``before`` and ``after`` are texts. The
hashes show damage and careless edits, and that none is missing between two whose numbers follow
each other; where other customers' entries lie between, the chain cannot be followed. They have no
key: whoever edits an export can compute them anew. What proves anything is a hash that was had
from the server by another way, for that entry and those right before it.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from switchroom.history.audit import GENESIS, Broken, Head, StoredEntry, fault, rewritten


class End(Struct, frozen=True):
    """The last line."""

    entries: int
    next: int | None
    "Where the rest begins, to be given as ``after``; ``None``: this is all."


class _LastLine(Struct, frozen=True):
    end: End


class Checked(Struct, frozen=True):
    """What an export has been found to be."""

    entries: int
    "How many fit their hashes, from the first on."
    followed: int
    "How many of them follow the one before without another customer's between."
    last: StoredEntry | None
    end: End | None
    "``None``: it is cut off."
    broken: Broken | None = None


def line(entry: StoredEntry) -> bytes:
    """One entry."""
    said = asdict(entry)
    said |= {"previous": entry.previous.hex(), "hash": entry.hash.hex()}
    return msgspec.json.encode(said) + b"\n"


def last_line(end: End) -> bytes:
    """What follows all entries."""
    return msgspec.json.encode(_LastLine(end)) + b"\n"


def check(lines: Iterable[bytes], noted: Head | None = None) -> Checked:
    """Walk an export; names the first entry that does not fit its hash or the one before it.

    Args:
        lines: As they were exported.
        noted: An entry as the server tells it; it must be among them with this hash.
    """
    entries = followed = 0
    last: StoredEntry | None = None
    has_passed = False
    for text in lines:
        try:
            if text.startswith(b'{"end"'):
                end = msgspec.json.decode(text, type=_LastLine).end
                return Checked(entries, followed, last, end, _missing(noted, has_passed))
            entry = _read(text)
        except (msgspec.MsgspecError, ValueError, TypeError, KeyError):
            broken = Broken(last.seq + 1 if last else 1, f"line {entries + 1} is no entry")
            return Checked(entries, followed, last, None, broken)
        broken_here = _fault(entry, last) or rewritten(entry, noted)
        if broken_here is not None:
            return Checked(entries, followed, last, None, broken_here)
        has_passed |= noted is not None and entry.seq == noted.seq
        followed += int(last is not None and entry.seq == last.seq + 1)
        entries, last = entries + 1, entry
    return Checked(entries, followed, last, None)


def _missing(noted: Head | None, has_passed: bool) -> Broken | None:
    if noted is None or has_passed:
        return None
    return Broken(noted.seq, f"entry {noted.seq} was noted down and is not in it")


def _fault(entry: StoredEntry, last: StoredEntry | None) -> Broken | None:
    if last is not None and entry.seq <= last.seq:
        return Broken(entry.seq, f"entry {entry.seq} stands behind entry {last.seq}")
    previous = entry.previous
    if entry.seq == 1:
        previous = GENESIS
    elif last is not None and entry.seq == last.seq + 1:
        previous = last.hash
    return fault(entry, entry.seq, previous)


def _read(text: bytes) -> StoredEntry:
    said = msgspec.json.decode(text, type=dict)
    hashes = {name: bytes.fromhex(said[name]) for name in ("previous", "hash")}
    plain = {name: value for name, value in said.items() if name not in hashes}
    return msgspec.convert(plain | hashes, StoredEntry)
