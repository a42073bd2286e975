"""The control socket answers its owner, and bears garbage, silence and many clients."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from switchroom.drivers.control import CLIENTS_LIMIT, ControlServer, ControlSocketError
from switchroom.drivers.control_client import ControlClient, NodeProblemError, NoNodeError
from switchroom.drivers.control_protocol import REQUEST_LIMIT_BYTES, Request, socket_path
from switchroom.drivers.data_lock import DataDirectoryTakenError, DataLock
from switchroom.drivers.fact_stream import (
    FOLLOWERS_LIMIT,
    FactStream,
    TooManyFollowersError,
)
from switchroom.foundation.errors import SwitchroomError

T = TypeVar("T")


class Refusal(SwitchroomError):  # noqa: N818 - the fake of a domain's error
    code = "too_late"


def echo(request: Request) -> object:
    return request.arguments


def refuse(_request: Request) -> object:
    raise Refusal("the call is over")


def break_off(_request: Request) -> object:
    raise ZeroDivisionError("oh")


async def slow_echo(request: Request) -> object:
    await asyncio.get_running_loop().run_in_executor(None, int)
    return request.arguments


async def count(_request: Request) -> AsyncIterator[object]:
    for number in range(3):
        yield number


async def never(_request: Request) -> AsyncIterator[object]:
    await asyncio.Event().wait()
    yield None


COMMANDS: dict[str, Callable[[Request], object | Awaitable[object]]] = {
    "echo": echo,
    "refuse": refuse,
    "break": break_off,
    "slow": slow_echo,
}


def with_node(directory: Path, ask: Callable[[], T]) -> T:
    """Run ``ask`` in a thread while a node answers on ``directory``."""

    async def run() -> T:
        server = ControlServer(directory, COMMANDS, {"count": count, "never": never})
        await server.start()
        try:
            return await asyncio.to_thread(ask)
        finally:
            await server.stop()

    return asyncio.run(run())


def raw(directory: Path, request: bytes, *, answers: int = 1) -> list[bytes]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(socket_path(directory)))
        connection.sendall(request)
        with connection.makefile("rb") as file:
            return [file.readline() for _ in range(answers)]


def test_command_gets_its_arguments_and_its_answer_comes_back(tmp_path: Path) -> None:
    def ask() -> list[dict[str, int | str]]:
        client = ControlClient(tmp_path)
        return [client.ask(name, dict[str, int | str], a=1, b="two") for name in ("echo", "slow")]

    assert with_node(tmp_path, ask) == [{"a": 1, "b": "two"}] * 2


def test_socket_is_for_its_owner_only_and_goes_with_the_node(tmp_path: Path) -> None:
    path = socket_path(tmp_path)

    assert with_node(tmp_path, lambda: path.stat().st_mode & 0o777) == 0o600
    assert not path.exists()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("refuse", "the call is over"),
        ("break", "break failed: ZeroDivisionError: oh"),
        ("dance", "no such command; known are: break, count, echo, never, refuse, slow"),
    ],
)
def test_refusal_comes_back_as_one_line(tmp_path: Path, command: str, text: str) -> None:
    with pytest.raises(NodeProblemError) as told:
        with_node(tmp_path, lambda: ControlClient(tmp_path).ask(command, object))

    assert str(told.value) == text


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n",
        b"\x00\xff\xfe\n",
        b"[]\n",
        b'{"command": 3}\n',
        b'{"command": "echo", "arguments": {"a": [1]}}\n',
        b'{"command": "echo", "other": 1}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_garbage_is_answered_and_the_connection_goes_on(tmp_path: Path, garbage: bytes) -> None:
    request = garbage + b'{"command":"echo"}\n'
    bad, good = with_node(tmp_path, lambda: raw(tmp_path, request, answers=2))

    assert msgspec.json.decode(bad)["problem"]["code"] == "bad_request"
    assert msgspec.json.decode(good) == {"value": {}}


def test_endless_request_is_cut_off(tmp_path: Path) -> None:
    def shout() -> bytes:
        try:
            return raw(tmp_path, b"x" * (REQUEST_LIMIT_BYTES * 2 + 1000))[0]
        except (BrokenPipeError, ConnectionResetError):
            return b""  # it hung up before we had finished

    assert with_node(tmp_path, shout) in (
        b"",
        b'{"problem":{"code":"too_long","text":"the request is too long"}}\n',
    )


def test_more_clients_than_allowed_are_turned_away(tmp_path: Path) -> None:
    def crowd() -> bytes:
        clients = [socket.socket(socket.AF_UNIX) for _ in range(CLIENTS_LIMIT + 1)]
        try:
            for client in clients:
                client.settimeout(5)
                client.connect(str(socket_path(tmp_path)))
            return clients[-1].recv(1000)
        finally:
            for client in clients:
                client.close()

    assert b"too_many_clients" in with_node(tmp_path, crowd)


def test_stream_sends_until_it_ends(tmp_path: Path) -> None:
    def collect() -> list[int]:
        following = ControlClient(tmp_path).follow("count", int)
        numbers = [next(following) for _ in range(3)]
        with pytest.raises(NoNodeError, match="has stopped"):
            next(following)
        return numbers

    assert with_node(tmp_path, collect) == [0, 1, 2]


def test_follower_that_hangs_up_makes_room(tmp_path: Path) -> None:
    def come_and_go() -> bytes:
        for _ in range(CLIENTS_LIMIT * 2):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(socket_path(tmp_path)))
                client.sendall(b'{"command":"never"}\n')
        for _ in range(100):
            (said,) = raw(tmp_path, b'{"command":"echo"}\n')
            if b"problem" not in said:
                return said
        return said

    assert with_node(tmp_path, come_and_go) == b'{"value":{}}\n'


def test_no_node_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(NoNodeError) as told:
        ControlClient(tmp_path).ask("status", object)

    assert str(told.value) == (
        f"no node runs on {tmp_path}; start one with: switchroom serve --data {tmp_path}"
    )


def test_socket_of_a_dead_node_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(tmp_path)))

    assert with_node(tmp_path, lambda: ControlClient(tmp_path).ask("echo", object)) == {}


def test_file_in_the_socket_s_place_is_left_alone(tmp_path: Path) -> None:
    socket_path(tmp_path).write_text("mine")

    with pytest.raises(ControlSocketError, match="cannot make the control socket"):
        with_node(tmp_path, lambda: None)
    assert socket_path(tmp_path).read_text() == "mine"


def test_too_long_path_is_said_clearly(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()

    with pytest.raises(ControlSocketError, match="too long for a socket"):
        with_node(deep, lambda: None)


def test_second_node_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    first = DataLock(tmp_path / "data")
    with pytest.raises(DataDirectoryTakenError, match=r"a node already runs on .* \(process \d+\)"):
        DataLock(tmp_path / "data")
    first.release()
    DataLock(tmp_path / "data").release()


def test_follower_hears_at_once_how_far_it_is_and_then_of_what_is_new() -> None:
    async def run() -> list[int]:
        stream = FactStream()
        stream.publish(1)
        following = stream.follow()
        known = await anext(following)
        stream.publish(2)
        stream.publish(3)
        return [known, await anext(following)]

    assert asyncio.run(run()) == [1, 3]


def test_the_first_follower_and_the_last_one_are_told_of() -> None:
    async def run() -> list[bool]:
        stream, told = FactStream(), list[bool]()
        stream.publish(1)
        stream.on_followed = told.append
        first, second = stream.follow(), stream.follow()
        for one in (first, second):
            await anext(one)
        for one in (second, first):
            await one.aclose()  # type: ignore[attr-defined]
        return told

    assert asyncio.run(run()) == [True, False]


def test_followers_are_limited() -> None:
    async def run() -> None:
        stream = FactStream()
        waiting = [asyncio.ensure_future(anext(stream.follow())) for _ in range(FOLLOWERS_LIMIT)]
        await asyncio.get_running_loop().run_in_executor(None, int)
        with pytest.raises(TooManyFollowersError):
            await anext(stream.follow())
        stream.publish(1)
        await asyncio.gather(*waiting)

    asyncio.run(run())
