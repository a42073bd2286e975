"""Runs the stories one after the other and checks the promises of each."""

from collections.abc import Sequence
from typing import Protocol

from switchroom.app.demo.cast import CALLER
from switchroom.app.demo.moments import Moment
from switchroom.app.demo.pace import pause
from switchroom.app.demo.promises import Evidence, Promise
from switchroom.app.demo.stage import Stage, StalledError
from switchroom.app.demo.stories import Pace, Story

RECORD_LIMIT_S = 5.0
"How long the node may take to write its record; it takes a few milliseconds."
AFTER_STALL_S = 1.0
"The same when the story is broken anyway."


class Audience(Protocol):
    """Whoever watches: a terminal, a file."""

    def begins(self, story: Story, number: int) -> None:
        """``number`` counts from 1."""
        ...

    def happened(self, moment: Moment) -> None: ...

    def ended(self, promises: Sequence[Promise]) -> None: ...


async def show(
    stage: Stage, stories: Sequence[Story], pace: Pace, audience: Audience
) -> list[Promise]:
    """Play ``stories``; returns the promises of all of them, kept and broken."""
    stage.tell = audience.happened
    found = []
    for number, story in enumerate(stories, 1):
        audience.begins(story, number)
        kept = await _play(stage, story, pace)
        audience.ended(kept)
        found += kept
        await pause(pace.look_s)
    return found


async def _play(stage: Stage, story: Story, pace: Pace) -> list[Promise]:
    stage.begin()
    stalled = ""
    try:
        await story.act(stage, pace)
    except StalledError as why:
        stalled = str(why)
        await stage.clear()
    limit_s = AFTER_STALL_S if stalled else RECORD_LIMIT_S
    promises = list(story.promises(await _evidence(stage, story, limit_s)))
    if stalled:
        promises.append(Promise("The story came to its end", stalled))
    return promises


async def _evidence(stage: Stage, story: Story, limit_s: float) -> Evidence:
    node = stage.node
    call_ids = stage.witnesses[CALLER].call_ids
    is_whole = not (story.has_dead_phone or stage.unplugged)
    record = await node.record(call_ids[0], limit_s, is_whole=is_whole) if call_ids else None
    call_id = record.call_id if record is not None and is_whole else ""
    return Evidence(stage.witnesses, record, await node.is_over(call_id, limit_s))
