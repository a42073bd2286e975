"""What whoever hands events out asks of the database, again and again: everything in one view."""

from collections.abc import Mapping

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.live.event import Roster, StoredFact
from switchroom.live.sequence import EventSequence
from switchroom.live.snapshot import Snapshot

FACTS_AT_ONCE = 500
"Facts in one round, and in one page of what somebody has missed."


class Picture(Struct, frozen=True):
    """What is going on in a customer, and up to which event everything is in it."""

    sequence: EventSequence
    snapshot: Snapshot
    seq: int
    "Of the newest fact of the platform that is in it."


class Asked(Struct, frozen=True):
    """What is wanted of one round."""

    after_seq: int
    customer_ids: frozenset[str]
    "Whose facts are wanted."
    agent_ids: frozenset[str] = frozenset()
    "Whose accounts' epochs are wanted; the customers' are anyway."
    session_ids: frozenset[str] = frozenset()
    accesskey_ids: frozenset[str] = frozenset()
    pictures_of: frozenset[str] = frozenset()
    "Customers that somebody begins to follow."
    rosters_of: frozenset[str] = frozenset()
    now: UtcSeconds = 0.0


class Round(Struct, frozen=True):
    """The answers, all of one moment."""

    facts: tuple[StoredFact, ...]
    seq: int
    "Facts up to here have been looked at."
    is_all: bool
    "Whether there were no more."
    epochs: Mapping[str, int]
    "By subject, as in ``authority_epochs``."
    live_tokens: frozenset[str]
    "Ids of those sessions and keys that were asked for and still count."
    sequence_epochs: Mapping[str, str]
    "Of the sequences of customers among whose facts there are some."
    pictures: Mapping[str, Picture]
    rosters: Mapping[str, Roster]


class Missed(Struct, frozen=True):
    """A page of one customer's events, in order."""

    sequence: EventSequence
    facts: tuple[StoredFact, ...]
    roster: Roster
