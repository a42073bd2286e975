"""The configuration under load: one customer, a trunk for the callers, agents with SIP phones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from bench.machine import HOST
from bench.peer import Team

DOMAIN = "bench.example"
CAPACITY = 100


def write(path: Path, teams: Sequence[Team]) -> None:
    """Write the file for ``switchroom serve --apply``; its form, JSON, is YAML too."""
    members = [(team, group) for team in teams for group in range(1, team.groups + 1)]
    company = {
        "name": "bench",
        "domain": DOMAIN,
        "country": "US",
        "trunks": [
            {
                "name": "carrier",
                "hosts": [f"{HOST}:{teams[0].ports.caller}"],
                "allow_from": ["127.0.0.0/24"],
            }
        ],
        "agents": [
            _agent(team, group, str(1000 + place)) for place, (team, group) in enumerate(members)
        ],
        "numbers": [
            {
                "number": team.dial.replace("%G", f"{group:02}"),
                "to": {"agent": _username(team, group)},
            }
            for team, group in members
        ],
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"customers": [company]})))


def _username(team: Team, group: int) -> str:
    return f"{team.name}{group}@{DOMAIN}"


def _agent(team: Team, group: int, number: str) -> dict[str, Any]:
    first = team.ports.first_phone + (group - 1) * team.ring
    return {
        "username": _username(team, group),
        "name": f"{team.name} {group}",
        "number": number,
        "capacity": CAPACITY,
        "ring_timeout_s": team.ring_timeout_s,
        "addresses": [
            {"type": "sip", "target": f"sip:a{phone + 1}@{HOST}:{first + phone}"}
            for phone in range(team.ring)
        ],
    }
