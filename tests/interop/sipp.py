"""SIPp as a party of a call, and what it has seen of it."""

import re
import socket
from pathlib import Path
from typing import NamedTuple

from interop.programs import Program, until

_SEPARATOR = re.compile(r"^-{20,} \d{4}-\d\d-\d\d.*$", re.MULTILINE)
_HEAD = re.compile(r"\s*\S+ message (sent|received) [^\n]*\n\s*")


class Seen(NamedTuple):
    """One message as the peer sent or received it."""

    sent: bool
    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def label(self) -> str:
        """``INVITE``, or ``200 INVITE`` for a response to it."""
        words = self.start.split(" ", 2)
        if words[0] == "SIP/2.0":
            return f"{words[1]} {self.one('CSeq').split(' ')[-1]}"
        return words[0]

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def reasons(self) -> list[str]:
        """Values of all Reason headers without the free text."""
        return [value.partition(";text")[0] for value in self.all("Reason")]

    def __str__(self) -> str:
        return f"{'>' if self.sent else '<'} {self.label} {' '.join(self.reasons)}"


def parse_message(sent: bool, text: str) -> Seen:
    """A message from a trace."""
    head, _, body = text.replace("\r\n", "\n").strip().partition("\n\n")
    start, *lines = head.split("\n")
    pairs = (line.partition(":") for line in lines)
    return Seen(sent, start, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)


class Sipp:
    """One SIPp process; ``place`` is its own address and port."""

    def __init__(
        self,
        directory: Path,
        name: str,
        scenario: str,
        node: tuple[str, int],
        place: tuple[str, int],
        *,
        number: str = "",
        calls: int = 1,
        rate: int = 10,
        transport: str = "udp",
    ) -> None:
        self.place = place
        self.name = name
        self._told = 0
        self._trace = directory / f"{name}.trace"
        file = directory / f"{name}.xml"
        file.write_text(scenario, "ascii")
        address = f"{node[0]}:{node[1]}"
        command = ["sipp", address, "-sf", str(file), "-i", place[0], "-p", str(place[1])]
        command += ["-key", "node", address, "-s", number or "nobody", "-nostdin"]
        command += ["-m", str(calls), "-l", str(calls), "-r", str(rate)]
        command += ["-t", "t1" if transport == "tcp" else "u1"]
        command += ["-cid_str", f"{name}-%u-%p@sipp", "-default_behaviors", "all,-bye"]
        command += ["-timeout", "60s", "-timeout_error", "-trace_msg", "-message_file"]
        command += [str(self._trace), "-trace_err", "-error_file", str(directory / f"{name}.err")]
        self._errors = directory / f"{name}.err"
        self.program = Program(name, command, directory)
        if not number:
            kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
            until(lambda: self._listens(kind), f"{name} listens on {place}")

    def _listens(self, kind: socket.SocketKind) -> bool:
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind(self.place)
            except OSError:
                return True
        assert self.program.runs, self.program.output
        return False

    @property
    def seen(self) -> list[Seen]:
        """All messages so far, in the order of the wire."""
        if not self._trace.exists():
            return []
        parts = _SEPARATOR.split(self._trace.read_text("utf-8", "replace"))[1:]
        found = []
        for part in parts:
            head = _HEAD.match(part)
            if head is not None and part[head.end() :].strip():
                found.append(parse_message(head[1] == "sent", part[head.end() :]))
        return found

    @property
    def received(self) -> list[Seen]:
        return [message for message in self.seen if not message.sent and message.label != "INFO"]

    @property
    def labels(self) -> list[str]:
        """What it received, without 100 Trying."""
        return [message.label for message in self.received if message.label != "100 INVITE"]

    def first(self, label: str) -> Seen:
        """Wait for a message that it receives."""
        until(lambda: label in self.labels or not self.program.runs, f"{self.name} gets {label}")
        found = [message for message in self.received if message.label == label]
        assert found, f"{self.name} got {self.labels}, no {label}"
        return found[0]

    def count(self, label: str) -> int:
        return self.labels.count(label)

    def gets(self, label: str, count: int) -> None:
        """Wait until it has received ``count`` such messages in all its calls."""
        until(lambda: self.count(label) >= count, f"{self.name} gets {count} times {label}")
        assert self.count(label) == count

    def is_trying(self) -> None:
        """Wait until the node has taken the call (100 Trying)."""
        tries = "100 INVITE"
        until(lambda: any(message.label == tries for message in self.received), tries)

    @property
    def call_ids(self) -> list[str]:
        return list(dict.fromkeys(message.one("Call-ID") for message in self.seen))

    def tell(self) -> None:
        """Let all its calls go on that wait in ``told``."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
            voice.bind(("127.0.0.1", 0))
            here = f"127.0.0.1:{voice.getsockname()[1]}"
            self._told += 1
            for number, call_id in enumerate(self.call_ids):
                lines = (
                    f"INFO sip:peer@{self.place[0]}:{self.place[1]} SIP/2.0",
                    f"Via: SIP/2.0/UDP {here};branch=z9hG4bKgo{number}-{self._told}",
                    "From: <sip:test@127.0.0.1>;tag=test",
                    "To: <sip:peer@127.0.0.1>",
                    f"Call-ID: {call_id}",
                    f"CSeq: {self._told} INFO",
                    "Content-Length: 0",
                )
                voice.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), self.place)

    def succeeded(self) -> None:
        """Wait for its end: every call went as the scenario says."""
        status = self.program.ended()
        errors = self._errors.read_text("utf-8", "replace") if self._errors.exists() else ""
        story = [str(message) for message in self.seen]
        assert status == 0, f"{self.name} ended with {status}: {story}\n{errors}"
