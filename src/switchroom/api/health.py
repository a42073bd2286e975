"""What operators ask over HTTP: figures, whether the process lives, whether it takes calls."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PROMETHEUS_TEXT = "text/plain; version=1.0.0; charset=utf-8"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def health_app(
    exposition: Callable[[], bytes], obstacles: Callable[[], Sequence[str]]
) -> Starlette:
    """The application with ``/metrics``, ``/healthz`` and ``/readyz``.

    Args:
        exposition: All figures in Prometheus' text format.
        obstacles: Why no calls should be sent here now; empty when ready.
    """

    async def metrics(_request: Request) -> Response:
        return Response(exposition(), media_type=PROMETHEUS_TEXT, headers=_HEADERS)

    async def healthz(_request: Request) -> Response:
        return _json(200, {"status": "alive"})

    async def readyz(_request: Request) -> Response:
        reasons = list(obstacles())
        if reasons:
            return _json(503, {"status": "not ready", "reasons": reasons})
        return _json(200, {"status": "ready"})

    return Starlette(
        routes=[
            Route("/metrics", metrics, methods=["GET"]),
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )


async def _refused(_request: Request, error: Exception) -> Response:
    """404 and 405 as JSON."""
    if not isinstance(error, HTTPException):
        raise error
    response = _json(error.status_code, {"error": error.detail})
    response.headers.update(error.headers or {})
    return response


async def _failed(_request: Request, _error: Exception) -> Response:
    return _json(500, {"error": "internal error; the log has the details"})


def _json(status: int, body: dict[str, object]) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=_HEADERS)
