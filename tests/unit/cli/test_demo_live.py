"""The live picture fits a small terminal, and tells the whole story."""

import asyncio
import io
import re

import pytest
from rich.console import Console

from switchroom.app.demo.cast import CALLER, DESK, LAPTOP, MOBILE, PHONES, PartyKey, parties
from switchroom.app.demo.moments import Moment, MomentName
from switchroom.app.demo.promises import Promise
from switchroom.app.demo.stories import STORIES
from switchroom.cli.demo_live import LiveAudience

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STORY: tuple[tuple[PartyKey, MomentName, float], ...] = (
    (CALLER, "calls", 0),
    *((key, name, 2.5) for key in PHONES for name in ("called", "rings")),
    (CALLER, "hears ringing", 3),
    (DESK, "picks up", 2000),
    (LAPTOP, "picks up", 2000),
    (CALLER, "is connected", 2002),
    (LAPTOP, "completed elsewhere", 2003),
    (MOBILE, "completed elsewhere", 2003),
    (DESK, "hangs up", 4000),
    (CALLER, "is hung up", 4001),
)


def drawn(width: int, height: int) -> str:
    """The last picture of a story."""
    out = Console(file=io.StringIO(), width=width, height=height, force_terminal=True)
    ports: dict[PartyKey, int] = {LAPTOP: 65535}

    async def play() -> None:
        with LiveAudience(out, parties(ports), 4) as audience:
            audience.begins(STORIES[1], 2)
            for party, name, ms in STORY:
                audience.happened(Moment(party, name, 50.0 + ms / 1000))
            audience.ended([Promise("Kept", ms=1.25), Promise("Not kept", "seen instead")])

    asyncio.run(play())
    assert isinstance(out.file, io.StringIO)
    return CODES.sub("", out.file.getvalue())


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (40, 10)])
def test_no_line_is_wider_than_the_terminal(size: tuple[int, int]) -> None:
    assert max(map(len, re.split(r"[\r\n]", drawn(*size)))) <= size[0]


def test_states_times_and_promises_are_whole_on_80_columns() -> None:
    text = drawn(80, 24)
    for words in (
        "2 of 4  Two answer at the same moment",
        "sip:alice@127.0.0.1:65535",
        "+12025550123 by the trunk",
        "connected, ended",
        "answered, hung up",
        "answered too late",
        "completed elsewhere",
        "2003.0",
        "✓ Kept",
        "1.2 ms",
        "✗ Not kept: seen instead",
    ):
        assert words in text
