"""The HTTP application: every file in ``routes/`` is found by its name."""

import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI

from switchroom.api import routes
from switchroom.api.access import enforce
from switchroom.api.declarations import audit
from switchroom.api.edge.asked import check_what_is_asked
from switchroom.api.edge.idempotency import IdempotencyLayer, RepeatedError, answer_again
from switchroom.api.edge.limits import CONFIGURATION_LIMIT_BYTES, LimitsLayer
from switchroom.api.edge.rate import Rates
from switchroom.api.edge.refusals import answer_and_note
from switchroom.api.edge.requests import RequestLayer
from switchroom.api.edge.unfit import add_unfit_answers
from switchroom.api.errors import ProblemError, add_error_answers
from switchroom.api.openapi.schema import describe
from switchroom.api.ports import Ports

_LARGER = {"/v1/configuration/apply": CONFIGURATION_LIMIT_BYTES}


def build_api(ports: Ports) -> FastAPI:
    """The application with all its routes; its lifespan refuses to start with an undeclared one."""
    app = FastAPI(
        title="Switchroom",
        version=version("switchroom"),
        dependencies=[Depends(enforce), Depends(check_what_is_asked)],
        lifespan=_audited,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        # Generated clients call their functions by it.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.ports = ports
    app.state.rates = Rates()
    for router in _routers():
        app.include_router(router)
    add_error_answers(app, ports.database_faults, ports.conflict_faults)
    add_unfit_answers(app)
    app.add_exception_handler(ProblemError, answer_and_note)
    app.add_exception_handler(RepeatedError, answer_again)
    # The last one added is the outermost.
    app.add_middleware(IdempotencyLayer)
    app.add_middleware(LimitsLayer, larger=_LARGER)
    app.add_middleware(RequestLayer, make_id=ports.make_id)
    describe(app)
    return app


@asynccontextmanager
async def _audited(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    # Here and not in build_api: routes may be added until the application starts.
    ports: Ports = app.state.ports
    app.state.operations = audit(app, ports.catalog)
    async with AsyncExitStack() as stack:
        for begin in ports.running:
            await stack.enter_async_context(begin())
        yield {}


def _routers() -> Iterator[APIRouter]:
    for found in pkgutil.iter_modules(routes.__path__):
        module = import_module(f"{routes.__name__}.{found.name}")
        yield module.router
