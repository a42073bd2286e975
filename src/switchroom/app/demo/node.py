"""The demo's node: ``switchroom serve`` in a process of its own, as users run it."""

import asyncio
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from switchroom.app.demo.pace import found, until
from switchroom.drivers.control_client import ControlClient, NodeProblemError, NoNodeError
from switchroom.drivers.settings import host_and_port
from switchroom.drivers.status import NodeStatus
from switchroom.foundation.errors import SwitchroomError
from switchroom.history.records import CallRecord
from switchroom.store.apply.run import ApplyResult
from switchroom.store.database import database_url, open_database
from switchroom.store.records import RecordFilter, newest_records

START_LIMIT_S = 20.0
STOP_LIMIT_S = 1.0
"Time for a BYE to calls that are left; what is stored is thrown away anyway."
LATEST = 10
"Records looked through; the wanted one is among the newest."

# An own file, so that neither the variables nor the files of this machine's real node count: the
# demo must never open its database.
_SETTINGS = """\
# The settings of the demo's node; all others are the defaults.
drain_s = 0
"""
_FOREIGN = "SWITCHROOM_"


class DemoNodeError(SwitchroomError):
    """The node of the demo does not run."""

    code = "demo_node"


class DemoNode(Struct, frozen=True):
    """A node that runs, and how it is asked."""

    data: Path
    configuration: Path
    "The file that was applied."
    log: Path
    sip_port: int
    engine: Engine

    async def apply(self, configuration: str, passwords: Mapping[str, str]) -> None:
        """Put a configuration in force; ``passwords`` are its ``env:`` variables.

        Raises:
            DemoNodeError: the node does not take it.
        """
        self.configuration.write_text(configuration, "utf-8")
        client = ControlClient(self.data)
        environ = msgspec.json.encode(passwords).decode()

        def ask() -> ApplyResult:
            return client.ask("apply", ApplyResult, text=configuration, environ=environ)

        result = await asyncio.to_thread(ask)
        if result.faults:
            raise DemoNodeError(f"the node refuses the configuration: {result.faults[0].text}")

    async def status(self) -> NodeStatus | None:
        """What it says about itself; ``None`` if it says nothing."""
        client = ControlClient(self.data, timeout_s=2.0)
        try:
            # In a thread: the phones go on while we wait for the answer.
            return await asyncio.to_thread(client.ask, "status", NodeStatus)
        except (NoNodeError, NodeProblemError):
            return None

    async def record(
        self, sip_call_id: str, limit_s: float, *, is_whole: bool
    ) -> CallRecord | None:
        """The record of the call that came with this Call-ID, once the caller is out of it.

        ``is_whole``: once all legs are. A phone that is switched off is called until Timer B ends
        it (RFC 3261 section 17.1.1.2), 32 seconds, even if the call is long over for the others.
        """

        def find() -> CallRecord | None:
            for record in newest_records(self.engine, RecordFilter(), limit=LATEST):
                for leg in record.legs:
                    if leg.role == "caller" and leg.sip_call_id == sip_call_id:
                        ended_at = record.ended_at if is_whole else leg.ended_at
                        return record if ended_at is not None else None
            return None

        return await found(lambda: asyncio.to_thread(find), limit_s)

    async def is_over(self, call_id: str, limit_s: float) -> bool:
        """Whether every agent is free again within the limit, and this call lives no more.

        With an empty ``call_id`` only the agents count.
        """

        async def look() -> bool | None:
            status = await self.status()
            if status is None or any(call.call_id == call_id for call in status.calls):
                return None
            return all(agent.state == "idle" for agent in status.agents) or None

        return await found(look, limit_s) is not None


@contextmanager
def demo_directory() -> Iterator[Path]:
    """A fresh directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="switchroom-demo-") as name:
        yield Path(name)


@asynccontextmanager
async def demo_node(directory: Path, listen: str) -> AsyncIterator[DemoNode]:
    """A node on ``listen`` (HOST:PORT) that serves while the block runs; it knows nobody yet.

    Raises:
        DemoNodeError: it does not start; the text is its own last line.
    """
    data, log = directory / "data", directory / "node.log"
    process = _start(directory, listen)
    try:
        port = await _ready(process, data, log)
        engine = open_database(database_url(data))
        try:
            yield DemoNode(data, directory / "switchroom.yaml", log, port, engine)
        finally:
            engine.dispose()
    except BaseException:
        process.kill()  # nobody shall wait
        raise
    finally:
        _stop(process)


def _start(directory: Path, listen: str) -> subprocess.Popen[bytes]:
    settings = directory / "switchroom.toml"
    settings.write_text(_SETTINGS, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    command = [_program(), "serve", "--config", str(settings)]
    command += ["--data", str(directory / "data"), "--sip", listen, "--http", "127.0.0.1:0"]
    with (directory / "node.log").open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the demo, which then stops the node after the phones have left.
            start_new_session=True,
        )


def _program() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "switchroom"
    found = str(beside) if beside.exists() else shutil.which("switchroom")
    if found is None:
        raise DemoNodeError("the program `switchroom` is not installed; try: make setup")
    return found


async def _ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> int:
    """Wait for the line that says so; the SIP port."""
    limit = f"the node is not ready after {START_LIMIT_S:g} s"

    def said() -> bool:
        return process.poll() is not None or "switchroom is ready" in _text(log)

    is_ready = await until(said, START_LIMIT_S)
    if not is_ready or process.poll() is not None:
        raise DemoNodeError((_text(log).strip().splitlines() or [limit])[-1])
    status = await asyncio.to_thread(ControlClient(data).ask, "status", NodeStatus)
    return host_and_port(status.sip[0].partition(":")[2])[1]


def _text(log: Path) -> str:
    return log.read_text("utf-8", "replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
