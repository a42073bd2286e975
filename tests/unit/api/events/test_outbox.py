"""An outbox takes what there is room for, keeps the order, and says where its reader stands."""

import asyncio

from switchroom.api.events.outbox import (
    CHARACTERS_LIMIT,
    MESSAGES_LIMIT,
    PATIENT_MESSAGES,
    Closing,
    Outbox,
)
from switchroom.live.sequence import Cursor


def test_messages_come_out_in_order_with_their_place() -> None:
    async def run() -> None:
        outbox = Outbox()
        outbox.put("one", Cursor("e", 1))
        outbox.put("two")
        assert [await outbox.take(), outbox.place] == ["one", Cursor("e", 1)]
        assert [await outbox.take(), outbox.place] == ["two", Cursor("e", 1)]

    asyncio.run(run())


def test_there_is_room_for_so_many_and_one_large_one() -> None:
    async def run() -> None:
        outbox = Outbox()
        assert all(outbox.put("x") for _ in range(MESSAGES_LIMIT))
        assert not outbox.put("x")
        large = Outbox()
        assert large.put("x" * (CHARACTERS_LIMIT + 1))
        assert not large.put("x")
        await large.take()
        assert large.put("x")

    asyncio.run(run())


def test_after_the_last_words_nothing_more_is_said() -> None:
    async def run() -> None:
        outbox = Outbox()
        outbox.put("never sent")
        outbox.close(Closing(4401, "ended"), "last words")
        outbox.close(Closing(1000, "later"))
        assert outbox.put("too late")
        assert [await outbox.take(), await outbox.take()] == ["last words", None]
        assert outbox.closing == Closing(4401, "ended")

    asyncio.run(run())


def test_who_can_wait_waits_for_room() -> None:
    async def run() -> None:
        outbox = Outbox()
        for _ in range(PATIENT_MESSAGES + 3):
            outbox.put("x")
        waiting = asyncio.create_task(outbox.room())
        for _ in range(3):
            await asyncio.get_running_loop().run_in_executor(None, int)
            assert not waiting.done()
            await outbox.take()
        await asyncio.wait_for(waiting, 5)
        closed = asyncio.create_task(outbox.room())
        outbox.close(Closing(1001, "stop"))
        await asyncio.wait_for(closed, 5)

    asyncio.run(run())
