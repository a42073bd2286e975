"""How long somebody who failed to log in must wait. Never a hard lock: that locks the owner out.

Three things are counted, unknown accounts like known ones:

- account from this network: five attempts are free, then each waits twice as long as the last;
- account from everywhere: 100 failures in an hour, for botnets. It does not touch a network from
  which the account has logged in before, so nobody can keep its owner out;
- this network with whatever account: 100 at once and 10 a minute, for lists of stolen passwords.

An attempt is counted before the password is looked at and taken back when it was right, so that a
thousand attempts at the same moment are not all the first one. The last two are leaky buckets:
``since`` is when the bucket would be empty.
"""

from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.rules.networks import network_of

FREE_ATTEMPTS = 5
LONGEST_DELAY_S = 900.0
FORGOTTEN_AFTER_S = 86_400.0
"Counts are forgotten a day after the last attempt."
KNOWN_FOR_S = 30 * 86_400.0
"A network from which an account has logged in is known for 30 days."

_DOUBLINGS_LIMIT = 20


class Count(Struct, frozen=True):
    """What is stored of one subject."""

    count: int
    since: UtcSeconds
    last_at: UtcSeconds


class Bucket(Struct, frozen=True):
    """Takes ``most`` failures at once and loses one every ``interval_s``."""

    interval_s: float
    most: int


ACCOUNT = Bucket(72.0, 50)
"50 at once and 50 in the hour after: never more than 100 in any hour."
NETWORK = Bucket(6.0, 100)


class Subjects(Struct, frozen=True):
    """Whose failures are counted; hashes, so that a table of failures is no list of user names."""

    pair: str
    account: str
    network: str
    known: str
    "Not a count: its row says that the account has logged in from this network."

    def all(self) -> tuple[str, ...]:
        return (self.pair, self.account, self.network, self.known)


class Admitted(Struct, frozen=True):
    """The attempt may be made once these counts are stored."""

    counts: Mapping[str, Count]


class Wait(Struct, frozen=True):
    """It may not; nothing was counted."""

    seconds: float


def subjects_of(username: str, source: str) -> Subjects:
    """The subjects of an attempt. User names that do not exist have some too."""
    network = network_of(source)
    return Subjects(
        _subject("pair", username, network),
        _subject("account", username),
        _subject("network", network),
        _subject("known", username, network),
    )


def prefixes_of(username: str) -> tuple[str, ...]:
    """How the subjects begin that keep this account waiting, from wherever."""
    return (_subject("pair", username) + ":", _subject("account", username))


def attempt(stored: Mapping[str, Count], subjects: Subjects, now: UtcSeconds) -> Admitted | Wait:
    """Whether an attempt may be made now, and what is stored if it is.

    Args:
        stored: What is known of the subjects; missing ones have not failed.
        subjects: From ``subjects_of``.
        now: Unix time in seconds.
    """
    pair = _recent(stored.get(subjects.pair), now)
    waits = [
        _pair_wait(pair, now),
        _bucket_wait(stored.get(subjects.network), NETWORK, now),
    ]
    if not _is_known(stored.get(subjects.known), now):
        waits.append(_bucket_wait(stored.get(subjects.account), ACCOUNT, now))
    longest = max(waits)
    if longest > 0:
        return Wait(longest)
    first = now if pair is None else pair.since
    return Admitted(
        {
            subjects.pair: Count((pair.count if pair else 0) + 1, first, now),
            subjects.account: _poured(stored.get(subjects.account), ACCOUNT, now),
            subjects.network: _poured(stored.get(subjects.network), NETWORK, now),
        }
    )


def taken_back(
    stored: Mapping[str, Count], subjects: Subjects, now: UtcSeconds
) -> dict[str, Count | None]:
    """The counts without one attempt: it was neither right nor wrong."""
    pair = stored.get(subjects.pair)
    fewer = None
    if pair is not None and pair.count > 1:
        fewer = Count(pair.count - 1, pair.since, pair.last_at)
    return {
        subjects.pair: fewer,
        subjects.account: _given_back(stored.get(subjects.account), ACCOUNT, now),
        subjects.network: _given_back(stored.get(subjects.network), NETWORK, now),
    }


def succeeded(
    stored: Mapping[str, Count], subjects: Subjects, now: UtcSeconds
) -> dict[str, Count | None]:
    """The counts after a log-in: the account is free here, and this network is known to it."""
    return taken_back(stored, subjects, now) | {
        subjects.pair: None,
        # Dated ahead, so that what is purged a day after it was last touched stays 30 days.
        subjects.known: Count(0, now, now + KNOWN_FOR_S - FORGOTTEN_AFTER_S),
    }


def delay_after(failures: int) -> float:
    """Seconds between the last of so many failures and the next attempt."""
    if failures < FREE_ATTEMPTS:
        return 0.0
    doublings = min(failures - FREE_ATTEMPTS + 1, _DOUBLINGS_LIMIT)
    return min(2.0**doublings, LONGEST_DELAY_S)


def _pair_wait(pair: Count | None, now: UtcSeconds) -> float:
    if pair is None:
        return 0.0
    # A clock that was set back must not make anybody wait longer than the delay itself.
    return delay_after(pair.count) - max(0.0, now - pair.last_at)


def _bucket_wait(stored: Count | None, bucket: Bucket, now: UtcSeconds) -> float:
    full_s = bucket.interval_s * bucket.most
    level_s = 0.0 if stored is None else min(stored.since - now, full_s)
    return level_s + bucket.interval_s - full_s


def _poured(stored: Count | None, bucket: Bucket, now: UtcSeconds) -> Count:
    empty_at = now if stored is None else max(now, stored.since)
    count = 0 if stored is None else stored.count
    return Count(count + 1, empty_at + bucket.interval_s, now)


def _given_back(stored: Count | None, bucket: Bucket, now: UtcSeconds) -> Count | None:
    if stored is None or stored.since - bucket.interval_s <= now:
        return None
    return Count(max(0, stored.count - 1), stored.since - bucket.interval_s, stored.last_at)


def _recent(stored: Count | None, now: UtcSeconds) -> Count | None:
    if stored is None or now - stored.last_at > FORGOTTEN_AFTER_S:
        return None
    return stored


def _is_known(stored: Count | None, now: UtcSeconds) -> bool:
    return stored is not None and now - stored.since <= KNOWN_FOR_S


def _subject(*words: str) -> str:
    return ":".join([words[0], *map(_hashed, words[1:])])


def _hashed(word: str) -> str:
    return sha256(word.encode("utf-8", "replace")).hexdigest()[:32]
