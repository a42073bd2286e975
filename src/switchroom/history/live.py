"""Snapshots of live calls as the journal carries them: opaque here, understood by their owner."""

from msgspec import Raw, Struct


class JournalState(Struct, frozen=True, tag_field="state"):
    """Base of what the journal carries beside facts."""

    call_id: str


class CallState(JournalState, frozen=True, tag="call.kept"):
    """The latest snapshot of a live call; replaces every earlier one of the same call."""

    call: Raw
    "JSON without line breaks."
    legs: dict[str, Raw] = {}
    "Snapshot of each leg by leg id, JSON without line breaks."


class CallStateGone(JournalState, frozen=True, tag="call.forgotten"):
    """The call is over; nothing of it needs to survive a restart."""
