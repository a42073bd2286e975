"""Many calls that all phones answer at once: at the phones, exactly one dialog must be left.

Exit status 0: in every call one dialog was ACKed and not ended, no 200 stayed without its ACK, no
phone was left with a dialog afterwards, every call has its record, and answers really crossed.
"""

import argparse
import sys

from bench import company, generator
from bench.generator import Run
from bench.machine import end_cleanly_on_sigterm, folder_on_disk
from bench.node import fresh_node
from bench.peer import new_team

RING = 3
GROUPS = 20
RATE = 150.0
"Calls per second: well below the maximum, for this is not about speed."
HOLD_MS = 1000
"How long after the answer the dialogs are counted: time for every crossing BYE, twice over."
LEAST_CROSSED = 0.3
"Share of the calls in which two or more phones sent a 200; with fewer the run shows nothing."


def main() -> int:
    options = _options()
    end_cleanly_on_sigterm()
    generator.build()
    team = new_team(RING, GROUPS)
    with folder_on_disk() as folder:
        configuration = folder / "company.yaml"
        company.write(configuration, [team])
        with fresh_node(configuration) as node:
            run = generator.run(
                node.reached_by(team),
                options.rate,
                *("--calls", str(options.calls), "--hold", str(HOLD_MS)),
                *("--answer", "all", "--answer-delay", "0"),
                limit_s=options.calls / options.rate + 30,
            )
            faults = _faults_at_phones(run, options.calls)
            faults += node.record_faults(run.started, run.turned_away) + node.faults()
    for line in _figures(run):
        print(line)
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


def _figures(run: Run) -> list[str]:
    seen = run.at_hangup
    share = seen.crossed / run.started if run.started else 0.0
    return [
        f"{run.started} calls, all {RING} phones answered each without delay",
        f"answers crossed in {seen.crossed} calls ({share:.1%}); {run.answers.sent} answers in all",
        "dialogs ACKed and not ended while the call was up:"
        f" one in {seen.one_dialog} calls, none in {seen.no_dialog}, more in"
        f" {seen.several_dialogs}",
        f"answers without an ACK: {run.answers.unacked}",
        f"dialogs left afterwards: {run.answers.left}",
    ]


def _faults_at_phones(run: Run, calls: int) -> list[str]:
    seen, answers = run.at_hangup, run.answers
    wrong = {
        "calls that failed": run.started - run.ok,
        "calls not started": calls - run.started,
        "calls without exactly one dialog": run.started - seen.one_dialog,
        "answers not ACKed when the dialogs were counted": seen.unacked_answers,
        "answers never ACKed": answers.unacked,
        "dialogs never ended": answers.left,
        "legs that belong to no call": run.extra.legs + run.extra.unmatched_legs,
        "second answers at the caller": run.extra.second_200_at_caller,
    }
    faults = [f"{what}: {count}" for what, count in wrong.items() if count]
    if seen.crossed < LEAST_CROSSED * calls:
        faults.append(f"answers crossed in fewer than {LEAST_CROSSED:.0%} of the calls")
    return faults


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=RATE, help="calls per second")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
