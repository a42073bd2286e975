"""Fuzzes the SIP codec: ``python -m fuzz.fuzz_sip_message [count [seed]]``, or under atheris.

Without atheris the torture messages are mutated at random, ``count`` times from a fixed seed, so a
run can be repeated. With atheris installed its own command line applies.
"""

import importlib
import importlib.util
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzz.invariants import check_datagram, check_stream

FOLDER = Path(__file__).parents[1] / "data" / "rfc4475"
COUNT = 20_000
SEED = 4475

WORDS: Sequence[bytes] = (
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b"\r\n ",
        b" ",
        b"\t",
        b"\0",
        b"\xff",
        b"\xc3\xa9",
        b"%00",
    ),
    *(b";tag=", b";branch=z9hG4bK", b";rport", b";received=", b"Via: ", b"v:", b"Content-Length: "),
    *(b"l:0\r\n", b"CSeq: ", b"99999999999999999999", b"-1", b"<", b">", b'"', b'\\"', b"\\", b","),
    *(b";", b"=", b"@", b":", b"[::1]", b"?", b"SIP/2.0", b"ACK ", b"*", b"%", b"sip:"),
)


def run_once(data: bytes) -> None:
    """Check one input, as a datagram and as a stream."""
    check_datagram(data)
    check_stream(data, [len(data) // 3, len(data) // 2])


def seeds() -> list[bytes]:
    """The torture messages."""
    return [path.read_bytes() for path in sorted(FOLDER.rglob("*.dat"))]


def mutated(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Change ``data`` in up to eight places."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(result))
        size = chance.choice((0, 0, 1, 2, 20))
        match chance.randrange(4):
            case 0:
                result[at : at + size] = chance.choice(WORDS)
            case 1:
                result[at : at + size] = chance.randbytes(chance.randint(0, 3))
            case 2:
                other = chance.choice(others)
                start = chance.randint(0, len(other))
                result[at : at + size] = other[start : start + chance.randint(0, 80)]
            case _:
                result[at:at] = result[at : at + size] * chance.choice((1, 2, 70))
    return bytes(result)


def run(count: int, seed: int) -> None:
    """Check ``count`` mutations; raises what the first failing one raises, with its bytes."""
    chance = random.Random(seed)
    corpus = seeds()
    for number in range(count):
        data = mutated(chance.choice(corpus), chance, corpus)
        try:
            run_once(data)
        except Exception as problem:
            problem.add_note(f"mutation {number} of seed {seed}: {data!r}")
            raise


def main(arguments: list[str]) -> None:
    """Run atheris if it is installed, else the mutations."""
    if importlib.util.find_spec("atheris"):
        atheris = importlib.import_module("atheris")
        atheris.Setup(arguments, run_once)
        atheris.Fuzz()
        return
    count, seed = [*map(int, arguments[1:3]), *(COUNT, SEED)[len(arguments[1:3]) :]]
    run(count, seed)
    sys.stdout.write(f"{count} mutations of seed {seed}: nothing found\n")


if __name__ == "__main__":
    main(sys.argv)
