"""The HTTP application over an empty database, for tests that ask nothing of it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import FastAPI

from fakes.api_world import PaperNode
from switchroom.app.web import Behind, NodeOperators, web
from switchroom.store.audit import DecisionLog
from switchroom.store.database import open_database


def quiet_web(
    exposition: Callable[[], bytes] = lambda: b"", obstacles: Callable[[], Sequence[str]] = tuple
) -> FastAPI:
    """The application with these figures and obstacles."""
    engine = open_database("sqlite://")
    operators = NodeOperators(exposition, obstacles)
    return web(Behind(engine, Path("data"), PaperNode(), operators, DecisionLog(engine)))
