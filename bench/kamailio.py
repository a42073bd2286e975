"""Kamailio as a forking proxy: the fastest peer known, measured beside Switchroom."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import HOST, PEER_CORE, ROOT, folder_on_disk, free_ports, holds_within, pinned
from bench.peer import Peer, Ports, Team
from msgspec.structs import replace

CONFIGURATION = ROOT / "bench" / "kamailio" / "kamailio.cfg"
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
START_S = 10.0
SHARED_MB = 512
PRIVATE_MB = 16


class KamailioError(Exception):
    """Kamailio did not start."""


def program() -> str | None:
    """Where Kamailio is on this machine; ``None``: not installed."""
    return shutil.which("kamailio", path=PLACES)


@contextmanager
def running_kamailio(team: Team) -> Iterator[Peer]:
    """Let Kamailio ring the phones of the team's first agent for every call while the block runs.

    Raises:
        KamailioError: it is not installed or does not start.
    """
    found = program()
    if found is None:
        raise KamailioError("kamailio is not installed")
    with folder_on_disk() as folder:
        configuration = folder / "kamailio.cfg"
        configuration.write_text(_configuration(team.ports, team.ring))
        port, log = free_ports(1, first=32000, last=34000), folder / "kamailio.log"
        process = _start(found, configuration, port, log)
        try:
            if not holds_within(lambda: _listens(port), START_S):
                raise KamailioError(log.read_text()[-2000:])
            alike = replace(team, dial="ring", groups=1)
            yield Peer("kamailio", process.pid, port, f"{HOST}:{port}", alike)
        finally:
            process.terminate()
            try:
                process.wait(START_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(START_S)


def _configuration(ports: Ports, ring: int) -> str:
    phones = [f"sip:a{phone + 1}@{HOST}:{ports.first_phone + phone}" for phone in range(ring)]
    branches = "".join(f'\tappend_branch("{phone}");\n' for phone in phones[1:])
    return CONFIGURATION.read_text().replace("\t# PHONES\n", f'\t$ru = "{phones[0]}";\n{branches}')


def _start(found: str, configuration: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    folder = configuration.parent
    # One worker on one core; -DD keeps the main process, the workers' parent, in the foreground.
    words = [*pinned(PEER_CORE), found, "-DD", "-E", "-f", str(configuration)]
    words += ["-A", "CHILDREN=1", "-A", f"PORT={port}", "-Y", str(folder), "-w", str(folder)]
    words += ["-m", str(SHARED_MB), "-M", str(PRIVATE_MB), "-P", str(folder / "kamailio.pid")]
    with log.open("wb") as out:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def _listens(port: int) -> bool:
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") for row in rows)
