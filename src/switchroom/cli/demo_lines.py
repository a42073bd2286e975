"""The demo as plain lines, for files, pipes and continuous integration."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console

from switchroom.app.demo.cast import Party
from switchroom.app.demo.moments import Moment
from switchroom.app.demo.promises import Promise
from switchroom.app.demo.stories import Story
from switchroom.cli.demo_words import MARKS


class LinesAudience:
    """Writes a story down when it is over, so that writing takes no time from the phones."""

    def __init__(self, out: Console, parties: Sequence[Party], stories: int) -> None:
        self._out = out
        self._names = {party.key: party.name for party in parties}
        self._addresses = {party.name: party.address for party in parties}
        self._stories = stories
        self._moments: list[Moment] = []
        self._title = ""

    def __enter__(self) -> Self:
        for name, address in self._addresses.items():
            self._out.print(f"  {name:<6}  {address}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def begins(self, story: Story, number: int) -> None:
        self._title = f"{number} of {self._stories}  {story.title} ({story.name})"
        self._moments = []

    def happened(self, moment: Moment) -> None:
        self._moments.append(moment)

    def ended(self, promises: Sequence[Promise]) -> None:
        out = self._out
        out.print()
        out.print(self._title)
        first = self._moments[0].at if self._moments else 0.0
        for moment in self._moments:
            after_ms = (moment.at - first) * 1000
            out.print(f"{after_ms:10.1f} ms  {self._names[moment.party]:<6}  {moment.name}")
        for promise in promises:
            took = "" if promise.ms is None else f"  {promise.ms:.1f} ms"
            why = f": {promise.broken}" if promise.broken else ""
            out.print(f"  {MARKS[promise.is_kept]} {promise.text}{why}{took}")
