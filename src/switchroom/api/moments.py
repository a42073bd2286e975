"""Times in answers, and the time of a request."""

from typing import Annotated

from pydantic import Field
from starlette.requests import HTTPConnection

Moment = Annotated[float, Field(description="Unix seconds.", examples=[1764200000.0])]


def now_of(connection: HTTPConnection) -> float:
    """Unix seconds."""
    now: float = connection.app.state.ports.utc()
    return now


def source_of(connection: HTTPConnection) -> str:
    """Address that the request came from, without port."""
    return connection.client.host if connection.client is not None else ""
