"""Followers get every event that they may see, once, in order, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from fakes.call_facts import created, dialled, ended
from fakes.event_world import Client, EventWorld, event_world
from switchroom.agents.events import AgentStateChanged
from switchroom.api.events.listener import Listener
from switchroom.calls.events import CallFact
from switchroom.directory.events import FACTS, Belongs
from switchroom.identity.tokens import digest, write_token

Scene = Callable[[EventWorld], Awaitable[None]]


def play(engine: Engine, scene: Scene) -> None:
    async def run() -> None:
        async with event_world(engine) as world:
            await scene(world)

    asyncio.run(run())


def call(call_id: str, customer_id: str = "acme", **said: str) -> list[CallFact]:
    facts = [created(call_id), dialled(call_id, f"{call_id}-desk"), ended(call_id)]
    return [replace(fact, customer_id=customer_id, **said) for fact in facts]


def busy(agent_id: str) -> AgentStateChanged:
    return AgentStateChanged(
        at=1.0, customer_id="acme", agent_id=agent_id, status="busy", state="idle", calls=0
    )


def test_what_is_going_on_is_shown_and_then_what_happens(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        first, second = call("c1"), call("c2")
        world.write([*first[:2], busy("alice")])
        async with world.welcome(token) as client:
            calls, agents = await client.subscribe("calls", "agent_status")
            assert [row["call_id"] for row in calls["rows"]] == ["c1"]
            assert [row["state"] for row in calls["rows"][0]["legs"]] == ["calling", "dialled"]
            assert agents["rows"] == [
                {"agent_id": "alice", "status": "busy", "state": "idle", "calls": 0}
            ]
            assert calls["cursor"] == agents["cursor"]
            await world.say(first[2], second[0])
            await world.say(second[1])
            events = await client.events(3)
        assert [(one["number"], one["type"], one["id"]) for one in events] == [
            (4, "call.ended", "c1"),
            (5, "call.created", "c2"),
            (6, "leg.dialled", "c2"),
        ]
        assert events[1]["resource"] == "calls"
        assert events[1]["data"]["caller"] == "+12025550123"
        assert client.cursor.endswith("-6")

    play(engine, scene)


def test_a_cursor_brings_everything_since_once_and_in_order(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        for number in range(500):
            world.write(call(f"c{number}"))
        async with world.welcome(token) as client:
            await client.subscribe("calls", cursor="0-0")
            saying = asyncio.create_task(say_all(world, range(500, 600)))
            heard = await client.events(700)
            cursor = client.cursor
            await saying
        await world.say(*call("later"))
        async with world.welcome(token) as client:
            await client.subscribe("calls", cursor=cursor)
            heard += await client.events(1803 - int(cursor.split("-")[1]))
        numbers = [event["number"] for event in heard]
        kept = sorted(set(numbers))
        assert kept == list(range(1, 1804))
        # What came in the message that the cursor stands behind was heard before it was cut.
        assert numbers == kept

    async def say_all(world: EventWorld, numbers: range) -> None:
        for number in numbers:
            await world.say(*call(f"c{number}"))

    play(engine, scene)


def test_a_cursor_that_cannot_be_served_says_what_is_lost(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        world.write(call("c1"))
        async with world.welcome(token) as client:
            await client.subscribe("calls")
            epoch, newest = client.cursor.split("-")
        assert newest == "3"
        world.do("DELETE FROM facts WHERE number < 3")
        world.do("UPDATE event_sequences SET oldest_number = 3")
        for cursor, reason, first in (
            (f"{epoch}-1", "purged", 3),
            ("abcd-2", "epoch", 3),
            (f"{epoch}-99", "ahead", 3),
        ):
            async with world.welcome(token) as client:
                await client.subscribe("calls", cursor=cursor)
                told = await client.hear("truncated")
                assert (told["reason"], told["oldest"]) == (reason, 3)
                assert (await client.event())["number"] == first

    play(engine, scene)


def test_only_what_is_wanted_comes(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            wanted = {"resource": "calls", "types": ["call.ended"], "ids": ["c2", "c3"]}
            await client.say(type="subscribe", to=[wanted], id="mine")
            assert await client.hear() == {
                "type": "subscribed", "resources": ["calls"], "id": "mine"
            }  # fmt: skip
            for name in ("c1", "c2", "c3"):
                await world.say(*call(name), busy("alice"))
            events = await client.events(2)
            await client.say(type="unsubscribe", resources=["calls"])
            assert (await client.hear("subscribed"))["resources"] == []
        assert [(one["type"], one["id"]) for one in events] == [
            ("call.ended", "c2"),
            ("call.ended", "c3"),
        ]

    play(engine, scene)


def test_nobody_hears_of_another_customer_not_even_by_numbers(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        world.people.customer("other")
        mine, theirs = world.person("alice", "owner"), world.person("olga", "owner", "other")
        async with world.welcome(mine) as client, world.welcome(theirs) as stranger:
            (before,) = await client.subscribe("calls")
            await stranger.subscribe("calls", "agent_status")
            for number in range(5):
                await world.say(*call(f"o{number}", "other"))
            await world.say(*call("c1"))
            events = await client.events(3)
            others = await stranger.events(15)
        assert before["cursor"] == "0-0"
        assert [(one["number"], one["id"]) for one in events] == [(n, "c1") for n in (1, 2, 3)]
        assert [one["number"] for one in others] == list(range(1, 16))
        assert "c1" not in {one["id"] for one in others}
        assert "acme" not in str(others)

    play(engine, scene)


def test_an_agent_hears_of_his_own_calls_and_a_team_of_its_own(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        alice = world.person("alice", "agent", tag_ids=["sales"])
        ben = world.person("ben", "agent", tag_ids=["support"])
        lead = world.person("lead", "supervisor", scope_kind="team", tag_ids=["sales"])
        mine = [created("c1"), dialled("c1", "desk"), ended("c1")]
        facts = [replace(fact, customer_id="acme") for fact in mine]
        theirs = [replace(fact, call_id="c2") for fact in facts]
        theirs[1] = replace(theirs[1], agent_id="ben")
        async with (
            world.welcome(alice) as one,
            world.welcome(ben) as two,
            world.welcome(lead) as three,
        ):
            for client in (one, two, three):
                await client.subscribe("calls")
            await world.say(*facts, *theirs)
            seen = [[(e["id"], e["type"]) for e in await c.events(2)] for c in (one, two, three)]
        own = [("c1", "leg.dialled"), ("c1", "call.ended")]
        assert seen == [own, [("c2", name) for _, name in own], own]

    play(engine, scene)


def test_changed_authority_counts_with_the_next_event(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.subscribe("calls")
            await world.say(*call("c1"))
            await client.events(3)
            world.do("UPDATE bindings SET builtin = 'agent', scope_kind = 'customer'")
            world.do("INSERT INTO authority_epochs (subject, epoch) VALUES ('customer:acme', 1)")
            await world.say(*call("c2")[:1])
            assert (await client.hear("snapshot"))["rows"] == []
            await world.say(*call("c2")[1:])
            assert (await client.event())["type"] == "leg.dialled"

    play(engine, scene)


def test_a_permission_that_is_gone_ends_what_was_followed_by_it(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.subscribe("calls", "trunks")
            world.people.restriction("no calls", "alice", pattern="calls:*")
            world.do("INSERT INTO authority_epochs (subject, epoch) VALUES ('customer:acme', 1)")
            assert (await client.hear("unsubscribed"))["resources"] == ["calls"]
            await client.say(type="subscribe", to=[{"resource": "calls"}], id="x")
            told = await client.hear()
            assert (told["type"], told["code"], told["id"]) == ("error", "permission_denied", "x")

    play(engine, scene)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE sessions SET revoked_at = 1400", 4401),
        ("UPDATE sessions SET ends_at = 1400", 4401),
        ("DELETE FROM sessions", 4401),
        ("UPDATE accounts SET disabled_at = 1400", 4403),
        ("UPDATE memberships SET disabled_at = 1400", 4403),
        ("DELETE FROM bindings", 4403),
    ],
)
def test_who_may_not_listen_any_more_is_cut_off_within_a_second(
    engine: Engine, statement: str, code: int
) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.subscribe("calls")
            world.do(statement)
            if "session" not in statement:
                world.do("INSERT INTO authority_epochs (subject, epoch) VALUES ('agent:alice', 1)")
            began = asyncio.get_running_loop().time()
            closed = await client.closed()
            assert (closed, asyncio.get_running_loop().time() - began < 1.0) == (code, True)

    play(engine, scene)


def test_an_old_text_of_a_key_closes_its_socket_when_it_ends(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        world.person("alice", "owner")
        old, new = (write_token("accesskey", name.ljust(32)) for name in (b"old", b"new"))
        world.people.accesskey("k1", hash=digest(old), ceiling=["calls:*", "events:*"])
        async with world.welcome(old) as first:
            await first.subscribe("calls")
            statement = (
                "UPDATE accesskeys SET hash = :new, previous_hash = :old, previous_until = 1600"
            )
            world.do(statement, old=digest(old), new=digest(new))
            world.do("INSERT INTO authority_epochs (subject, epoch) VALUES ('agent:alice', 1)")
            async with world.welcome(new) as second:
                await second.subscribe("calls")
                await world.say(*call("c1"))
                assert len(await first.events(3)) == len(await second.events(3)) == 3
                world.now = 1_600.0
                assert await first.closed() == 4401
                await world.say(*call("c2"))
                assert len(await second.events(3)) == 3

    play(engine, scene)


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "{}",
        "[]",
        '{"type":"subscribe"}',
        '{"type":"subscribe","to":[]}',
        '{"type":"subscribe","to":[{"resource":"moons"}]}',
        '{"type":"subscribe","to":[{"resource":"calls","types":["agent.created"]}]}',
        '{"type":"subscribe","to":[{"resource":"calls"}],"cursor":"yesterday"}',
        '{"type":"subscribe","to":[{"resource":"calls"}],"since":1}',
        '{"type":"subscribe","to":[{"resource":"' + "x" * 200 + '"}]}',
        "[" * 20_000,
        b"\x00\x01",
    ],
)
def test_nonsense_is_answered_once_and_clearly(engine: Engine, said: str | bytes) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.socket.send(said)
            told = await client.hear()
            assert (told["type"], told["code"]) == ("error", "bad_message")
            assert 5 < len(told["detail"]) <= 500
            assert await client.closed() == 4400

    play(engine, scene)


def test_a_message_that_is_too_long_ends_the_socket(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.socket.send("x" * 70_000)
            assert await client.closed() == 1009

    play(engine, scene)


def test_who_asks_too_often_is_cut_off(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            for _ in range(60):
                await client.say(type="unsubscribe", resources=["calls"])
            assert await client.closed() == 4429

    play(engine, scene)


def test_sockets_of_one_principal_are_limited(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.api.events.hub.PER_PRINCIPAL_LIMIT", 2)

    async def scene(world: EventWorld) -> None:
        alice, ben = world.person("alice", "owner"), world.person("ben", "agent")
        async with world.welcome(alice), world.welcome(alice), world.client(alice) as third:
            assert (await third.hear())["code"] == "too_many_sockets"
            assert await third.closed() == 4429
            async with world.welcome(ben):
                assert len(world.hub) == 3

    play(engine, scene)


def test_a_slow_reader_is_told_where_he_is_and_loses_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.api.events.outbox.MESSAGES_LIMIT", 20)

    async def scene(world: EventWorld) -> None:
        slow, quick = world.person("alice", "owner"), world.person("ben", "owner")
        async with world.welcome(slow, max_queue=1) as client, world.welcome(quick) as other:
            await client.subscribe("calls")
            await other.subscribe("calls")
            said = 0
            # Nobody reads at `client`: first the kernel's buffers fill, then the outbox.
            while any(one.outbox.closing is None for one in listeners(world, "alice")):
                await world.say(*[fact for n in range(100) for fact in call(f"c{said + n}")])
                said += 100
                assert len(await other.events(300)) == 300
            heard = await read_until_lagging(client)
            assert await client.closed() == 4408
        async with world.welcome(slow) as client:
            await client.subscribe("calls", cursor=heard[-1])
            rest = await client.events(said * 3 - len(heard) + 1)
        assert [*heard[:-1], *[one["number"] for one in rest]] == list(range(1, said * 3 + 1))

    play(engine, scene)


def listeners(world: EventWorld, agent_id: str) -> list[Listener]:
    return [one for one in world.hub._listeners if one.actor.principal_id == agent_id]


async def read_until_lagging(client: Client) -> list[Any]:
    """Numbers of events heard, and last the cursor with which it was cut off."""
    heard: list[Any] = []
    while True:
        message = await client.hear()
        if message["type"] == "lagging":
            return [*heard, message["cursor"]]
        heard += [event["number"] for event in message["events"]]


def test_a_thing_that_leaves_somebodys_scope_is_hidden(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        zeta = world.people.client("zeta")
        world.people.client("omega")
        token = world.person("lead", "supervisor", scope_kind="clients", client_ids=[zeta])
        world.people.role("sees numbers", ("allow", "numbers:get", ""))
        world.people.binding(
            "b2", "lead", role_id="sees numbers", scope_kind="clients", client_ids=[zeta]
        )
        kind = FACTS["numbers"]["updated"]
        number = kind(at=1.0, customer_id="acme", id="n1", name="+1", client_id="zeta")
        async with world.welcome(token) as client:
            await client.subscribe("numbers")
            await world.say(number, replace(number, client_id="omega", was=Belongs(client_id=zeta)))
            await world.say(replace(number, client_id="omega"), number)
            events = await client.events(3)
        assert [(one["number"], one["type"]) for one in events] == [
            (1, "number.updated"),
            (2, "resource_hidden"),
            (4, "number.updated"),
        ]
        assert set(events[1]) == {"number", "type", "resource", "id"}

    play(engine, scene)


def test_a_new_team_shows_what_its_members_do_now(engine: Engine) -> None:
    async def scene(world: EventWorld) -> None:
        lead = world.person("lead", "supervisor", scope_kind="team", tag_ids=["sales"])
        world.person("alice", "agent")
        world.write(call("c1")[:2])
        async with world.welcome(lead) as client:
            (before,) = await client.subscribe("calls")
            world.do("UPDATE memberships SET tag_ids = :tags WHERE agent_id = 'alice'",
                     tags='["sales"]' if world.is_sqlite else ["sales"])  # fmt: skip
            world.do("INSERT INTO authority_epochs (subject, epoch) VALUES ('customer:acme', 1)")
            after = await client.hear("snapshot")
        assert (before["rows"], [row["call_id"] for row in after["rows"]]) == ([], ["c1"])

    play(engine, scene)


def test_without_a_database_nobody_is_told_anything(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.api.events.hub.FAILING_S", 0.5)

    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.subscribe("calls")
            world.write(call("c1"))
            world.do("ALTER TABLE authority_epochs RENAME TO gone")
            world.hub.hint()
            try:
                assert await client.closed() == 1013
            finally:
                world.do("ALTER TABLE gone RENAME TO authority_epochs")

    play(engine, scene)


def test_whoever_hears_nothing_is_told_that_nothing_is_lost(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchroom.api.events.hub.HEARTBEAT_S", 0.02)

    async def scene(world: EventWorld) -> None:
        token = world.person("alice", "owner")
        async with world.welcome(token) as client:
            await client.subscribe("calls")
            world.write(call("c1"))
            await client.events(3)
            last = client.cursor
            beats = [await client.hear("heartbeat") for _ in range(2)]
            assert [beat["cursor"] for beat in beats] == [last, last]

    play(engine, scene)
