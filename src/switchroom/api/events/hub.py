"""Hands events out: one reader of the database for all sockets of this process.

A round reads what is new, and in the same view of the database whether everybody who listens still
may: sessions, keys and the epochs of authority. Only then is anything handed out, so no event goes
by authority that was older than the event. When nothing happens a round comes often enough that a
revocation closes sockets well within a second.
"""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from msgspec import Struct
from msgspec.structs import replace

from switchroom.api.events.feed import Feed
from switchroom.api.events.listener import Epochs, Listener
from switchroom.api.events.messages import CLOSE_GOING, CLOSE_LATER, HEARTBEAT_S
from switchroom.api.events.outbox import Closing
from switchroom.api.events.ports import Door, EventStore
from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, Refused
from switchroom.live.event import EventReader, StoredFact
from switchroom.live.round import Asked, Missed, Round
from switchroom.permissions.catalog import Catalog

ROUND_S = 0.25
"Longest time between rounds while anybody listens: seconds."
FAILING_S = 5.0
"After so many seconds without an answer of the database every socket is closed."
LISTENERS_LIMIT = 4000
PER_CUSTOMER_LIMIT = 2000
PER_PRINCIPAL_LIMIT = 20

Shown = tuple[str, bytes, str]
"A token, which text of it was shown, and from where: who has shown the same is judged the same."

log = structlog.get_logger()


class HubParts(Struct):
    """What a hub is made of."""

    store: EventStore
    door: Door
    reader: EventReader
    catalog: Catalog
    utc: Callable[[], UtcSeconds]
    monotonic: Callable[[], float]


