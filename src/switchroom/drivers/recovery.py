"""What a node knows again after a restart: the rest of the journal, then who lived."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from switchroom.agents.events import Said
from switchroom.calls.snapshot import CallSnapshot
from switchroom.drivers.journal_format import segment_numbers
from switchroom.drivers.transcript import Transcript
from switchroom.history.live import CallState
from switchroom.history.ports import Ledger
from switchroom.history.records import CallRecord
from switchroom.sip.dialog.snapshot import LegSnapshot
from switchroom.sip.events import RegistrationAdded

ABANDONED_LIMIT = 100_000
"More calls than a node can have begun since the last snapshot."

_CALL_STATE = msgspec.json.Decoder(CallState)
_CALL = msgspec.json.Decoder(CallSnapshot)
_LEG = msgspec.json.Decoder(LegSnapshot)
_REGISTRATION = msgspec.json.Decoder(RegistrationAdded)


class LiveCall(Struct, frozen=True):
    """A call as it was, with those of its legs that can be read."""

    call: CallSnapshot
    legs: tuple[LegSnapshot, ...]


@dataclass(slots=True)
class Recovered:
    """The state at the last flush before the process died, or at its orderly end."""

    next_segment: int
    "The number that the new journal must begin with."
    calls: list[LiveCall] = field(default_factory=list)
    abandoned: list[CallRecord] = field(default_factory=list)
    "Calls that had begun and left no usable snapshot: to be closed with ``closing_facts``."
    useless_snapshots: list[str] = field(default_factory=list)
    "Ids of calls whose snapshot makes no sense: to be forgotten."
    registrations: list[RegistrationAdded] = field(default_factory=list)
    "Expired ones are among them."
    statuses: dict[str, Said] = field(default_factory=dict)
    "What was last said of agents, by agent id; those who are gone may be among them."
    facts_loaded: int = 0
    lost_bytes: int = 0
    "Damaged or torn bytes of the journal that were skipped."
    unreadable: int = 0
    "Lines and snapshots that made no sense, perhaps of another version."


def recover(ledger: Ledger, directory: Path) -> Recovered:
    """Write the rest of the journal in ``directory`` into the database and return what lived.

    Runs before the new journal begins, with nobody else writing to either.

    Raises:
        LedgerError: the database does not answer.
        OSError: the journal cannot be read.
    """
    transcript = Transcript(ledger, directory, lambda: None)
    found = Recovered(next_segment=1)
    while (written := transcript.step()) is not None:
        found.facts_loaded += len(written.batch.facts)
        found.lost_bytes += written.lost_bytes
        found.unreadable += written.batch.unreadable
    newest = max(segment_numbers(directory), default=0)
    found.next_segment = max(newest, transcript.position.segment) + 1
    _read_live(ledger, found)
    return found


def _read_live(ledger: Ledger, found: Recovered) -> None:
    found.abandoned = ledger.abandoned_records(ABANDONED_LIMIT)
    for body in ledger.live_states():
        with _counting(found):
            state = _CALL_STATE.decode(body)
            found.calls.append(LiveCall(_CALL.decode(state.call), _legs(found, state)))
    for body in ledger.registrations():
        with _counting(found):
            found.registrations.append(_REGISTRATION.decode(body))
    for agent_id, (_, *said, _) in ledger.statuses().items():
        with _counting(found):
            found.statuses[agent_id] = msgspec.convert(said, Said)
    readable = {live.call.call_id for live in found.calls}
    for call_id in sorted(ledger.live_call_ids() - readable):
        found.useless_snapshots.append(call_id)
        record = ledger.record(call_id)
        if record is not None and record.ended_at is None:
            found.abandoned.append(record)


def _legs(found: Recovered, state: CallState) -> tuple[LegSnapshot, ...]:
    legs = []
    for body in state.legs.values():
        with _counting(found):
            legs.append(_LEG.decode(body))
    return tuple(legs)


@contextmanager
def _counting(found: Recovered) -> Iterator[None]:
    """What cannot be read is left out and counted."""
    try:
        yield
    except msgspec.MsgspecError:
        found.unreadable += 1
