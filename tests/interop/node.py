"""A real node in a process of its own, asked through its own command line."""

import sys
from pathlib import Path

import msgspec
from typer.testing import CliRunner

from interop.programs import Program, free_port, until
from switchroom.cli.main import program
from switchroom.drivers.status import NodeStatus
from switchroom.history.records import CallRecord

HOST = "127.0.0.1"
QUICK = {"SWITCHROOM_TIMER_T1_S": "0.1", "SWITCHROOM_DRAIN_S": "5"}
"64*T1 in 6.4 instead of 32 seconds."
START_S = 90.0
"A node reads all its modules first, which takes a busy machine long."


class Node:
    """``switchroom serve`` on a directory; may be killed and started again there."""

    def __init__(
        self, directory: Path, configuration: str, env: dict[str, str] | None = None
    ) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.port = free_port()
        self.http_port = free_port()
        self._env = QUICK | (env or {})
        self._file = directory / "switchroom.yaml"
        self._file.write_text(configuration, "utf-8")
        self._starts = self._api_starts = 0
        self.program = self._start("--apply", str(self._file))

    def _start(self, *more: str) -> Program:
        command = ["switchroom", "serve", "--data", str(self.data)]
        command += ["--sip", f"{HOST}:{self.port}", "--http", f"{HOST}:{self.http_port}", *more]
        program = Program("node", [str(_switchroom()), *command[1:]], self.directory, self._env)
        self._starts += 1
        return _ready(program, self._starts)

    def api_beside(self) -> Program:
        """``switchroom serve --role api`` in a process of its own, on ``api_port``."""
        self.api_port = free_port()
        command = [str(_switchroom()), "serve", "--role", "api", "--data", str(self.data)]
        command += ["--http", f"{HOST}:{self.api_port}"]
        program = Program("api", command, self.directory, self._env)
        self._api_starts += 1
        return _ready(program, self._api_starts)

    @property
    def place(self) -> tuple[str, int]:
        return (HOST, self.port)

    @property
    def status(self) -> NodeStatus:
        return msgspec.json.decode(self.ask("status", "--json"), type=NodeStatus)

    @property
    def records(self) -> list[CallRecord]:
        """All call records, newest first."""
        said = self.ask("calls", "--json", "--limit", "1000")
        return msgspec.json.decode(said, type=list[CallRecord])

    def record(self, call_id: str) -> CallRecord:
        return msgspec.json.decode(self.ask("calls", "show", call_id, "--json"), type=CallRecord)

    def ended_record(self, sip_call_id: str) -> CallRecord:
        """The record of the call that came with this Call-ID, once it is over."""
        return self.ended_records({sip_call_id})[sip_call_id]

    def ended_records(self, sip_call_ids: set[str]) -> dict[str, CallRecord]:
        """The records of these calls by the Call-ID they came with, once all are over."""
        found: dict[str, CallRecord] = {}

        def complete() -> bool:
            ended = [record for record in self.records if record.ended_at is not None]
            found.update((leg.sip_call_id, record) for record in ended for leg in record.legs)
            return sip_call_ids <= found.keys()

        until(complete, f"ended records of {sip_call_ids}")
        return {sip_call_id: found[sip_call_id] for sip_call_id in sip_call_ids}

    def all_ended(self, count: int) -> list[CallRecord]:
        """All records, newest first, once there are ``count`` and none is open."""
        found: list[CallRecord] = []

        def complete() -> bool:
            found[:] = self.records
            return len(found) >= count and all(record.ended_at for record in found)

        until(complete, f"{count} ended records")
        assert len(found) == count
        return found

    def ask(self, *words: str, **variables: str) -> str:
        """What the command line prints to ``switchroom WORDS --data …``."""
        env = self._env | variables
        result = CliRunner().invoke(program(), [*words, "--data", str(self.data)], env=env)
        assert result.exit_code == 0, f"{words}: {result.output}"
        return result.stdout

    def is_idle(self) -> bool:
        """Whether no call lives and no agent is taken."""
        status = self.status
        return not status.calls and all(agent.state == "idle" for agent in status.agents)

    def kill_and_restart(self) -> None:
        """Take the process away without a warning; the next one finds what is on disk."""
        self.program.kill()
        self.restart()

    def restart(self) -> None:
        """A new process on the same directory and port."""
        self.program = self._start()

    def terminate(self) -> None:
        self.program.process.terminate()


def _ready(program: Program, starts: int) -> Program:
    """The program once it has said so as often as it was started; a failure it does not outlive."""
    said = "switchroom is ready"
    try:
        until(lambda: program.output.count(said) == starts or not program.runs, said, START_S)
        assert program.runs, program.output
    except BaseException:
        program.kill()
        raise
    return program


def _switchroom() -> Path:
    return Path(sys.executable).with_name("switchroom")
