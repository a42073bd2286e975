"""The API in a process of its own, beside the node on the same machine (``serve --role api``)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine

from switchroom.api.server import serving_http
from switchroom.app.node_port import NodeElsewhere
from switchroom.app.web import Behind, NodeOperators, web
from switchroom.drivers.clock import Clock
from switchroom.drivers.control_news import newest_facts
from switchroom.drivers.metrics import Metrics
from switchroom.drivers.settings import Settings, host_and_port
from switchroom.drivers.timer import Every
from switchroom.foundation.errors import SwitchroomError
from switchroom.store.audit import DecisionLog
from switchroom.store.database import open_database
from switchroom.store.expired import purge_expired, sweep_secrets

SETTLE_S = 60.0
"How often counts of repeated refusals are written, and what has expired is deleted."


@asynccontextmanager
async def api_running(settings: Settings) -> AsyncIterator[int]:
    """The API of the node on ``settings.data_dir`` while the block runs; yields its port.

    The node need not run yet: until it does, what needs it is answered 503.

    Raises:
        SwitchroomError: The database or the address cannot be had; says which.
    """
    async with AsyncExitStack() as stack:
        engine = open_database(settings.database())
        stack.callback(engine.dispose)
        decisions = DecisionLog(engine)
        stack.callback(decisions.close)
        stack.callback(settling(decisions, engine, settings.data_dir).stop)
        node = NodeElsewhere(settings.data_dir)
        operators = NodeOperators(Metrics({}).exposition, lambda: _obstacles(node))
        app = web(
            Behind(
                engine,
                settings.data_dir,
                node,
                operators,
                decisions,
                news=lambda: newest_facts(settings.data_dir),
            )
        )
        yield await stack.enter_async_context(
            serving_http(app, *host_and_port(settings.http_listen), settings.http_proxies)
        )


def settling(decisions: DecisionLog, engine: Engine, directory: Path) -> Every:
    """Writes due counts and forgets what is long over, in a thread: the loop has calls to serve."""
    clock, loop = Clock(), asyncio.get_running_loop()

    def settle() -> None:
        loop.run_in_executor(None, decisions.settle, clock.utc())
        loop.run_in_executor(None, purge_expired, engine, clock.utc())
        loop.run_in_executor(None, sweep_secrets, engine, directory, clock.utc())

    return Every(SETTLE_S, settle)


def _obstacles(node: NodeElsewhere) -> Sequence[str]:
    try:
        found: list[str] = list(node.ask("status", {})["not_ready"])
    except SwitchroomError as error:
        return [str(error)]
    return found
