"""Journal lines gathered into one transaction's worth of rows.

Facts keep their order. Of a call's snapshots only the last one matters, and none at all when the
call also ended in this batch; the same holds for registrations, call records and what was last
said of an agent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from switchroom.calls.events import CallFact
from switchroom.foundation.events import name_of
from switchroom.history.records import CallHistoryFact, CallRecord, apply

FactRow = tuple[str, float, str, str, str, str]
"customer_id, at, name, call_id, body (JSON), agent_ids."
StatusRow = tuple[str, str, str, int, float]
"customer_id, status, state, calls, at."

OPEN_RECORDS_LIMIT = 100_000
"Records of live calls kept in memory; older ones are read back when their call speaks again."


STATUSES_LIMIT = 100_000
"Agents whose stored status is remembered; others' are simply stored again."


class Position(Struct, frozen=True, order=True):
    """A place in the journal: number of the segment, bytes into it."""

    segment: int = 0
    offset: int = 0


@dataclass(slots=True)
class Batch:
    """What one transaction writes."""

    facts: list[FactRow] = field(default_factory=list)
    records: dict[str, CallRecord] = field(default_factory=dict)
    states: dict[str, bytes] = field(default_factory=dict)
    "Latest snapshot by call id."
    gone: set[str] = field(default_factory=set)
    "Calls whose stored snapshot is to be deleted."
    registrations: dict[str, bytes | None] = field(default_factory=dict)
    "Latest registration by binding id; ``None`` for one that ended."
    statuses: dict[str, StatusRow] = field(default_factory=dict)
    "What was last said of agents and is not known to be stored, by agent id."
    unreadable: int = 0
    "Lines that made no sense and were left out."


class Gathering:
    """Turns journal lines into batches and remembers what one batch must know of the last."""

    __slots__ = ("_find", "_kept", "_open", "_statuses")

    def __init__(self, kept: set[str], find: Callable[[str], CallRecord | None]) -> None:
        """``kept``: call ids whose snapshot is stored; ``find``: reads a stored record."""
        self._kept = kept
        self._find = find
        self._open: dict[str, CallRecord] = {}
        self._statuses: dict[str, StatusRow] = {}
        "What is stored by agent id, as far as this process has seen: calls repeat it all day."

    def add(self, batch: Batch, line: bytes) -> None:
        """Put one journal line into ``batch``; what cannot be read is counted there."""
        try:
            if line.startswith(_FACT_START):
                end = line.index(b'"', len(_FACT_START))
                self._add_fact(batch, line, line[len(_FACT_START) : end])
            elif line:
                self._add_state(batch, line)
        except (ValueError, msgspec.MsgspecError):
            batch.unreadable += 1

    def committed(self, batch: Batch) -> None:
        """The batch is stored: ended calls need no memory any more."""
        self._kept.difference_update(batch.gone)
        self._kept.update(batch.states)
        for call_id, record in batch.records.items():
            if record.ended_at is None:
                self._open[call_id] = record
            else:
                self._open.pop(call_id, None)
        while len(self._open) > OPEN_RECORDS_LIMIT:
            del self._open[next(iter(self._open))]
        self._statuses.update(batch.statuses)
        while len(self._statuses) > STATUSES_LIMIT:
            del self._statuses[next(iter(self._statuses))]

    def _add_fact(self, batch: Batch, line: bytes, tag: bytes) -> None:
        known = _CALL_FACTS.get(tag)
        if known is None:
            self._add_other_fact(batch, line)
            return
        name, decode = known
        fact = decode(line)
        call_id = fact.call_id
        record = batch.records.get(call_id) or self._open.get(call_id)
        if record is None and tag not in _FIRST_FACTS:
            record = self._find(call_id)
        record = batch.records[call_id] = apply(record, fact)
        row = (fact.customer_id, fact.at, name, call_id, line.decode(), record.agent_ids)
        batch.facts.append(row)

    def _add_other_fact(self, batch: Batch, line: bytes) -> None:
        head = _HEAD.decode(line)
        if head.fact == "registration.added":
            batch.registrations[head.binding_id] = line
            if head.is_refresh:
                return  # every phone refreshes all day long: state worth keeping, but no news
        elif head.fact == "registration.removed":
            batch.registrations[head.binding_id] = None
        elif head.fact == "agent.state_changed":
            said = (head.customer_id, head.status, head.state, head.calls, head.at)
            self._add_status(batch, head.agent_id, said)
        agent_ids = f" {head.agent_id} " if head.agent_id else ""
        fact = (head.customer_id, head.at, head.fact, "", line.decode(), agent_ids)
        batch.facts.append(fact)

    def _add_status(self, batch: Batch, agent_id: str, said: StatusRow) -> None:
        stored = self._statuses.get(agent_id)
        if stored is not None and stored[:-1] == said[:-1]:
            batch.statuses.pop(agent_id, None)  # a short call is over before it is written
        else:
            batch.statuses[agent_id] = said

    def _add_state(self, batch: Batch, line: bytes) -> None:
        head = _STATE.decode(line)
        if head.state == "call.kept":
            batch.states[head.call_id] = line
            batch.gone.discard(head.call_id)
        elif head.state == "call.forgotten":
            batch.states.pop(head.call_id, None)
            if head.call_id in self._kept:
                batch.gone.add(head.call_id)


class _Head(Struct):
    """What every fact has, and the fields of registrations and of agents that matter here."""

    fact: str
    at: float
    customer_id: str
    binding_id: str = ""
    is_refresh: bool = False
    agent_id: str = ""
    status: str = ""
    state: str = ""
    calls: int = 0


class _State(Struct):
    state: str
    call_id: str


_FACT_START = b'{"fact":"'
_HEAD = Decoder(_Head)
_STATE = Decoder(_State)
_CALL_FACTS: dict[bytes, tuple[str, Callable[[bytes], CallFact]]] = {
    name_of(kind).encode(): (name_of(kind), Decoder(kind).decode)
    for kind in get_args(CallHistoryFact)
}
_FIRST_FACTS = frozenset((b"call.created", b"call.refused"))
"A record can hardly exist before these, so the database is not asked for one."
