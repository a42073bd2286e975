"""The recorder's process: records what its node flushes, comes back when it dies, goes with it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fakes.call_facts import answered_call
from interop.programs import until
from switchroom.app.recording import PROGRAM
from switchroom.drivers.data_lock import DataDirectoryTakenError, DataLock
from switchroom.drivers.journal import Journal
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.drivers.recorder_protocol import Task
from switchroom.history.batch import Position
from switchroom.store.facts import facts_after

LIMIT_S = 60.0


class Here:
    """A journal, the process that records it, and the database where that ends up."""

    def __init__(self, directory: Path, engine: Engine, url: str) -> None:
        self.engine = engine
        self.journal = Journal(directory, segment=1, on_failed=lambda _failure: None)
        self.recorder = RecorderProcess(PROGRAM, Task(url, str(directory), 0.0))
        self.heard: list[int] = []
        self.recorder.on_written = self.heard.append

    def say(self, call_id: str) -> None:
        for fact in answered_call(call_id):
            self.journal.add(fact)
        self.journal.flush()

    def calls(self) -> set[str]:
        return {fact.call_id for fact in facts_after(self.engine, 0, limit=10_000)}

    async def written(self) -> None:
        """Wait until the node knows that everything flushed is in the database."""
        await _until(lambda: self.recorder.progress.position == self.journal.position)


@asynccontextmanager
async def recording(directory: Path, engine: Engine, url: str) -> AsyncIterator[Here]:
    here = Here(directory, engine, url)
    here.recorder.start()
    try:
        yield here
    finally:
        here.recorder.stop()
        here.journal.close()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds():
            await asyncio.sleep(0.01)  # between two looks; the loop must run meanwhile


@pytest.fixture
def run(tmp_path: Path, engine: Engine, database_url: str) -> Callable[..., None]:
    def running(story: Callable[[Here], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with recording(tmp_path / "journal", engine, database_url) as here:
                await story(here)

        asyncio.run(whole())

    return running


def test_what_the_node_flushes_is_in_the_database_and_the_node_knows(
    run: Callable[..., None],
) -> None:
    async def story(here: Here) -> None:
        here.say("c1")
        await here.written()
        here.say("c2")
        await here.written()
        assert here.calls() == {"c1", "c2"}
        facts = 2 * len(answered_call("c1"))
        assert here.heard[-1] == here.recorder.progress.written_facts == facts

    run(story)


def test_who_waits_is_told_as_soon_as_it_is_in_the_database(run: Callable[..., None]) -> None:
    async def story(here: Here) -> None:
        for call_id in ("c1", "c2", "c3"):
            here.say(call_id)
            assert await here.recorder.written(here.journal.position, LIMIT_S)
            assert call_id in here.calls()

    run(story)


def test_one_wait_in_vain_is_enough_until_the_recorder_has_caught_up(
    run: Callable[..., None],
) -> None:
    async def story(here: Here) -> None:
        await here.written()
        assert here.recorder.process_id is not None
        os.kill(here.recorder.process_id, signal.SIGSTOP)
        here.say("c1")
        assert not await here.recorder.written(here.journal.position, 0.01)
        here.say("c2")
        async with asyncio.timeout(LIMIT_S):
            assert not await here.recorder.written(here.journal.position, 2 * LIMIT_S)
        os.kill(here.recorder.process_id, signal.SIGCONT)
        await here.written()
        here.say("c3")
        assert await here.recorder.written(here.journal.position, LIMIT_S)

    run(story)


def test_nobody_waits_for_a_recorder_that_does_not_run() -> None:
    recorder = RecorderProcess((), Task("", "", 0.0))
    assert not asyncio.run(recorder.written(Position(1, 1), LIMIT_S))


def test_stop_writes_down_everything_flushed_before(
    tmp_path: Path, engine: Engine, database_url: str
) -> None:
    async def story() -> Here:
        async with recording(tmp_path / "journal", engine, database_url) as here:
            await here.written()
            here.say("c1")
        return here

    here = asyncio.run(story())
    assert here.calls() == {"c1"}
    assert here.recorder.progress.position == here.journal.position
    assert here.recorder.process_id is None


def test_killed_recorder_is_told_begun_again_and_goes_on(run: Callable[..., None]) -> None:
    async def story(here: Here) -> None:
        here.say("c1")
        await here.written()
        first = here.recorder.process_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await _until(lambda: here.recorder.progress.failure is not None)
        assert "ended with status -9" in str(here.recorder.progress.failure)
        here.say("c2")
        await here.written()
        assert here.recorder.process_id not in (None, first)
        progress = here.recorder.progress
        assert (progress.failure, progress.failures) == (None, 1)
        assert here.calls() == {"c1", "c2"}
        assert progress.written_facts == 2 * len(answered_call("c1"))

    run(story)


def test_signals_of_a_service_manager_leave_it_to_the_node(run: Callable[..., None]) -> None:
    async def story(here: Here) -> None:
        await _until(lambda: here.recorder.progress.position.segment > 0)
        process_id = here.recorder.process_id
        assert process_id is not None
        for name in (signal.SIGTERM, signal.SIGINT):
            os.kill(process_id, name)
        here.say("c1")
        await here.written()
        assert here.recorder.process_id == process_id

    run(story)


def test_calls_come_before_their_records_on_a_core(run: Callable[..., None]) -> None:
    async def story(here: Here) -> None:
        await here.written()
        assert here.recorder.process_id is not None
        assert os.getpriority(os.PRIO_PROCESS, here.recorder.process_id) == 19
        assert os.getpriority(os.PRIO_PROCESS, 0) < 19

    run(story)


def test_program_that_cannot_be_started_is_a_failure_and_not_an_end(tmp_path: Path) -> None:
    async def story() -> None:
        recorder = RecorderProcess((str(tmp_path / "missing"),), Task("", "", 0.0))
        recorder.start()
        assert "cannot be started" in str(recorder.progress.failure)
        recorder.stop()

    asyncio.run(story())


TALKATIVE = """
import socket, sys
from switchroom.drivers.recorder_protocol import Progress, encode
from switchroom.history.batch import Position