class Hub:
    """Lives in the loop; ``run`` it as a task. ``hint`` says that there may be news."""

    def __init__(self, parts: HubParts) -> None:
        self.parts = parts
        self.on_followed: Callable[[bool], None] | None = None
        "Told when the first listener has come and when the last one has gone."
        self.delivered = 0
        "Sockets that were handed events, summed over all rounds."
        self.rounds = 0
        self.failures = 0
        self._listeners: set[Listener] = set()
        self._feeds: dict[str, Feed] = {}
        self._wanted: dict[str, asyncio.Future[Feed]] = {}
        self._news = asyncio.Event()
        self._rounds_done = asyncio.Event()
        self._question: Asked | None = None
        "``None``: others listen than in the last round."
        self._seq: int | None = None
        self._answered_at: float | None = None
        self._beat_at = 0.0
        self._arranging = frozenset(
            f"{noun}.{happening}"
            for noun in ("agent", "address", "extension")
            for happening in ("created", "updated", "deleted")
        )
        "Facts after which somebody may be in other teams, or own another extension."

    def __len__(self) -> int:
        return len(self._listeners)

    def hint(self) -> None:
        """There may be new facts; never waits."""
        self._news.set()

    def has_room(self, actor: Actor) -> bool:
        """Whether one more socket of this actor is taken."""
        mine = theirs = 0
        for listener in self._listeners:
            if listener.actor.customer_id == actor.customer_id:
                theirs += 1
                mine += listener.actor.principal_id == actor.principal_id
        return (
            len(self._listeners) < LISTENERS_LIMIT
            and theirs < PER_CUSTOMER_LIMIT
            and mine < PER_PRINCIPAL_LIMIT
        )

    def enter(self, listener: Listener) -> None:
        """Watch over a socket from now on."""
        self._listeners.add(listener)
        self._question = None
        if len(self._listeners) == 1 and self.on_followed is not None:
            self.on_followed(True)
        self._news.set()

    def leave(self, listener: Listener) -> None:
        """The socket is closed."""
        self._listeners.discard(listener)
        self._question = None
        customer_id = listener.actor.customer_id
        feed = self._feeds.get(customer_id)
        if feed is not None:
            feed.listeners.discard(listener)
            if not any(one.actor.customer_id == customer_id for one in self._listeners):
                del self._feeds[customer_id]
        if not self._listeners and self.on_followed is not None:
            self.on_followed(False)

    async def feed(self, customer_id: str) -> Feed:
        """The events of this customer; begins to follow them if nobody did."""
        found = self._feeds.get(customer_id)
        if found is not None:
            return found
        wanted = self._wanted.get(customer_id)
        if wanted is None:
            wanted = self._wanted[customer_id] = asyncio.get_running_loop().create_future()
            self._question = None
            self._news.set()
        return await asyncio.shield(wanted)

    async def missed(self, listener: Listener, number: int) -> Missed:
        """A page of what came after ``number``, for a listener with the authority he has now."""

        def ask() -> tuple[Missed, Actor | Refused]:
            page = self.parts.store.after(listener.actor.customer_id, number)
            return page, self.parts.door.again(listener.actor, self.parts.utc())

        page, actor = await asyncio.to_thread(ask)
        listener.renew(actor, (-1, -1))  # the next round looks again
        return page

    async def next_round(self) -> None:
        """Wait until the feeds are as new as the database is now."""
        self._news.set()
        await self._rounds_done.wait()

    async def run(self) -> None:
        """Hand events out until cancelled."""
        try:
            while True:
                await self._wait()
                if self._listeners or self._wanted:
                    await self._guarded_round()
        finally:
            self._close_all(Closing(CLOSE_GOING, "the server stops"))

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(ROUND_S if self._listeners else None):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    async def _guarded_round(self) -> None:
        try:
            await self._round()
            self._answered_at = self.parts.monotonic()
        except Exception:
            # Nobody is told anything by authority that cannot be looked at.
            self.failures += 1
            if self.failures in (1, 10, 100) or self.failures % 1000 == 0:
                log.exception("a round of events failed", failures=self.failures)
            now = self.parts.monotonic()
            self._answered_at = now if self._answered_at is None else self._answered_at
            if now - self._answered_at > FAILING_S:
                self._close_all(Closing(CLOSE_LATER, "try again later"))

    async def _round(self) -> None:
        self.rounds += 1
        if self._seq is None:
            self._seq = await asyncio.to_thread(self.parts.store.newest_seq)
        listeners = list(self._listeners)
        asked = self._asked(listeners, self._seq)
        answer = await asyncio.to_thread(self.parts.store.round, asked)
        rearranged = await self._rearrange(answer)
        changed = await self._renew(listeners, answer, asked.now)
        self._begin(answer)
        self._hand_out(answer)
        self._show_again(changed, rearranged)
        self._seq = answer.seq
        if not answer.is_all:
            self._news.set()
        self._beat()
        done, self._rounds_done = self._rounds_done, asyncio.Event()
        done.set()

    def _asked(self, listeners: Iterable[Listener], seq: int) -> Asked:
        if self._question is None:
            self._question = self._ask_about(listeners)
        return replace(self._question, after_seq=seq, now=self.parts.utc())

    def _ask_about(self, listeners: Iterable[Listener]) -> Asked:
        """What is asked in each round as long as the same people listen."""
        actors = [listener.actor for listener in listeners]
        by_kind: dict[str, set[str]] = {"session": set(), "accesskey": set()}
        for actor in actors:
            by_kind.setdefault(actor.token_kind, set()).add(actor.token_id)
        return Asked(
            0,
            frozenset({*self._wanted, *self._feeds, *(one.customer_id for one in actors)}),
            frozenset(one.principal_id for one in actors),
            frozenset(by_kind["session"]),
            frozenset(by_kind["accesskey"]),
            frozenset(self._wanted),
            frozenset(self._wanted),
        )

    async def _rearrange(self, answer: Round) -> set[str]:
        """Read again who is in which team where that may have changed; returns where it has."""
        old = {
            customer_id
            for customer_id, feed in self._feeds.items()
            if feed.epoch != answer.epochs.get(f"customer:{customer_id}", 0)
        }
        old |= {fact.customer_id for fact in answer.facts if fact.name in self._arranging}
        old &= set(self._feeds)
        if not old:
            return set()
        asked = Asked(answer.seq, frozenset(), rosters_of=frozenset(old))
        rosters = (await asyncio.to_thread(self.parts.store.round, asked)).rosters
        rearranged = set()
        for customer_id in old & set(self._feeds):
            feed = self._feeds[customer_id]
            feed.epoch = answer.epochs.get(f"customer:{customer_id}", 0)
            if feed.roster != rosters[customer_id]:
                feed.roster = rosters[customer_id]
                rearranged.add(customer_id)
        return rearranged

    async def _renew(
        self, listeners: Iterable[Listener], answer: Round, now: UtcSeconds
    ) -> list[Listener]:
        """Ask again who is behind sockets where that may have changed; returns where it has."""
        stale = [
            (listener, epochs)
            for listener in listeners
            if listener.is_stale(
                epochs := _epochs(listener, answer),
                is_live=listener.actor.token_id in answer.live_tokens,
                now=now,
            )
        ]
        if not stale:
            return []
        actors = {_shown_by(listener.actor): listener.actor for listener, _ in stale}
        found = await asyncio.to_thread(self._ask_again, actors, now)
        return [
            listener
            for listener, epochs in stale
            if listener.renew(found[_shown_by(listener.actor)], epochs)
        ]

    def _ask_again(
        self, actors: dict[Shown, Actor], now: UtcSeconds
    ) -> dict[Shown, Actor | Refused]:
        return {shown: self.parts.door.again(actor, now) for shown, actor in actors.items()}

    def _begin(self, answer: Round) -> None:
        for customer_id, picture in answer.pictures.items():
            wanted = self._wanted.pop(customer_id, None)
            self._question = None
            if wanted is not None and not wanted.done():
                feed = Feed(customer_id, picture, answer.rosters[customer_id])
                feed.epoch = answer.epochs.get(f"customer:{customer_id}", 0)
                self._feeds[customer_id] = feed
                wanted.set_result(feed)

    def _hand_out(self, answer: Round) -> None:
        by_customer: dict[str, list[StoredFact]] = {}
        for fact in answer.facts:
            by_customer.setdefault(fact.customer_id, []).append(fact)
        for customer_id, facts in by_customer.items():
            feed = self._feeds.get(customer_id)
            if feed is not None:
                epoch = answer.sequence_epochs.get(customer_id, "")
                self.delivered += feed.deliver(feed.add(facts, self.parts.reader, epoch))

    def _show_again(self, changed: Iterable[Listener], rearranged: set[str]) -> None:
        """Where other things may be seen than before, everything that may be seen is sent anew."""
        for listener in changed:
            feed = self._feeds.get(listener.actor.customer_id)
            if feed is not None and listener in feed.listeners:
                feed.show(listener, listener.wants.values())
        for customer_id in rearranged:
            feed = self._feeds[customer_id]
            for listener in feed.listeners - set(changed):
                if listener.is_limited:
                    feed.show(listener, listener.wants.values())

    def _beat(self) -> None:
        now = self.parts.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + HEARTBEAT_S
            for feed in self._feeds.values():
                feed.beat()

    def _close_all(self, closing: Closing) -> None:
        for listener in self._listeners:
            listener.outbox.close(closing)
            listener.ready.set()


def _shown_by(actor: Actor) -> Shown:
    return actor.token_id, actor.proof, actor.source


def _epochs(listener: Listener, answer: Round) -> Epochs:
    customer, agent = listener.subjects
    return answer.epochs.get(customer, 0), answer.epochs.get(agent, 0)
