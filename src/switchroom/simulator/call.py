"""A call as a simulated phone sees it."""

from typing import Literal

from msgspec import Struct

from switchroom.foundation.leg import Cause, Reply

Step = Literal["answer", "reject", "hang_up"]
HappeningName = Literal[
    "registered", "unregistered", "not_registered", "calling", "called", "ringing", "answered",
    "ended",
]  # fmt: skip


class PhoneCall:
    """One call, in or out; times in monotonic seconds."""

    __slots__ = (
        "answered_at",
        "began_at",
        "by",
        "cause",
        "deadline",
        "ended_at",
        "leg_id",
        "offered",
        "outbound",
        "party",
        "peer_session",
        "rang_at",
        "replies",
        "state",
        "step",
        "talk_s",
    )

    def __init__(self, leg_id: str, party: str, now: float, *, outbound: bool) -> None:
        self.leg_id = leg_id
        self.party = party
        "Whom we called, or the user part of who calls us."
        self.outbound = outbound
        self.began_at = now
        self.rang_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.state: Literal["ringing", "answered", "ended"] = "ringing"
        self.cause = Cause()
        "Why it ended."
        self.by = ""
        "Who ended it: ``peer``, ``us``, ``timeout``, ``transport``."
        self.offered = True
        "Whether our INVITE carried a session; if not the answer's offer waits for ours."
        self.peer_session = b""
        "The newest session of the other side."
        self.step: Step | None = None
        "What is done at ``deadline``."
        self.deadline: float | None = None
        self.talk_s: float | None = None
        "Hang up so long after the answer."
        self.replies: list[Reply] = []
        "Final answers to our re-INVITEs, UPDATEs and INFOs, the newest 100."

    def plan(self, step: Step | None, when: float | None) -> None:
        self.step = step if when is not None else None
        self.deadline = when


class Happening(Struct, frozen=True):
    """Something a phone's user would notice."""

    at: float
    name: HappeningName
    party: str = ""
    leg_id: str = ""
    cause: Cause = Cause()
    by: str = ""
    after_s: float = 0.0
    "Since the call began."