channel = socket.socket(fileno=int(sys.argv[1]))
for line in channel.makefile("rb"):
    if b"stop" in line:
        for number in range(1, 5001):
            channel.sendall(encode(Progress(Position(number, 0))) + b"\\n")
        break
"""


def test_stop_listens_to_a_last_round_that_has_much_to_tell() -> None:
    async def story() -> int:
        recorder = RecorderProcess((sys.executable, "-c", TALKATIVE), Task("", "", 0.0))
        recorder.start()
        recorder.stop()
        return recorder.progress.position.segment

    assert asyncio.run(story()) == 5000


NODE = """
import asyncio, sys
from pathlib import Path
from switchroom.app.recording import PROGRAM
from switchroom.drivers.data_lock import DataLock
from switchroom.drivers.journal import Journal
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.drivers.recorder_protocol import Task

async def main(data, url):
    lock = DataLock(Path(data))
    Journal(Path(data) / "journal", segment=1, on_failed=print)
    recorder = RecorderProcess(PROGRAM, Task(url, data + "/journal", 0.0), (lock.file,))
    recorder.start()
    while not recorder.progress.position.segment:
        await asyncio.sleep(0.01)  # between two looks
    print(recorder.process_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.usefixtures("engine")
def test_goes_with_a_node_that_is_killed_and_holds_its_directory_until_then(
    tmp_path: Path, database_url: str
) -> None:
    async def story() -> None:
        node = await asyncio.create_subprocess_exec(
            sys.executable, "-c", NODE, str(tmp_path), database_url, stdout=asyncio.subprocess.PIPE
        )
        assert node.stdout is not None
        recorder_id = int(await node.stdout.readline())
        with pytest.raises(DataDirectoryTakenError):
            DataLock(tmp_path)
        node.kill()
        await node.wait()
        DataLock(tmp_path).release()  # waits for the recorder's end
        until(lambda: not _lives(recorder_id), "the recorder's process is gone")

    asyncio.run(story())


def _lives(process_id: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # nobody may be there to bury it
