"""A node from start to stop: open, recover, listen, run, drain, close."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from msgspec import Struct
from sqlalchemy import Engine

from switchroom.api.server import serving_http
from switchroom.app.applying import access
from switchroom.app.commands import Commands
from switchroom.app.figures import figures
from switchroom.app.node_port import NodeHere
from switchroom.app.parts import Parts, Whereabouts, build, journal_directory
from switchroom.app.recording import PROGRAM as RECORDING
from switchroom.app.recovery import put_back
from switchroom.app.serve_api import settling
from switchroom.app.status import Status
from switchroom.app.web import Behind, NodeOperators, web
from switchroom.drivers.call_log import call_log
from switchroom.drivers.capture import Capture
from switchroom.drivers.clock import Clock
from switchroom.drivers.control import ControlServer
from switchroom.drivers.data_lock import DataLock
from switchroom.drivers.fact_stream import FactStream
from switchroom.drivers.huge_pages import gather_memory
from switchroom.drivers.journal import Journal, JournalFailed
from switchroom.drivers.metrics import Metrics
from switchroom.drivers.node import Node
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.drivers.recorder_protocol import Task
from switchroom.drivers.recovery import recover
from switchroom.drivers.resolver import Resolver
from switchroom.drivers.settings import Settings, host_and_port
from switchroom.drivers.timer import Every, WakeUp
from switchroom.drivers.transports import Transports, own_addresses
from switchroom.foundation.leg import Cause
from switchroom.store.audit import DecisionLog
from switchroom.store.configuration import load_configuration
from switchroom.store.database import open_database
from switchroom.store.ledger import DatabaseLedger

RECONCILE_S = 10.0
CAPTURE_S = 0.5
"How long a message may wait before `calls show --sip` sees it."
SWITCH_S = 0.001
"After so long a thread that computes lets the loop in, five times as often as usual."
LAST_WORDS_S = 3.0
"How long BYEs of the last calls may be repeated before the process ends."

log = structlog.get_logger()


class Running(Struct):
    """A node that runs."""

    settings: Settings
    parts: Parts
    status: Status
    sip_port: int
    http_port: int
    stop: asyncio.Event

    async def drain(self) -> None:
        """Take no new calls, wait for those there are, then hang up (at most ``drain_s``)."""
        node, clock = self.parts.node, Clock()
        self.status.is_draining = True
        node.perform(node.calls.drain(clock.monotonic()))
        await _until(lambda: not node.calls.calls, self.settings.drain_s)
        left = list(node.calls.calls)
        log.info("draining ends", calls_hung_up=len(left))
        for call_id in left:
            cause = Cause(503, 41, "Server stops")
            node.perform(node.calls.hang_up(call_id, cause, clock.monotonic()))
        await _until(lambda: not node.user_agent.layer.waiting(), LAST_WORDS_S)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A node that serves while the block runs.

    Raises:
        SwitchroomError: data directory, database or an address cannot be had; says which.
    """
    async with AsyncExitStack() as stack:
        lock = DataLock(settings.data_dir)
        stack.callback(lock.release)
        engine = open_database(settings.database())
        stack.callback(engine.dispose)
        yield await _start(settings, engine, lock, stack)


