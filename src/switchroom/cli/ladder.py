"""Draws SIP messages as a ladder: who sent what to whom, from top to bottom."""

from collections.abc import Sequence

from switchroom.drivers.capture_reader import CapturedMessage

WIDTH = 26
"Characters between two neighbours."
US = "switchroom"
PEERS_LIMIT = 16


def ladder(messages: Sequence[CapturedMessage], *, began_at: float) -> list[str]:
    """Lines of text: a head with the parties, then one line per message.

    The first peer, the caller, stands left of us, all others to the right. Times are milliseconds
    after ``began_at`` (Unix seconds).
    """
    ordered = sorted(messages, key=lambda message: message.at)
    peers = list(dict.fromkeys(message.peer for message in ordered))[:PEERS_LIMIT]
    parties = [*peers[:1], US, *peers[1:]]
    lines = [_head(parties)]
    for message in ordered:
        if message.peer in parties:
            ms = (message.at - began_at) * 1000
            lines.append(f"{ms:9.1f}  {_rung(message, parties)}".rstrip())
    return lines


def _head(parties: list[str]) -> str:
    return " " * 11 + "".join(party.center(WIDTH) for party in parties).rstrip()


def _rung(message: CapturedMessage, parties: list[str]) -> str:
    row = list(" " * (WIDTH * len(parties)))
    for place in range(len(parties)):
        row[_column(place)] = "│"
    us, peer = _column(parties.index(US)), _column(parties.index(message.peer))
    left, right = min(us, peer), max(us, peer)
    row[left + 1 : right] = "─" * (right - left - 1)
    goes_right = (peer > us) != message.is_incoming
    row[right - 1 if goes_right else left + 1] = "▶" if goes_right else "◀"
    # Beside the peer, so that arrows to far columns keep their words where one looks for them.
    first = right - WIDTH if peer > us else left
    label = f" {message.summary} "[: WIDTH - 4]
    start = first + (WIDTH - len(label) + 1) // 2
    row[start : start + len(label)] = label
    return "".join(row)


def _column(place: int) -> int:
    return place * WIDTH + WIDTH // 2
