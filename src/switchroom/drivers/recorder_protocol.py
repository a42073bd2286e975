"""What a node and its recorder's process tell each other: JSON lines on a socket of their own."""

import msgspec
from msgspec import Struct

from switchroom.history.batch import Position


class Task(Struct, frozen=True, tag="task"):
    """The first line: what to record, and where."""

    database: str
    "URL; it may hold a password, so it is on no command line and in no environment."
    directory: str
    "Of the journal."
    keep_days: float
    "Older facts and calls are deleted; 0 keeps for ever."


class Hurry(Struct, frozen=True, tag="hurry"):
    """Somebody follows, or nobody does any more."""

    is_followed: bool


class WriteNow(Struct, frozen=True, tag="write_now"):
    """Somebody waits for what has been flushed so far."""


class Stop(Struct, frozen=True, tag="stop"):
    """Write down what has been flushed so far, then end."""


Instruction = Task | Hurry | WriteNow | Stop


class Progress(Struct, frozen=True):
    """How far the recorder has come since it began."""

    position: Position = Position()
    "Up to where the journal is in the database."
    newest_seq: int = 0
    "Number of the newest fact in the database; 0 if none."
    written_facts: int = 0
    unreadable: int = 0
    "Journal lines that made no sense."
    lost_bytes: int = 0
    "Damaged bytes of the journal that were skipped."
    failures: int = 0
    "Attempts that failed."
    failure: str | None = None
    "Why the database takes nothing right now; ``None`` if it does."


encode = msgspec.json.Encoder().encode
"One message, without the line's end."
read_instruction = msgspec.json.Decoder(Instruction).decode
read_progress = msgspec.json.Decoder(Progress).decode
