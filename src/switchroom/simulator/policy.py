"""What a simulated phone does with a call that comes in."""

from msgspec import Struct


class Policy(Struct, frozen=True):
    """One way to treat a call; the first of ``is_dead``, ``redirect_to``, ``reject`` decides."""

    answer_after_s: float | None = 0.0
    "Seconds until somebody picks up; ``None``: nobody does."
    reject: int = 0
    "Refuse with this status, 400 to 699; 0: do not."
    reject_after_s: float = 0.0
    redirect_to: tuple[str, ...] = ()
    "URIs of a 302; empty: none."
    talk_s: float | None = None
    "Hang up so long after the answer; ``None``: leave it to the other side."
    rings: bool = True
    "Say 180; a phone that does not is answered all the same."
    early_media: bool = False
    "Say 183 with a session before anything else."
    is_dead: bool = False
    "Hears nothing, says nothing."
    ask_status: int = 200
    "What it answers to re-INVITE, UPDATE and INFO; above 299 it refuses them."