async def _start(
    settings: Settings, engine: Engine, lock: DataLock, stack: AsyncExitStack
) -> Running:
    clock = Clock()
    ledger = DatabaseLedger(engine)
    recovered = recover(ledger, journal_directory(settings))
    journal = Journal(
        journal_directory(settings),
        segment=recovered.next_segment,
        on_failed=_journal_failed,
        segment_bytes=settings.journal_segment_bytes,
    )
    stack.callback(journal.close)
    recorder = RecorderProcess(
        RECORDING,
        Task(settings.database(), str(journal_directory(settings)), settings.retention_days),
        keep_open=(lock.file,),
    )
    transports = Transports(settings.advertised_address, several=len(settings.sip_listen) > 1)
    hosts = own_addresses() | {settings.advertised_address or "127.0.0.1"}
    hosts |= {host_and_port(listen)[0] for listen in settings.sip_listen}
    whereabouts = Whereabouts(transports, frozenset(hosts), transports.ports)
    loaded = load_configuration(engine, access(), clock.utc())
    parts = build(settings, loaded.configuration, whereabouts, journal, clock)
    node = parts.node
    transports.feed(node.receive, node.drained, node.flush, node.transport_failed, node.flow_closed)
    transports.tcp.is_needed = node.user_agent.needs
    node.watchers.append(call_log())
    wake = WakeUp(node.tick, clock.monotonic)
    node.attach(transports.send, Resolver(clock.monotonic).resolve, wake.at)
    stack.callback(wake.stop)
    if settings.capture:
        _capture(settings, node, stack)
    status = Status(parts, journal, recorder, clock)
    node.watchers.append(status.watch)
    status.warn(loaded.missing)
    sip_port = 0
    for listen in settings.sip_listen:
        port = await transports.listen(*host_and_port(listen))
        sip_port = sip_port or port
    stack.push_async_callback(transports.close)
    status.listens = transports.addresses
    put_back(parts, recovered, clock.monotonic(), clock.utc_offset())
    node.flush()
    await transports.start()  # not before: a call that is not back yet would be answered with 481
    recorder.start()
    stack.callback(recorder.stop)
    commands, http_port = await _watch(settings, parts, status, recorder, engine, stack)
    commands.holds_until(loaded.valid_until)
    stack.callback(commands.stop)
    stack.callback(Every(RECONCILE_S, lambda: _reconcile(parts, status, clock)).stop)
    _settle_down()
    return Running(settings, parts, status, sip_port, http_port, asyncio.Event())


def _capture(settings: Settings, node: Node, stack: AsyncExitStack) -> None:
    """Keep the latest messages in files."""
    capture = Capture(
        settings.data_dir / "capture",
        file_bytes=settings.capture_bytes,
        files=settings.capture_files,
    )
    node.capture = capture.add
    stack.callback(capture.close)
    stack.callback(Every(CAPTURE_S, capture.flush).stop)


async def _watch(
    settings: Settings,
    parts: Parts,
    status: Status,
    recorder: RecorderProcess,
    engine: Engine,
    stack: AsyncExitStack,
) -> tuple[Commands, int]:
    """Open what looks at a node from outside: control socket and HTTP."""
    stream = FactStream()
    loop = asyncio.get_running_loop()
    recorder.on_written = stream.publish
    stream.on_followed = lambda is_followed: recorder.hurry(is_followed=is_followed)
    commands = Commands(parts, status, stream, engine)
    control = ControlServer(settings.data_dir, commands.named, commands.streams)
    await control.start()
    stack.push_async_callback(control.stop)
    metrics = Metrics(figures(parts, status, recorder))
    decisions = DecisionLog(engine)
    stack.callback(decisions.close)
    stack.callback(settling(decisions, engine, settings.data_dir).stop)
    app = web(
        Behind(
            engine,
            settings.data_dir,
            NodeHere(loop, commands.named),
            NodeOperators(metrics.exposition, status.obstacles),
            decisions,
            news=stream.follow,
        )
    )
    host, port = host_and_port(settings.http_listen)
    serving = serving_http(app, host, port, settings.http_proxies)
    return commands, await stack.enter_async_context(serving)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT ask for a drain; a second one ends at once."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            raise SystemExit(1)
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, asked)


def _journal_failed(failure: JournalFailed) -> None:
    log.error("the journal cannot be written", path=failure.path, why=failure.text)


def _reconcile(parts: Parts, status: Status, clock: Clock) -> None:
    """Compare the agents' states with the live legs; a difference is a fault of ours."""
    node = parts.node
    live = set(node.user_agent.legs.by_id)
    node.perform(node.calls.reconcile(live, clock.monotonic()))
    differences = parts.router.differences
    if differences:
        status.reconciled += len(differences)
        log.error("agents' states had to be corrected", differences=len(differences))


def _settle_down() -> None:
    """Let calls wait for little: the collector looks no more at what lives since the start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # cycles are rare, so it looks seldom at the rest
    gather_memory()
    sys.setswitchinterval(SWITCH_S)


async def _until(holds: Callable[[], bool], limit_s: float) -> None:
    """Wait for a condition that timers and sockets bring about."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def look() -> None:
        if holds():
            done.set()

    looking = Every(0.05, look)
    try:
        async with asyncio.timeout_at(loop.time() + limit_s):
            await done.wait()
    except TimeoutError:
        pass
    finally:
        looking.stop()
