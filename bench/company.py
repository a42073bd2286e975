"""The configuration under load: one customer, a trunk for the caller, agents with SIP phones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from bench.machine import HOST
from bench.peer import GROUPS, Ports

DOMAIN = "bench.example"
DIAL = "+120255501%G"
"Numbers +12025550101 and on, one per agent."
CAPACITY = 100


def write(
    path: Path, ports: Ports, ring: int, ring_timeout_s: float = 30, more: Sequence[str] = ()
) -> None:
    """Write the file for ``switchroom serve --apply``; its form, JSON, is YAML too.

    Args:
        more: SIP URIs that ring besides, at every agent.
    """
    company = {
        "name": "bench",
        "domain": DOMAIN,
        "country": "US",
        "trunks": [
            {"name": "carrier", "hosts": [f"{HOST}:{ports.caller}"], "allow_from": [f"{HOST}/32"]}
        ],
        "routes": [{"prefix": "+", "trunks": ["carrier"]}],
        "agents": [
            _agent(group, ports, ring, ring_timeout_s, more) for group in range(1, GROUPS + 1)
        ],
        "numbers": [
            {"number": DIAL.replace("%G", f"{group:02}"), "to": {"agent": _username(group)}}
            for group in range(1, GROUPS + 1)
        ],
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"customers": [company]})))


def _username(group: int) -> str:
    return f"agent{group}@{DOMAIN}"


def _agent(
    group: int, ports: Ports, ring: int, ring_timeout_s: float, more: Sequence[str]
) -> dict[str, Any]:
    first = ports.first_phone + (group - 1) * ring
    phones = [f"sip:a{phone + 1}@{HOST}:{first + phone}" for phone in range(ring)]
    return {
        "username": _username(group),
        "name": f"Agent {group}",
        "number": str(200 + group),
        "capacity": CAPACITY,
        "ring_timeout_s": ring_timeout_s,
        "addresses": [{"type": "sip", "target": target} for target in [*phones, *more]],
    }
