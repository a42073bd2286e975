"""How many requests may be at work at once."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from switchroom.api.edge.limits import AT_WORK_LIMIT, LimitsLayer


def scope() -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": "/v1/calls",
        "query_string": b"",
        "headers": [],
        "state": {"request_id": "one"},
    }


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_more_than_the_limit_are_told_to_come_back_until_there_is_room() -> None:
    async def ask() -> tuple[list[Message], int]:
        go_on, begun = asyncio.Event(), 0

        async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
            nonlocal begun
            begun += 1
            await go_on.wait()

        said: list[Message] = []

        async def note(message: Message) -> None:
            said.append(message)

        layer = LimitsLayer(slow)
        async with asyncio.TaskGroup() as at_work:
            tasks: list[Any] = [
                at_work.create_task(layer(scope(), nothing, note)) for _ in range(AT_WORK_LIMIT)
            ]
            while begun < len(tasks):
                await asyncio.sleep(0)
            await layer(scope(), nothing, note)
            go_on.set()
        await layer(scope(), nothing, note)
        return said, begun

    said, begun = asyncio.run(ask())
    start, body = said
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"1")
    assert b'"code":"overloaded"' in body["body"]
    assert begun == AT_WORK_LIMIT + 1, "afterwards there is room again"
