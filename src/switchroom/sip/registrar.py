"""Which phones are registered where: the bindings of every extension, in memory (RFC 3261 §10).

Asked after the digest was verified. Contacts are called at the address that their REGISTER came
from (RFC 3581), so NAT needs no more than that address to stay open: UDP phones are pinged with
OPTIONS, a phone on TCP keeps its connection (CRLF, RFC 5626 §3.5.1) and is gone when it closes.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Hop
from switchroom.foundation.timer_wheel import TimerWheel
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved, RemovalReason
from switchroom.sip.message import Request
from switchroom.sip.registration.binding import AddressOfRecord, Binding, from_fact
from switchroom.sip.registration.change import Change
from switchroom.sip.registration.request import ExpiryBounds, Refusal, read

__all__ = ["AddressOfRecord", "Binding", "Due", "Outcome", "Registrar", "RegistrarSettings"]

AorKey = tuple[str, str]
"Customer id and extension number."

LOOK_S = 60.0
"Longest time without a look at a binding: bounds how long the wheel keeps a removed one."


class RegistrarSettings(Struct, frozen=True):
    bounds: ExpiryBounds = ExpiryBounds()
    limit_bindings: int = 20_000
    "On the whole node; beyond it new phones get 503."
    ping_interval_s: float = 25.0
    "Between OPTIONS to one UDP phone, below the 30 s of common NATs; 0 for no pings."
    limit_missed_pings: int = 3
    "Unanswered pings in a row after which a phone that used to answer counts as unreachable."


class Outcome(Struct, frozen=True):
    """The answer to a REGISTER, and what it changed."""

    status: int
    reason: str
    lines: tuple[str, ...] = ()
    "Header lines of the answer: one Contact per binding, Min-Expires with 423."
    changes: tuple[RegistrationAdded | RegistrationRemoved, ...] = ()
    "For the journal, which must have them before the answer leaves."


class Due(Struct, frozen=True):
    """What time has brought."""

    expired: tuple[RegistrationRemoved, ...] = ()
    pings: tuple[Binding, ...] = ()
    "Send OPTIONS to each; report with ``ping_answered`` or ``ping_failed``."


class _Held:
    """A binding with the time of the next look at it."""

    __slots__ = ("binding", "deadline", "has_answered", "missed", "ping_at")

    def __init__(self, binding: Binding, ping_at: float | None) -> None:
        self.binding = binding
        self.ping_at = ping_at
        self.missed = 0
        self.has_answered = False
        self.deadline: float | None = None

    def look_again(self, now: float) -> None:
        """Set the deadline: never later than the expiry, the ping or ``LOOK_S``."""
        when = min(self.binding.expires_at, now + LOOK_S)
        self.deadline = when if self.ping_at is None else min(when, self.ping_at)


class Registrar:
    """All bindings of a node.

    ``utc_offset`` is what added to monotonic seconds gives UTC; its owner may correct it.
    """

    def __init__(self, settings: RegistrarSettings, ids: Ids, utc_offset: float) -> None:
        self.utc_offset = utc_offset
        self._settings = settings
        self._ids = ids
        self._aors: dict[AorKey, list[_Held]] = {}
        self._by_id: dict[str, _Held] = {}
        self._by_flow: dict[Hop, set[str]] = {}
        "Ids of the bindings over each TCP connection."
        self._wheel: TimerWheel[_Held] = TimerWheel()

    def __len__(self) -> int:
        return len(self._by_id)

    def register(self, request: Request, aor: AddressOfRecord, hop: Hop, now: float) -> Outcome:
        """Answer an authenticated REGISTER for ``aor`` that came from ``hop``.

        Statuses: 200; 400 malformed; 403 the extension has its contacts; 423 too brief; 500 out of
        order; 503 the node is full. Anything but 200 has changed nothing.
        """
        asked = read(request, self._settings.bounds)
        if isinstance(asked, Refusal):
            return Outcome(asked.status, asked.reason, asked.lines)
        held = self.contacts(aor.customer_id, aor.number, now, with_unreachable=True)
        change = Change(held, aor, hop, self._ids, now)
        refusal = change.make(asked)
        if refusal is not None:
            return Outcome(refusal.status, refusal.reason, refusal.lines)
        if len(self) + len(change.kept) - len(held) > self._settings.limit_bindings:
            return Outcome(503, "Registrar Full", ("Retry-After: 300",))
        changes = self._commit(held, change, now)
        lines = tuple(binding.contact_line(now) for binding in change.kept)
        return Outcome(200, "OK", lines, changes)

    def contacts(
        self, customer_id: str, number: str, now: float, *, with_unreachable: bool = False
    ) -> list[Binding]:
        """The living bindings of an extension, preferred ones (q) first, then the longest held."""
        found = [
            held.binding
            for held in self._aors.get((customer_id, number), ())
            if held.binding.expires_at > now and (with_unreachable or held.binding.is_reachable)
        ]
        found.sort(key=lambda binding: (-binding.q, binding.registered_at))
        return found

    def bindings(self) -> Iterator[Binding]:
        """Every binding, for the status; nothing may be changed while iterating."""
        return (held.binding for held in self._by_id.values())

    def deadline(self) -> float | None:
        """When to call ``tick`` next, monotonic seconds; ``None`` while nobody is registered."""
        return self._wheel.deadline()

    def tick(self, now: float) -> Due:
        """Drop what has expired and name who must be pinged."""
        expired: list[RegistrationRemoved] = []
        pings: list[Binding] = []
        for held in self._wheel.due(now):
            if held.binding.expires_at <= now:
                expired.append(self._drop(held, now, "expired"))
                continue
            if held.ping_at is not None and held.ping_at <= now:
                held.ping_at = now + self._settings.ping_interval_s
                pings.append(held.binding)
            held.look_again(now)
            self._wheel.watch(held)
        return Due(tuple(expired), tuple(pings))

    def ping_answered(self, binding_id: str) -> None:
        """Any final answer to our OPTIONS: the phone is there."""
        held = self._by_id.get(binding_id)
        if held is None:
            return
        held.missed = 0
        held.has_answered = True
        if not held.binding.is_reachable:
            held.binding = replace(held.binding, is_reachable=True)

    def ping_failed(self, binding_id: str) -> None:
        """No answer to our OPTIONS.

        A phone that never answered one keeps its calls: some drop OPTIONS on purpose.
        """
        held = self._by_id.get(binding_id)
        if held is None:
            return
        held.missed += 1
        if held.has_answered and held.missed >= self._settings.limit_missed_pings:
            held.binding = replace(held.binding, is_reachable=False)

    def has_flow(self, hop: Hop) -> bool:
        """Whether somebody is registered over this TCP connection."""
        return hop in self._by_flow

    def remove_flow(self, hop: Hop, now: float) -> tuple[RegistrationRemoved, ...]:
        """A TCP connection has closed: whoever registered over it cannot be reached any more."""
        gone = [self._by_id[binding_id] for binding_id in sorted(self._by_flow.get(hop, ()))]
        return tuple(self._drop(held, now, "flow_closed") for held in gone)

    def keep(
        self, is_configured: Callable[[str, str], bool], now: float
    ) -> tuple[RegistrationRemoved, ...]:
        """Drop the phones of extensions (customer id, number) that are no longer configured."""
        gone = [
            held for key, phones in self._aors.items() if not is_configured(*key) for held in phones
        ]
        return tuple(self._drop(held, now, "unconfigured") for held in gone)

    def snapshot(self, now: float) -> list[RegistrationAdded]:
        """Every binding as the fact that ``restore`` reads."""
        return [b.added(now, self.utc_offset, is_refresh=True) for b in self.bindings()]

    def restore(
        self, facts: Iterable[RegistrationAdded], now: float
    ) -> tuple[RegistrationRemoved, ...]:
        """Take back what was registered before a restart; the facts of those expired meanwhile.

        Restored phones are pinged spread over one interval, not all at once.
        """
        expired: list[RegistrationRemoved] = []
        for count, fact in enumerate(facts):
            binding = from_fact(fact, self.utc_offset)
            if binding.expires_at <= now:
                expired.append(binding.removed(now + self.utc_offset, "expired"))
            elif len(self) < self._settings.limit_bindings and fact.binding_id not in self._by_id:
                self._hold(binding, now, spread=(count % 100) / 100)
        return tuple(expired)

    def _commit(
        self, before: list[Binding], change: Change, now: float
    ) -> tuple[RegistrationAdded | RegistrationRemoved, ...]:
        """Make ``change`` true and tell what differs from ``before``."""
        facts: list[RegistrationAdded | RegistrationRemoved] = []
        kept = {binding.binding_id for binding in change.kept}
        for binding in before:
            if binding.binding_id not in kept:
                reason = change.reason_for(binding)
                facts.append(self._drop(self._by_id[binding.binding_id], now, reason))
        for binding in change.kept:
            if binding in before:
                continue
            known = self._by_id.get(binding.binding_id)
            if known is not None:
                self._forget(known)
            held = self._hold(binding, now, spread=1.0)
            held.has_answered = known is not None and known.has_answered
            facts.append(binding.added(now, self.utc_offset, is_refresh=known is not None))
        return tuple(facts)

    def _hold(self, binding: Binding, now: float, *, spread: float) -> _Held:
        interval = self._settings.ping_interval_s
        is_pinged = interval > 0 and binding.hop[0] == "udp"
        held = _Held(binding, now + interval * spread if is_pinged else None)
        self._by_id[binding.binding_id] = held
        self._aors.setdefault((binding.customer_id, binding.number), []).append(held)
        if binding.hop[0] != "udp":
            self._by_flow.setdefault(binding.hop, set()).add(binding.binding_id)
        held.look_again(now)
        self._wheel.watch(held)
        return held

    def _drop(self, held: _Held, now: float, reason: RemovalReason) -> RegistrationRemoved:
        self._forget(held)
        return held.binding.removed(now + self.utc_offset, reason)

    def _forget(self, held: _Held) -> None:
        binding = held.binding
        held.deadline = None  # the wheel forgets it when its bucket comes, LOOK_S at most
        del self._by_id[binding.binding_id]
        key = (binding.customer_id, binding.number)
        self._aors[key].remove(held)
        if not self._aors[key]:
            del self._aors[key]
        if (flow := self._by_flow.get(binding.hop)) is not None:
            flow.discard(binding.binding_id)
            if not flow:
                del self._by_flow[binding.hop]
