"""The demo in a terminal: the agent's addresses as rows that change while the phones do.

Each story is drawn in place, and stays in the scroll-back when it is over. Drawing waits a little
after each event, so that it takes no time from what is measured.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from switchroom.app.demo.cast import CALLER, Party, PartyKey
from switchroom.app.demo.moments import Moment, MomentName
from switchroom.app.demo.promises import Promise
from switchroom.app.demo.stories import Story
from switchroom.cli.demo_words import MARKS
from switchroom.drivers.timer import Every

DRAW_AFTER_S = 0.05
CLOCK_S = 0.25
"How often the seconds in the title move."
MOST_WIDE = 98
ECHO_WIDTH = 2
"Room for the ^C that the terminal shows where the cursor stands."

_STATES: dict[MomentName, tuple[str, str]] = {
    "calls": ("calling", "yellow"),
    "called": ("called, no reply", "dim"),
    "rings": ("ringing", "bold yellow"),
    "hears ringing": ("hears ringing", "yellow"),
    "picks up": ("answered", "bold green"),
    "is connected": ("connected", "bold green"),
    "busy": ("busy", "red"),
    "completed elsewhere": ("completed elsewhere", "cyan"),
    "missed call": ("missed call", "magenta"),
    "gives up": ("gave up", "magenta"),
}
_OVER: dict[MomentName, str] = {"hangs up": "hung up", "is hung up": "ended"}
_FIRST: frozenset[MomentName] = frozenset({"calls", "called"})
_RINGING: frozenset[MomentName] = frozenset({"rings", "hears ringing"})


class _Row:
    """What is shown of one party."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.state = "waits"
        self.style = "dim"
        self.called_at: float | None = None
        self.rang_at: float | None = None
        self.settled_at: float | None = None

    def take(self, moment: Moment) -> None:
        if moment.name in _OVER:
            self.state, self.style = f"{self.state}, {_OVER[moment.name]}", "green"
            return
        if moment.name not in _STATES:
            return
        had_answered = self.state == "answered"
        self.state, self.style = _STATES[moment.name]
        if had_answered and moment.name == "completed elsewhere":
            self.state = "answered too late"
        if moment.name in _FIRST:
            self.called_at = moment.at
        elif moment.name in _RINGING:
            self.rang_at = moment.at
        else:
            self.settled_at = moment.at


class LiveAudience:
    """Draws with Rich; to be used as a context, which leaves the terminal in order."""

    def __init__(self, out: Console, parties: Sequence[Party], stories: int) -> None:
        self._out = out
        self._parties = parties
        self._stories = stories
        self._rows: dict[PartyKey, _Row] = {}
        self._promises: Sequence[Promise] = ()
        self._story: Story | None = None
        self._number = 0
        self._seconds = 0.0
        self._loop = asyncio.get_running_loop()
        self._drawing: asyncio.TimerHandle | None = None
        self._clock: Every | None = None
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def begins(self, story: Story, number: int) -> None:
        self._close()
        self._story, self._number = story, number
        self._rows = {party.key: _Row(party) for party in self._parties}
        self._promises = ()
        self._began_at = self._loop.time()
        self._seconds = 0.0
        self._out.print()
        self._live = Live(self._block(), console=self._out, auto_refresh=False)
        self._live.start(refresh=True)
        self._clock = Every(CLOCK_S, self._tick)

    def happened(self, moment: Moment) -> None:
        if moment.party in self._rows:
            self._rows[moment.party].take(moment)
        if self._drawing is None:
            self._drawing = self._loop.call_later(DRAW_AFTER_S, self._draw)

    def ended(self, promises: Sequence[Promise]) -> None:
        self._promises = promises
        self._stop_clock()
        self._draw()

    def _tick(self) -> None:
        self._seconds = self._loop.time() - self._began_at
        self._draw()

    def _draw(self) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            self._drawing = None
        if self._live is not None:
            self._live.update(self._block(), refresh=True)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    def _close(self) -> None:
        self._stop_clock()
        self._draw()
        if self._live is not None:
            self._live.stop()
            self._live = None

    # --- the picture --------------------------------------------------------------------------

    def _block(self) -> Group:
        return Group(self._head(), self._table(), Text(), *self._kept())

    def _head(self) -> Table:
        title = self._story.title if self._story is not None else ""
        done = "●" * self._number + "○" * (self._stories - self._number)
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(ratio=1, no_wrap=True)
        head.add_column(justify="right", no_wrap=True)
        head.width = self._width()
        number = f"{self._number} of {self._stories}"
        words = Text.assemble((f"{number}  ", "bold blue"), (title, "bold"))
        head.add_row(words, Text(f"{done}  {self._seconds:4.1f} s", "blue"))
        return head

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), width=self._width())
        table.add_column("Who", no_wrap=True)
        table.add_column("Address", no_wrap=True, ratio=1)
        table.add_column("State", no_wrap=True, width=19)
        for name in ("called", "rang", "then"):
            table.add_column(name, no_wrap=True, justify="right", width=6)
        began = self._rows[CALLER].called_at if self._rows else None
        for row in self._rows.values():
            times = (row.called_at, row.rang_at, row.settled_at)
            table.add_row(
                row.party.name,
                row.party.address,
                Text(row.state, row.style),
                *(_ms(at, began) for at in times),
            )
        return table

    def _kept(self) -> list[Table | Text]:
        if not self._promises:
            return [Text("Times in ms since the caller's INVITE, as each party saw it.", "dim")]
        lines = Table.grid(expand=True, padding=(0, 1))
        lines.add_column(no_wrap=True)
        lines.add_column(ratio=1)
        lines.add_column(justify="right", no_wrap=True)
        lines.width = self._width()
        for promise in self._promises:
            style = "green" if promise.is_kept else "bold red"
            why = f": {promise.broken}" if promise.broken else ""
            took = "" if promise.ms is None else f"{promise.ms:.1f} ms"
            mark = Text(MARKS[promise.is_kept], style)
            lines.add_row(mark, Text(promise.text + why, "" if promise.is_kept else style), took)
        return [lines]

    def _width(self) -> int:
        return min(self._out.width - ECHO_WIDTH, MOST_WIDE)


def _ms(at: float | None, began: float | None) -> str:
    if at is None or began is None:
        return ""
    ms = (at - began) * 1000
    return f"{ms:.1f}" if ms < 9999 else f"{ms:.0f}"
