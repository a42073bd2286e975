"""All transactions of a node: matching, copies, timers, and what has to be sent.

Nothing is sent here: ``sends`` collects (bytes, hop) pairs in order, and whoever feeds the layer
takes them away.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Hop
from switchroom.foundation.timer_wheel import TimerWheel
from switchroom.sip.message import REASONS, Malformed, Request, Response, write_response
from switchroom.sip.transaction.client import (
    ClientInvite,
    ClientOther,
    ClientTransaction,
    Verdict,
)
from switchroom.sip.transaction.server import Due, ServerInvite, ServerOther, ServerTransaction
from switchroom.sip.transaction.timers import Timers

MAGIC_COOKIE = "z9hG4bK"

Matched = Literal["new", "repeated", "acknowledged", "merged", "overloaded"]
Ended = tuple[ClientTransaction, str, Any]
"A client transaction without an answer, its purpose and its owner."


class TransactionLayer:
    """The tables of transactions. Bounded: beyond ``limit`` new requests get 503.

    Up to twice the limit those are taken that end or change what is there, and calls for help.
    """

    def __init__(self, ids: Ids, timers: Timers, limit: int) -> None:
        self.ids = ids
        self.timers = timers
        self.limit = limit
        self.sends: list[tuple[bytes, Hop]] = []
        self.clients: dict[str, ClientInvite | ClientOther] = {}
        self.servers: dict[str, ServerInvite | ServerOther] = {}
        self.may_exceed: Callable[[Request], bool] = lambda _request: False
        "Whether a request is taken beyond the limit; asked only when the table is full."
        self._merges: dict[str, str] = {}
        self._wheel: TimerWheel[ClientInvite | ClientOther | ServerInvite | ServerOther] = (
            TimerWheel()
        )
        self.resent = 0
        "Messages sent again because a timer said so."
        self.repeated = 0
        "Copies of requests that were answered from memory."

    # --- client side --------------------------------------------------------------------------

    def branch(self) -> str:
        return MAGIC_COOKIE + self.ids.token()

    def call(
        self, branch: str, data: bytes, hop: Hop, owner: Any, now: float, purpose: str = "invite"
    ) -> ClientInvite:
        """Send an INVITE; ``branch`` is that of its Via."""
        transaction = ClientInvite(branch + "INVITE", hop, data, purpose, owner, self.timers)
        self._start(transaction, now)
        return transaction

    def resume(
        self, branch: str, hop: Hop, owner: Any, now: float, purpose: str = "invite"
    ) -> ClientInvite:
        """Wait on for the answer to an INVITE whose transaction is over: by a restart, by time."""
        transaction = ClientInvite(branch + "INVITE", hop, b"", purpose, owner, self.timers)
        transaction.start(now)
        transaction.receive(180, now)
        self.clients[transaction.key] = transaction
        return transaction

    def ask(
        self, key: str, data: bytes, hop: Hop, purpose: str, owner: Any, now: float
    ) -> ClientOther:
        """Send any other request but ACK; ``key`` is its branch and its method."""
        transaction = ClientOther(key, hop, data, purpose, owner, self.timers)
        self._start(transaction, now)
        return transaction

    def _start(self, transaction: ClientInvite | ClientOther, now: float) -> None:
        self.clients[transaction.key] = transaction
        self.sends.append((transaction.last, transaction.hop))
        transaction.start(now)
        self._wheel.watch(transaction)

    def match_response(self, response: Response, now: float) -> ClientInvite | ClientOther | None:
        """The transaction whose owner must see this response, if any."""
        transaction = self.clients.get(response.branch + response.cseq_method)
        if transaction is None:
            return None
        watched = transaction.deadline
        verdict = transaction.receive(response.status, now)
        if verdict is Verdict.PASS:
            if transaction.deadline != watched:  # else copies would fill the wheel
                self._wheel.watch(transaction)
            return transaction
        if verdict is Verdict.RESEND and transaction.last:
            self.sends.append((transaction.last, transaction.hop))
        return None

    def rearm(self, transaction: ClientInvite | ClientOther) -> None:
        """The deadline of ``transaction`` was set from outside."""
        self._wheel.watch(transaction)

    # --- server side --------------------------------------------------------------------------

    def match_request(
        self, request: Request, hop: Hop, now: float
    ) -> tuple[Matched, ServerInvite | ServerOther | None]:
        """File a request: new, a copy, an ACK that belongs to a failure, or merged (8.2.2.2)."""
        method = request.method
        key = _key(request, "INVITE" if method == "ACK" else method)
        known = self.servers.get(key)
        if known is not None:
            return self._seen(known, method, now)
        if method == "ACK":
            return "new", None
        merge_key = ""
        if request.to_tag is None and method != "CANCEL":
            merge_key = f"{request.from_tag}|{request.call_id}|{request.cseq}|{method}"
            if merge_key in self._merges:
                return "merged", None
        if len(self.servers) >= self.limit and not self._has_room_for(request):
            return "overloaded", None
        new = (ServerInvite if method == "INVITE" else ServerOther)(key, request, hop, self.timers)
        if merge_key:
            self._merges[merge_key] = key
            new.merge_key = merge_key
        self.servers[key] = new
        new.start(now)
        self._wheel.watch(new)
        return "new", new

    def _has_room_for(self, request: Request) -> bool:
        if len(self.servers) >= 2 * self.limit:
            return False
        if request.method == "CANCEL":
            return self.invite_of(request) is not None
        return self.may_exceed(request)

    def _seen(
        self, known: ServerInvite | ServerOther, method: str, now: float
    ) -> tuple[Matched, ServerInvite | ServerOther | None]:
        if method == "ACK":
            if known.state == "accepted":
                # An ACK of a 2xx has a branch of its own; a careless phone reuses the INVITE's.
                return "new", None
            if isinstance(known, ServerInvite):
                known.acknowledged(now)
                self._wheel.watch(known)
            return "acknowledged", known
        self.repeated += 1
        data = known.repeated()
        if data:
            self.sends.append((data, known.hop))
        return "repeated", known

    def invite_of(self, cancel: Request) -> ServerInvite | None:
        """The INVITE that a CANCEL means (section 9.2)."""
        found = self.servers.get(_key(cancel, "INVITE"))
        return found if isinstance(found, ServerInvite) else None

    def respond(  # noqa: PLR0913 - the parts of a response
        self,
        transaction: ServerInvite | ServerOther,
        status: int,
        now: float,
        *,
        to_tag: str = "",
        lines: Sequence[str] = (),
        body: bytes = b"",
        reason: str = "",
    ) -> None:
        """Answer a request; after the final response further ones are ignored."""
        request = transaction.request
        if request is None:
            return
        text = reason or REASONS.get(status, "Unknown")
        data = write_response(request, status, text, to_tag, lines, body)
        self.sends.append((data, transaction.hop))
        transaction.respond(status, data, now)
        self._wheel.watch(transaction)

    def answer_again(
        self, key: str, data: bytes, hop: Hop, now: float, until: float
    ) -> ServerInvite:
        """Repeat a 2xx from before a restart, whose ACK is still to come, up to ``until``."""
        transaction = ServerInvite(key, None, hop, self.timers)
        transaction.repeat(data, now, until)
        self.servers[key] = transaction
        self.sends.append((data, hop))
        self._wheel.watch(transaction)
        return transaction

    def refuse(
        self,
        request: Request,
        hop: Hop,
        status: int,
        lines: Sequence[str] = (),
        to_tag: str = "",
        reason: str = "",
    ) -> None:
        """Answer without keeping state; small, for strangers."""
        if request.method != "ACK":
            text = reason or REASONS.get(status, "Unknown")
            data = write_response(request, status, text, to_tag, lines, b"")
            self.sends.append((data, hop))

    def refuse_malformed(self, message: Malformed, hop: Hop, to_tag: str) -> None:
        """Answer bytes that are no usable message, saying what is wrong with them."""
        if message.request is not None:
            text = message.reason
            data = write_response(message.request, message.status, text, to_tag, (), b"")
            self.sends.append((data, hop))

    def discard(self, transaction: ServerInvite | ServerOther) -> None:
        """Forget a request that is answered without state."""
        transaction.deadline = None
        self.servers.pop(transaction.key, None)
        if transaction.merge_key:
            self._merges.pop(transaction.merge_key, None)

    def acknowledged(self, transaction: ServerInvite, now: float) -> None:
        transaction.acknowledged(now)
        self._wheel.watch(transaction)

    # --- time ---------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        return self._wheel.deadline()

    def tick(self, now: float) -> tuple[list[Ended], list[ServerInvite]]:
        """Run what is due; return unanswered client transactions and unacknowledged 2xx."""
        ended: list[Ended] = []
        unacknowledged: list[ServerInvite] = []
        for item in self._wheel.due(now):
            if isinstance(item, ServerTransaction):
                self._tick_server(item, now, unacknowledged)
            else:
                self._tick_client(item, now, ended)
        return ended, unacknowledged

    def _tick_client(
        self, item: ClientInvite | ClientOther, now: float, ended: list[Ended]
    ) -> None:
        verdict = item.tick(now)
        if verdict in (Verdict.RESEND, Verdict.SILENT):
            self.resent += 1
            self.sends.append((item.last, item.hop))
            self._wheel.watch(item)
            if verdict is Verdict.SILENT and item.purpose == "invite":
                ended.append((item, "silent", item.owner))
        elif verdict is Verdict.TIMEOUT:
            ended.append((item, item.purpose, item.owner))
            self.forget(item)
        elif verdict is Verdict.GONE:
            self.forget(item)
        else:
            self._wheel.watch(item)

    def _tick_server(
        self,
        item: ServerInvite | ServerOther,
        now: float,
        unacknowledged: list[ServerInvite],
    ) -> None:
        due = item.tick(now)
        if due is Due.TRYING:
            self.respond(item, 100, now)
        elif due is Due.RESEND:
            self.resent += 1
            self.sends.append((item.last, item.hop))
            self._wheel.watch(item)
        elif due is Due.NOTHING:
            self._wheel.watch(item)
        else:
            if due is Due.UNACKNOWLEDGED and isinstance(item, ServerInvite):
                unacknowledged.append(item)
            self.discard(item)

    def forget(self, transaction: ClientInvite | ClientOther) -> None:
        self.clients.pop(transaction.key, None)
        transaction.fail()

    def fail_hop(self, hop: Hop) -> list[Ended]:
        """Nothing can be delivered to ``hop``: end what still waits for an answer from there."""
        failed: list[Ended] = [
            (item, item.purpose, item.owner)
            for item in self.clients.values()
            if item.hop == hop and item.state in ("trying", "proceeding")
        ]
        for item, _, _ in failed:
            self.clients.pop(item.key, None)
            item.fail()
        return failed

    def waiting(self) -> bool:
        """Whether a request of ours has no final response yet."""
        return any(item.state in ("trying", "proceeding") for item in self.clients.values())

    @property
    def merged_size(self) -> int:
        return len(self._merges)


def _key(request: Request, method: str) -> str:
    """The transaction that a request belongs to (section 17.2.3)."""
    via = request.get("via") or ""
    branch = request.branch
    if branch.startswith(MAGIC_COOKIE):
        # Protocol and sent-by stand before the first semicolon.
        return f"{via.partition(';')[0]}|{branch}|{method}"
    # RFC 2543 clients: no unique branch, so the parts that copies share.
    return f"{via}|{request.uri}|{request.from_tag}|{request.call_id}|{request.cseq}|{method}"
