"""Builds and runs ringbench, the load generator, and reads what it measured."""

import shutil
import subprocess
from pathlib import Path

import msgspec
from bench.machine import GENERATOR_CORE, HOST, PEER_CORE, ROOT, pinned
from bench.peer import CALLERS, Peer
from msgspec import Struct

FOLDER = ROOT / "bench" / "ringbench"
PROGRAM = FOLDER / "ringbench"
ENOUGH_PERCENT = 99.9
SLOWEST_SETUP_MS = 500.0
"A peer whose queue only grows answers everything too, for a while."
OVERHEAD_S = 60.0
"Longest time a run may take beyond its calls."


class GeneratorError(Exception):
    """The load generator could not be built or did not finish."""


class Spread(Struct, frozen=True):
    """Milliseconds."""

    n: int
    p50: float
    p99: float
    max: float


class Latency(Struct, frozen=True):
    fanout_last: Spread | None = None
    invite_to_200: Spread | None = None
    answer: Spread | None = None
    cancel_last: Spread | None = None


class PeerCost(Struct, frozen=True):
    cpu_s: float
    cpu_s_per_1000_calls: float
    core_util_offering: float
    pss_start_kb: int
    pss_end_kb: int
    calls_up: int = 0
    pss_kb_per_call: float = 0.0


class Core(Struct, frozen=True):
    busy: float


class Own(Struct, frozen=True):
    cpu_util: float
    max_pacing_lag_ms: float


class Answers(Struct, frozen=True):
    """200s over all phones: sent (repetitions not counted), ACKed, ended by a BYE."""

    sent: int
    acked: int
    ended: int

    @property
    def unacked(self) -> int:
        return self.sent - self.acked

    @property
    def left(self) -> int:
        """Phones that believe to be in a call still."""
        return self.sent - self.ended


class AtHangup(Struct, frozen=True):
    """Calls by the dialogs that their phones held, just before somebody hung up."""

    calls: int
    no_dialog: int
    one_dialog: int
    several_dialogs: int
    unacked_answers: int
    crossed: int
    "Calls in which two or more phones sent a 200."


class Extra(Struct, frozen=True):
    legs: int
    unmatched_legs: int
    second_200_at_caller: int


class Run(Struct, frozen=True):
    """One run of the generator."""

    ring: int
    rate: float
    started: int
    ok: int
    failed: int
    success_pct: float
    answer_delay_ms: int
    fail: dict[str, int]
    final_codes: dict[str, int]
    retrans_sent: dict[str, int]
    extra: Extra
    answers: Answers
    at_hangup: AtHangup
    latency_ms: Latency
    generator: Own
    cores: list[Core]
    peer: PeerCost | None = None

    @property
    def is_good(self) -> bool:
        """Enough calls succeeded, and none only because there was time to catch up."""
        setup = self.latency_ms.invite_to_200
        if self.success_pct < ENOUGH_PERCENT or setup is None:
            return False
        return setup.p99 - self.answer_delay_ms <= SLOWEST_SETUP_MS

    @property
    def turned_away(self) -> int:
        """Calls that got 503: an overloaded node may say so without making a call of them."""
        return self.final_codes.get("503", 0)

    @property
    def others(self) -> float:
        """Share of the peer's core that neither of us used: over 0.1 the figures are doubtful."""
        if self.peer is None or len(self.cores) <= PEER_CORE:
            return 0.0
        return max(0.0, self.cores[PEER_CORE].busy - self.peer.core_util_offering)


def build() -> Path:
    """The generator's program, made anew if its source is younger.

    Raises:
        GeneratorError: there is no C compiler, or it refuses.
    """
    if shutil.which("make") is None or shutil.which("cc") is None:
        raise GeneratorError("building ringbench needs make and cc")
    made = subprocess.run(
        ["make", "-s", "-C", str(FOLDER)], capture_output=True, text=True, timeout=120, check=False
    )
    if made.returncode:
        raise GeneratorError(made.stderr)
    return PROGRAM


def command(peer: Peer, rate: float, *options: str) -> list[str]:
    """The command line that calls ``peer`` so often per second."""
    team = peer.team
    return [
        *pinned(GENERATOR_CORE),
        *(str(PROGRAM), "--target", f"{HOST}:{peer.port}", "--pid", str(peer.process_id)),
        *("--dial", team.dial, "--domain", peer.domain, "--groups", str(team.groups)),
        *("--caller-port", str(team.ports.caller), "--callee-base", str(team.ports.first_phone)),
        *("--callers", str(CALLERS), "--ring", str(team.ring), "--rate", f"{rate:.3f}", *options),
    ]


def read(output: str, complaints: str) -> Run:
    """What a finished generator printed.

    Raises:
        GeneratorError: that is no result; ``complaints`` (its stderr) says why.
    """
    try:
        return msgspec.json.decode(output, type=Run)
    except msgspec.MsgspecError as error:
        raise GeneratorError(f"{error}: {output[-300:]} {complaints[-500:]}") from error


def run(peer: Peer, rate: float, *options: str, limit_s: float) -> Run:
    """Make calls and wait for the end of the last one.

    Args:
        limit_s: Seconds that the calls themselves may take.

    Raises:
        GeneratorError: it failed or took longer.
    """
    words = command(peer, rate, *options)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=limit_s + OVERHEAD_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"not finished after {error.timeout:.0f} s") from error
    return read(done.stdout, done.stderr)


def run_for(peer: Peer, rate: float, seconds: float) -> Run:
    """Make calls for so many seconds, the usual ones: answered after 100 ms, 500 ms long."""
    return run(peer, rate, "--duration", f"{seconds:g}", limit_s=seconds)


def warm_up(peer: Peer, rate: float, seconds: float) -> Run:
    """Make a few short calls that load code and fill caches."""
    options = ("--duration", f"{seconds:g}", "--hold", "100", "--settle", "0.2")
    return run(peer, rate, *options, limit_s=seconds)


def hold(peer: Peer, calls: int, rate: float) -> Run:
    """Have ``calls`` calls up at once, look at the peer's memory, and hang up."""
    options = ("--calls", str(calls), "--hold-all")
    return run(peer, rate, *options, limit_s=2 * calls / rate + 5)
