"""What one party saw of the call that a story is about: the promises are checked on this."""

from collections import deque
from collections.abc import Callable
from typing import Literal

from switchroom.app.demo.cast import PartyKey
from switchroom.app.demo.moments import MomentName, moment_of
from switchroom.simulator.log import Log, Seen
from switchroom.sip.message import Message, Request, Response

MOST_IN_STORY = 1000
MOST_CALLS = 1000

Way = Literal["in", "out"]


class Witness(Log):
    """A phone's log that knows which messages belong to the story.

    These are the ones of the first call that begins after ``begin``. A phone that was switched off
    may meet an earlier call's INVITE again: that one is not a new call.
    """

    def __init__(self, party: PartyKey) -> None:
        super().__init__()
        self.party = party
        self.story: deque[Seen] = deque(maxlen=MOST_IN_STORY)
        self.call_ids: list[str] = []
        "SIP Call-IDs of the calls that began in this story; one if all is well."
        self.watch: Callable[[MomentName, float], None] = lambda _name, _at: None
        self._known: set[str] = set()
        self._told: set[MomentName] = set()

    def begin(self) -> None:
        """A new story."""
        self.story.clear()
        self.call_ids = []
        self._told.clear()

    def add(self, at: float, way: Way, data: bytes) -> None:
        super().add(at, way, data)
        seen = self.seen[-1]
        message = seen.message
        if not isinstance(message, Message):
            return
        if isinstance(message, Request) and message.method == "INVITE":
            self._learn(message.call_id)
        if self.call_ids and message.call_id == self.call_ids[0]:
            self.story.append(seen)
            self._tell(seen)

    def _learn(self, call_id: str) -> None:
        if call_id not in self._known and len(self._known) < MOST_CALLS:
            self._known.add(call_id)
            self.call_ids.append(call_id)

    def _tell(self, seen: Seen) -> None:
        name = moment_of(seen)
        if name is not None and name not in self._told:
            self._told.add(name)
            self.watch(name, seen.at)

    # --- questions ----------------------------------------------------------------------------

    def is_past(self, *names: MomentName) -> bool:
        """Whether one of these moments has come in this story."""
        return any(name in self._told for name in names)

    def sent(self, method: str, way: Way) -> list[Seen]:
        """Requests of the story with this method, copies included."""
        return [
            seen
            for seen in self.story
            if seen.way == way
            and isinstance(seen.message, Request)
            and seen.message.method == method
        ]

    def answers(self, status: int, way: Way) -> list[Seen]:
        """Answers of the story to an INVITE with this status, copies included."""
        return [
            seen
            for seen in self.story
            if seen.way == way
            and isinstance(seen.message, Response)
            and seen.message.cseq_method == "INVITE"
            and seen.message.status == status
        ]

    def finals(self, way: Way) -> set[int]:
        """The final statuses that the story's INVITE was answered with."""
        return {
            seen.message.status
            for seen in self.story
            if seen.way == way
            and isinstance(seen.message, Response)
            and seen.message.cseq_method == "INVITE"
            and seen.message.status >= 200
        }
