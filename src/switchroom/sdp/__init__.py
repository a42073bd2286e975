"""Session descriptions: bytes in, bytes out; unknown media and attributes pass untouched."""

from switchroom.sdp.answer import rejecting_answer, resting_answer
from switchroom.sdp.matching import padded, trimmed
from switchroom.sdp.media import (
    Direction,
    direction,
    is_hold,
    is_valid,
    media_addresses,
    problem_of,
)
from switchroom.sdp.origin import with_origin

__all__ = [
    "Direction",
    "direction",
    "is_hold",
    "is_valid",
    "media_addresses",
    "padded",
    "problem_of",
    "rejecting_answer",
    "resting_answer",
    "trimmed",
    "with_origin",
]
