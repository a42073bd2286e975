"""Calls per second and CPU for rings of 1, 3 and 10, beside Kamailio; ``make bench``.

Exit status 0: every call has its record in the database, and enough calls succeeded. A missed aim
is printed and changes nothing.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from bench import generator, kamailio, report
from bench.machine import ROOT, end_cleanly_on_sigterm
from bench.measure import Plan, RingResult, measure_ring
from bench.search import Effort
from rich.console import Console

RINGS = (1, 3, 10)
FULL = Plan(RINGS, Effort(step_s=6, confirm_s=12, exactness=1.08), turns=3, turn_s=10, held=RINGS)
QUICK = Plan(RINGS, Effort(step_s=2, confirm_s=3, exactness=1.25), turns=1, turn_s=4, held=(3,))


def main() -> int:
    options = _options()
    plan = QUICK if options.quick else FULL
    if options.rings:
        plan = msgspec.structs.replace(plan, rings=tuple(map(int, options.rings.split(","))))
    console = Console(width=110, highlight=False)

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    end_cleanly_on_sigterm()
    generator.build()
    if kamailio.program() is None:
        console.print("kamailio is not installed: absolute figures only")
    results = [measure_ring(plan, ring, say) for ring in plan.rings]
    console.print(report.table(results))
    for result in results:
        if result.ring == report.AIM_RING:
            for aim in report.aims(result):
                console.print(
                    f"{'met    ' if aim.is_met else 'NOT MET'} {aim.text}: {aim.measured}"
                )
    console.print(f"written to {_save(results).relative_to(ROOT)}")
    faults = [fault for result in results for fault in result.faults]
    for fault in faults:
        say(f"FAULT {fault}")
    if not faults:
        console.print("every call has its record")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="rough figures, in three to four minutes"
    )
    parser.add_argument("--rings", default="", help="sizes of ring, with commas: 1,3,10")
    return parser.parse_args()


def _save(results: list[RingResult]) -> Path:
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    return path


if __name__ == "__main__":
    sys.exit(main())
