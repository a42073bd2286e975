"""What is asked of the database about events comes from one moment of it."""

from threading import Thread

from sqlalchemy import Engine

from fakes.people import People
from switchroom.history.batch import Batch, Position
from switchroom.live.round import FACTS_AT_ONCE, Asked
from switchroom.live.snapshot import LiveAgent
from switchroom.store.events import DatabaseEvents
from switchroom.store.ledger import DatabaseLedger


def facts_of(*customer_ids: str) -> Batch:
    return Batch(facts=[(one, 1.0, "x.y", "", "{}", " alice ") for one in customer_ids])


def test_a_round_has_what_is_new_of_those_who_are_followed(engine: Engine) -> None:
    events, ledger = DatabaseEvents(engine), DatabaseLedger(engine)
    assert events.newest_seq() == 0
    ledger.commit(facts_of("a", "b", "a"), Position(1, 1))

    answer = events.round(Asked(1, frozenset({"a", "c"})))

    assert [(one.seq, one.number, one.customer_id) for one in answer.facts] == [(3, 2, "a")]
    assert answer.facts[0].agent_ids == {"alice"}
    assert (answer.seq, answer.is_all, events.newest_seq()) == (3, True, 3)
    assert answer.epochs == {"customer:a": 0, "customer:c": 0}


def test_more_than_fits_comes_with_the_next_round(engine: Engine) -> None:
    events, ledger = DatabaseEvents(engine), DatabaseLedger(engine)
    ledger.commit(facts_of(*["a"] * (FACTS_AT_ONCE + 7)), Position(1, 1))

    first = events.round(Asked(0, frozenset("a")))
    second = events.round(Asked(first.seq, frozenset("a")))

    assert (len(first.facts), first.is_all) == (FACTS_AT_ONCE, False)
    assert (len(second.facts), second.is_all, second.seq) == (7, True, FACTS_AT_ONCE + 7)


def test_tokens_count_until_they_end_or_are_revoked(engine: Engine) -> None:
    people = People(engine)
    people.customer()
    people.agent()
    people.session("good")
    people.session("over", ends_at=5.0)
    people.session("gone", revoked_at=4.0)
    people.accesskey("key")
    people.accesskey("old", expires_at=5.0)

    answer = DatabaseEvents(engine).round(
        Asked(
            0,
            frozenset({"acme"}),
            session_ids=frozenset({"good", "over", "gone", "never"}),
            accesskey_ids=frozenset({"key", "old"}),
            now=10.0,
        )
    )

    assert answer.live_tokens == {"good", "key"}


def test_a_picture_has_the_agents_teams_and_extensions_of_its_customer(engine: Engine) -> None:
    people = People(engine)
    people.customer()
    people.customer("other")
    people.agent("alice", tag_ids=["sales"])
    people.agent("olga", "other")
    people.add("extensions", id="x1", customer_id="acme", number="1001", ha1_md5="", ha1_sha256="",
               secret="", max_contacts=1, dial=[])  # fmt: skip
    people.add("addresses", id="a1", customer_id="acme", agent_id="alice", position=0,
               type="extension", target="1001", enabled=True, delay_s=0.0, caller_id="caller",
               confirm=False)  # fmt: skip

    answer = DatabaseEvents(engine).round(
        Asked(0, frozenset(), pictures_of=frozenset({"acme"}), rosters_of=frozenset({"acme"}))
    )

    picture, roster = answer.pictures["acme"], answer.rosters["acme"]
    assert picture.snapshot.agents == {"alice": LiveAgent("alice")}
    assert str(picture.sequence.end) == "0-0"
    assert roster.tags == {"alice": {"sales"}}
    assert roster.extensions == {"1001": ("x1", "alice")}


def test_one_view_never_has_a_picture_of_another_moment_than_its_facts(engine: Engine) -> None:
    events, ledger = DatabaseEvents(engine), DatabaseLedger(engine)
    ledger.commit(facts_of("a"), Position(1, 1))

    def write() -> None:
        for place in range(2, 60):
            ledger.commit(facts_of("a", "a"), Position(1, place))

    writing = Thread(target=write)
    writing.start()
    try:
        for _ in range(40):
            answer = events.round(Asked(0, frozenset("a"), pictures_of=frozenset("a")))
            picture = answer.pictures["a"]
            assert picture.sequence.newest == answer.facts[-1].number == len(answer.facts)
            assert picture.seq == answer.seq == answer.facts[-1].seq
    finally:
        writing.join()
