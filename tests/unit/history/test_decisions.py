"""Every kind of decision is told once a minute, with how often it came."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from switchroom.history.audit import AuditEntry
from switchroom.history.decisions import DISTINCT_LIMIT, REMEMBERED_LIMIT, WINDOW_S, Decisions

REFUSED = AuditEntry(
    at=100.0,
    customer_id="acme",
    actor_id="alice",
    action="calls:hangup",
    decision="refused",
    target_id="c1",
)


def at(now: float, target: str = "c1") -> AuditEntry:
    return replace(REFUSED, at=now, target_id=target)


def test_the_first_is_told_at_once_and_those_like_it_are_counted() -> None:
    decisions = Decisions()

    assert decisions.note(at(100.0)) == [at(100.0)]
    assert decisions.note(at(101.0)) == []
    assert decisions.note(at(159.0)) == []
    assert decisions.due(159.9) == []
    assert decisions.due(160.0) == [replace(at(100.0), repeated=2)]
    assert decisions.note(at(161.0)) == [at(161.0)]
    assert decisions.all() == []


def test_another_actor_target_or_action_is_another_decision() -> None:
    decisions = Decisions()
    decisions.note(REFUSED)

    for other in (
        replace(REFUSED, actor_id="bob"),
        replace(REFUSED, target_id="c2"),
        replace(REFUSED, action="calls:get"),
        replace(REFUSED, customer_id="other"),
        replace(REFUSED, decision="allowed"),
    ):
        assert decisions.note(other) == [other]


def test_many_different_ones_of_one_actor_are_told_as_one() -> None:
    decisions = Decisions()

    told = [one for n in range(10_000) for one in decisions.note(at(100.0, f"c{n}"))]
    told += decisions.all()

    assert len(told) == DISTINCT_LIMIT + 2
    assert told[-1].repeated == 10_000 - DISTINCT_LIMIT - 1
    assert told[-1].target_id == ""
    assert decisions.note(at(100.0 + WINDOW_S, "again"))[-1].target_id == "again"


def test_the_memory_is_bounded() -> None:
    decisions = Decisions()
    for n in range(REMEMBERED_LIMIT + 500):
        decisions.note(replace(REFUSED, actor_id=f"agent-{n}"))

    assert len(decisions._windows) == REMEMBERED_LIMIT
    assert len(decisions._kinds) == REMEMBERED_LIMIT


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 40)), max_size=60))
def test_nothing_is_lost(steps: list[tuple[str, float]]) -> None:
    decisions, now, written = Decisions(), 100.0, list[AuditEntry]()
    for target, later in steps:
        now += later
        written += decisions.note(at(now, target))
    written += decisions.all()

    assert sum(entry.repeated or 1 for entry in written) == len(steps)
