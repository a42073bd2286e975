"""The recorder's process, started by its node: ``python -m switchroom.app.recording CHANNEL``."""

import socket
import sys

from switchroom.drivers.recorder_program import record
from switchroom.store.database import open_migrated
from switchroom.store.ledger import DatabaseLedger

PROGRAM = (sys.executable, "-P", "-m", "switchroom.app.recording")
"Its command line but for the number of the socket; ``-P``: no modules of the working directory."


def main() -> None:
    """Record until the node stops or dies."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    record(channel, lambda url: DatabaseLedger(open_migrated(url)))


if __name__ == "__main__":
    main()
