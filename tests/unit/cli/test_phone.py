"""``switchroom phone`` against another phone over real sockets on loopback."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from switchroom.app.phone_line import Subscription, phone_line
from switchroom.cli.main import program
from switchroom.cli.phone import run
from switchroom.cli.phone_story import Story
from switchroom.foundation.leg import Hop
from switchroom.simulator.policy import Policy

NOWHERE: Hop = ("udp", "127.0.0.1", 9)


def story(call: str = "", **more: object) -> Story:
    settings: dict[str, object] = {
        "call": call, "talk_s": 0.05, "ring_s": None, "once": False, "rejects": False,
        "as_json": False,
    }  # fmt: skip
    return Story(**{**settings, **more})  # type: ignore[arg-type]


async def call_somebody(policy: Policy, told: Story, transport: str = "udp") -> int:
    """The exit status of a call to a phone with this policy."""
    async with phone_line(Subscription("other", "test", (transport, "127.0.0.1", 9))) as other:
        other.policy = policy
        server: Hop = (transport, "127.0.0.1", other.settings.port)
        caller = Subscription("caller", "test", server)
        return await run(caller, Policy(), told, 5.0, register=False)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_an_answered_call_is_status_0(transport: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asyncio.run(call_somebody(Policy(), story("bob"), transport)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("ms  ")[1].split(" after")[0] for line in lines] == [
        "calling bob",
        "bob rings",
        "connected with bob",
        "call with bob ended by us",
    ]


def test_a_refused_call_is_status_1_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert asyncio.run(call_somebody(Policy(reject=486), story("bob"))) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("486 Busy Here (Q.850 17)")


def test_an_unanswered_call_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    told = story("bob", ring_s=0.05, as_json=True)
    assert asyncio.run(call_somebody(Policy(answer_after_s=None), told)) == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["by"], last["status"]) == ("ended", "us", 487)


def test_a_phone_that_cannot_register_is_status_3() -> None:
    async def try_it() -> int:
        async with phone_line(Subscription("other", "test", NOWHERE)) as other:
            # A phone is no registrar: it answers without a binding for us, or refuses.
            server: Hop = ("udp", "127.0.0.1", other.settings.port)
            return await run(
                Subscription("me", "test", server), Policy(), story(), 5.0, register=True
            )

    assert asyncio.run(try_it()) == 3


@pytest.mark.parametrize(
    "words",
    [
        ["--server", "nowhere", "--user", "1001"],
        ["--server", "127.0.0.1:5060", "--user", "1001", "--reject", "200"],
        ["--server", "127.0.0.1:5060", "--user", "1001", "--transport", "tls"],
        ["--server", "127.0.0.1:5060", "--user", "1001", "--password", "env:NOT_SET_ANYWHERE"],
        ["--server", "127.0.0.1:5060", "--user", "1001", "--no-register"],
        ["--user", "1001"],
    ],
)
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    assert CliRunner().invoke(program(), ["phone", *words]).exit_code == 2
