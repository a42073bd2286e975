"""One WebSocket from open to close: reads what its client wants, sends what waits for it."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from switchroom.api.events.feed import Feed
from switchroom.api.events.hub import Hub
from switchroom.api.events.listener import Listener
from switchroom.api.events.messages import (
    CLOSE_BAD_MESSAGE,
    CLOSE_TOO_MANY,
    BadMessageError,
    Hello,
    Problem,
    Subscribe,
    Subscribed,
    Truncated,
    Unsubscribe,
    read_request,
    write,
    write_events,
)
from switchroom.api.events.outbox import Closing
from switchroom.api.events.selection import Want, select, want_of
from switchroom.identity.model import Actor
from switchroom.live.event import Event
from switchroom.live.sequence import Cursor, cursor_of
from switchroom.permissions.catalog import UnknownPatternError
from switchroom.permissions.check import holds

REQUESTS_BURST = 20
REQUESTS_PER_S = 2.0
DETAIL_LIMIT = 500
"Characters of what a client is told is wrong."
LAST_WORDS_S = 5.0
"How long a socket that is to be closed may take for what is still to be said."


class Connection:
    """``serve`` it once the socket is accepted."""

    def __init__(self, socket: WebSocket, hub: Hub, actor: Actor) -> None:
        self._socket = socket
        self._hub = hub
        parts = hub.parts
        self._listener = Listener(actor, parts.catalog.bit("events:subscribe"))
        self._resources = frozenset().union(*(one.resources for one in parts.reader.kinds.values()))
        self._allowance = float(REQUESTS_BURST)
        self._asked_at = parts.monotonic()
        self._has_begun = False

    async def serve(self) -> None:
        """Until either side closes."""
        listener = self._listener
        if not self._hub.has_room(listener.actor):
            self._refuse("too_many_sockets", "close another socket first", CLOSE_TOO_MANY)
            await self._send_all()
            return
        self._hub.enter(listener)
        reading = asyncio.create_task(self._read_all())
        sending = asyncio.create_task(self._send_all())
        try:
            await asyncio.wait((reading, sending), return_when=asyncio.FIRST_COMPLETED)
            if listener.outbox.closing is not None and not sending.done():
                await asyncio.wait((sending,), timeout=LAST_WORDS_S)
        finally:
            self._hub.leave(listener)
            for task in (reading, sending):
                task.cancel()
            await asyncio.gather(reading, sending, return_exceptions=True)

    # --- what comes in ------------------------------------------------------------------------

    async def _read_all(self) -> None:
        listener = self._listener
        await listener.ready.wait()
        actor = listener.actor
        listener.send(write(Hello(actor.customer_id, actor.principal_id)))
        try:
            while listener.outbox.closing is None:
                message = await self._socket.receive()
                if message["type"] != "websocket.receive":
                    return
                await self._read(message)
        except BadMessageError as error:
            self._refuse("bad_message", str(error), CLOSE_BAD_MESSAGE)
        except WebSocketDisconnect:
            return

    async def _read(self, message: MutableMapping[str, Any]) -> None:
        if not self._is_in_time():
            self._refuse("too_many_requests", "say less in a second", CLOSE_TOO_MANY)
            return
        text = message.get("text")
        if text is None:
            raise BadMessageError("messages are text, not bytes")
        match read_request(text):
            case Subscribe() as request:
                await self._subscribe(request)
            case Unsubscribe() as request:
                self._unsubscribe(request)

    def _is_in_time(self) -> bool:
        now = self._hub.parts.monotonic()
        earned = (now - self._asked_at) * REQUESTS_PER_S
        self._asked_at = now
        self._allowance = min(self._allowance + earned, REQUESTS_BURST) - 1.0
        return self._allowance >= 0.0

    async def _subscribe(self, request: Subscribe) -> None:
        listener = self._listener
        wants = self._wants(request)
        if wants is None:
            return
        cursor = cursor_of(request.cursor) if request.cursor else None
        if request.cursor and cursor is None:
            raise BadMessageError("cursor: what an earlier message gave, and nothing else")
        if cursor is not None and self._has_begun:
            self._problem("already_following", "only the first subscribe has a cursor", request.id)
            return
        feed = await self._hub.feed(listener.actor.customer_id)
        self._has_begun = True
        listener.want(listener.wants | wants)
        listener.send(write(Subscribed(tuple(listener.wants), request.id)))
        if cursor is None:
            feed.show(listener, wants.values())
        else:
            await self._catch_up(feed, cursor)
        # Nothing has been awaited since the last look at the feed: no event lies between.
        feed.listeners.add(listener)

    def _wants(self, request: Subscribe) -> dict[str, Want] | None:
        """What is wanted; ``None``: the actor may not have it, and has been told."""
        catalog, wants = self._hub.parts.catalog, dict[str, Want]()
        for wanted in request.to:
            if wanted.resource not in self._resources:
                known = ", ".join(sorted(self._resources))
                raise BadMessageError(f"there are no events of {wanted.resource!r}; known: {known}")
            if unknown := set(wanted.types) - self._types(wanted.resource):
                raise BadMessageError(f"{wanted.resource} have no events {sorted(unknown)}")
            permission = f"{wanted.resource}:get"
            try:
                bit = catalog.bit(permission)
            except UnknownPatternError:
                raise BadMessageError(f"there are no events of {wanted.resource!r}") from None
            if not holds(self._listener.actor.compiled, bit):
                self._problem("permission_denied", f"you need {permission}", request.id)
                return None
            wants[wanted.resource] = want_of(wanted, bit)
        return wants

    def _types(self, resource: str) -> set[str]:
        kinds = self._hub.parts.reader.kinds
        return {name for name, kind in kinds.items() if resource in kind.resources}

    def _unsubscribe(self, request: Unsubscribe) -> None:
        listener = self._listener
        kept = {
            name: want for name, want in listener.wants.items() if name not in request.resources
        }
        listener.want(kept)
        listener.send(write(Subscribed(tuple(kept), request.id)))

    # --- what was missed ----------------------------------------------------------------------

    async def _catch_up(self, feed: Feed, cursor: Cursor) -> None:
        """Send everything since ``cursor``; ends when the feed can go on from there."""
        listener, place, reader = self._listener, cursor, self._hub.parts.reader
        while listener.outbox.closing is None:
            if (events := feed.since(place)) is not None:
                self._send_events(events, feed.end)
                return
            page = await self._hub.missed(listener, place.number)
            if loss := page.sequence.loss(place):
                place = page.sequence.start
                listener.send(write(Truncated(loss, page.sequence.oldest, str(place))), place)
            elif page.facts:
                place = Cursor(page.sequence.epoch, page.facts[-1].number)
                found = [reader.event(fact, page.roster) for fact in page.facts]
                self._send_events([event for event in found if event is not None], place)
                await listener.outbox.room()
            else:
                await self._hub.next_round()  # the feed has not come so far yet

    def _send_events(self, events: list[Event], end: Cursor) -> None:
        listener = self._listener
        chosen = select(events, listener.wants, listener.actor.compiled)
        for text, place in write_events(end, chosen):
            listener.send(text, place)

    # --- what goes out ------------------------------------------------------------------------

    async def _send_all(self) -> None:
        outbox = self._listener.outbox
        try:
            while (text := await outbox.take()) is not None:
                await self._socket.send_text(text)
            closing = outbox.closing
            if closing is not None and self._socket.application_state is WebSocketState.CONNECTED:
                await self._socket.close(closing.code, closing.reason)
        except (WebSocketDisconnect, RuntimeError):
            return  # the client has gone; nobody to tell

    def _problem(self, code: str, detail: str, id: str) -> None:
        self._listener.send(write(Problem(code, detail, id)))

    def _refuse(self, code: str, detail: str, close_code: int) -> None:
        last_words = write(Problem(code, detail[:DETAIL_LIMIT]))
        self._listener.outbox.close(Closing(close_code, code), last_words)
