"""The table and the aims at the end of a measurement."""

from collections.abc import Callable, Sequence
from statistics import median

from bench.generator import Run, Spread
from bench.measure import RingResult, Turn
from msgspec import Struct
from rich.table import Table

NOTHING = "-"
AIM_RING = 3
AIM_CPU = 2.4
AIM_CPU_RATIO = 2.8
AIM_RATE = 350.0
AIM_FANOUT_MS = 5.0
AIM_MEMORY_KB = 20.0

Figure = Callable[[Run], float | None]


class Aim(Struct, frozen=True):
    """A promise and what was measured; a missed one is said, and does not fail the run."""

    text: str
    measured: str
    is_met: bool


def table(results: Sequence[RingResult]) -> Table:
    """One column per size of ring; in a cell: ours, Kamailio's, and the ratio of the two."""
    shown = Table(title="Switchroom | Kamailio | ratio")
    shown.add_column("")
    for result in results:
        shown.add_column(f"ring {result.ring}", justify="right")
    for title, cell in _ROWS.items():
        shown.add_row(title, *(cell(result) for result in results))
    return shown


def aims(result: RingResult) -> list[Aim]:
    """The aims, which are about rings of three."""
    found = []
    cpu = _median(result.usual, lambda turn: _cpu(turn.ours))
    if cpu is not None:
        ratio = _ratio(result.usual, _cpu)
        beside = f", {ratio:.2f} x Kamailio" if ratio is not None else ""
        is_met = cpu <= AIM_CPU or (ratio is not None and ratio <= AIM_CPU_RATIO)
        aim = f"CPU s per 1000 calls at 60/s: at most {AIM_CPU}, or {AIM_CPU_RATIO} x Kamailio"
        found.append(Aim(aim, f"{cpu:.2f}{beside}", is_met))
    rate = result.max_rate
    found.append(Aim(f"calls/s: at least {AIM_RATE:.0f}", f"{rate:.0f}", rate >= AIM_RATE))
    fanout = _median(result.half, lambda turn: _p99(turn.ours.latency_ms.fanout_last))
    if fanout is not None:
        aim = f"fan-out p99 at half load: under {AIM_FANOUT_MS:g} ms"
        found.append(Aim(aim, f"{fanout:.2f} ms", fanout < AIM_FANOUT_MS))
    if result.held is not None and result.held.peer is not None:
        memory = result.held.peer.pss_kb_per_call
        aim = f"per established call: at most {AIM_MEMORY_KB:g} kB"
        found.append(Aim(aim, f"{memory:.1f} kB", memory <= AIM_MEMORY_KB))
    return found


def _cpu(run: Run) -> float | None:
    return run.peer.cpu_s_per_1000_calls if run.peer is not None else None


def _p99(spread: Spread | None) -> float | None:
    return spread.p99 if spread is not None else None


def _median(turns: Sequence[Turn], figure: Callable[[Turn], float | None]) -> float | None:
    found = [value for turn in turns if (value := figure(turn)) is not None]
    return median(found) if found else None


def _ratio(turns: Sequence[Turn], figure: Figure) -> float | None:
    """Median of the turns' ratios: both halves of a turn met the same machine."""

    def of(turn: Turn) -> float | None:
        theirs = figure(turn.theirs) if turn.theirs is not None else None
        ours = figure(turn.ours)
        return ours / theirs if ours is not None and theirs else None

    return _median(turns, of)


def _beside(turns: Sequence[Turn], figure: Figure) -> str:
    ours = _median(turns, lambda turn: figure(turn.ours))
    theirs = _median(turns, lambda turn: figure(turn.theirs) if turn.theirs is not None else None)
    ratio = _ratio(turns, figure)
    if ours is None:
        return NOTHING
    if theirs is None or ratio is None:
        return f"{ours:.2f}"
    return f"{ours:.2f} | {theirs:.2f} | {ratio:.1f}"


def _latency(read: Callable[[Run], Spread | None]) -> Callable[[RingResult], str]:
    def cell(result: RingResult) -> str:
        found = []
        for title, of in (("p50", _p50), ("p99", _p99)):
            text = _beside(result.half, lambda run, of=of: of(read(run)))  # type: ignore[misc]
            found.append(f"{title} {text}" if text != NOTHING else NOTHING)
        return NOTHING if NOTHING in found else "\n".join(found)

    return cell


def _p50(spread: Spread | None) -> float | None:
    return spread.p50 if spread is not None else None


def _memory(result: RingResult) -> str:
    if result.held is None or result.held.peer is None:
        return NOTHING
    return f"{result.held.peer.pss_kb_per_call:.1f}"


def _at_max(result: RingResult) -> str:
    return _beside([result.at_max] if result.at_max is not None else [], _cpu)


_ROWS: dict[str, Callable[[RingResult], str]] = {
    "calls/s, at most": lambda result: f"{result.max_rate:.0f}",
    "CPU s per 1000 calls, 60/s": lambda result: _beside(result.usual, _cpu),
    "CPU s per 1000 calls, half load": lambda result: _beside(result.half, _cpu),
    "CPU s per 1000 calls, at most": _at_max,
    "INVITE to last phone, ms": _latency(lambda run: run.latency_ms.fanout_last),
    "winner's 200 to caller, ms": _latency(lambda run: run.latency_ms.answer),
    "winner's 200 to last CANCEL, ms": _latency(lambda run: run.latency_ms.cancel_last),
    "kB per established call": _memory,
}
"Latencies are those at half of the highest rate."
