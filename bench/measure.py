"""Measures one size of ring: the maximum, then CPU and latency in turns with Kamailio, memory."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import company, generator, kamailio
from bench.generator import Run
from bench.machine import folder_on_disk
from bench.node import Node, fresh_node
from bench.peer import Peer, Team, new_team
from bench.search import Effort, Found, highest_rate
from msgspec import Struct

USUAL_RATE = 60.0
"Calls per second at which CPU is compared."
HELD_CALLS = 1000
HOLDING_RATE = 200.0
WARM_UP_S = 0.5
WARM_UP_RATE = 40.0
"The first calls load code and fill caches."
NOISE = 0.1
"Share of a core from which others make figures doubtful."
GROUPS = 20
"Agents; one takes 100 calls at most, and 1000 are held at once."


class Plan(Struct, frozen=True):
    """How much time to spend."""

    rings: tuple[int, ...]
    effort: Effort
    turns: int
    "Runs of each peer, alternately; the report shows medians."
    turn_s: float
    held: tuple[int, ...]
    "Sizes of ring for which memory is measured."


class Turn(Struct, frozen=True):
    """One after the other, at the same rate, so that a busy machine hits both alike."""

    ours: Run
    theirs: Run | None


class RingResult(Struct):
    """What was measured for one size of ring."""

    ring: int
    max_rate: float
    at_max: Turn | None
    usual: list[Turn]
    half: list[Turn]
    held: Run | None
    faults: list[str]
    "Calls without a record, and too few successes where there should be none."


class Bench:
    """Runs of one size of ring; ``say`` is told each as it ends."""

    def __init__(self, plan: Plan, team: Team, say: Callable[[str], None]) -> None:
        self.faults: list[str] = []
        self._plan = plan
        self._team = team
        self._ring = team.ring
        self._say = say

    def measure(self, configuration: Path) -> RingResult:
        """Everything; a minute for a quick plan, three or four for a full one."""
        with ExitStack() as stack:
            found = self._search(configuration, stack)
        result = RingResult(self._ring, found.rate, None, [], [], None, self.faults)
        if found.run is None:
            self.faults.append(f"ring {self._ring}: no rate at which enough calls succeed")
            return result
        with self._node(configuration) as node, self._kamailio() as peer:
            for _ in range(self._plan.turns):
                result.usual.append(self._turn(node, peer, USUAL_RATE))
                result.half.append(self._turn(node, peer, found.rate / 2))
            theirs = self._run(peer, found.rate, self._plan.turn_s) if peer else None
            result.at_max = Turn(found.run, theirs)
        if self._ring in self._plan.held:
            with self._node(configuration) as node:
                result.held = self._held(node, min(found.rate / 2, HOLDING_RATE))
        return result

    def _search(self, configuration: Path, stack: ExitStack) -> Found:
        node = stack.enter_context(self._node(configuration))

        def attempt(rate: float, seconds: float) -> Run:
            nonlocal node
            before = node.records().all
            run = self._run(node.reached_by(self._team), rate, seconds)
            if run.is_good:
                self._check_records(node, before, run)
            else:  # what a too high rate leaves behind must not disturb the next attempt
                node.kill()
                stack.close()
                node = stack.enter_context(self._node(configuration))
            return run

        return highest_rate(attempt, USUAL_RATE * 3, self._plan.effort)

    def _turn(self, node: Node, peer: Peer | None, rate: float) -> Turn:
        ours = self._checked(node, rate, self._plan.turn_s)
        return Turn(ours, self._run(peer, rate, self._plan.turn_s) if peer else None)

    def _checked(self, node: Node, rate: float, seconds: float) -> Run:
        before = node.records().all
        run = self._run(node.reached_by(self._team), rate, seconds)
        self._check(node, before, run)
        return run

    def _held(self, node: Node, rate: float) -> Run:
        before = node.records().all
        peer = node.reached_by(self._team)
        run = generator.hold(peer, HELD_CALLS, rate)
        self._tell(peer, run)
        self._check(node, before, run)
        return run

    def _check(self, node: Node, before: int, run: Run) -> None:
        self._check_records(node, before, run)
        if run.success_pct < generator.ENOUGH_PERCENT:
            self.faults.append(
                f"ring {self._ring}, {run.rate:.0f} calls/s: {run.success_pct:.2f} % succeeded"
            )

    def _check_records(self, node: Node, before: int, run: Run) -> None:
        """The node had ``before`` records; now it must have those of this run besides."""
        found = node.record_faults(before + run.started, run.turned_away) + node.faults()
        self.faults += [f"ring {self._ring}, {run.rate:.0f} calls/s: {fault}" for fault in found]

    def _run(self, peer: Peer, rate: float, seconds: float) -> Run:
        run = generator.run_for(peer, rate, seconds)
        self._tell(peer, run)
        return run

    def _tell(self, peer: Peer, run: Run) -> None:
        verdict = "" if run.is_good else ", too slow or too few"
        noise = f", others used {run.others:.0%} of its core" if run.others > NOISE else ""
        self._say(
            f"ring {run.ring:2}, {run.rate:5.0f} calls/s, {peer.name}: {run.success_pct:.2f} % ok,"
            f" {_cpu(run):.2f} CPU s per 1000{verdict}{noise}"
        )

    @contextmanager
    def _node(self, configuration: Path) -> Iterator[Node]:
        with fresh_node(configuration) as node:
            warm = generator.warm_up(node.reached_by(self._team), WARM_UP_RATE, WARM_UP_S)
            self._check_records(node, 0, warm)
            yield node

    @contextmanager
    def _kamailio(self) -> Iterator[Peer | None]:
        if kamailio.program() is None:
            yield None
            return
        with kamailio.running_kamailio(self._team) as peer:
            generator.warm_up(peer, WARM_UP_RATE, WARM_UP_S)
            yield peer


def _cpu(run: Run) -> float:
    return run.peer.cpu_s_per_1000_calls if run.peer is not None else 0.0


def measure_ring(plan: Plan, ring: int, say: Callable[[str], None]) -> RingResult:
    """Measure calls that ring so many phones.

    Raises:
        GeneratorError, NodeError, KamailioError: a program failed.
    """
    team = new_team(ring, GROUPS)
    with folder_on_disk() as folder:
        configuration = folder / "company.yaml"
        company.write(configuration, [team])
        return Bench(plan, team, say).measure(configuration)
