"""Why a leg ends, in SIP's words: the Reason header (RFC 3326) both ways."""

from switchroom.foundation.leg import Cause
from switchroom.foundation.text import readable
from switchroom.sip.message import REASONS, Message

MAX_TEXT = 100

ELSEWHERE = (
    'Reason: SIP;cause=200;text="Call completed elsewhere"',
    "Reason: Q.850;cause=26",
)
"What the losers of an answered call are told, so that their phones show no missed call."

_Q850_OF = {
    404: 1, 408: 102, 410: 22, 480: 19, 484: 28, 486: 17, 487: 16, 488: 88, 500: 41, 502: 38,
    503: 41, 504: 102, 600: 17, 603: 21, 604: 1,
}  # fmt: skip
"RFC 3398 section 8.2.6.1, for peers that send no Q.850 cause."


def reason_lines(cause: Cause, *, elsewhere: bool = False) -> tuple[str, ...]:
    """Header lines to put into a CANCEL, BYE or final response."""
    if elsewhere:
        return ELSEWHERE
    lines = []
    text = f';text="{_quotable(cause.text)}"' if cause.text else ""
    if cause.status >= 200:
        lines.append(f"Reason: SIP;cause={cause.status}{text}")
    if cause.q850:
        lines.append(f"Reason: Q.850;cause={cause.q850}{text}")
    return tuple(lines)


def cause_of(message: Message, status: int) -> Cause:
    """The cause a message tells: its Reason values, else what its status means in Q.850."""
    q850 = 0
    text = ""
    if message.get("reason") is not None:
        for value in message.values("reason")[:8]:
            protocol, _, rest = value.partition(";")
            params = dict(_param(part) for part in rest.split(";")[:8])
            number = params.get("cause", "")
            if not (number.isascii() and number.isdigit() and len(number) <= 4):
                continue
            text = text or readable(params.get("text", "").strip('"'), MAX_TEXT)
            if protocol.strip().upper() == "Q.850":
                q850 = int(number) if int(number) < 128 else 0
            elif protocol.strip().upper() == "SIP" and not status and int(number) < 700:
                status = int(number)
    return Cause(status, q850 or q850_of(status), text or REASONS.get(status, ""))


def q850_of(status: int) -> int:
    """The Q.850 cause of a failing SIP status, 0 for none."""
    if status < 300:
        return 0
    return _Q850_OF.get(status, 127 if status >= 500 else 31)


def _param(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip()


def _quotable(text: str) -> str:
    return "".join(c for c in text if c >= " " and c not in '"\\')[:100]
