"""What comes out of calls for the driver to do, to publish and to keep."""

from typing import TypeAlias

from msgspec import Struct

from switchroom.foundation.events import Fact
from switchroom.foundation.leg import LegAction


class Checkpoint(Struct, frozen=True):
    """Keep a snapshot of this call and of its legs.

    Comes when legs were dialled, answered or failed, when only the two parties are left, and when
    the call ends. A loser whose end is not kept yet is cancelled once more after a crash, and its
    ``leg.ended`` may come twice, with the same outcome.
    """

    call_id: str


class CallGone(Struct, frozen=True):
    """The call and all its legs are over; forget what was kept of it."""

    call_id: str


Output: TypeAlias = LegAction | Fact | Checkpoint | CallGone
