"""Calls of mixed fate for a long time; afterwards every table must be empty; ``make soak``.

Exit status 0: the calls ended as they should, 64 T1 after the last of them all tables were
empty, memory stayed flat, every call has its record, and no agent's state had to be corrected.
"""

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import company, generator
from bench.fates import FATES, Fate, teams
from bench.generator import Run
from bench.machine import (
    LOOK_S,
    end_cleanly_on_sigterm,
    folder_on_disk,
    holds_within,
    memory_kb,
)
from bench.node import Node, fresh_node
from msgspec import Struct
from rich.console import Console
from rich.table import Table

PROBE_RATE = 100.0
PROBE_S = 4.0
REACHED = 0.8
"A node serves about so much of what its CPU per call promises."
TABLES = ("calls", "legs", "client_transactions", "server_transactions", "journal_behind_bytes")
EMPTY_S = 32.0
"64 T1: longest life of a transaction after its call."
MARGIN_S = 3.0
FLAT = 1.10
"Memory at the end, beside that after the first third."
SAMPLES = 200
LATE_S = 60.0
"Longest time from the last call's start to the generator's end."


class Load(Struct):
    """The calls of one fate, being made."""

    fate: Fate
    process: subprocess.Popen[str]


def main() -> int:
    options = _options()
    console = Console(width=100, highlight=False)
    end_cleanly_on_sigterm()
    generator.build()
    called = teams()
    with folder_on_disk() as folder, ExitStack() as stack:
        configuration = folder / "company.yaml"
        company.write(configuration, called)
        node = stack.enter_context(fresh_node(configuration))
        probe = generator.run_for(node.reached_by(called[0]), PROBE_RATE, PROBE_S)
        rate = options.rate or _half_of_maximum(probe)
        console.print(f"{rate:.0f} calls/s of {len(FATES)} fates for {options.seconds} s")
        loads = []
        for team, fate in zip(called, FATES, strict=True):
            words = generator.command(
                node.reached_by(team),
                rate * fate.share,
                *("--duration", str(options.seconds), *fate.options),
            )
            loads.append(Load(fate, _start(stack, words, folder / fate.name)))
        memory = _watch(node, loads, options.seconds)
        runs = {load.fate.name: _result(load, folder) for load in loads}
        faults = _faults_of_calls(runs)
        made = [probe, *runs.values()]
        calls, away = sum(run.started for run in made), sum(run.turned_away for run in made)
        faults += _faults_of_node(node, calls, away)
        faults += _faults_of_memory(memory, options.seconds, console)
    console.print(_table(runs))
    for fault in faults:
        console.print(f"FAULT {fault}", markup=False)
    if not faults:
        console.print("memory flat, every call has its record")
    return 1 if faults else 0


def _half_of_maximum(probe: Run) -> float:
    cost = probe.peer.cpu_s_per_1000_calls if probe.peer is not None else 0.0
    return 0.5 * REACHED * 1000 / max(cost, 0.1)


def _start(stack: ExitStack, words: list[str], path: Path) -> subprocess.Popen[str]:
    # Files, not pipes: nobody reads while the calls run.
    out = stack.enter_context(path.with_suffix(".json").open("w"))
    complaints = stack.enter_context(path.with_suffix(".log").open("w"))
    process = subprocess.Popen(words, stdout=out, stderr=complaints, text=True)
    stack.callback(process.wait, 10)
    stack.callback(process.kill)
    return process


def _watch(node: Node, loads: list[Load], seconds: int) -> list[tuple[float, int]]:
    """Sample the node's memory until all calls are over: seconds since the start, and kB."""
    began = time.monotonic()
    until = began + seconds + LATE_S
    samples: list[tuple[float, int]] = []
    while any(load.process.poll() is None for load in loads) and time.monotonic() < until:
        elapsed = time.monotonic() - began
        if elapsed >= len(samples) * seconds / SAMPLES:
            samples.append((elapsed, memory_kb(node.process_id)))
        time.sleep(LOOK_S)
    return [sample for sample in samples if sample[0] <= seconds]


def _result(load: Load, folder: Path) -> Run:
    name = load.fate.name
    if load.process.poll() is None:
        raise generator.GeneratorError(f"the calls of {name} did not end")
    return generator.read(
        (folder / f"{name}.json").read_text(), (folder / f"{name}.log").read_text()
    )


def _faults_of_calls(runs: dict[str, Run]) -> list[str]:
    faults = []
    for name, run in runs.items():
        wrong = {
            "calls with more than one dialog": run.at_hangup.several_dialogs,
            "answers never ACKed": run.answers.unacked,
            "dialogs never ended": run.answers.left,
            "second answers at the caller": run.extra.second_200_at_caller,
        }
        faults += [f"{name}: {what}: {count}" for what, count in wrong.items() if count]
        if run.success_pct < generator.ENOUGH_PERCENT:
            missing = {what: count for what, count in run.fail.items() if count}
            faults.append(f"{name}: {run.success_pct:.2f} % ended as they should; {missing}")
    return faults


def _faults_of_node(node: Node, calls: int, turned_away: int) -> list[str]:
    def left() -> dict[str, float]:
        figures = node.figures()
        return {name: figures[f"switchroom_{name}"] for name in TABLES}

    faults = []
    began = time.monotonic()
    if holds_within(lambda: not any(left().values()), EMPTY_S + MARGIN_S):
        print(f"every table empty {time.monotonic() - began:.0f} s after the last call")
    else:
        faults += [f"{name} not empty: {count:.0f}" for name, count in left().items() if count]
    faults += [f"agent {name} is still {state}" for name, state in node.agents_in_calls()]
    return faults + node.record_faults(calls, turned_away) + node.faults()


def _faults_of_memory(
    samples: list[tuple[float, int]], seconds: int, console: Console
) -> list[str]:
    # Finished transactions stay for 64 T1; before that time the tables are not yet full.
    settled = max(seconds / 3, min(EMPTY_S + MARGIN_S, seconds * 0.7))
    later = [kb for elapsed, kb in samples if elapsed >= settled]
    if len(later) < 3:
        return ["too few samples of memory"]
    part = max(1, len(later) // 5)
    first, last = median(later[:part]), median(later[-part:])
    console.print(f"memory: {first / 1024:.1f} MB after {settled:.0f} s, {last / 1024:.1f} MB last")
    return [f"memory grew by {last / first - 1:.0%}"] if last > first * FLAT else []


def _table(runs: dict[str, Run]) -> Table:
    table = Table()
    for title in ("fate", "calls", "as they should", "final responses", "answers crossed"):
        table.add_column(title)
    for name, run in runs.items():
        codes = ", ".join(f"{code}: {count}" for code, count in run.final_codes.items())
        crossed = str(run.at_hangup.crossed)
        table.add_row(name, str(run.started), f"{run.success_pct:.2f} %", codes, crossed)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1800, help="how long calls are made")
    parser.add_argument("--rate", type=float, default=0.0, help="default: half of the maximum")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
