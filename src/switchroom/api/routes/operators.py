"""What machines ask: figures, whether the process lives, whether it takes calls; and the schema."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse, JSONResponse

from switchroom.api.access import CurrentPorts, public
from switchroom.api.errors import NO_STORE
from switchroom.api.openapi.page import POLICY, page

PROMETHEUS_TEXT = "text/plain; version=1.0.0; charset=utf-8"

router = APIRouter(tags=["operators"])


class Liveness(BaseModel):
    status: str


class Readiness(BaseModel):
    status: str
    reasons: list[str] = []


@router.get(
    "/metrics",
    summary="Figures in Prometheus' text format",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
@public("scraped by machines of the operator; of no customer")
async def get_metrics(ports: CurrentPorts) -> Response:
    return Response(ports.operators.exposition(), media_type=PROMETHEUS_TEXT, headers=NO_STORE)


@router.get("/healthz", summary="Whether the process lives", response_model=Liveness)
@public("liveness probe")
async def get_liveness() -> Response:
    return JSONResponse({"status": "alive"}, headers=NO_STORE)


@router.get(
    "/readyz",
    summary="Whether calls should be sent here",
    response_model=Readiness,
    response_model_exclude_defaults=True,
    responses={503: {"model": Readiness, "description": "Not now; says why."}},
)
@public("readiness probe")
async def get_readiness(ports: CurrentPorts) -> Response:
    reasons = list(ports.operators.obstacles())
    if reasons:
        body = {"status": "not ready", "reasons": reasons}
        return JSONResponse(body, status_code=503, headers=NO_STORE)
    return JSONResponse({"status": "ready"}, headers=NO_STORE)


@router.get("/v1/openapi.json", summary="This API, for programs", response_class=JSONResponse)
@public("the schema holds nothing of any customer")
async def get_openapi(request: Request) -> Any:
    return request.app.openapi()


@router.get("/docs", summary="This API, for people", response_class=HTMLResponse)
@public("the schema holds nothing of any customer")
async def get_documentation(request: Request) -> HTMLResponse:
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page(request.app.openapi()), headers=headers)
