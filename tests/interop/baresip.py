"""baresip as a phone without ears: driven over its control port, watched by its own SIP trace."""

import json
import re
import socket
from pathlib import Path

from interop.node import HOST
from interop.programs import Program, free_port, until
from interop.sipp import Seen, parse_message

CONFIGURATION = """
poll_method epoll
sip_listen {host}:{sip}
net_interface {host}
rtp_ports {rtp}-{rtp_end}
audio_player aubridge,voice
audio_source aubridge,voice
audio_alert aubridge,bell
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
"""
MODULE_PATHS = ("lib/baresip/modules", "lib/*/baresip/modules", "local/lib/baresip/modules")
_MESSAGE = re.compile(r"^#\n(?:UDP|TCP) (\S+) -> (\S+)\n", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Baresip:
    """One phone with one account, ``sip:USER@node``; ``password`` makes it register."""

    def __init__(
        self,
        directory: Path,
        name: str,
        node: tuple[str, int],
        user: str,
        *,
        password: str = "",
        transport: str = "udp",
        port: int = 0,
    ) -> None:
        self.name = name
        self._node = f"{node[0]}:{node[1]}"
        self.port = port or free_port()
        free_port()  # the one above is for TLS
        self._control_port = free_port()
        rtp = free_port()
        self._home = directory / name
        self._home.mkdir()
        (self._home / "contacts").touch()
        self._write(
            "config",
            CONFIGURATION.format(
                host=HOST,
                sip=self.port,
                rtp=rtp,
                rtp_end=rtp + 20,
                control=self._control_port,
                modules=_modules(),
            ),
        )
        register = f"auth_user={user};auth_pass={password};regint=600" if password else "regint=0"
        outbound = f'outbound="sip:{self._node};transport={transport}"'
        account = f"<sip:{user}@{self._node};transport={transport}>;{register};{outbound}"
        self._write("accounts", f"{account};answermode=manual\n")
        command = ["stdbuf", "-oL", "baresip", "-f", str(self._home), "-s"]
        self.program = Program(name, command, directory)
        self.program.printed("baresip is ready")
        self._control = socket.create_connection((HOST, self._control_port), timeout=10)

    def _write(self, name: str, text: str) -> None:
        (self._home / name).write_text(text, "utf-8")

    def do(self, command: str, parameters: str = "") -> None:
        """Give a command of its menu: ``dial``, ``accept``, ``hangup``, ``hold``, ``resume``."""
        text = json.dumps({"command": command, "params": parameters, "token": "test"})
        self._control.sendall(f"{len(text)}:{text},".encode())

    @property
    def seen(self) -> list[Seen]:
        """All SIP messages so far."""
        parts = _MESSAGE.split(_COLOUR.sub("", self.program.output).replace("\r\n", "\n"))[1:]
        triples = zip(parts[::3], parts[1::3], parts[2::3], strict=False)
        return [parse_message(to == self._node, text) for _, to, text in triples]

    @property
    def labels(self) -> list[str]:
        """What it received, without 100 Trying and the node's pings."""
        left_out = ("100 INVITE", "OPTIONS")
        return [m.label for m in self.seen if not m.sent and m.label not in left_out]

    def count(self, label: str) -> int:
        return self.labels.count(label)

    def first(self, label: str, number: int = 1) -> Seen:
        """Wait for a message that it receives; ``number`` 2 is the second such one."""
        until(lambda: self.count(label) >= number, f"{self.name} gets {label} ({number})")
        return [m for m in self.seen if not m.sent and m.label == label][number - 1]

    def registered(self) -> "Baresip":
        """Wait until the node has taken its registration."""
        self.first("200 REGISTER")
        return self

    def end(self) -> str:
        """End it without a farewell; what it has seen, for people who look for a fault."""
        self._control.close()
        self.program.kill()
        return "\n".join([f"{self.name}:", *(f"  {message}" for message in self.seen)])


def _modules() -> Path:
    """Where this system keeps baresip's modules."""
    return next(found for pattern in MODULE_PATHS for found in Path("/usr").glob(pattern))
