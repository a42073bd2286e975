"""Keeps strangers from wearing out the node: rate limits per source, growing bans, a log of both.

Three tables, each with a limit, kept apart because a UDP source address is easily forged: a flood
from invented addresses may fill the rates, but must neither push out the bans of real attackers nor
make us forget which addresses have proved themselves with a password.
"""

from collections import deque
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Literal, TypeVar

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds

T = TypeVar("T")
Failure = Literal["wrong_password", "unknown_user", "scanner"]
"``wrong_password`` came with a nonce of ours, so its sender once heard us; others may be forged."

PROVEN_S = 3600.0
"How long a right password speaks for its address."
PROVEN_FACTOR = 10
"Failures are forgiven so much longer there: one wrong phone must not ban its whole office."
FORGET_FAILURES_S = 600.0
LIMIT_REFUSALS = 200
QUIET_S = 10.0
"At most one entry in the log of refusals per rate-limited source in so many seconds."


class DefenceSettings(Struct, frozen=True):
    rate_per_s: float = 50.0
    "Requests from one address."
    trusted_rate_per_s: float = 2000.0
    burst_s: float = 2.0
    "So many seconds' worth may come at once."
    ban_after: int = 5
    "Failures."
    ban_first_s: float = 60.0
    "Doubles with each further ban of the same source."
    ban_longest_s: float = 86_400.0
    limit_sources: int = 50_000
    "In the table of rates; the tables of bans and of proven sources hold as many."


class Ban(Struct, frozen=True):
    """A source that is not listened to until ``until`` (monotonic seconds)."""

    source: str
    since: float
    until: float
    reason: Failure
    count: int
    "How often it was banned, this time included."


class Refusal(Struct, frozen=True):
    """One line of ``switchroom status``: who was turned away, with what, and why."""

    at: UtcSeconds
    source: str
    what: str
    "For example ``REGISTER 1001``."
    reason: str


class _Source:
    """The rate of one address as a single number (the generic cell rate algorithm)."""

    __slots__ = ("free_at", "interval", "quiet_until", "tolerance")

    def __init__(self, rate_per_s: float, burst_s: float) -> None:
        self.interval = 1.0 / rate_per_s
        self.tolerance = burst_s
        self.free_at = 0.0
        "When its bucket is full again; while banned, far ahead."
        self.quiet_until = 0.0


class _Failures:
    __slots__ = ("count", "last_at")

    def __init__(self) -> None:
        self.count = 0
        self.last_at = 0.0


