"""What comes out of calls for the driver to do, to publish and to keep."""

from typing import TypeAlias

from msgspec import Struct

from switchroom.foundation.events import Fact
from switchroom.foundation.leg import LegAction


class Checkpoint(Struct, frozen=True):
    """Keep a snapshot of this call and of its legs: legs were dialled, answered or failed.

    There is none when a loser of the race ends, since that is most of all ends. After a crash
    such a leg is cancelled once more, and its ``leg.ended`` may come twice, with the same outcome.
    """

    call_id: str


class CallGone(Struct, frozen=True):
    """The call and all its legs are over; forget what was kept of it."""

    call_id: str


Output: TypeAlias = LegAction | Fact | Checkpoint | CallGone
