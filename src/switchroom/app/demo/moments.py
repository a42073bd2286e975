"""What a SIP message means for whoever watches the demo."""

from typing import Literal

from msgspec import Struct

from switchroom.app.demo.cast import PartyKey
from switchroom.simulator.log import Seen
from switchroom.sip.message import Message, Request, Response

MomentName = Literal[
    "called", "calls", "rings", "hears ringing", "picks up", "is connected", "busy",
    "completed elsewhere", "missed call", "gives up", "hangs up", "is hung up", "ended",
]  # fmt: skip

COMPLETED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
NON_SELECTED = "Q.850;cause=26"
"Non-selected user clearing: the same, in the words of ISDN."


class Moment(Struct, frozen=True):
    """One step of a story, as one party saw it."""

    party: PartyKey
    name: MomentName
    at: float
    "Monotonic seconds."


def says_elsewhere(message: Message) -> bool:
    """Whether the Reason fields say that somebody else took the call, in both languages."""
    said = {value.replace("; ", ";") for value in message.values("reason")}
    return {COMPLETED_ELSEWHERE, NON_SELECTED} <= said


def blames_elsewhere(message: Message) -> bool:
    """Whether a phone would take the Reason fields for that: one of them is enough."""
    said = [value.replace(" ", "").lower() for value in message.values("reason")]
    return any(value.startswith(("sip;cause=200", "q.850;cause=26")) for value in said)


def moment_of(seen: Seen) -> MomentName | None:
    """What the party has done or met with this message; ``None``: nothing worth showing."""
    match seen.message:
        case Request() as request:
            return _of_request(request, incoming=seen.way == "in")
        case Response(cseq_method="INVITE") as response:
            return _of_answer(response.status, incoming=seen.way == "in")
        case _:
            return None


def _of_request(request: Request, *, incoming: bool) -> MomentName | None:
    match request.method, incoming:
        case "INVITE", True:
            return "called"
        case "INVITE", False:
            return "calls"
        case "CANCEL", True:
            return "completed elsewhere" if blames_elsewhere(request) else "missed call"
        case "CANCEL", False:
            return "gives up"
        case "BYE", True:
            return "completed elsewhere" if blames_elsewhere(request) else "is hung up"
        case "BYE", False:
            return "hangs up"
        case _:
            return None


def _of_answer(status: int, *, incoming: bool) -> MomentName | None:
    if status == 180:
        return "hears ringing" if incoming else "rings"
    if 200 <= status < 300:
        return "is connected" if incoming else "picks up"
    if status == 486 and not incoming:
        return "busy"
    if status >= 300 and incoming:
        return "ended"
    return None
