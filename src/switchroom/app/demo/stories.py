"""The four stories of the demo: what people do, and what is promised about it."""

from collections.abc import Awaitable, Callable, Iterator

from msgspec import Struct

from switchroom.app.demo import promises
from switchroom.app.demo.cast import CALLER, DESK, LAPTOP, MOBILE, PHONES
from switchroom.app.demo.pace import pause
from switchroom.app.demo.promises import Evidence, Promise
from switchroom.app.demo.stage import WAITS, Stage
from switchroom.simulator.policy import Policy


class Pace(Struct, frozen=True):
    """How long things are shown, in seconds."""

    ring_s: float
    talk_s: float
    look_s: float
    "After a story, for its promises to be read."


WATCHED = Pace(ring_s=2.0, talk_s=1.5, look_s=2.5)
QUICK = Pace(ring_s=0.4, talk_s=0.3, look_s=0.0)


class Story(Struct, frozen=True):
    """One call from its beginning to its end."""

    name: str
    "As ``--story`` wants it."
    title: str
    act: Callable[[Stage, Pace], Awaitable[None]]
    promises: Callable[[Evidence], Iterator[Promise]]
    has_dead_phone: bool = False
    "One is switched off, so the node still calls it when the call is over for the others."


async def _ring_all(stage: Stage, pace: Pace) -> None:
    await _ring(stage, pace)
    stage.pick_up(DESK)
    await stage.expect(
        "the others end, the caller is connected",
        lambda: (
            stage.all_past((LAPTOP, MOBILE), "completed elsewhere", "missed call")
            and stage.all_past((CALLER,), "is connected")
        ),
    )
    await pause(pace.talk_s)
    stage.hang_up(DESK)
    await _hung_up(stage)


def _of_ring_all(seen: Evidence) -> Iterator[Promise]:
    yield promises.called_at_once(seen)
    yield promises.rang(seen, PHONES)
    yield promises.connected(seen, (DESK,))
    yield promises.completed_elsewhere(seen, (LAPTOP, MOBILE))
    yield promises.hung_up(seen, DESK)
    yield promises.recorded(seen, "answered", ("answered", "elsewhere", "elsewhere"))
    yield promises.free_again(seen)


async def _two_answers(stage: Stage, pace: Pace) -> None:
    await _ring(stage, pace)
    stage.pick_up(DESK, LAPTOP)
    await stage.expect(
        "one answer stays, the others end",
        lambda: (
            stage.all_past((CALLER,), "is connected")
            and stage.all_past((MOBILE,), "completed elsewhere", "missed call")
            and any(stage.witnesses[key].sent("BYE", "in") for key in (DESK, LAPTOP))
        ),
    )
    await pause(pace.talk_s)
    stage.hang_up(CALLER)
    await stage.expect(
        "the phone is hung up",
        lambda: any(stage.witnesses[key].is_past("is hung up") for key in (DESK, LAPTOP)),
    )


def _of_two_answers(seen: Evidence) -> Iterator[Promise]:
    yield promises.crossed(seen, (DESK, LAPTOP))
    yield promises.connected(seen, (DESK, LAPTOP))
    yield promises.other_answer_ended(seen, (DESK, LAPTOP))
    yield promises.completed_elsewhere(seen, (MOBILE,))
    yield promises.hung_up(seen, CALLER)
    yield promises.recorded(seen, "answered", ("answered", "elsewhere", "elsewhere"))
    yield promises.free_again(seen)


async def _busy_and_dead(stage: Stage, pace: Pace) -> None:
    stage.treat(DESK, Policy(reject=486, rings=False))
    stage.treat(LAPTOP, Policy(is_dead=True))
    stage.call()
    await stage.expect(
        "the mobile rings",
        lambda: (
            stage.all_past((MOBILE,), "rings")
            and stage.all_past((CALLER,), "hears ringing")
            and stage.all_past((DESK,), "busy")
        ),
    )
    await pause(pace.ring_s)
    stage.pick_up(MOBILE)
    await stage.expect("the caller is connected", lambda: stage.all_past((CALLER,), "is connected"))
    await pause(pace.talk_s)
    stage.hang_up(MOBILE)
    await _hung_up(stage)
    stage.treat(DESK, WAITS)


def _of_busy_and_dead(seen: Evidence) -> Iterator[Promise]:
    yield promises.called_at_once(seen)
    yield promises.told_nothing_of(seen)
    yield promises.connected(seen, (MOBILE,))
    yield promises.hung_up(seen, MOBILE)
    yield promises.recorded_legs(seen, {"extension": "busy", "tel": "answered"})
    yield promises.free_again(seen)


async def _caller_gives_up(stage: Stage, pace: Pace) -> None:
    await _ring(stage, pace)
    stage.give_up()
    await stage.expect(
        "all phones stop ringing",
        lambda: (
            stage.all_past(PHONES, "missed call", "completed elsewhere")
            and stage.all_past((CALLER,), "ended")
        ),
    )


def _of_caller_gives_up(seen: Evidence) -> Iterator[Promise]:
    yield promises.called_at_once(seen)
    yield promises.rang(seen, PHONES)
    yield promises.stopped_ringing(seen)
    yield promises.missed(seen)
    yield promises.terminated(seen)
    yield promises.recorded(seen, "abandoned", ("cancelled", "cancelled", "cancelled"))
    yield promises.free_again(seen)


STORIES = (
    Story("ring-all", "All ring, one answers", _ring_all, _of_ring_all),
    Story("two-answers", "Two answer at the same moment", _two_answers, _of_two_answers),
    Story(
        "busy-and-dead",
        "One is busy, one is switched off",
        _busy_and_dead,
        _of_busy_and_dead,
        has_dead_phone=True,
    ),
    Story("caller-gives-up", "The caller gives up", _caller_gives_up, _of_caller_gives_up),
)


# --- steps that several stories have --------------------------------------------------------------


async def _ring(stage: Stage, pace: Pace) -> None:
    stage.call()
    await stage.expect(
        "all phones ring",
        lambda: stage.all_past(PHONES, "rings") and stage.all_past((CALLER,), "hears ringing"),
    )
    await pause(pace.ring_s)


async def _hung_up(stage: Stage) -> None:
    await stage.expect("the caller is hung up", lambda: stage.all_past((CALLER,), "is hung up"))