class Defence:
    """Decides for each arriving message whether its source is listened to."""

    def __init__(self, settings: DefenceSettings, utc_offset: float) -> None:
        self.utc_offset = utc_offset
        self.refusals: deque[Refusal] = deque(maxlen=LIMIT_REFUSALS)
        self._settings = settings
        self._trusted: tuple[IPv4Network, ...] = ()
        self._sources: dict[str, _Source] = {}
        self._older_sources: dict[str, _Source] = {}
        self._failures: dict[str, _Failures] = {}
        self._bans: dict[str, Ban] = {}
        "Present and past ones: a repeated offender's next ban is longer."
        self._proven: dict[str, float] = {}
        "Until when."

    def trust(self, networks: Iterable[str]) -> None:
        """Replace the networks (CIDR) that are never banned: trunks, and what the operator named.

        Raises:
            ValueError: One is no IPv4 network; nothing has changed.
        """
        self._trusted = tuple(IPv4Network(network) for network in networks)
        for source in [source for source in self._bans if self._is_trusted(source)]:
            del self._bans[source]
        self._sources.clear()  # their rates may differ now; bans are found again when they send
        self._older_sources.clear()

    def allows(self, source: str, now: float) -> bool:
        """Whether to look at a message from this address; false: drop it without an answer."""
        known = self._sources.get(source)
        if known is None:
            known = self._meet(source, now)
        free_at = known.free_at
        if free_at <= now:
            known.free_at = now + known.interval
            return True
        if free_at - now < known.tolerance:
            known.free_at = free_at + known.interval
            return True
        if known.quiet_until <= now and not self._is_banned(source, now):
            known.quiet_until = now + QUIET_S
            self.refused(source, "messages", "too many per second", now)
        return False

    def failed(self, source: str, reason: Failure, now: float) -> Ban | None:
        """Count a failure; the ban if this one was too many."""
        if self._is_trusted(source) or self._is_banned(source, now):
            return None
        is_proven = self._proven.get(source, 0.0) > now
        if is_proven and reason != "wrong_password":
            return None  # whoever forges its address must not get it banned
        failures = self._failures.pop(source, None) or _Failures()
        if now - failures.last_at > FORGET_FAILURES_S:
            failures.count = 0
        failures.count += self._settings.ban_after if reason == "scanner" else 1
        failures.last_at = now
        if failures.count >= self._settings.ban_after * (PROVEN_FACTOR if is_proven else 1):
            return self._ban(source, reason, now)
        _make_room(self._failures, self._settings.limit_sources)
        self._failures[source] = failures
        return None

    def succeeded(self, source: str, now: float) -> None:
        """A right password came from this address."""
        self._failures.pop(source, None)
        if self._proven.pop(source, None) is None:
            _make_room(self._proven, self._settings.limit_sources)
        self._proven[source] = now + PROVEN_S

    def bans(self, now: float) -> list[Ban]:
        """The bans in force, the longest first."""
        living = [ban for ban in self._bans.values() if ban.until > now]
        return sorted(living, key=lambda ban: -ban.until)

    def lift(self, source: str) -> bool:
        """Forget a ban and everything before it; false if there was none."""
        self._failures.pop(source, None)
        self._sources.pop(source, None)
        self._older_sources.pop(source, None)
        return self._bans.pop(source, None) is not None

    def refused(self, source: str, what: str, reason: str, now: float) -> None:
        """Remember a refusal for the status; the newest 200 are kept."""
        self.refusals.append(Refusal(now + self.utc_offset, source, what, reason))

    def _ban(self, source: str, reason: Failure, now: float) -> Ban:
        last = self._bans.pop(source, None)
        longest = self._settings.ban_longest_s
        # A ban is remembered for as long again as the longest one, then the source starts anew.
        count = 1 if last is None or now - last.until > longest else last.count + 1
        seconds = min(self._settings.ban_first_s * 2.0 ** min(count - 1, 30), longest)
        ban = Ban(source, now, now + seconds, reason, count)
        _make_room(self._bans, self._settings.limit_sources)
        self._bans[source] = ban
        self._silence(self._meet(source, now), ban)
        self.refused(source, reason.replace("_", " "), f"banned for {seconds:.0f} s", now)
        return ban

    def _meet(self, source: str, now: float) -> _Source:
        """File a source that is not in the younger table, with what is known of it."""
        if len(self._sources) * 2 >= self._settings.limit_sources:
            self._older_sources, self._sources = self._sources, {}
        known = self._sources.get(source) or self._older_sources.pop(source, None)
        if known is None:
            rates = self._settings
            rate = rates.trusted_rate_per_s if self._is_trusted(source) else rates.rate_per_s
            known = _Source(rate, rates.burst_s)
            ban = self._bans.get(source)
            if ban is not None and ban.until > now:
                self._silence(known, ban)
        self._sources[source] = known
        return known

    def _silence(self, known: _Source, ban: Ban) -> None:
        known.free_at = ban.until + known.tolerance

    def _is_banned(self, source: str, now: float) -> bool:
        ban = self._bans.get(source)
        return ban is not None and ban.until > now

    def _is_trusted(self, source: str) -> bool:
        if not self._trusted:
            return False
        try:
            address = IPv4Address(source)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _make_room(table: dict[str, T], limit: int) -> None:
    """Drop the entry that was filed first, if the table is full."""
    if len(table) >= limit:
        del table[next(iter(table))]
