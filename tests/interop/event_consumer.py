"""Follows all events and writes down their numbers; goes on where its last life ended.

Each message is one line in a file, written at once: cursor and numbers. Called with the URL, the
token and the file.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

RESOURCES = (
    "calls", "agent_status", "agents", "agent_addresses", "extensions", "numbers", "groups",
    "trunks", "routes", "clients", "tags",
)  # fmt: skip


def lines(file: Path) -> list[dict[str, Any]]:
    """What was written down; a torn last line never was."""
    text = file.read_text("utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def follow(url: str, token: str, file: Path) -> None:
    """Until the server closes the socket."""
    text = file.read_text("utf-8") if file.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    known = lines(file)
    cursor = known[-1]["cursor"] if known else "0-0"
    output = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    os.ftruncate(output, len(whole.encode()))
    os.lseek(output, 0, os.SEEK_END)
    with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        wanted = [{"resource": one} for one in RESOURCES]
        socket.send(json.dumps({"type": "subscribe", "to": wanted, "cursor": cursor}))
        _write_down(socket, output)


def _write_down(socket: ClientConnection, output: int) -> None:
    for message in socket:
        said = json.loads(message)
        assert said["type"] in {"hello", "subscribed", "events", "heartbeat", "lagging"}, said
        if "cursor" in said:
            numbers = [event["number"] for event in said.get("events", ())]
            line = json.dumps({"cursor": said["cursor"], "numbers": numbers}) + "\n"
            os.write(output, line.encode())


if __name__ == "__main__":
    while True:
        try:
            follow(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
        except (ConnectionClosed, InvalidHandshake, OSError) as error:
            sys.stderr.write(f"closed: {error}\n")
            time.sleep(0.05)  # between two attempts: the server is being started again
