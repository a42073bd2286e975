"""What a user agent answers to each torture message of RFC 4475: the ``uas`` column."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scenarios.world import NODE, TRUNK_PLACE, World, bob_config
from switchroom.sip.message import Request, parse

FOLDER = Path(__file__).parents[2] / "data" / "rfc4475"
ROWS = tomllib.loads((FOLDER / "expected.toml").read_text())["message"]
SENDER = TRUNK_PLACE
"A carrier, so that not everything ends with a challenge."


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_uas_status(row: dict[str, Any]) -> None:
    data = (FOLDER / row["file"]).read_bytes()
    world = World(bob_config())
    message = parse(data)
    # Without rport the answer goes to the port that Via names.
    ports = {5060, (message.via.port or 5060) if isinstance(message, Request) else 5060}
    heard = [world.peer((SENDER[0], port)) for port in ports]
    for peer in heard:
        peer.is_strict = False  # a 400 copies what it could read, which may not be enough
    world.network.send(data, SENDER, ("udp", *NODE))
    world.run(60.0)
    statuses = [int(raw[8:11]) for peer in heard for raw in peer.raw]
    wanted = row["uas"]
    if wanted == "silent":
        assert statuses == []
    else:
        assert statuses[:1] == [wanted], statuses
    assert not any(peer.requests for peer in heard)
    world.run(200.0)
    assert set(world.host.sizes().values()) == {0}
