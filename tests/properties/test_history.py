"""History does not depend on how calls interleave or on how the journal is cut into batches."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fakes.call_facts import answered_call
from switchroom.calls.events import CallFact
from switchroom.history.batch import Batch, Gathering
from switchroom.history.records import CallRecord, apply


@st.composite
def interleaved(draw: st.DrawFn) -> list[CallFact]:
    """Several calls with facts left out and doubled, mixed; each call's own order kept."""
    calls: list[list[CallFact]] = []
    for number in range(draw(st.integers(1, 4))):
        times = draw(st.lists(st.integers(0, 2), min_size=14, max_size=14))
        facts = answered_call(f"c{number}", at=1000.0 + number)
        calls.append([f for f, count in zip(facts, times, strict=False) for _ in range(count)])
    mixed: list[CallFact] = []
    while any(calls):
        mixed.append(draw(st.sampled_from([call for call in calls if call])).pop(0))
    return mixed


def alone(facts: list[CallFact]) -> dict[str, CallRecord]:
    records: dict[str, CallRecord] = {}
    for call_id in {fact.call_id for fact in facts}:
        record: CallRecord | None = None
        for fact in facts:
            if fact.call_id == call_id:
                record = apply(record, fact)
        assert record is not None
        records[call_id] = record
    return records


@given(facts=interleaved(), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_any_interleaving_in_batches_of_any_size_gives_each_call_its_own_record(
    facts: list[CallFact], sizes: list[int]
) -> None:
    stored: dict[str, CallRecord] = {}
    gathering = Gathering(set(), stored.get)
    rest = list(facts)
    while rest:
        size = sizes.pop() if sizes else 5
        batch = Batch()
        for fact in rest[:size]:
            gathering.add(batch, msgspec.json.encode(fact))
        stored |= batch.records
        gathering.committed(batch)
        rest = rest[size:]

    assert stored == alone(facts)
